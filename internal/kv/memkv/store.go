// Package memkv is the engine that keeps everything in the memory of one
// process: a copy-on-write B-tree. Nothing is left of it when the process ends.
// Its values are kv.Stable.
package memkv

import (
	"bytes"
	"context"
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

// Open returns an empty store. It implements kv.Stable and kv.Metricser.
func Open() kv.Store {
	s := &store{
		locks:    latch.NewTable(),
		counters: map[string]*int64{},
	}
	s.txs.New = func() any { return &tx{store: s} }
	s.now = &state{store: s, pairs: btree.NewBTreeGOptions(less, btree.Options{Degree: degree, NoLocks: true})}
	return s
}

type store struct {
	gate  latch.Gate
	locks *latch.Table
	txs   sync.Pool // of *tx

	// mu is held to write the fields below and the present state, and read-held
	// to read them or to pin the state. No function of a caller runs under it.
	mu       sync.RWMutex
	now      *state
	counters map[string]*int64
	version  uint64 // the last one that an Append got
	commits  uint64
	copies   uint64 // states that were copied because somebody was reading them
}

// A state is all pairs as they were between two commits. While it is pinned it
// does not change: the next commit makes a copy, which shares all nodes it does
// not write, and leaves the pinned state to its readers. An unpinned state is
// changed in place, so Views cost the writers nothing when they do not overlap.
type state struct {
	store *store
	pairs *btree.BTreeG[kv.Pair]
	pins  atomic.Int64
}

func less(a, b kv.Pair) bool { return bytes.Compare(a.Key, b.Key) < 0 }

// StableValues says that what the store hands out is never changed.
func (s *store) StableValues() {}

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
		s.now = &state{store: s, pairs: s.now.pairs.Copy()}
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
		s.add(w.pair.Key, w.delta)
	case appendTo:
		s.version++
		putVersion(w.pair.Key, s.version)
		s.now.pairs.Set(w.pair)
	}
}

func (s *store) add(key []byte, delta int64) {
	total := s.counters[string(key)]
	if total == nil {
		total = new(int64)
		s.counters[string(key)] = total
	}
	*total += delta
}

func (s *store) deleteRange(r kv.Range) {
	end := kv.Pair{Key: r.End}
	if r.End == nil {
		last, _ := s.now.pairs.Max()
		end.Key = append(bytes.Clone(last.Key), 0)
	}
	s.now.pairs.DeleteRange(kv.Pair{Key: r.Start}, end, &btree.DeleteRangeOptions{NoReturn: true})
	for k := range s.counters {
		if k >= string(r.Start) && (r.End == nil || k < string(r.End)) {
			delete(s.counters, k)
		}
	}
}

func (s *store) sum(keys [][]byte) []int64 {
	totals := make([]int64, len(keys))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, k := range keys {
		if total := s.counters[string(k)]; total != nil {
			totals[i] = *total
		}
	}
	return totals
}
