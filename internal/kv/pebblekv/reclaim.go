package pebblekv

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/statordb/stator/internal/kv"
)

const (
	// reclaimDelay is how long after a range delete its space begins to come
	// back: those of a table's ranges, and of several tables, are one.
	reclaimDelay = 2 * time.Second

	// remainsDelay is how long after that begin what is left is looked for.
	remainsDelay = 2 * time.Second

	// What is left of a range may take this much space until its tables are
	// compacted for another reason.
	smallRemains = 4 << 20

	// mostDeleted is how many ranges are remembered at a time. Space of others
	// comes back too, some of it only when more is written.
	mostDeleted = 1000
)

// A reclaimer gives the space of deleted ranges back. Pebble removes the files
// that a range delete covers when it finds it in a table; in the log and in
// memory, where it may stay for ever if nobody writes, it frees nothing. Nor does
// it in level 0, in which its table is together with those it covers.
type reclaimer struct {
	mu      sync.Mutex
	pending bool
	deleted []kv.Range // since the last flush

	closing context.Context // ends when the store closes
	close   context.CancelFunc
}

func (r *reclaimer) open() {
	r.closing, r.close = context.WithCancel(context.Background())
}

// reclaim is told of range deletes. It keeps nothing of ranges.
func (s *store) reclaim(ranges []kv.Range, delay time.Duration) {
	r := &s.reclaimer
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range ranges[:min(len(ranges), mostDeleted-len(r.deleted))] {
		r.deleted = append(r.deleted, kv.Range{Start: bytes.Clone(d.Start), End: bytes.Clone(d.End)})
	}
	if r.pending {
		return
	}
	r.pending = true
	s.later(delay, func() {
		r.mu.Lock()
		deleted := r.deleted
		r.deleted, r.pending = nil, false
		r.mu.Unlock()
		if _, err := s.db.AsyncFlush(); err == nil { // if it fails, the next flush does it
			s.later(remainsDelay, func() { s.clearRemains(deleted) })
		}
	})
}

// later calls f after a while unless the store is closed by then.
func (s *store) later(delay time.Duration, f func()) {
	time.AfterFunc(delay, func() {
		if s.gate.Enter() != nil {
			return
		}
		defer s.gate.Leave()
		f()
	})
}

// clearRemains compacts those of the ranges that still take much space.
func (s *store) clearRemains(deleted []kv.Range) {
	for _, r := range deleted {
		start, end := pairSpace.bounds(nil, r)
		if size, err := s.db.EstimateDiskUsage(start, end); err != nil || size <= smallRemains {
			continue
		}
		// If it fails, it has been logged, and space that is not free is no error.
		_ = s.db.Compact(s.reclaimer.closing, start, end, false)
	}
}

// Compact rewrites all tables, without what was deleted or replaced.
func (s *store) Compact(ctx context.Context) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	return s.db.Compact(ctx, []byte{byte(ownSpace)}, []byte{byte(counterSpace) + 1}, true)
}
