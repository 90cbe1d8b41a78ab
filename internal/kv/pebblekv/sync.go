package pebblekv

import (
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// A syncer calls a function at intervals, in a goroutine that stop waits for.
type syncer struct {
	quit, done chan struct{}
}

func (y *syncer) start(every time.Duration, sync func()) {
	y.quit, y.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(y.done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				sync()
			case <-y.quit:
				return
			}
		}
	}()
}

func (y *syncer) stop() {
	if y.quit == nil {
		return
	}
	close(y.quit)
	<-y.done
}

// syncUnsynced syncs if there is something to sync. Pebble reports a log that
// cannot be written itself, and ends the process.
func (s *store) syncUnsynced() {
	if s.unsynced.Swap(false) {
		_ = s.syncAll()
	}
}

// waitForOthers returns when the commits that are visible now are as durable as
// the store promises. An Update that wrote nothing says something all the same,
// such as that an item is not there to be deleted: that must outlive a crash, too.
func (s *store) waitForOthers() error {
	if s.sync != Always || s.syncing.Load() == 0 {
		return nil
	}
	return s.syncAll()
}

// syncAll returns when all that is committed is on the disk.
func (s *store) syncAll() error { return s.db.LogData(nil, pebble.Sync) }
