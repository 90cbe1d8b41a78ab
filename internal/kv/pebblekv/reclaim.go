package pebblekv

import (
	"sync"
	"time"
)

// reclaimDelay is how long after a range delete its space begins to come back:
// those of a table's ranges, and of several tables, are one.
const reclaimDelay = 2 * time.Second

// A reclaimer gives the space of deleted ranges back. Pebble removes the files
// that a range delete covers when it finds it in a table; in the log and in
// memory, where it may stay for ever if nobody writes, it frees nothing.
type reclaimer struct {
	mu      sync.Mutex
	pending bool
}

// reclaim is told of range deletes.
func (s *store) reclaim(delay time.Duration) {
	s.reclaimer.mu.Lock()
	defer s.reclaimer.mu.Unlock()
	if s.reclaimer.pending {
		return
	}
	s.reclaimer.pending = true
	time.AfterFunc(delay, func() {
		if s.gate.Enter() != nil {
			return
		}
		defer s.gate.Leave()
		s.reclaimer.mu.Lock()
		s.reclaimer.pending = false
		s.reclaimer.mu.Unlock()
		_, _ = s.db.AsyncFlush() // if it fails, the next flush does it
	})
}
