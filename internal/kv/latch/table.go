// Package latch keeps the calls of one process apart: a Table of striped locks
// for the keys an Update depends on, and a Gate at which Close waits for the
// calls that run. Engines whose store is shared by several processes need
// other means.
package latch

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/statordb/stator/internal/kv"
)

// stripes is how many locks a Table has. Two keys that share one wait for each
// other needlessly, which 4 096 make rare; all of them together take 256 KB.
const stripes = 4096

// A Table locks keys. Keys are hashed to a fixed number of locks, so that no
// memory is kept for keys and none is allocated to lock them.
type Table struct {
	seed    maphash.Seed
	stripes [stripes]stripe
}

// NewTable returns a table in which nothing is locked.
func NewTable() *Table { return &Table{seed: maphash.MakeSeed()} }

// A Ref is one lock of a Table as one call holds it: the number of its stripe,
// and in the lowest bit whether it is shared. Of two Refs to one stripe, the
// one that is held sorts first.
type Ref uint32

const sharedBit Ref = 1

func (r Ref) shared() bool      { return r&sharedBit != 0 }
func (r Ref) sameAs(o Ref) bool { return r|sharedBit == o|sharedBit }

// Lock waits until it has all of locks and returns what Unlock needs to let
// them go. It fails only when ctx is done first, and then holds nothing. The
// result is made in buf, whose contents are lost.
//
// Every call takes its stripes in the same order, so calls never wait for each
// other in a circle.
func (t *Table) Lock(ctx context.Context, locks kv.Locks, buf []Ref) ([]Ref, error) {
	refs := t.refs(locks, buf[:0])
	for i, r := range refs {
		if err := t.stripes[r>>1].lock(ctx, r.shared()); err != nil {
			t.Unlock(refs[:i])
			return refs[:0], err
		}
	}
	return refs, nil
}

// Unlock lets go of what Lock returned.
func (t *Table) Unlock(refs []Ref) {
	for _, r := range refs {
		t.stripes[r>>1].unlock(r.shared())
	}
}

// refs returns each stripe of locks once, in order.
func (t *Table) refs(locks kv.Locks, refs []Ref) []Ref {
	for _, k := range locks.Hold {
		refs = append(refs, t.ref(k))
	}
	for _, k := range locks.Share {
		refs = append(refs, t.ref(k)|sharedBit)
	}
	slices.Sort(refs)
	return slices.CompactFunc(refs, Ref.sameAs)
}

func (t *Table) ref(key []byte) Ref {
	return Ref(maphash.Bytes(t.seed, key)%stripes) << 1
}

// A stripe is a read-write lock whose waiters can give up. It serves them in
// the order they came: a stream of sharers does not starve a holder.
type stripe struct {
	mu      sync.Mutex
	held    bool
	sharers int32
	waiters []*waiter

	_ [24]byte // fill a cache line, so that neighbours do not slow each other
}

type waiter struct {
	shared  bool
	granted chan struct{} // closed when the waiter has the lock
}

func (s *stripe) lock(ctx context.Context, shared bool) error {
	s.mu.Lock()
	if len(s.waiters) == 0 && s.free(shared) {
		s.take(shared)
		s.mu.Unlock()
		return nil
	}
	w := &waiter{shared, make(chan struct{})}
	s.waiters = append(s.waiters, w)
	s.mu.Unlock()

	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
		s.giveUp(w)
		return ctx.Err()
	}
}

func (s *stripe) unlock(shared bool) {
	s.mu.Lock()
	s.release(shared)
	s.mu.Unlock()
}

// giveUp takes w from the queue, or gives back the lock if w was granted it
// at the last moment.
func (s *stripe) giveUp(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.waiters, w)
	if i < 0 {
		s.release(w.shared)
		return
	}
	s.waiters = slices.Delete(s.waiters, i, i+1)
	s.grant() // those behind w may have waited for w only
}

func (s *stripe) free(shared bool) bool {
	return !s.held && (shared || s.sharers == 0)
}

func (s *stripe) take(shared bool) {
	if shared {
		s.sharers++
	} else {
		s.held = true
	}
}

func (s *stripe) release(shared bool) {
	if shared {
		s.sharers--
	} else {
		s.held = false
	}
	s.grant()
}

// grant gives the lock to as many of the first waiters as can have it.
func (s *stripe) grant() {
	for len(s.waiters) > 0 && s.free(s.waiters[0].shared) {
		w := s.waiters[0]
		s.waiters = slices.Delete(s.waiters, 0, 1)
		s.take(w.shared)
		close(w.granted)
	}
}
