package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// If this fails, run go generate in the package above.
func TestCommittedFilesAreWhatTheModelSays(t *testing.T) {
	files, err := generate("../model")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the model says", name)
		}
	}
	committed, err := filepath.Glob("../*_gen*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range committed {
		if files[filepath.Base(path)] == nil {
			t.Errorf("%s is not generated any more", path)
		}
	}
}
