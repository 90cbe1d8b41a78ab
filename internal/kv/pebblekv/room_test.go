package pebblekv

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
)

func mib(free, total uint64) vfs.DiskUsage {
	return vfs.DiskUsage{AvailBytes: free << 20, TotalBytes: total << 20, UsedBytes: (total - free) << 20}
}

func set(n int) func(kv.Tx) {
	return func(tx kv.Tx) { tx.Set([]byte("k"), make([]byte, n)) }
}

func remove(tx kv.Tx) { tx.Delete([]byte("k")) }

// do commits what write writes.
func do(s kv.Store, write func(kv.Tx)) error {
	return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { write(tx); return nil })
}

func TestNearlyFullDiskRefusesWhatAdds(t *testing.T) {
	for name, c := range map[string]struct {
		usage   vfs.DiskUsage
		write   func(kv.Tx)
		refused bool
	}{
		"set":                       {mib(127, 10_000), set(1), true},
		"set with room":             {mib(129, 10_000), set(1), false},
		"set on a small disk":       {mib(7, 64), set(1), true},
		"set with room on one":      {mib(9, 64), set(1), false},
		"append":                    {mib(127, 10_000), func(tx kv.Tx) { tx.Append([]byte("log"), nil) }, true},
		"delete":                    {mib(127, 10_000), remove, false},
		"delete at the very end":    {mib(63, 10_000), remove, true},
		"delete range":              {mib(127, 10_000), func(tx kv.Tx) { tx.DeleteRange(nil, nil) }, false},
		"delete with a count":       {mib(127, 10_000), func(tx kv.Tx) { remove(tx); tx.Add([]byte("n"), -1) }, false},
		"delete with a small note":  {mib(127, 10_000), func(tx kv.Tx) { remove(tx); set(100)(tx) }, false},
		"delete with a large value": {mib(127, 10_000), func(tx kv.Tx) { remove(tx); set(5000)(tx) }, true},
		"nothing":                   {mib(127, 10_000), func(kv.Tx) {}, false},
	} {
		fs := vfs.NewMem()
		s := mustOpen(t, fs, "data", Options{})
		fs.TestingSetDiskUsage(c.usage)
		s.room.look()
		err := do(s, c.write)
		if got := errors.Is(err, kv.ErrUnavailable); got != c.refused || !got && err != nil {
			t.Errorf("%s: got %v, want refused %v", name, err, c.refused)
		}
	}
}

