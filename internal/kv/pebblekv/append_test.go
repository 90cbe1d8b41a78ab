package pebblekv

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// A version that is chosen and not yet visible must not be overtaken. From
// outside, that is seen too seldom on few processors, so this test looks at the
// moment in between.
func TestVersionsAreVisibleBeforeTheNextIsChosen(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	if err := overtaken(s, func(pause func()) { pause() }); err != nil {
		t.Error(err)
	}
}

func TestOvertakenVersionsAreNoticed(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{})
	err := overtaken(s, func(pause func()) {
		s.appending.Unlock()
		defer s.appending.Lock()
		pause()
	})
	if err == nil {
		t.Error("a store that applies its batches outside the lock passes")
	}
}

// overtaken tells whether one Append can choose a version while another has
// chosen its own and not yet made it visible. between is called at that moment.
func overtaken(s *store, between func(pause func())) error {
	var inside atomic.Int32
	var seen atomic.Bool
	pause := func() {
		if inside.Add(1) > 1 {
			seen.Store(true)
		}
		for range 1000 {
			if seen.Load() {
				break
			}
			runtime.Gosched()
		}
		inside.Add(-1)
	}
	s.beforeApply = func() { between(pause) }
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for g := range errs {
		wg.Go(func() {
			for i := range 5 {
				errs[g] = errors.Join(errs[g], s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
					tx.Append([]byte("log/"), fmt.Append(nil, g, i))
					return nil
				}))
			}
		})
	}
	wg.Wait()
	if seen.Load() {
		return errors.New("a version was chosen while a lower one was not visible")
	}
	return errors.Join(errs...)
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
	<-entered
	if err := <-done; err != nil { // the second, which wrote nothing
		t.Error(err)
	}
	close(fs.open)
	if err := <-done; err != nil {
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
