package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/statordb/stator/internal/kv"
)

// Extension is what the names of the files on a Shelf end in.
const Extension = ".snapshot"

// A Shelf is a directory of snapshots of one store, each with a name. The
// directory is made when the first is saved. Other stores may have the same one.
type Shelf struct {
	Store   kv.Store
	Dir     string
	Now     func() time.Time
	Version string // of the program
	// Changed is called when a load or a reset has left something to clear away.
	Changed func()
}

// A Saved is a snapshot on a shelf.
type Saved struct {
	Name string `json:"name"`
	File string `json:"file"`
	Size int64  `json:"size"` // of the file, in bytes
	Info
	// Error says why the file cannot be read, if it cannot.
	Error string `json:"error,omitempty"`
}

// ErrName is returned for what cannot be the name of a snapshot.
var ErrName = errors.New("is no name for a snapshot: it takes letters, digits, '-', '_' and '.', begins with a letter or digit, and is not longer than 128")

// ErrNone is returned if there is no snapshot of a name.
var ErrNone = errors.New("there is no snapshot")

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$`)

func (s *Shelf) path(name string) (string, error) {
	if !validName.MatchString(name) {
		return "", fmt.Errorf("%q %w", name, ErrName)
	}
	return filepath.Join(s.Dir, name+Extension), nil
}

// List returns the snapshots that there are, by name.
func (s *Shelf) List() ([]Saved, error) {
	files, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	list := []Saved{}
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), Extension)
		if !ok || !validName.MatchString(name) || f.IsDir() {
			continue
		}
		saved, err := s.look(name)
		if errors.Is(err, ErrNone) { // by now
			continue
		}
		if err != nil {
			saved.Error = err.Error()
		}
		list = append(list, saved)
	}
	slices.SortFunc(list, func(a, b Saved) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// look reads the beginning of a snapshot.
func (s *Shelf) look(name string) (Saved, error) {
	f, err := s.Open(name)
	if err != nil {
		return Saved{Name: name}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	saved := Saved{Name: name, File: f.Name()}
	stat, err := f.Stat()
	if err != nil {
		return saved, err
	}
	saved.Size = stat.Size()
	r, info, err := newReader(f)
	if err != nil {
		return saved, about(f.Name(), err)
	}
	r.close()
	saved.Info = info
	return saved, nil
}

// Open returns the file of a snapshot, which the caller closes.
func (s *Shelf) Open(name string) (*os.File, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w %q", ErrNone, name)
	}
	return f, err
}

// Save makes a snapshot of the store, in the place of another of its name.
func (s *Shelf) Save(ctx context.Context, name string) (Saved, error) {
	return s.place(name, func(f *os.File) error {
		_, err := Save(ctx, s.Store, f, s.Now(), s.Version)
		return err
	})
}

// Put places a file on the shelf, if it is a whole snapshot.
func (s *Shelf) Put(name string, r io.Reader) (Saved, error) {
	return s.place(name, func(f *os.File) error {
		if _, err := io.Copy(f, r); err != nil {
			return err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := Verify(f); err != nil {
			return about("the file", err)
		}
		return nil
	})
}

// place has a new file written and, when that is on the disk, gives it its name.
func (s *Shelf) place(name string, write func(*os.File) error) (Saved, error) {
	path, err := s.path(name)
	if err != nil {
		return Saved{}, err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return Saved{}, err
	}
	f, err := os.CreateTemp(s.Dir, temporary+"*")
	if err != nil {
		return Saved{}, err
	}
	defer drop(f) // if it has no name
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Saved{}, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return Saved{}, err
	}
	if err := syncDir(s.Dir); err != nil {
		return Saved{}, err
	}
	return s.look(name)
}

// temporary is what the names of files begin with that are being written.
const temporary = ".writing-"

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	// Not all systems can do it, and those that cannot need not.
	_ = d.Sync()
	return d.Close()
}

// Tidy removes what a process that was killed has left half written.
func (s *Shelf) Tidy() {
	files, _ := filepath.Glob(filepath.Join(s.Dir, temporary+"*"))
	for _, name := range files {
		// Another process may be writing it.
		if stat, err := os.Stat(name); err == nil && time.Since(stat.ModTime()) > time.Hour {
			_ = os.Remove(name) // the next process tries it again
		}
	}
}

// Delete removes a snapshot.
func (s *Shelf) Delete(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w %q", ErrNone, name)
	}
	return err
}

// Load loads a snapshot into the store.
func (s *Shelf) Load(ctx context.Context, name string, opts Options) (Loaded, error) {
	f, err := s.Open(name)
	if err != nil {
		return Loaded{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return s.load(ctx, f, f.Name(), opts)
}

func (s *Shelf) load(ctx context.Context, f *os.File, called string, opts Options) (Loaded, error) {
	opts.Now = s.Now()
	loaded, err := Load(ctx, s.Store, f, opts)
	s.Changed()
	return loaded, about(called, err)
}

// about says in an error that is about a file which file that is.
func about(called string, err error) error {
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer) {
		return fmt.Errorf("%s %w", called, err)
	}
	return err
}

// Import loads a snapshot that is not on the shelf.
func (s *Shelf) Import(ctx context.Context, r io.Reader, opts Options) (Loaded, error) {
	f, err := s.scratch()
	if err != nil {
		return Loaded{}, err
	}
	defer drop(f)
	if _, err := io.Copy(f, r); err != nil {
		return Loaded{}, err
	}
	return s.load(ctx, f, "the file", opts)
}

// Export calls send with a snapshot of the store that is on no shelf.
func (s *Shelf) Export(ctx context.Context, send func(*os.File) error) error {
	f, err := s.scratch()
	if err != nil {
		return err
	}
	defer drop(f)
	if _, err := Save(ctx, s.Store, f, s.Now(), s.Version); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return send(f)
}

// drop removes a file that is not to stay.
func drop(f *os.File) { _, _ = f.Close(), os.Remove(f.Name()) }

// scratch returns a file for something that is not to stay, where there is room
// for it.
func (s *Shelf) scratch() (*os.File, error) {
	if os.MkdirAll(s.Dir, 0o755) == nil {
		if f, err := os.CreateTemp(s.Dir, temporary+"*"); err == nil {
			return f, nil
		}
	}
	return os.CreateTemp("", temporary+"*")
}

// Reset empties the store.
func (s *Shelf) Reset(ctx context.Context) ([]Name, error) {
	names, err := Reset(ctx, s.Store, s.Now())
	s.Changed()
	return names, err
}
