package pebblekv

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// files is the file system of a store. Pebble repeats a flush or a compaction
// that failed, but not at a measured pace, and it panics, with locks held, when
// it cannot open a log or write to it. So files waits where waiting helps, and
// ends the process, with a word about the file, where it does not.
type files struct {
	vfs.FS
	room   *room
	log    log
	opened atomic.Bool // errors are no longer those of Open
	// end ends the process, with a line that says what could not be done, and
	// why. It does not return.
	end func(what string, err error)

	once    sync.Once
	hurried chan struct{} // closed when nothing is to wait any more

	mu      sync.Mutex
	waiting int // calls that wait for a file descriptor
}

// hurry ends all waiting, as the store is about to close.
func (f *files) hurry() { f.once.Do(func() { close(f.hurried) }) }

// pause is how long to wait before a call that failed for want of room or of
// descriptors is made or failed again.
const pause = 100 * time.Millisecond

// A call for reading waits for a descriptor as many pauses before it fails.
const readPatience = 10

func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// wait waits for a pause, and reports false if there is no time for it.
func (f *files) wait() bool {
	select {
	case <-f.hurried:
		return false
	case <-time.After(pause):
		return true
	}
}

// descriptor calls open until there is a file descriptor for it, or at most so
// many times if that is not 0. It logs when the waiting begins and when it ends.
func (f *files) descriptor(times int, open func() (vfs.File, error)) (vfs.File, error) {
	file, err := open()
	if !outOfDescriptors(err) {
		return file, err
	}
	f.wanting(+1)
	defer f.wanting(-1)
	for n := 1; outOfDescriptors(err) && n != times && f.wait(); n++ {
		file, err = open()
	}
	return file, err
}

func (f *files) wanting(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.waiting
	f.waiting += n
	switch {
	case before == 0:
		f.log.Error(f.wantText())
	case f.waiting == 0:
		f.log.Info(fmt.Sprintf("there are file descriptors again for the data in %s", f.room.dir))
	}
}

func (f *files) wantText() string {
	return fmt.Sprintf("no file descriptors are left for the data in %s: raise the limit (ulimit -n) or close connections, and it goes on by itself", f.room.dir)
}

// unavailable returns err, or a kv.ErrUnavailable in its place if that is what
// it is about.
func (f *files) unavailable(err error) error {
	if err != nil && outOfDescriptors(err) {
		return unavailable(f.wantText())
	}
	return err
}

func (f *files) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.writing(name, func() (vfs.File, error) { return f.FS.Create(name, c) })
}

func (f *files) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	renamed := false
	return f.writing(newname, func() (vfs.File, error) {
		if renamed { // by the call before, which then found no descriptor
			return f.FS.OpenReadWrite(newname, c)
		}
		file, err := f.FS.ReuseForWrite(oldname, newname, c)
		if outOfDescriptors(err) {
			_, statErr := f.FS.Stat(newname)
			renamed = statErr == nil
		}
		return file, err
	})
}

func (f *files) writing(name string, open func() (vfs.File, error)) (vfs.File, error) {
	file, err := f.descriptor(0, open)
	if err != nil {
		return nil, f.failed("make", name, essential(f.PathBase(name)), err)
	}
	return &writing{File: file, name: name, essential: essential(f.PathBase(name)), files: f}, nil
}

func (f *files) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	return f.descriptor(readPatience, func() (vfs.File, error) { return f.FS.Open(name, opts...) })
}

func (f *files) OpenDir(name string) (vfs.File, error) {
	file, err := f.descriptor(0, func() (vfs.File, error) { return f.FS.OpenDir(name) })
	if err != nil {
		return nil, err
	}
	return &writing{File: file, name: name, essential: true, files: f}, nil
}

func (f *files) Unwrap() vfs.FS { return f.FS }

// failed is told what went wrong with a file that is written. It returns err
// if Pebble can begin anew, which it does at once.
func (f *files) failed(what, name string, essential bool, err error) error {
	full := vfs.IsNoSpaceError(err) || errors.Is(err, syscall.EDQUOT)
	opened := f.opened.Load()
	switch {
	case !opened && essential:
		return err // which Open returns
	case !opened && full, essential:
		// Open would repeat the flush that it waits for, without an end.
		f.end(what+" "+name, err)
	case full:
		f.room.meet()
		time.Sleep(pause)
	case outOfDescriptors(err): // after all waiting
		time.Sleep(pause)
	}
	return err
}

// essential reports whether a file is one of those that say what is committed.
// Pebble cannot go on without them.
func essential(base string) bool {
	return strings.HasSuffix(base, ".log") || strings.HasPrefix(base, "MANIFEST-") || strings.HasPrefix(base, "marker.")
}

// A writing is a file that is written.
type writing struct {
	vfs.File
	name      string
	essential bool
	files     *files
}

func (w *writing) check(what string, err error) error {
	if err == nil {
		return nil
	}
	return w.files.failed(what, w.name, w.essential, err)
}

func (w *writing) Write(p []byte) (int, error) {
	n, err := w.File.Write(p)
	return n, w.check("write", err)
}

func (w *writing) Sync() error     { return w.check("sync", w.File.Sync()) }
func (w *writing) SyncData() error { return w.check("sync", w.File.SyncData()) }
func (w *writing) Close() error    { return w.check("close", w.File.Close()) }

func (w *writing) SyncTo(length int64) (bool, error) {
	whole, err := w.File.SyncTo(length)
	return whole, w.check("sync", err)
}

// remedy says what to do about an error of the system.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.EROFS):
		return "mount it writable, or choose another directory"
	case errors.Is(err, fs.ErrPermission):
		return "let the user that runs stator write there, or choose another directory"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return "a file is in the place of a directory: move it away, or choose another directory"
	case vfs.IsNoSpaceError(err), errors.Is(err, syscall.EDQUOT):
		return "free some space on the disk"
	case outOfDescriptors(err):
		return "raise the limit of open files (ulimit -n)"
	default:
		return "choose another directory, or mend its disk"
	}
}
