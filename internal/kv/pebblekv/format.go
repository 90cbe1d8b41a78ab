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

// prepare makes dir, locks it, and sees that this version can read it and that
// nothing is damaged that Pebble would pass over.
func prepare(fs vfs.FS, dir string) (*pebble.Lock, error) {
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data directory %s: %w: %s", dir, cause(err), remedy(err))
	}
	lock, err := lockDir(fs, dir)
	if err != nil {
		return nil, err
	}
	err = checkFormat(fs, dir)
	if err == nil {
		err = breakSeal(fs, dir)
	}
	if err == nil {
		err = inspect(fs, dir)
	}
	if err != nil {
		_ = lock.Close() // why it cannot be opened says more
		return nil, err
	}
	return lock, nil
}

// cause returns err without the path that it is about.
func cause(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

func lockDir(fsys vfs.FS, dir string) (*pebble.Lock, error) {
	lock, err := pebble.LockDirectory(dir, fsys)
	if err == nil {
		return lock, nil
	}
	// A lock file that cannot be made is an error about its path; else it is
	// there, and somebody has it. Systems name that in different ways.
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return nil, fmt.Errorf("write to the data directory %s: %w: %s", dir, cause(err), remedy(err))
	}
	return nil, fmt.Errorf("the data directory %s %w", dir, ErrInUse)
}

// checkFormat reads the format of dir, or writes it if dir is new.
func checkFormat(fsys vfs.FS, dir string) error {
	name := fsys.PathJoin(dir, formatFile)
	text, err := readFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return writeFormat(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w: %s", name, cause(err), remedy(err))
	}
	found, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || found < 1 {
		return damaged(name, fmt.Sprintf("%q is no format", text))
	}
	if found > format {
		return fmt.Errorf("the data in %s %w (format %d; this one reads up to %d)", dir, ErrNewerFormat, found, format)
	}
	return nil
}

func writeFormat(fsys vfs.FS, dir string) error {
	if err := refuseForeign(fsys, dir); err != nil {
		return err
	}
	if err := writeWhole(fsys, dir, formatFile, strconv.Itoa(format)+"\n"); err != nil {
		return fmt.Errorf("write to the data directory %s: %w: %s", dir, cause(err), remedy(err))
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

// writeWhole writes a file under another name first, so that a crash leaves the
// whole file or none.
func writeWhole(fsys vfs.FS, dir, base, text string) error {
	name := fsys.PathJoin(dir, base)
	if err := writeSynced(fsys, name+".new", text); err != nil {
		return err
	}
	if err := fsys.Rename(name+".new", name); err != nil {
		return err
	}
	return syncDir(fsys, dir)
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
