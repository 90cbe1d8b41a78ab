package pgkv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/statordb/stator/internal/kv"
)

// errMoved is returned by the reads of a View whose first read is not of the
// snapshot that the second needs. The View begins again with a snapshot.
var errMoved = errors.New("pgkv: the first read is of an older state")

// A view is the kv.Reader of a View. Most Views read once, and then a statement
// alone is a snapshot. The second read makes a transaction with a snapshot, in
// which the first is done again: if it finds the same, it might as well have
// been done there.
type view struct {
	link
	pinned bool // begin with a snapshot
	read   bool // there was a read outside a transaction, which was:
	keys   [][]byte
	values [][]byte
}

func (v *view) Get(keys ...[]byte) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	g := newGetter(keys)
	if !v.open && !v.pinned && !v.read && len(g.steps) == 1 {
		v.read, v.keys = true, keys
		if err := v.run(g.steps...); err != nil {
			return nil, err
		}
		v.values = g.values
		v.conn.Release() // fn may take its time
		v.conn = nil
		return g.values, nil
	}
	if err := v.runWithin(g.steps...); err != nil {
		return nil, err
	}
	return g.values, nil
}

// runWithin runs steps in the snapshot.
func (v *view) runWithin(steps ...step) error {
	if v.open {
		return v.run(steps...)
	}
	first := []step{{of: v.store.beginView()}}
	again := newGetter(v.keys)
	if v.read {
		first = append(first, again.steps...)
	}
	v.open = true
	if err := v.run(append(first, steps...)...); err != nil {
		return err
	}
	for i := range again.values {
		if (again.values[i] == nil) != (v.values[i] == nil) || !bytes.Equal(again.values[i], v.values[i]) {
			v.err = &dbError{errMoved, moved}
		}
	}
	return v.err
}

func (v *view) Scan(r kv.Range) iter.Seq2[kv.Pair, error] { return scanBy(v.runWithin, r) }

func (v *view) Sum(keys ...[]byte) ([]int64, error) { return sumBy(v.runWithin, keys) }

// A getter reads keys: the first step those that are not long, if there are
// any, the last the others.
type getter struct {
	steps  []step
	values [][]byte
}

func newGetter(keys [][]byte) *getter {
	g := &getter{values: make([][]byte, len(keys))}
	var short, long wantedKeys
	for i, k := range keys {
		if isLong(k) {
			long.add(digest(k), i)
		} else {
			short.add(k, i)
		}
	}
	switch {
	case len(short.keys) == 1:
		g.steps = append(g.steps, step{of: getOne, params: [][]byte{notNil(short.keys[0])}, row: func(c [][]byte) {
			g.values[short.at[0]] = notNil(bytes.Clone(c[0]))
		}})
	case len(short.keys) > 1:
		g.steps = append(g.steps, short.step(get, g))
	}
	if len(long.keys) > 0 {
		g.steps = append(g.steps, long.step(getLong, g))
	}
	return g
}

// wantedKeys is keys and where their values go.
type wantedKeys struct {
	keys [][]byte
	at   []int
}

func (w *wantedKeys) add(key []byte, i int) {
	w.keys, w.at = append(w.keys, key), append(w.at, i)
}

// few is how many keys are searched one by one.
const few = 8

func (w *wantedKeys) step(of *statement, g *getter) step {
	put := func(key, value []byte) {
		for i, k := range w.keys { // a key may be wanted twice
			if bytes.Equal(k, key) {
				g.values[w.at[i]] = value
			}
		}
	}
	if len(w.keys) > few {
		index := make(map[string][]int, len(w.keys))
		for i, k := range w.keys {
			index[string(k)] = append(index[string(k)], w.at[i])
		}
		put = func(key, value []byte) {
			for _, at := range index[string(key)] {
				g.values[at] = value
			}
		}
	}
	return step{of: of, params: [][]byte{byteaArray(w.keys)}, row: func(c [][]byte) {
		put(c[0], notNil(bytes.Clone(c[1])))
	}}
}

// A runner has steps done in one round trip.
type runner func(steps ...step) error

