//go:build !noui

// Package ui has the Resource Browser as it is built from the directory ui: see
// its README. The build is part of the repository, so that building stator needs
// no Node.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files returns the files of the browser, index.html among them.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is right
	}
	return files
}
