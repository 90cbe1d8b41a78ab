package pebblekv

import (
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// snapshots lets Views between two commits share a snapshot of the database.
// Pebble looks for a compaction to do whenever its oldest snapshot is closed,
// under its one big lock, which takes longer than a Get that finds its key in
// memory.
type snapshots struct {
	db      *pebble.DB
	commits atomic.Uint64 // how many were visible before their Update returned
	kept    atomic.Bool   // now is not nil

	mu  sync.Mutex
	now *snapshot // the last one taken, unless a commit came after it
}

type snapshot struct {
	*pebble.Snapshot
	commits uint64 // those that it shows, and perhaps more
	views   int    // that read it
}

// open returns a snapshot that shows all commits so far. The View that reads
// it must release it.
func (y *snapshots) open() *snapshot {
	y.mu.Lock()
	defer y.mu.Unlock()
	commits := y.commits.Load()
	if y.now == nil || y.now.commits != commits {
		y.drop()
		y.now = &snapshot{Snapshot: y.db.NewSnapshot(), commits: commits}
		y.kept.Store(true)
	}
	y.now.views++
	return y.now
}

func (y *snapshots) release(s *snapshot) {
	y.mu.Lock()
	defer y.mu.Unlock()
	s.views--
	y.closeUnused(s)
}

// committed is told of each commit when it is visible. What it makes old is
// closed here and not by the next View, which may not come: an open snapshot
// keeps Pebble from removing what is overwritten.
func (y *snapshots) committed() {
	y.commits.Add(1)
	if y.kept.Load() {
		y.close()
	}
}

// close forgets the kept snapshot.
func (y *snapshots) close() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.drop()
}

func (y *snapshots) drop() {
	old := y.now
	if old == nil {
		return
	}
	y.now = nil
	y.kept.Store(false)
	y.closeUnused(old)
}

// closeUnused closes s if neither a View nor the next View has a use for it.
func (y *snapshots) closeUnused(s *snapshot) {
	if s.views == 0 && s != y.now {
		_ = s.Close() // it never fails
	}
}
