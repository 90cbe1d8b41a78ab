package item

import (
	"bytes"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Service is who deletes expired items: the Identity of such a Write.
const Service = "dynamodb.amazonaws.com"

// expiry brings the item's place in the queue up to date. One that stays as it
// is is not written. The queue has no counters, so it does not matter whether
// the old item was there yet.
func (w *Write) expiry(tx kv.Tx, ttl *table.TTL) {
	was, had := table.ExpiryOf(w.Old.Get(ttl.Attribute))
	is, has := table.ExpiryOf(w.New.Get(ttl.Attribute))
	if was == is && had == has {
		return
	}
	if had {
		tx.Delete(ttl.Queued(w.Table, w.Key, was))
	}
	if has {
		tx.Set(ttl.Queued(w.Table, w.Key, is), nil)
	}
}

// Queue gives items that were written before the queue of t their places in it.
// The caller holds the locks of keys, where the items are stored; nil is one
// that is gone.
func Queue(tx kv.Tx, t *table.Table, keys [][]byte, items [][]byte) {
	for i, it := range items {
		if at := t.TTL.QueuedItem(t, keys[i], attr.Item(it)); at != nil {
			tx.Set(at, nil)
		}
	}
}

// Expired returns the writes that delete the items that have expired at now, of
// those stored at keys whose places in the queue of t are at. The caller holds
// the locks of keys; one that is gone, or has been given another time since its
// place was read, stays as it is.
func Expired(t *table.Table, now time.Time, at, keys [][]byte, items [][]byte) (writes []*Write) {
	expired := t.TTL.Expired(t, now)
	for i, it := range items {
		place := t.TTL.QueuedItem(t, keys[i], attr.Item(it))
		if place == nil || !bytes.Equal(place, at[i]) ||
			bytes.Compare(place, expired.Start) < 0 || bytes.Compare(place, expired.End) >= 0 {
			continue
		}
		writes = append(writes, &Write{Table: t, Key: keys[i], Old: it, Now: now, Identity: Service})
	}
	return writes
}
