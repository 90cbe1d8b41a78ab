package memkv

import (
	"encoding/binary"
	"iter"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/latch"
)

// A tx collects the writes of one Update. It is used again by later Updates.
type tx struct {
	store  *store
	held   []latch.Ref
	ranges []kv.Range
	writes []write
}

// A write is one of the changes of an Update, to be made in the order they
// were asked for.
type write struct {
	op    op
	pair  kv.Pair // of an appendTo, the key has room for the version at its end
	delta int64
}

type op uint8

const (
	set op = iota
	remove
	add
	appendTo
)

// keepWrites is how many writes a tx keeps room for between Updates.
const keepWrites = 64

func (tx *tx) free() {
	clear(tx.writes)
	clear(tx.ranges)
	tx.writes, tx.ranges = tx.writes[:0], tx.ranges[:0]
	if cap(tx.writes) <= keepWrites {
		tx.store.txs.Put(tx)
	}
}

// Get reads the present state: an Update is promised nothing about the keys it
// has not locked, so it needs no state of its own.
func (tx *tx) Get(keys ...[]byte) ([][]byte, error) {
	tx.store.mu.RLock()
	defer tx.store.mu.RUnlock()
	return tx.store.now.Get(keys...)
}

func (tx *tx) Scan(r kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		st := tx.store.pin()
		defer st.unpin()
		st.Scan(r)(yield)
	}
}

func (tx *tx) Sum(keys ...[]byte) ([]int64, error) {
	tx.store.mu.RLock()
	defer tx.store.mu.RUnlock()
	return tx.store.now.Sum(keys...)
}

func (tx *tx) Set(key, value []byte) {
	if value == nil {
		value = []byte{} // it is present, and nil would say that it is not
	}
	tx.writes = append(tx.writes, write{op: set, pair: kv.Pair{Key: key, Value: value}})
}

func (tx *tx) Delete(key []byte) {
	tx.writes = append(tx.writes, write{op: remove, pair: kv.Pair{Key: key}})
}

func (tx *tx) DeleteRange(start, end []byte) {
	tx.ranges = append(tx.ranges, kv.Range{Start: start, End: end})
}

func (tx *tx) Append(log, value []byte) {
	if value == nil {
		value = []byte{}
	}
	key := make([]byte, len(log)+kv.VersionLen)
	copy(key, log)
	tx.writes = append(tx.writes, write{op: appendTo, pair: kv.Pair{Key: key, Value: value}})
}

func (tx *tx) Add(key []byte, delta int64) {
	tx.writes = append(tx.writes, write{op: add, pair: kv.Pair{Key: key}, delta: delta})
}

// putVersion writes a version into the room that Append left for it.
func putVersion(key []byte, version uint64) {
	binary.BigEndian.PutUint64(key[len(key)-kv.VersionLen:], version)
}
