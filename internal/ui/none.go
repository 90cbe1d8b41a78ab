//go:build noui

// Package ui has no Resource Browser in this build.
package ui

import "io/fs"

// Files returns nil.
func Files() fs.FS { return nil }
