package pebblekv

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// A version that is chosen and not yet visible must not be overtaken. From
// outside, that is seen too seldom on few processors, so this test looks at the
// moment in between: nobody else can choose a version then.
func TestVersionsAreVisibleBeforeTheNextIsChosen(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	if err := overtaken(s, func(look func()) { look() }); err != nil {
		t.Error(err)
	}
}

func TestOvertakenVersionsAreNoticed(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	err := overtaken(s, func(look func()) {
		s.appending.Unlock()
		defer s.appending.Lock()
		look()
	})
	if err == nil {
		t.Error("a store that applies its batches outside the lock passes")
	}
}

// overtaken tells whether one Append can choose a version while another has
// chosen its own and not yet made it visible. between is called at that moment.
func overtaken(s *store, between func(look func())) error {
	free := false
	s.beforeApply = func() {
		between(func() {
			if s.appending.TryLock() {
				free = true
				s.appending.Unlock()
			}
		})
	}
	err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
		tx.Append([]byte("log/"), []byte("record"))
		return nil
	})
	if free {
		return errors.New("a version can be chosen while a lower one is not visible")
	}
	return err
}

// A locked key waits for the commit to be visible, not for the disk.
func TestLocksAreFreeBeforeTheSync(t *testing.T) {
	fs := &slowSync{FS: vfs.NewMem(), open: make(chan struct{}), waiting: make(chan struct{}, 100)}
	close(fs.open)
	s := mustOpen(t, fs, "data", Options{Sync: Always})
	fs.open = make(chan struct{})
	update := func() error {
		return s.Update(ctx, kv.Locks{Hold: [][]byte{[]byte("k")}}, func(tx kv.Tx) error {
			tx.Set([]byte("k"), value)
			return nil
		})
	}
	done := make(chan error, 2)
	entered := make(chan struct{})
	go func() { done <- update() }()
	<-fs.waiting // the first waits for the disk
	go func() {
		done <- s.Update(ctx, kv.Locks{Hold: [][]byte{[]byte("k")}}, func(kv.Tx) error {
			close(entered)
			return nil
		})
	}()
	<-entered // the second has the lock
	close(fs.open)
	if err := errors.Join(<-done, <-done); err != nil {
		t.Error(err)
	}
}

// A slowSync is a file system whose syncs wait until it is open.
type slowSync struct {
	vfs.FS
	open, waiting chan struct{}
}

type slowFile struct {
	vfs.File
	fs *slowSync
}

func (fs *slowSync) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, c)
	return slowFile{f, fs}, err
}

func (f slowFile) Sync() error { return f.SyncData() }

func (f slowFile) SyncData() error {
	select {
	case f.fs.waiting <- struct{}{}:
	default:
	}
	<-f.fs.open
	return f.File.SyncData()
}
