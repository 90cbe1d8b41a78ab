package check

import (
	"bytes"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A queue is checked as an index is: by sums first, and only where they differ
// by looking up.
type queue struct {
	*table.TTL
	want, have tally
}

// expires adds what the queue should have of an item that is stored at key.
func (w *walk) expires(key []byte, it attr.Item) {
	if w.queue == nil {
		return
	}
	if at := w.queue.QueuedItem(w.t, key, it); at != nil {
		w.queue.want.count(w.digest, at, nil)
	}
}

// expiries checks the queue, after all items were seen.
func (w *walk) expiries() error {
	q := w.queue
	if q == nil {
		return nil
	}
	err := w.each(q.WholeQueue(w.t), func(key, value []byte) error {
		q.have.count(w.digest, key, value)
		return nil
	})
	if err != nil || q.want.parts == q.have.parts {
		return err
	}
	if err := w.unqueued(q); err != nil {
		return err
	}
	return w.dequeued(q)
}

func (q *queue) differs(key []byte) bool {
	at := table.SegmentOf(key, parts)
	return q.want.parts[at] != q.have.parts[at]
}

// unqueued finds items that are not in the queue. One that is being filled
// lacks some by right.
func (w *walk) unqueued(q *queue) error {
	return w.lookUp(w.t.Whole(nil), func(key, value []byte) []byte {
		if q.Backfilling || !w.sound(key, value) {
			return nil
		}
		at := q.QueuedItem(w.t, key, value)
		if at == nil || !q.differs(at) {
			return nil
		}
		return at
	}, func(with kv.Pair, _, value []byte) {
		if value == nil {
			w.found(w.about(UnqueuedItem, nil, with.Value, "the item expires and is not in the queue"))
		}
	})
}

// dequeued finds what is in the queue and has no item that expires then.
func (w *walk) dequeued(q *queue) error {
	return w.lookUp(q.WholeQueue(w.t), func(key, value []byte) []byte {
		if _, known := table.Locate(key); !known {
			w.found(w.finding(DamagedExpiry, nil, key, "it is too short"))
			return nil
		}
		if !q.differs(key) {
			return nil
		}
		return q.ItemOf(w.t, key)
	}, func(with kv.Pair, key, value []byte) {
		switch {
		case len(with.Value) > 0:
			w.found(w.finding(DamagedExpiry, nil, with.Key, "there is something where nothing should be"))
		case value != nil && attr.Item(value).Check() != nil: // which has been told
		case value == nil || !w.sound(key, value):
			w.found(w.finding(ExpiryWithoutItem, nil, with.Key, "there is no item that could expire"))
		case !bytes.Equal(q.QueuedItem(w.t, key, value), with.Key):
			w.found(w.about(StaleExpiry, nil, value, "the item does not expire at the time at which it is in the queue, at %x", with.Key))
		}
	})
}