// A full disk is an error that says what to do, reads go on, and so do writes
// when there is room again. The log has a line for the begin and one for the
// end.
func TestWritesGoOnWhenThereIsRoomAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		fs := vfs.NewMem()
		s := mustOpen(t, fs, "data", Options{Logger: textLogger(&lines)})
		l := load(t, s, 10)
		const full = "the disk that holds data is nearly full (7 MiB free): free some space and it goes on by itself"
		for range 2 {
			lines.Reset()
			fs.TestingSetDiskUsage(mib(7, 10_000))
			time.Sleep(lookInterval)
			for range 3 {
				if err := l.Set(1); err == nil || err.Error() != full {
					t.Errorf("on a full disk: %v", err)
				}
				if err := l.Get(1); err != nil {
					t.Errorf("get on a full disk: %v", err)
				}
			}
			fs.TestingSetDiskUsage(mib(reserve>>20+1, 10_000))
			if err := l.Set(1); err == nil {
				t.Error("writes come and go with a megabyte")
			}
			fs.TestingSetDiskUsage(mib(500, 10_000))
			if err := l.Set(1); err != nil {
				t.Errorf("with room again: %v", err)
			}
			if n := strings.Count(lines.String(), "\n"); n != 2 || !strings.Contains(lines.String(), full) || !strings.Contains(lines.String(), "there is room again") {
				t.Errorf("the log has %d lines:\n%s", n, lines.String())
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The disk is looked at in good time when much is written at once.
func TestRoomIsWatchedByBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which no time passes
		fs := vfs.NewMem()
		s := mustOpen(t, fs, "data", Options{Sync: Never})
		fs.TestingSetDiskUsage(mib(500, 10_000))
		if err := do(s, set(1)); err != nil {
			t.Fatal(err)
		}
		fs.TestingSetDiskUsage(mib(7, 10_000))
		written := 0
		for do(s, set(1<<20)) == nil {
			if written++; written > lookBytes>>20 {
				t.Fatalf("%d MiB were written to a full disk", written)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A failingFS fails at what fails says, by the names of calls and files.
type failingFS struct {
	vfs.FS
	fails atomic.Pointer[func(call, name string) error]
}

func newFailingFS(fs vfs.FS) *failingFS {
	return failing(fs, func(string, string) error { return nil })
}

func failing(fs vfs.FS, fails func(call, name string) error) *failingFS {
	f := &failingFS{FS: fs}
	f.fail(fails)
	return f
}

func (fs *failingFS) fail(f func(call, name string) error) { fs.fails.Store(&f) }

func (fs *failingFS) check(call, name string) error { return (*fs.fails.Load())(call, name) }

func (fs *failingFS) file(call, name string, open func() (vfs.File, error)) (vfs.File, error) {
	if err := fs.check(call, name); err != nil {
		return nil, err
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	return failingFile{f, fs, name}, nil
}

func (fs *failingFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return fs.file("create", name, func() (vfs.File, error) { return fs.FS.Create(name, c) })
}

// ReuseForWrite renames before it opens, as the system's does.
func (fs *failingFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.Rename(oldname, newname); err != nil {
		return nil, err
	}
	return fs.OpenReadWrite(newname, c)
}

func (fs *failingFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return fs.file("create", name, func() (vfs.File, error) { return fs.FS.OpenReadWrite(name, c, opts...) })
}

func (fs *failingFS) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	return fs.file("open", name, func() (vfs.File, error) { return fs.FS.Open(name, opts...) })
}

type failingFile struct {
	vfs.File
	fs   *failingFS
	name string
}

func (f failingFile) SyncData() error {
	return cmp.Or(f.fs.check("sync", f.name), f.File.SyncData())
}

func (f failingFile) Write(p []byte) (int, error) {
	if err := f.fs.check("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func on(call, suffix string, err error) func(string, string) error {
	return func(c, name string) error {
		if c == call && strings.HasSuffix(name, suffix) {
			return err
		}
		return nil
	}
}

// A disk that is full though it says that it is not, as with a quota, refuses
// writes as soon as a flush meets its end. The flush is done when it can be.
func TestFlushThatMeetsAFullDiskIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		mem := vfs.NewMem()
		mem.TestingSetDiskUsage(mib(500, 10_000))
		fs := newFailingFS(mem)
		s := mustOpen(t, fs, "data", Options{Logger: textLogger(&lines)})
		l := load(t, s, 10)
		fs.fail(on("write", ".sst", syscall.ENOSPC))
		flushed, err := s.db.AsyncFlush()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if err := l.Set(1); !errors.Is(err, kv.ErrUnavailable) {
			t.Errorf("while a flush meets a full disk: %v", err)
		}
		fs.fail(func(string, string) error { return nil })
		<-flushed
		time.Sleep(grudge)
		if err := errors.Join(l.Set(1), l.Get(1), s.Close()); err != nil {
			t.Errorf("when there is room again: %v", err)
		}
		if n := strings.Count(lines.String(), "\n"); n != 2 {
			t.Errorf("the log has %d lines:\n%s", n, lines.String())
		}
	})
}

// Close does not wait for room. What it could not flush is in the log.
func TestStoreOnAFullDiskCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := newFailingFS(vfs.NewMem())
		s := mustOpen(t, fs, "data", Options{})
		l := load(t, s, 5000) // more than is left in memory
		fs.fail(on("write", ".sst", syscall.ENOSPC))
		begin := time.Now()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 2*closePatience {
			t.Errorf("close took %v", took)
		}
		fs.fail(func(string, string) error { return nil })
		after := mustOpen(t, fs, "data", Options{})
		left := 0
		err := after.View(ctx, func(r kv.Reader) error {
			for _, err := range r.Scan(kv.Range{}) {
				if err != nil {
					return err
				}
				left++
			}
			return nil
		})
		if err := errors.Join(err, after.Close()); err != nil || left != int(l.Pairs) {
			t.Errorf("%d pairs are left (error %v), want %d", left, err, l.Pairs)
		}
	})
}

