// Package memkv is the engine that keeps everything in the memory of one
// process: a copy-on-write B-tree. Nothing is left of it when the process ends.
// Its values are kv.Stable.
package memkv

import (
	"bytes"
	"context"
	"fmt"
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
func Open() kv.Store { return OpenWithin(0) }

// OpenWithin returns an empty store whose pairs may take up to limit bytes of
// memory; 0 is no limit. Updates that need more return kv.ErrUnavailable, and
// nothing of them is written; those that make room are carried out.
func OpenWithin(limit int64) kv.Store {
	s := &store{
		locks: latch.NewTable(),
		limit: limit,
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
	limit int64     // of bytes
	txs   sync.Pool // of *tx

	// mu is held to write the fields below and the present state, and read-held
	// to read them or to pin the state. No function of a caller runs under it.
	mu      sync.RWMutex
	now     *state
	bytes   int64  // that the pairs take
	version uint64 // the last one that an Append got
	commits uint64
	copies  uint64 // states that were copied because somebody was reading them
}

// A state is all pairs and counters as they were between two commits. While it
// is pinned it does not change: the next commit makes a copy, which shares all
// nodes it does not write, and leaves the pinned state to its readers. An
// unpinned state is changed in place, so Views cost the writers nothing when
// they do not overlap.
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
	return s.commit(tx)
}

func (s *store) Close() error { return s.gate.Close() }

// Metrics tells how many pairs there are, how many commits there were, and how
// many of these had to copy because of a View.
func (s *store) Metrics() map[string]float64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return map[string]float64{
		"pairs":   float64(s.now.pairs.Len()),
		"bytes":   float64(s.bytes),
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

func (s *store) commit(tx *tx) error {
	if len(tx.writes) == 0 && len(tx.ranges) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit > 0 {
		if err := s.checkRoom(tx); err != nil {
			return err
		}
	}
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
	return nil
}

// checkRoom refuses writes that need more room than there is. What an Update
// overwrites or deletes makes room for what it sets.
func (s *store) checkRoom(tx *tx) error {
	more := int64(0)
	for i := range tx.writes {
		if w := &tx.writes[i]; w.op == set || w.op == appendTo {
			more += cost(w.pair)
		}
	}
	if s.bytes+more <= s.limit || more == 0 {
		return nil
	}
	for i := range tx.writes {
		if w := &tx.writes[i]; w.op == set || w.op == remove {
			if old, ok := s.now.pairs.Get(w.pair); ok {
				more -= cost(old)
			}
		}
	}
	if s.bytes+more <= s.limit || more <= 0 {
		return nil
	}
	return &fullError{s.limit}
}

// A fullError is a kv.ErrUnavailable.
type fullError struct{ limit int64 }

func (e *fullError) Error() string {
	return fmt.Sprintf("the %d MiB of memory for tables are used up: delete something, give the server more with --memory-limit, or keep tables on disk", e.limit>>20)
}

func (e *fullError) Is(target error) bool { return target == kv.ErrUnavailable }

// cost is about how many bytes of memory a pair takes, with its place in the
// tree.
func cost(p kv.Pair) int64 { return int64(len(p.Key)+len(p.Value)) + 96 }

func (s *store) write(w *write) {
	switch w.op {
	case set:
		s.set(w.pair)
	case remove:
		if old, ok := s.now.pairs.Delete(w.pair); ok {
			s.bytes -= cost(old)
		}
	case add:
		c := counter{key: w.pair.Key}
		old, _ := s.now.counters.Get(c)
		c.total = old.total + w.delta
		s.now.counters.Set(c)
	case appendTo:
		s.version++
		putVersion(w.pair.Key, s.version)
		s.set(w.pair)
	}
}

func (s *store) set(p kv.Pair) {
	if old, ok := s.now.pairs.Set(p); ok {
		s.bytes -= cost(old)
	}
	s.bytes += cost(p)
}

func (s *store) deleteRange(r kv.Range) {
	end := r.End
	if end == nil { // after the last of both
		pair, _ := s.now.pairs.Max()
		last, _ := s.now.counters.Max()
		end = append(bytes.Clone(slices.MaxFunc([][]byte{pair.Key, last.key}, bytes.Compare)), 0)
	}
	deleted := s.now.pairs.DeleteRange(kv.Pair{Key: r.Start}, kv.Pair{Key: end}, nil)
	deleted.Scan(func(p kv.Pair) bool {
		s.bytes -= cost(p)
		return true
	})
	s.now.counters.DeleteRange(counter{key: r.Start}, counter{key: end}, &btree.DeleteRangeOptions{NoReturn: true})
}
