package table

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
)

// TTL is a table's time to live: the attribute that says when an item expires,
// and the queue in which the items stand that have one.
type TTL struct {
	Attribute string
	Enabled   bool
	Changed   time.Time // when it was last enabled or disabled
	State     State     // Enabling, Disabling, or nothing
	// Queue numbers the queue, in one line with the table's indexes. Every
	// enabling makes a new one, so that what is left of an earlier queue is
	// never taken for part of it.
	Queue uint32
	// Backfilling is set until the items that were there before the queue
	// stand in it.
	Backfilling bool
}

// What a time to live is on its way to.
const (
	Enabling  Status = "ENABLING"
	Disabling Status = "DISABLING"
)

// StatusAt returns Enabling, ENABLED, Disabling or DISABLED. A nil TTL is
// DISABLED.
func (l *TTL) StatusAt(now time.Time) Status {
	switch {
	case l != nil && l.State.At(now) != Active:
		return l.State.Status
	case l != nil && l.Enabled:
		return "ENABLED"
	default:
		return "DISABLED"
	}
}

var timeToLive = []byte(`"TTL":{`)

// MayExpire reports whether the table whose descriptor is raw may have a time to
// live. It does not decode raw, and when it reports true the descriptor tells.
func MayExpire(raw []byte) bool { return bytes.Contains(raw, timeToLive) }

// Expiring returns the time to live if it is enabled, or on its way there, and
// nil otherwise: whether items that are written belong in a queue.
func (t *Table) Expiring() *TTL {
	if t.TTL == nil || !t.TTL.Enabled {
		return nil
	}
	return t.TTL
}

// ExpiryOf returns the second since 1970 at which something with the attribute
// v expires, which is rounded up: nothing expires before its time. It reports
// false for what never expires: what is no number, is negative, or has more
// digits than any date.
func ExpiryOf(v attr.Value) (seconds uint64, ok bool) {
	if v == nil || v.Kind() != attr.N {
		return 0, false
	}
	const mostDigits = 18
	for i, c := range v.Bytes() {
		switch {
		case c == '.':
			return seconds + 1, true // in plain decimal, what follows is not 0
		case c < '0', i == mostDigits:
			return 0, false
		}
		seconds = seconds*10 + uint64(c-'0')
	}
	return seconds, true
}

// appendSpace appends where the queue is.
func (l *TTL) appendSpace(dst []byte, t *Table) []byte {
	return binary.BigEndian.AppendUint32(t.appendSpace(dst, queueSpace), l.Queue)
}

// queueHead is how long a queue's key is before the expiry, and expiryLen how
// long that is.
const (
	queueHead = 1 + len(ID{}) + 4
	expiryLen = 8
)

// Queued returns where the item stored at key stands in the queue if it expires
// at a second.
func (l *TTL) Queued(t *Table, key []byte, seconds uint64) []byte {
	dst := l.appendSpace(make([]byte, 0, queueHead+expiryLen+len(key)), t)
	dst = binary.BigEndian.AppendUint64(dst, seconds)
	return append(dst, key[1+len(t.id):]...)
}

// QueuedItem returns where it stands in the queue, nil if nowhere. It is stored
// at key.
func (l *TTL) QueuedItem(t *Table, key []byte, it attr.Item) []byte {
	seconds, ok := ExpiryOf(it.Get(l.Attribute))
	if !ok {
		return nil
	}
	return l.Queued(t, key, seconds)
}

// ItemOf returns the key of the item whose place in the queue is at.
func (l *TTL) ItemOf(t *Table, at []byte) []byte {
	rest := at[min(queueHead+expiryLen, len(at)):] // of no item, if something is wrong
	return append(t.appendSpace(make([]byte, 0, 1+len(t.id)+len(rest)), itemSpace), rest...)
}

// WholeQueue returns the range of all of the queue.
func (l *TTL) WholeQueue(t *Table) kv.Range { return kv.Prefix(l.appendSpace(nil, t)) }

// ExpiryAt returns the second at which the item whose place in a queue is at
// expires.
func ExpiryAt(at []byte) uint64 {
	if len(at) < queueHead+expiryLen {
		return 0 // something is wrong
	}
	return binary.BigEndian.Uint64(at[queueHead:])
}

// Between returns the range of what expires at a second from low on and before
// high.
func (l *TTL) Between(t *Table, low, high uint64) kv.Range {
	return kv.Range{
		Start: binary.BigEndian.AppendUint64(l.appendSpace(nil, t), low),
		End:   binary.BigEndian.AppendUint64(l.appendSpace(nil, t), high),
	}
}

// Expired returns the range of what has expired at now, and is to be deleted.
func (l *TTL) Expired(t *Table, now time.Time) kv.Range {
	return l.Between(t, OldestExpiry(now), uint64(max(0, now.Unix()+1)))
}

// OldestExpiry returns the first second whose items are deleted at now. What
// expired more than five years ago is not, as on AWS: a value so old is taken for
// a mistake.
func OldestExpiry(now time.Time) uint64 { return uint64(max(0, now.AddDate(-5, 0, 0).Unix())) }

// ExpiresIn returns the region in which the expired items of t are deleted. Of
// replicas whose changes reach each other later it is that of the first, and so
// it is one deletion.
func (t *Table) ExpiresIn() string {
	first := t.Region
	if t.Async == nil {
		return first
	}
	for _, m := range t.Replicas {
		first = min(first, m.Region)
	}
	return first
}

// BuryQueue returns the grave of the table's queue.
func (t *Table) BuryQueue() Grave { return t.buryPart(t.TTL.Queue) }
