package pgkv

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/statordb/stator/internal/kv"
)

// A tx collects the writes of one Update, to send them all with the commit.
// Its transaction begins with the first read, if there is one: a statement
// that waits for the locks goes before it.
type tx struct {
	link
	locks    kv.Locks
	ranges   []kv.Range
	writes   map[string][]byte // nil deletes
	counters map[string]int64
	records  []kv.Pair // of each, its log and its value
}

func (t *tx) Get(keys ...[]byte) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	g := newGetter(keys)
	if err := t.runWithin(g.steps...); err != nil {
		return nil, err
	}
	return g.values, nil
}

func (t *tx) Scan(r kv.Range) iter.Seq2[kv.Pair, error] { return scanBy(t.runWithin, r) }

func (t *tx) Sum(keys ...[]byte) ([]int64, error) { return sumBy(t.runWithin, keys) }

func (t *tx) Set(key, value []byte) { t.write(key, notNil(value)) }

func (t *tx) Delete(key []byte) { t.write(key, nil) }

func (t *tx) write(key, value []byte) {
	if t.writes == nil {
		t.writes = map[string][]byte{}
	}
	t.writes[string(key)] = value
}

func (t *tx) DeleteRange(start, end []byte) {
	t.ranges = append(t.ranges, kv.Range{Start: start, End: end})
}

func (t *tx) Append(log, value []byte) {
	t.records = append(t.records, kv.Pair{Key: log, Value: notNil(value)})
}

func (t *tx) Add(key []byte, delta int64) {
	if t.counters == nil {
		t.counters = map[string]int64{}
	}
	t.counters[string(key)] += delta
}

// runWithin runs steps in the transaction.
func (t *tx) runWithin(steps ...step) error {
	return t.run(append(t.begin(), steps...)...)
}

// begin returns the steps that begin the transaction, if it has not begun.
func (t *tx) begin() []step {
	if t.open {
		return nil
	}
	t.open = true
	if t.store.serializable {
		return []step{{of: beginSerial}}
	}
	steps := []step{{of: begin}}
	if len(t.locks.Hold)+len(t.locks.Share) > 0 {
		list := t.store.lockList(t.locks)
		steps = append(steps, step{of: lock, params: [][]byte{int8Array(list.keys), boolArray(list.shared)}})
	}
	return steps
}

// commit has the writes done. From the moment that COMMIT is sent, neither the
// end of the context nor a lost connection tells whether they were.
func (t *tx) commit() error {
	if len(t.ranges)+len(t.writes)+len(t.counters)+len(t.records) == 0 {
		return nil // end ends the transaction
	}
	steps := t.begin()
	if len(t.records) > 0 && t.store.serializable {
		if err := t.lockLogRows(steps); err != nil {
			return err
		}
		steps = nil
	}
	if err := t.connect(t.ctx); err != nil {
		return err
	}
	slot := int64(t.conn.Conn().PgConn().PID() % counterSlots)
	steps = append(steps, t.rangeSteps()...)
	steps = append(steps, t.writeSteps()...)
	steps = append(steps, t.counterSteps(slot)...)
	steps = append(steps, t.recordSteps()...)
	return t.finish(append(steps, step{of: commit}))
}

// finish sends the steps that end with the commit. Whether it took place is not
// known if the connection breaks, so it is not tried again.
func (t *tx) finish(steps []step) error {
	ctx := context.WithoutCancel(t.ctx)
	if t.ctx.Err() != nil {
		return t.ctx.Err()
	}
	err := t.tryRun(ctx, steps)
	if err == nil {
		t.open = false
		return nil
	}
	kind := kindOf(err)
	if kind == lost {
		kind = unknown
	}
	t.err = &dbError{err, kind}
	return t.err
}

// lockLogRows locks the logs of the records where there are no advisory locks:
// by their rows in stator_logs, which nobody ever changes, so that waiting for
// one is no conflict. Rows that are not there are made first.
func (t *tx) lockLogRows(steps []step) error {
	var logs [][]byte
	for _, r := range t.records {
		logs = append(logs, r.Key)
	}
	logs = sortKeys(logs)
	found := 0
	err := t.run(append(steps, step{of: lockLogRows, params: [][]byte{byteaArray(logs)}, row: func([][]byte) { found++ }})...)
	if err != nil || found == len(logs) {
		return err
	}
	t.end()
	t.open = false
	if err := t.run(step{of: makeLogRows, params: [][]byte{byteaArray(logs)}}); err != nil {
		return err
	}
	t.err = &dbError{errLogsMade, conflict}
	return t.err
}