func sumBy(run runner, keys [][]byte) ([]int64, error) {
	totals := make([]int64, len(keys))
	if len(keys) == 0 {
		return totals, nil
	}
	err := run(step{of: sum, params: [][]byte{byteaArray(keys)}, row: func(c [][]byte) {
		for i, k := range keys {
			if bytes.Equal(k, c[0]) {
				totals[i] = int64(binary.BigEndian.Uint64(c[1]))
			}
		}
	}})
	return totals, err
}

// A scan fetches pairs in chunks: the first of as many as the caller expects,
// the others of about chunkBytes.
const (
	firstChunk = 100
	mostChunk  = 5000
	chunkBytes = 1 << 20
)

// endless is after all keys that stand in stator_pairs, and endlessTail after
// all tails.
var (
	endless     = bytes.Repeat([]byte{0xFF}, headLen+1)
	endlessTail = bytes.Repeat([]byte{0xFF}, kv.MaxKey)
)

// A scanner walks a range.
type scanner struct {
	run   runner
	r     kv.Range
	limit int
	yield func(kv.Pair, error) bool
}

func scanBy(run runner, r kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		if r.End != nil && bytes.Compare(r.Start, r.End) >= 0 {
			return
		}
		s := scanner{run: run, r: r, limit: firstChunk, yield: yield}
		if r.Limit > 0 {
			s.limit = min(r.Limit, mostChunk)
		}
		if _, err := s.pairs(); err != nil {
			yield(kv.Pair{}, err)
		}
	}
}

// pairs walks stator_pairs, and at each stub its long keys. It reports whether
// the walk is to go on.
func (s *scanner) pairs() (more bool, err error) {
	start, end := stubs(s.r)
	if end == nil {
		end = endless
	}
	return s.walk(byDirection(s.r, scan, scanBack), nil, notNil(start), end, func(p kv.Pair) (more bool, err error) {
		if isStub(p.Key) {
			return s.longKeys(p.Key)
		}
		return s.yield(p, nil), nil
	})
}

// longKeys walks the long keys that begin with head.
func (s *scanner) longKeys(head []byte) (more bool, err error) {
	start, end := []byte{}, endlessTail
	if h, tail := split(s.r.Start); bytes.Equal(h, head) {
		start = tail
	}
	if h, tail := split(s.r.End); bytes.Equal(h, head) {
		end = tail
	}
	return s.walk(byDirection(s.r, scanLong, scanLongBack), [][]byte{head}, start, end, func(p kv.Pair) (more bool, err error) {
		return s.yield(kv.Pair{Key: slices.Concat(head, p.Key), Value: p.Value}, nil), nil
	})
}

// walk has a statement done, with the given first parameters, for one chunk
// after another from start to end, and visits what it finds until visit
// reports that the walk is not to go on.
func (s *scanner) walk(of *statement, first [][]byte, start, end []byte, visit func(kv.Pair) (more bool, err error)) (more bool, err error) {
	for {
		limit := s.limit
		chunk, err := s.fetch(of, append(slices.Clone(first), start, end)...)
		if err != nil {
			return false, err
		}
		for _, p := range chunk {
			if more, err := visit(p); !more || err != nil {
				return false, err
			}
		}
		if len(chunk) < limit { // nothing follows
			return true, nil
		}
		if last := chunk[len(chunk)-1].Key; s.r.Reverse {
			end = last
		} else {
			start = past(last)
		}
	}
}

func byDirection(r kv.Range, forward, back *statement) *statement {
	if r.Reverse {
		return back
	}
	return forward
}

// fetch has a statement done whose last parameter is the number of pairs, and
// chooses that of the next.
func (s *scanner) fetch(of *statement, params ...[]byte) (chunk []kv.Pair, err error) {
	size := 0
	err = s.run(step{of: of, params: append(params, int8Param(int64(s.limit))), row: func(columns [][]byte) {
		key := len(columns[0])
		both := slices.Concat(columns[0], columns[1])
		chunk = append(chunk, kv.Pair{Key: both[:key:key], Value: both[key:]})
		size += len(both)
	}})
	if err != nil {
		return nil, fmt.Errorf("scan: %w", err)
	}
	if n := len(chunk); n > 0 {
		s.limit = min(max(chunkBytes*n/(size+1), 16), mostChunk)
	}
	return chunk, nil
}
