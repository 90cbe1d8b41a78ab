package check

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A walk is the check of one table.
type walk struct {
	*view
	t       *table.Table
	indexes []*index
	queue   *queue // nil if nothing expires
	digest  *xxhash.Digest
}

// table checks t: its items, with what the log of each shard says of them, then
// the queue of those that expire, and its indexes.
func (v *view) table(t *table.Table) error {
	v.Tables++
	v.of = t.ARN()
	v.speak()
	w := &walk{view: v, t: t, digest: xxhash.New()}
	for _, ix := range t.Indexes {
		w.indexes = append(w.indexes, &index{Index: ix})
	}
	if ttl := t.Expiring(); ttl != nil {
		w.queue = &queue{TTL: ttl}
	}
	if err := w.items(); err != nil {
		return err
	}
	if err := w.expiries(); err != nil {
		return err
	}
	for _, ix := range w.indexes {
		if err := w.index(ix); err != nil {
			return err
		}
	}
	if err := w.replicas(); err != nil {
		return err
	}
	return w.oldLogs()
}

// finding returns a finding about the item, entry or record stored at key.
func (w *walk) finding(kind Kind, ix *index, key []byte, detail string, args ...any) Finding {
	f := Finding{Kind: kind, Table: w.of, Key: hex.EncodeToString(key), Detail: fmt.Sprintf(detail, args...)}
	if ix != nil {
		f.Index = ix.Name
	}
	return f
}

// about returns a finding about an item, or an entry, that can be read.
func (w *walk) about(kind Kind, ix *index, it attr.Item, detail string, args ...any) Finding {
	f := w.finding(kind, ix, nil, detail, args...)
	f.Key = it.Project(w.t.KeyAttributes(nil)).String()
	return f
}

// figures is what the counters of a table or an index should be.
type figures struct {
	items, bytes int64
	unsure       bool // there are some of unknown size
}

// items checks the items, the log of each shard and the table's own counters.
// It adds up what the indexes should have. The items of a shard are a segment,
// so only one log has to be known at a time.
func (w *walk) items() error {
	shards := 1
	logged := w.t.Stream != nil && w.t.Stream.Enabled
	if logged {
		shards = max(1, w.t.Stream.Shards)
	}
	var sum figures
	for shard := range shards {
		var left trail
		if logged {
			var err error
			if left, err = w.log(w.present(shard)...); err != nil {
				return err
			}
		}
		err := w.each(w.t.Segment(nil, shard, shards), func(key, value []byte) error {
			w.Items++
			w.item(key, value, &sum, left)
			return nil
		})
		if err != nil {
			return err
		}
		if !logged {
			continue
		}
		if err := w.unmet(w.present(shard), left); err != nil {
			return err
		}
	}
	return w.counters(nil, sum)
}