var errLogsMade = errors.New("pgkv: logs had to be made")

func (t *tx) rangeSteps() (steps []step) {
	for _, r := range t.ranges {
		if r.End != nil && bytes.Compare(r.Start, r.End) >= 0 {
			continue
		}
		start, end := whole(r)
		head, tail := split(r.Start)
		lastHead, lastTail := split(r.End)
		if r.End == nil {
			end, lastHead = endless, endless
		}
		steps = append(steps,
			step{of: removeRange, params: [][]byte{notNil(start), end}},
			step{of: removeLongRange, params: [][]byte{notNil(head), tail, lastHead, lastTail}},
			step{of: removeCounters, params: [][]byte{notNil(start), end}})
		if t.store.serializable {
			steps = append(steps, step{of: removeLogs, params: [][]byte{notNil(start), end}})
		}
	}
	return steps
}

// writeSteps writes the pairs in the order of their keys, so that two Updates
// which write the same pairs without a lock seldom wait for each other in a
// circle.
func (t *tx) writeSteps() (steps []step) {
	var keys, values, gone, longKeys, longGone [][]byte
	for k, v := range t.writes {
		switch key := []byte(k); {
		case v == nil && isLong(key):
			longGone = append(longGone, digest(key))
		case v == nil:
			gone = append(gone, key)
		case isLong(key):
			longKeys = append(longKeys, key)
			head, _ := split(key)
			keys = append(keys, head)
		default:
			keys = append(keys, key)
		}
	}
	keys, gone, longGone = sortKeys(keys), sortKeys(gone), sortKeys(longGone)
	slices.SortFunc(longKeys, bytes.Compare)
	for _, k := range keys {
		value := t.writes[string(k)]
		if isStub(k) {
			value = nil
		}
		values = append(values, notNil(value))
	}
	switch len(keys) {
	case 0:
	case 1:
		steps = append(steps, step{of: setOne, params: [][]byte{notNil(keys[0]), values[0]}})
	default:
		steps = append(steps, step{of: set, params: [][]byte{byteaArray(keys), byteaArray(values)}})
	}
	if len(gone) > 0 {
		steps = append(steps, step{of: remove, params: [][]byte{byteaArray(gone)}})
	}
	if len(longKeys) > 0 {
		var digests, heads, tails, values [][]byte
		for _, k := range longKeys {
			head, tail := split(k)
			digests, heads, tails = append(digests, digest(k)), append(heads, head), append(tails, tail)
			values = append(values, t.writes[string(k)])
		}
		steps = append(steps, step{of: setLong, params: [][]byte{byteaArray(digests), byteaArray(heads), byteaArray(tails), byteaArray(values)}})
	}
	if len(longGone) > 0 {
		steps = append(steps, step{of: removeLong, params: [][]byte{byteaArray(longGone)}})
	}
	return steps
}

func (t *tx) counterSteps(slot int64) []step {
	if len(t.counters) == 0 {
		return nil
	}
	var keys [][]byte
	for k := range t.counters {
		keys = append(keys, []byte(k))
	}
	keys = sortKeys(keys)
	deltas := make([]int64, len(keys))
	for i, k := range keys {
		deltas[i] = t.counters[string(k)]
	}
	return []step{{of: add, params: [][]byte{byteaArray(keys), int8Array(deltas), int8Param(slot)}}}
}

// recordSteps appends the records, and only then waits for the locks of their
// logs, as late as can be: everybody else who appends to them waits until the
// commit is done.
func (t *tx) recordSteps() []step {
	if len(t.records) == 0 {
		return nil
	}
	var steps []step
	logs, values := make([][]byte, len(t.records)), make([][]byte, len(t.records))
	for i, r := range t.records {
		logs[i], values[i] = r.Key, r.Value
	}
	if !t.store.serializable {
		steps = append(steps, step{of: lockLogs, params: [][]byte{int8Array(t.store.logLocks(logs))}})
	}
	return append(steps, step{of: appendRecords, params: [][]byte{byteaArray(logs), byteaArray(values)}})
}
