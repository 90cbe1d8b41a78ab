package pebblekv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrInUse is returned by Open if the directory is open already.
var ErrInUse = errors.New("is in use by another stator process")

// ErrNewerFormat is returned by Open if a newer version wrote the directory.
var ErrNewerFormat = errors.New("was written by a newer version of stator")

const (
	// format is the number of the layout described in keys.go. It grows when an
	// older version could no longer read what is written.
	format = 1

	// pebbleFormat is the layout of Pebble's own files. It grows only together
	// with format: Pebble changes the files when it opens them, and an older
	// version could not go back.
	pebbleFormat = pebble.FormatValueSeparation

	// formatFile holds the format as a decimal number. It is a file beside those
	// of Pebble, to be read before Pebble touches them.
	formatFile = "STATOR-FORMAT"
)

// prepare makes dir, locks it, and sees that this version can read it.
func prepare(fs vfs.FS, dir string) (*pebble.Lock, error) {
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	lock, err := lockDir(fs, dir)
	if err != nil {
		return nil, err
	}
	if err := checkFormat(fs, dir); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func lockDir(fsys vfs.FS, dir string) (*pebble.Lock, error) {
	lock, err := pebble.LockDirectory(dir, fsys)
	if err == nil {
		return lock, nil
	}
	// A lock file that cannot be made is an error about its path; else it is
	// there, and somebody has it. Systems name that in different ways.
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	return nil, fmt.Errorf("the data directory %s %w", dir, ErrInUse)
}

// checkFormat reads the format of dir, or writes it if dir is new.
func checkFormat(fsys vfs.FS, dir string) error {
	f, err := fsys.Open(fsys.PathJoin(dir, formatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return writeFormat(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("read the format of %s: %w", dir, err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("read the format of %s: %w", dir, err)
	}
	found, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("read the format of %s: %w", dir, err)
	}
	if found > format {
		return fmt.Errorf("the data in %s %w (format %d; this one reads up to %d)", dir, ErrNewerFormat, found, format)
	}
	return nil
}

// writeFormat writes the file under another name first, so that a crash leaves
// the whole file or none.
func writeFormat(fsys vfs.FS, dir string) error {
	if err := refuseForeign(fsys, dir); err != nil {
		return err
	}
	name := fsys.PathJoin(dir, formatFile)
	err := writeSynced(fsys, name+".new", strconv.Itoa(format)+"\n")
	if err == nil {
		err = fsys.Rename(name+".new", name)
	}
	if err == nil {
		err = syncDir(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("write the format of %s: %w", dir, err)
	}
	return nil
}

// refuseForeign keeps Open from writing into a database that is not ours: ours
// have a format from the beginning.
func refuseForeign(fsys vfs.FS, dir string) error {
	desc, err := pebble.Peek(dir, fsys)
	if err != nil {
		return fmt.Errorf("look into %s: %w", dir, err)
	}
	if desc.Exists {
		return fmt.Errorf("the data in %s is not from stator: it has no file %s", dir, formatFile)
	}
	return nil
}

func writeSynced(fsys vfs.FS, name, text string) error {
	f, err := fsys.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
