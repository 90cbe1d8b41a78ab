package pebblekv

import (
	"bytes"
	"errors"
	"io"
	"iter"

	"github.com/cockroachdb/pebble/v2"
	"github.com/statordb/stator/internal/kv"
)

// A reader is the kv.Reader of a View, which reads a snapshot, or of an Update,
// which reads the database as it is. It is used again by later calls.
type reader struct {
	from    pebble.Reader
	closers []io.Closer // keep the values that were handed out
	buf     []byte      // room for a key
}

// free ends the life of the values that were handed out.
func (r *reader) free() {
	for _, c := range r.closers {
		_ = c.Close() // it has nothing to tell: the value has been read
	}
	clear(r.closers)
	r.closers = r.closers[:0]
	r.from = nil
}

func (r *reader) Get(keys ...[]byte) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		v, err := r.get(pairSpace, k)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// mostClosers is how many values are kept for the caller in the store's own
// memory. A View that reads more gets copies, which go when nobody holds them.
const mostClosers = 1000

// get returns nil if there is no such key.
func (r *reader) get(s space, key []byte) ([]byte, error) {
	r.buf = s.key(r.buf[:0], key)
	v, closer, err := r.from.Get(r.buf)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = []byte{}
	}
	if len(r.closers) >= mostClosers {
		return bytes.Clone(v), closer.Close()
	}
	r.closers = append(r.closers, closer)
	return v, nil
}

func (r *reader) Scan(rng kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		if err := r.walk(rng, yield); err != nil {
			yield(kv.Pair{}, err)
		}
	}
}

// walk yields the pairs of rng. It returns nil if the loop was left.
func (r *reader) walk(rng kv.Range, yield func(kv.Pair, error) bool) (err error) {
	start, end := pairSpace.bounds(nil, rng)
	it, err := r.from.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: end})
	if err != nil {
		return err
	}
	broken := false
	defer func() {
		if closeErr := it.Close(); err == nil && !broken {
			err = closeErr // tells why the walk ended early, if it did
		}
	}()
	first, next := it.First, it.Next
	if rng.Reverse {
		first, next = it.Last, it.Prev
	}
	for ok := first(); ok; ok = next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if value == nil {
			value = []byte{}
		}
		if !yield(kv.Pair{Key: it.Key()[1:], Value: value}, nil) {
			broken = true
			return nil
		}
	}
	return nil
}

func (r *reader) Sum(keys ...[]byte) ([]int64, error) {
	totals := make([]int64, len(keys))
	for i, k := range keys {
		v, err := r.get(counterSpace, k)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		var t total
		if err := t.add(v); err != nil {
			return nil, err
		}
		totals[i] = int64(t)
	}
	return totals, nil
}
