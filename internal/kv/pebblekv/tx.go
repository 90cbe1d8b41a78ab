package pebblekv

import (
	"encoding/binary"
	"errors"

	"github.com/cockroachdb/pebble/v2"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/latch"
)

// A tx collects the writes of one Update in a batch. It is used again by later
// Updates.
type tx struct {
	reader
	store   *store
	held    []latch.Ref
	batch   *pebble.Batch
	ranges  []kv.Range
	appends []kv.Pair // of each record, its log and its value
	adds    [][]byte  // of each Add, its counter
	err     error     // the first that a write met, for Update to return
	syncing bool      // the batch is on its way to the disk

	added    int64 // bytes of keys and values that are set or appended
	appended int64 // of those, the appended, which are not in the batch yet
	deletes  bool  // something is deleted
}

func (s *store) begin() *tx {
	tx := s.txs.Get().(*tx)
	tx.from = s.db
	tx.batch = s.db.NewBatch()
	return tx
}

func (tx *tx) free() {
	_ = tx.waitForSync() // if Update panics
	tx.reader.free()
	_ = tx.batch.Close() // of a batch that is applied or dropped, it tells nothing
	clear(tx.ranges)
	clear(tx.appends)
	clear(tx.adds)
	tx.batch, tx.err, tx.ranges, tx.appends, tx.adds = nil, nil, tx.ranges[:0], tx.appends[:0], tx.adds[:0]
	tx.added, tx.appended, tx.deletes = 0, 0, false
	tx.store.txs.Put(tx)
}

// waitForSync returns when the writes are as durable as the store promises.
func (tx *tx) waitForSync() error {
	if !tx.syncing {
		return nil
	}
	tx.syncing = false
	defer tx.store.syncing.Add(-1)
	return tx.batch.SyncWait()
}

func (tx *tx) Set(key, value []byte) {
	tx.added += int64(len(key) + len(value))
	op := tx.batch.SetDeferred(1+len(key), len(value))
	op.Key[0] = byte(pairSpace)
	copy(op.Key[1:], key)
	copy(op.Value, value)
	tx.note(op.Finish())
}

func (tx *tx) Delete(key []byte) {
	tx.deletes = true
	op := tx.batch.DeleteDeferred(1 + len(key))
	op.Key[0] = byte(pairSpace)
	copy(op.Key[1:], key)
	tx.note(op.Finish())
}

func (tx *tx) Add(key []byte, delta int64) {
	tx.adds = append(tx.adds, key)
	op := tx.batch.MergeDeferred(1+len(key), 8)
	op.Key[0] = byte(counterSpace)
	copy(op.Key[1:], key)
	binary.LittleEndian.PutUint64(op.Value, uint64(delta))
	tx.note(op.Finish())
}

func (tx *tx) DeleteRange(start, end []byte) {
	tx.deletes = true
	tx.ranges = append(tx.ranges, kv.Range{Start: start, End: end})
}

func (tx *tx) Append(log, value []byte) {
	tx.added += int64(len(log) + len(value))
	tx.appended += int64(len(log) + len(value))
	tx.appends = append(tx.appends, kv.Pair{Key: log, Value: value})
}

// note keeps the first error, since writes return none.
func (tx *tx) note(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

// putRangesFirst makes the batch anew, with the range deletes before all other
// writes: in a batch, too, a range delete deletes what comes before it.
func (tx *tx) putRangesFirst() error {
	batch := tx.store.db.NewBatch()
	var err error
	for _, r := range tx.ranges {
		for _, s := range []space{pairSpace, counterSpace} {
			start, end := s.bounds(nil, r)
			err = errors.Join(err, batch.DeleteRange(start, end, nil))
		}
	}
	err = errors.Join(err, batch.Apply(tx.batch, nil), tx.batch.Close())
	tx.batch = batch
	return err
}

// putRecord writes a record under its log and version.
func (tx *tx) putRecord(r kv.Pair, version uint64) error {
	n := 1 + len(r.Key)
	op := tx.batch.SetDeferred(n+kv.VersionLen, len(r.Value))
	op.Key[0] = byte(pairSpace)
	copy(op.Key[1:], r.Key)
	binary.BigEndian.PutUint64(op.Key[n:], version)
	copy(op.Value, r.Value)
	return op.Finish()
}
