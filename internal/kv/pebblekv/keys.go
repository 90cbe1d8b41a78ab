package pebblekv

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2"
	"github.com/statordb/stator/internal/kv"
)

// A space is the first byte of a key in the database. The rest is the key that
// the caller knows.
type space byte

const (
	ownSpace     space = 0 // what the engine itself keeps
	pairSpace    space = 1
	counterSpace space = 2
)

// versionKey is where the last reserved version is kept.
var versionKey = ownSpace.key(nil, []byte("version"))

// key appends a key of the space to buf.
func (s space) key(buf, key []byte) []byte {
	return append(append(buf, byte(s)), key...)
}

// bounds appends the bounds of a range within the space to buf.
func (s space) bounds(buf []byte, r kv.Range) (start, end []byte) {
	buf = s.key(buf, r.Start)
	n := len(buf)
	if r.End == nil {
		buf = append(buf, byte(s)+1)
	} else {
		buf = s.key(buf, r.End)
	}
	return buf[:n:n], buf[n:]
}

// adder merges counters. A counter is kept as the deltas added to it, which
// Pebble sums up when it reads or compacts them, so an Add reads nothing.
var adder = &pebble.Merger{
	Name: "stator.add.int64",
	Merge: func(_, value []byte) (pebble.ValueMerger, error) {
		var t total
		return &t, t.add(value)
	},
}

// A total is the sum of some deltas.
type total int64

var errNoDelta = errors.New("a counter holds something that is no number")

func (t *total) add(value []byte) error {
	if len(value) != 8 {
		return errNoDelta
	}
	*t += total(binary.LittleEndian.Uint64(value))
	return nil
}

func (t *total) MergeNewer(value []byte) error { return t.add(value) }
func (t *total) MergeOlder(value []byte) error { return t.add(value) }

func (t *total) Finish(bool) ([]byte, io.Closer, error) {
	return binary.LittleEndian.AppendUint64(nil, uint64(*t)), nil, nil
}
