// Package memkv is the engine that keeps everything in the memory of one
// process: a copy-on-write B-tree. Nothing is left of it when the process ends.
// Its values are kv.Stable.
package memkv

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/latch"
	"github.com/tidwall/btree"
)

// degree is half of how many pairs a node of the tree has at most. A commit that
// overlaps a View copies the nodes on its paths: with 32 that takes half as long
// again, while Get is no faster; with 8 Get takes twice as long.
const degree = 16

// Open returns an empty store. It implements kv.Stable, kv.Slicer and
// kv.Metricser.
func Open() kv.Store {
	s := &store{
		locks: latch.NewTable(),
	}
	s.txs.New = func() any { return &tx{store: s} }
	options := btree.Options{Degree: degree, NoLocks: true}
	s.now = &state{
		pairs:    btree.NewBTreeGOptions(less, options),
		counters: btree.NewBTreeGOptions(counter.less, options),
	}
	return s
}

type store struct {
	gate  latch.Gate
	locks *latch.Table
	txs   sync.Pool // of *tx

	// mu is held to write the fields below and the present state, and read-held
	// to read them or to pin the state. No function of a caller runs under it.
	mu      sync.RWMutex
	now     *state
	version uint64 // the last one that an Append got
	commits uint64
	copies  uint64 // states that were copied because somebody was reading them
}

// A state is all pairs and counters as they were between two commits. While it is pinned it
// does not change: the next commit makes a copy, which shares all nodes it does
// not write, and leaves the pinned state to its readers. An unpinned state is
// changed in place, so Views cost the writers nothing when they do not overlap.
type state struct {
	pairs    *btree.BTreeG[kv.Pair]
	counters *btree.BTreeG[counter]
	pins     atomic.Int64
}

func less(a, b kv.Pair) bool { return bytes.Compare(a.Key, b.Key) < 0 }

type counter struct {
	key   []byte
	total int64
}

func (c counter) less(d counter) bool { return bytes.Compare(c.key, d.key) < 0 }

// StableValues says that what the store hands out is never changed.
func (s *store) StableValues() {}

// Slice is what is deleted in 1.5 ms, in which nobody else can commit.
func (s *store) Slice() int { return 100_000 }

func (s *store) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	st := s.pin()
	defer st.unpin()
	return fn(st)
}

func (s *store) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := s.txs.Get().(*tx)
	defer tx.free()
	held, err := s.locks.Lock(ctx, locks, tx.held)
	if err != nil {
		return err
	}
	tx.held = held
	defer s.locks.Unlock(held)

	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.commit(tx)
	return nil
}

func (s *store) Close() error { return s.gate.Close() }

// Metrics tells how many pairs there are, how many commits there were, and how
// many of these had to copy because of a View.
func (s *store) Metrics() map[string]float64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return map[string]float64{
		"pairs":   float64(s.now.pairs.Len()),
		"commits": float64(s.commits),
		"copies":  float64(s.copies),
	}
}

func (s *store) pin() *state {
	s.mu.RLock()
	st := s.now
	st.pins.Add(1)
	s.mu.RUnlock()
	return st
}

func (st *state) unpin() { st.pins.Add(-1) }

func (s *store) commit(tx *tx) {
	if len(tx.writes) == 0 && len(tx.ranges) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits++
	if s.now.pins.Load() > 0 {
		s.now = &state{pairs: s.now.pairs.Copy(), counters: s.now.counters.Copy()}
		s.copies++
	}
	// Ranges come first: they are for what was there before the Update.
	for _, r := range tx.ranges {
		s.deleteRange(r)
	}
	for i := range tx.writes {
		s.write(&tx.writes[i])
	}
}

func (s *store) write(w *write) {
	switch w.op {
	case set:
		s.now.pairs.Set(w.pair)
	case remove:
		s.now.pairs.Delete(w.pair)
	case add:
		c := counter{key: w.pair.Key}
		old, _ := s.now.counters.Get(c)
		c.total = old.total + w.delta
		s.now.counters.Set(c)
	case appendTo:
		s.version++
		putVersion(w.pair.Key, s.version)
		s.now.pairs.Set(w.pair)
	}
}

func (s *store) deleteRange(r kv.Range) {
	end := r.End
	if end == nil { // after the last of both
		pair, _ := s.now.pairs.Max()
		last, _ := s.now.counters.Max()
		end = append(bytes.Clone(slices.MaxFunc([][]byte{pair.Key, last.key}, bytes.Compare)), 0)
	}
	s.now.pairs.DeleteRange(kv.Pair{Key: r.Start}, kv.Pair{Key: end}, &btree.DeleteRangeOptions{NoReturn: true})
	s.now.counters.DeleteRange(counter{key: r.Start}, counter{key: end}, &btree.DeleteRangeOptions{NoReturn: true})
}