// A log that cannot be written ends the process with a line that names it, and
// nothing that was acknowledged is lost.
func TestLogThatCannotBeWrittenIsTheEnd(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, syscall.EIO} {
		mem := vfs.NewCrashableMem()
		fs := newFailingFS(mem)
		opened, err := open(fs, "data", Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := opened.(*store) // it cannot be closed at the end
		l := kvtest.Load{Store: s, Pairs: 5}
		if err := l.Fill(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan string)
		s.files.end = func(what string, err error) {
			ended <- fmt.Sprint(what, ": ", err)
			select {}
		}
		fs.fail(on("write", ".log", cause))
		acknowledged := make(chan error, 1)
		go func() { acknowledged <- do(s, set(1)) }()
		line := <-ended
		if !strings.HasPrefix(line, "write data/0000") || !strings.HasSuffix(line, ".log: "+cause.Error()) {
			t.Errorf("ended with %q", line)
		}
		select {
		case err := <-acknowledged:
			t.Errorf("the write was answered (%v)", err)
		default:
		}
		after := mustOpen(t, powerFails(mem, 0), "data", Options{})
		l.Store = after
		for i := range uint64(5) {
			if err := l.Get(i); err != nil {
				t.Error(err)
			}
		}
		if got := strings.Count(dump(t, after), "="); got != 5 {
			t.Errorf("%d pairs are left, want 5", got)
		}
	}
}

// A log or table for which there is no descriptor is opened when there is one.
func TestStoreWaitsForDescriptors(t *testing.T) {
	for _, suffix := range []string{".log", ".sst"} {
		synctest.Test(t, func(t *testing.T) {
			var lines bytes.Buffer
			fs := newFailingFS(vfs.NewMem())
			s := mustOpen(t, fs, "data", Options{Logger: textLogger(&lines)})
			l := load(t, s, 10)
			for range 3 { // logs are used again from the third on
				lines.Reset()
				fs.fail(on("create", suffix, syscall.EMFILE))
				done := make(chan error)
				go func() { done <- s.db.Flush() }()
				time.Sleep(10 * time.Second)
				if err := l.Get(1); err != nil {
					t.Errorf("%s: get without descriptors: %v", suffix, err)
				}
				select {
				case err := <-done:
					t.Fatalf("%s: flushed without descriptors: %v", suffix, err)
				default:
				}
				fs.fail(func(string, string) error { return nil })
				if err := errors.Join(<-done, l.Set(1)); err != nil {
					t.Errorf("%s: with descriptors again: %v", suffix, err)
				}
				if n := strings.Count(lines.String(), "\n"); n != 2 || !strings.Contains(lines.String(), "ulimit -n") {
					t.Errorf("%s: the log has %d lines:\n%s", suffix, n, lines.String())
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A read that needs a descriptor and gets none for a while is told to come again.
func TestReadWithoutDescriptorsIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := newFailingFS(vfs.NewMem())
		s := mustOpen(t, fs, "data", Options{})
		if err := s.db.Flush(); err != nil { // what Open reads is in another table
			t.Fatal(err)
		}
		l := load(t, s, 10)
		if err := errors.Join(s.db.Flush(), s.Close()); err != nil {
			t.Fatal(err)
		}
		names, err := fs.List("data")
		if err != nil {
			t.Fatal(err)
		}
		table := ""
		for _, name := range names {
			if strings.HasSuffix(name, ".sst") {
				table = max(table, name)
			}
		}
		fs.fail(on("open", table, syscall.EMFILE))
		s = mustOpen(t, fs, "data", Options{})
		l.Store = s
		if err := l.Get(1); !errors.Is(err, kv.ErrUnavailable) || !strings.Contains(err.Error(), "ulimit -n") {
			t.Errorf("without descriptors: %v", err)
		}
		fs.fail(func(string, string) error { return nil })
		if err := errors.Join(l.Get(1), s.Close()); err != nil {
			t.Error(err)
		}
	})
}
