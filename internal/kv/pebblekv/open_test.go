package pebblekv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
)

func TestDirectoryInUseIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, vfs.Default, dir, Options{})
	_, err := Open(dir, Options{})
	want := "the data directory " + dir + " is in use by another stator process"
	if !errors.Is(err, ErrInUse) || err.Error() != want {
		t.Errorf("second open: got %v, want %s", err, want)
	}
	if got := openInOtherProcess(t, dir); got != want {
		t.Errorf("open in another process: got %q, want %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := openInOtherProcess(t, dir); got != "" {
		t.Errorf("open in another process after close: got %q", got)
	}
}

// openInOtherProcess returns the error of Open in a child of this process.
func openInOtherProcess(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestOpenAsChild$", "-test.v")
	cmd.Env = append(os.Environ(), "PEBBLEKV_TEST_DIR="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if msg, ok := strings.CutPrefix(line, "open: "); ok {
			return strings.TrimSpace(msg)
		}
	}
	return ""
}

func TestOpenAsChild(t *testing.T) {
	dir := os.Getenv("PEBBLEKV_TEST_DIR")
	if dir == "" {
		t.Skip("only for TestDirectoryInUseIsRefused")
	}
	s, err := Open(dir, Options{})
	if err != nil {
		os.Stdout.WriteString("open: " + err.Error() + "\n")
		return
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := mustOpen(t, vfs.Default, dir, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, formatFile)
	if text, err := os.ReadFile(file); err != nil || string(text) != "1\n" {
		t.Errorf("a new store has the format %q (error %v)", text, err)
	}
	if err := os.WriteFile(file, []byte("2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "the data in " + dir + " was written by a newer version of stator (format 2; this one reads up to 1)"
	for range 2 { // the first must not leave the directory locked
		_, err := Open(dir, Options{})
		if !errors.Is(err, ErrNewerFormat) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := pebble.Open(dir, &pebble.Options{Logger: newLog(nil)})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	want := "the data in " + dir + " is not from stator: it has no file STATOR-FORMAT"
	if _, err := Open(dir, Options{}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What is wrong with a directory is told in one line, with the path and with
// what to do.
func TestDirectoryThatCannotBeUsedIsTold(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var (
		readOnly = &fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}
		noAccess = &fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}
		full     = &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	)
	for name, c := range map[string]struct {
		fs   vfs.FS
		dir  string
		want string
	}{
		"a file":         {vfs.Default, file, "make the data directory " + file + ": not a directory: a file is in the place of a directory: move it away, or choose another directory"},
		"below a file":   {vfs.Default, filepath.Join(file, "data"), "make the data directory " + filepath.Join(file, "data") + ": not a directory: a file is in the place of a directory: move it away, or choose another directory"},
		"no parent":      {vfs.Default, filepath.Join(dir, "a", "b"), ""},
		"read-only":      {lockFails{vfs.NewMem(), readOnly}, "data", "write to the data directory data: read-only file system: mount it writable, or choose another directory"},
		"no permission":  {lockFails{vfs.NewMem(), noAccess}, "data", "write to the data directory data: permission denied: let the user that runs stator write there, or choose another directory"},
		"a full disk":    {failing(vfs.NewMem(), on("write", formatFile+".new", full)), "data", "write to the data directory data: no space left on device: free some space on the disk"},
		"a log unmade":   {failing(vfs.NewMem(), on("create", ".log", full)), "data", "open data: write x: no space left on device: free some space on the disk"},
		"no descriptors": {failing(vfs.NewMem(), on("create", formatFile+".new", syscall.EMFILE)), "data", "write to the data directory data: too many open files: raise the limit of open files (ulimit -n)"},
	} {
		s, err := open(c.fs, c.dir, Options{})
		if err == nil {
			err = s.Close()
		}
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// A lockFails is a file system on which no file can be locked.
type lockFails struct {
	vfs.FS
	err error
}

func (fs lockFails) Lock(string) (io.Closer, error) { return nil, fs.err }

func TestLogLinesGoToTheLogger(t *testing.T) {
	for level, want := range map[slog.Level]bool{slog.LevelDebug: true, slog.LevelInfo: false} {
		var lines bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: level}))
		s := mustOpen(t, vfs.NewMem(), "data", Options{Logger: logger})
		if err := errors.Join(kvtest.Load{Store: s, Pairs: 1}.Set(0), s.Close()); err != nil {
			t.Fatal(err)
		}
		if got := lines.Len() > 0; got != want {
			t.Errorf("level %v: %q", level, lines.String())
		}
		if bytes.Contains(lines.Bytes(), []byte("level=ERROR")) {
			t.Errorf("errors in a healthy store: %s", lines.String())
		}
	}
}

func TestMetricsTellWhatTheStoreTakes(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	l := load(t, s, 2000)
	if n := s.Metrics()["wal_bytes"]; n <= 0 {
		t.Errorf("wal_bytes is %v", n)
	}
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
	for i := range uint64(10) {
		if err := l.Get(i); err != nil {
			t.Fatal(err)
		}
	}
	m := s.Metrics()
	for _, name := range []string{"disk_bytes", "memtable_bytes", "cache_bytes", "cache_hits", "cache_misses", "flushes", "read_amplification"} {
		if m[name] <= 0 {
			t.Errorf("%s is %v", name, m[name])
		}
	}
}

// Views share a snapshot until there is a commit, and none stays open after it.
func TestSnapshotsAreClosed(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	open := func() int { return s.db.Metrics().Snapshots.Count }
	view := func(inside func()) {
		t.Helper()
		err := s.View(ctx, func(kv.Reader) error { inside(); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want int, when string) {
		t.Helper()
		if got := open(); got != want {
			t.Errorf("%d snapshots are open %s, want %d", got, when, want)
		}
	}
	commit := func() {
		t.Helper()
		if err := (kvtest.Load{Store: s, Pairs: 1}).Set(0); err != nil {
			t.Fatal(err)
		}
	}
	view(func() { view(func() { expect(1, "in two views") }) })
	view(func() {
		expect(1, "in a later view")
		commit()
		view(func() { expect(2, "in views before and after a commit") })
	})
	expect(1, "when views have ended")
	commit()
	expect(0, "after a commit")
}

func TestHotPathsAllocateLittle(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	load(t, s, 1000).Allocations(t, 5, 3, 7)
}