// item checks one item but for its entries.
func (w *walk) item(key, value []byte, sum *figures, left trail) {
	sum.items++
	it := attr.Item(value)
	if err := it.Check(); err != nil {
		sum.unsure = true
		left.forget(key)
		w.found(w.finding(DamagedItem, nil, key, "%v", err))
		return
	}
	sum.bytes += int64(it.Size())
	if at, err := w.t.ItemKey(it); !bytes.Equal(at, key) {
		w.found(w.about(MisplacedItem, nil, it, "is at %x, should be at %x%s", key, at, because(err)))
		return
	}
	if !left.meets(key, value) {
		w.found(w.about(UnloggedChange, nil, it, "the item is not what its last change record left"))
	}
	for _, ix := range w.indexes {
		if e := w.t.EntryKey(ix.Index, it); e != nil {
			ix.want.add(w.digest, e, ix.Entry(it))
		}
	}
	w.expires(key, it)
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// sound reports whether the item stored at key can be read and is where it
// belongs.
func (w *walk) sound(key []byte, it attr.Item) bool {
	if it.Check() != nil {
		return false
	}
	at, _ := w.t.ItemKey(it)
	return bytes.Equal(at, key)
}

// counters compares the counters of the table, or of ix if it is not nil, with
// what there is.
func (w *walk) counters(ix *index, sum figures) error {
	var of *table.Index
	if ix != nil {
		of = ix.Index
	}
	totals, err := w.Sum(w.t.Counter(of, table.Items), w.t.Counter(of, table.Bytes))
	if err != nil {
		return err
	}
	if totals[0] == sum.items && (totals[1] == sum.bytes || sum.unsure) {
		return nil
	}
	f := w.finding(WrongCounter, ix, nil, "counted %d of %d bytes, there are %d of %d", totals[0], totals[1], sum.items, sum.bytes)
	if sum.unsure {
		f.Detail += " and what is damaged"
	}
	w.found(f)
	return nil
}

// An index is checked by adding up a hash of each entry that the items should
// have, and of each that is there, in many parts: of two equal sums both sides
// are the same, and only where they differ are items and entries looked up.
// So a sound index is read from end to end, and nothing else is.
type index struct {
	*table.Index
	want, have tally
}

// parts is how many parts the entries of an index are added up in.
const parts = 1 << 10

// A tally is what is known of a set of entries.
type tally struct {
	figures
	parts [parts]struct{ n, sum uint64 }
}

func (y *tally) add(d *xxhash.Digest, key, value []byte) {
	y.items++
	y.bytes += int64(attr.Item(value).Size())
	y.count(d, key, value)
}

// count adds an entry of which it is not known whether it can be read.
func (y *tally) count(d *xxhash.Digest, key, value []byte) {
	d.Reset()
	_, _ = d.Write(key) // never fails
	_, _ = d.Write(value)
	p := &y.parts[table.SegmentOf(key, parts)]
	p.n++
	p.sum += d.Sum64()
}

// differs reports whether something is wrong among the entries that are in the
// same part as key.
func (ix *index) differs(key []byte) bool {
	at := table.SegmentOf(key, parts)
	return ix.want.parts[at] != ix.have.parts[at]
}

func (w *walk) index(ix *index) error {
	err := w.each(w.t.Whole(ix.Index), func(key, value []byte) error {
		w.Entries++
		ix.have.count(w.digest, key, value)
		return nil
	})
	switch {
	case err != nil:
		return err
	case ix.want.parts == ix.have.parts:
		return w.counters(ix, ix.want.figures)
	}
	if err := w.missing(ix); err != nil {
		return err
	}
	return w.surplus(ix)
}

// batch is how many keys are looked up at once.
const batch = 100

// A lookup collects what needs another key to be looked up. Keys and values are
// copies.
type lookup struct {
	keys []([]byte)
	with []kv.Pair
}

func (l *lookup) add(key, k, value []byte) {
	l.keys = append(l.keys, key)
	l.with = append(l.with, kv.Pair{Key: bytes.Clone(k), Value: bytes.Clone(value)})
}

// do calls fn with each pair that was collected and what is at its key.
func (l *lookup) do(r kv.Reader, fn func(with kv.Pair, key, value []byte)) error {
	if len(l.keys) == 0 {
		return nil
	}
	values, err := r.Get(l.keys...)
	if err != nil {
		return err
	}
	for i, value := range values {
		fn(l.with[i], l.keys[i], value)
	}
	*l = lookup{keys: l.keys[:0], with: l.with[:0]}
	return nil
}

// lookUp walks a range and calls fn for each pair, and then then for each that
// fn gave a key to look up with what is there.
func (w *walk) lookUp(in kv.Range, fn func(key, value []byte) (other []byte), then func(with kv.Pair, key, value []byte)) error {
	var found lookup
	err := w.each(in, func(key, value []byte) error {
		if other := fn(key, value); other != nil {
			found.add(other, key, value)
		}
		if len(found.keys) < batch {
			return nil
		}
		return found.do(w, then)
	})
	if err != nil {
		return err
	}
	return found.do(w, then)
}

// missing finds items without their entries, and entries that are not as their
// items say. An index that is being filled lacks entries by right.
func (w *walk) missing(ix *index) error {
	return w.lookUp(w.t.Whole(nil), func(key, value []byte) []byte {
		it := attr.Item(value)
		if !w.sound(key, it) {
			return nil
		}
		e := w.t.EntryKey(ix.Index, it)
		if e == nil || !ix.differs(e) {
			return nil
		}
		return e
	}, func(with kv.Pair, key, value []byte) {
		it := attr.Item(with.Value)
		switch {
		case value == nil && !ix.Backfilling:
			w.found(w.about(ItemWithoutEntry, ix, it, "the item has no entry"))
		case value == nil || bytes.Equal(value, ix.Entry(it)):
		case w.readable(ix, key, value):
			w.found(w.about(WrongEntry, ix, it, "the entry has other attributes than its item"))
		}
	})
}

// readable reports whether the entry stored at key can be read and belongs
// there. If not, surplus tells.
func (w *walk) readable(ix *index, key []byte, entry attr.Item) bool {
	if entry.Check() != nil {
		return false
	}
	_, err := w.t.ItemKey(entry)
	return err == nil && bytes.Equal(w.t.EntryKey(ix.Index, entry), key)
}

// surplus finds entries that no item has. It counts what there is.
func (w *walk) surplus(ix *index) error {
	sum := &ix.have.figures
	err := w.lookUp(w.t.Whole(ix.Index), func(key, value []byte) []byte {
		return w.entry(ix, key, value, sum)
	}, func(with kv.Pair, key, value []byte) {
		entry := attr.Item(with.Value)
		switch {
		case value != nil && attr.Item(value).Check() != nil: // which has been told
		case value == nil || !w.sound(key, value):
			w.found(w.about(EntryWithoutItem, ix, entry, "there is no item for the entry at %x", with.Key))
		case !bytes.Equal(w.t.EntryKey(ix.Index, value), with.Key):
			w.found(w.about(StaleEntry, ix, entry, "the item does not have the entry at %x", with.Key))
		}
	})
	if err != nil {
		return err
	}
	return w.counters(ix, *sum)
}

// entry checks what an entry alone tells. It returns the key of its item, if
// that is to be looked at.
func (w *walk) entry(ix *index, key []byte, value attr.Item, sum *figures) (item []byte) {
	sum.items++
	if err := value.Check(); err != nil {
		sum.unsure = true
		w.found(w.finding(DamagedEntry, ix, key, "%v", err))
		return nil
	}
	sum.bytes += int64(value.Size())
	item, err := w.t.ItemKey(value)
	if err != nil {
		w.found(w.finding(DamagedEntry, ix, key, "%v", err))
		return nil
	}
	if at := w.t.EntryKey(ix.Index, value); !bytes.Equal(at, key) {
		w.found(w.about(MisplacedEntry, ix, value, "the entry is at %x, should be at %x", key, at))
		return nil
	}
	if !ix.differs(key) {
		return nil
	}
	return item
}
