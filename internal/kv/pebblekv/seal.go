package pebblekv

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// sealFile is there while a store is closed that was closed in order. It holds
// a checksum of what follows, and the size and the name of every file of the store,
// a line each, so that a file that is cut off or gone is noticed though what is
// left of it looks whole. After a crash there is none: then the end of a log
// may be missing.
const sealFile = "STATOR-CLOSED"

// sealed are the names of the files that make up a store: those of Pebble but
// for its lock, and the format. Whatever else is there is not ours, or is what
// a crash left half made.
var sealed = regexp.MustCompile(`^(\d+\.(sst|log|blob)|(MANIFEST|OPTIONS)-\d+|marker\..+|` + formatFile + `)$`)

// seal writes the seal of a store that has just been closed.
func seal(fsys vfs.FS, dir string) error {
	names, err := fsys.List(dir)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, name := range names {
		if !sealed.MatchString(name) {
			continue
		}
		info, err := fsys.Stat(fsys.PathJoin(dir, name))
		if err != nil {
			return err
		}
		if !info.IsDir() {
			fmt.Fprintf(&text, "%d %s\n", info.Size(), name)
		}
	}
	return writeWhole(fsys, dir, sealFile, sum(text.String())+text.String())
}

// sum is the first line of a seal with that text.
func sum(text string) string {
	return fmt.Sprintf("%08x\n", crc32.Checksum([]byte(text), castagnoli))
}

// breakSeal compares the files with the seal, if there is one, and removes it.
func breakSeal(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, sealFile)
	text, err := readFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, text, _ := strings.Cut(text, "\n")
	if first+"\n" != sum(text) {
		return damaged(name, "its checksum is wrong")
	}
	for line := range strings.Lines(text) {
		if err := checkSealed(fsys, dir, strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	if err := fsys.Remove(name); err != nil {
		return err
	}
	return syncDir(fsys, dir)
}

func checkSealed(fsys vfs.FS, dir, line string) error {
	size, name, _ := strings.Cut(line, " ")
	want, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return damaged(fsys.PathJoin(dir, sealFile), err.Error())
	}
	file := fsys.PathJoin(dir, name)
	info, err := fsys.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return damaged(file, "it is missing")
	case err != nil:
		return err
	case info.Size() != want:
		return damaged(file, fmt.Sprintf("it has %d bytes and had %d", info.Size(), want))
	}
	return nil
}

func readFile(fsys vfs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}
