// Package item reads and writes the items of one table together with their
// index entries, counters and change records, so that these never disagree. It
// knows nothing of requests: it says what happened, and the operation makes an
// answer of it.
package item

import (
	"bytes"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// A Write replaces one item by another.
type Write struct {
	Table *table.Table
	Key   []byte    // where the item is stored
	Old   attr.Item // nil if there is none
	New   attr.Item // nil deletes
	Now   time.Time
	// Identity is who makes the change, if that is not a request.
	Identity string
	// Versions is the version vector of the new item, for the change record; see
	// stream.Record.
	Versions []byte
	// Unlogged says that it is no change of the table: a new replica is given
	// what the others have.
	Unlogged bool
	// Tally is told what the write takes; nil if nobody asks.
	Tally *Tally
}

// Do collects the write in tx: the item, those index entries that differ, the
// counters, when it expires, and the change record. The caller holds the lock of w.Key, and
// w.Old is what it read under that lock.
func (w *Write) Do(tx kv.Tx) error {
	w.Tally.Write(w.Table, nil, w.tableUnits())
	if w.New == nil && w.Old == nil {
		return nil
	}
	w.item(tx)
	for _, ix := range w.Table.Indexes {
		if err := w.entry(tx, ix); err != nil {
			return err
		}
	}
	if ttl := w.Table.Expiring(); ttl != nil {
		w.expiry(tx, ttl)
	}
	if !w.Unlogged && !bytes.Equal(w.Old, w.New) {
		if stream.Append(tx, w.Table, w.Key, w.record()) {
			w.Tally.record(w.Table)
		}
	}
	return nil
}

func (w *Write) item(tx kv.Tx) {
	if w.New != nil {
		tx.Set(w.Key, w.New)
	} else {
		tx.Delete(w.Key)
	}
	count(tx, w.Table, nil, w.Old, w.New)
}

// An entry is what an index has of an item; its key is nil if it has nothing.
type entry struct {
	key   []byte
	attrs attr.Item
}

func (e entry) equal(f entry) bool {
	return bytes.Equal(e.key, f.key) && bytes.Equal(e.attrs, f.attrs)
}

func entryOf(t *table.Table, ix *table.Index, it attr.Item) entry {
	key := t.EntryKey(ix, it)
	if key == nil {
		return entry{}
	}
	return entry{key, ix.Entry(it)}
}

// entry brings the entry of one index up to date. An entry that stays as it is
// is not written.
func (w *Write) entry(tx kv.Tx, ix *table.Index) error {
	was, is := entryOf(w.Table, ix, w.Old), entryOf(w.Table, ix, w.New)
	if was.equal(is) {
		return nil
	}
	w.Tally.Write(w.Table, ix, unitsOf(was, is))
	if ix.Backfilling && was.key != nil { // the old item may not have been reached yet
		values, err := tx.Get(was.key)
		if err != nil {
			return err
		}
		if values[0] == nil {
			was = entry{}
		}
	}
	if was.key != nil && !bytes.Equal(was.key, is.key) {
		tx.Delete(was.key)
	}
	if is.key != nil {
		tx.Set(is.key, is.attrs)
	}
	count(tx, w.Table, ix, was.attrs, is.attrs)
	return nil
}

// count adds what replacing old by now does to the figures of t, or of ix if
// it is not nil.
func count(tx kv.Tx, t *table.Table, ix *table.Index, old, now attr.Item) {
	items, size := 0, 0
	if old != nil {
		items, size = items-1, size-old.Size()
	}
	if now != nil {
		items, size = items+1, size+now.Size()
	}
	add(tx, t, ix, items, size)
}

// add adds to the figures of t, or of ix if it is not nil.
func add(tx kv.Tx, t *table.Table, ix *table.Index, items, size int) {
	if items != 0 {
		tx.Add(t.Counter(ix, table.Items), int64(items))
	}
	if size != 0 {
		tx.Add(t.Counter(ix, table.Bytes), int64(size))
	}
}

func (w *Write) record() *stream.Record {
	image := w.New
	if image == nil {
		image = w.Old
	}
	return &stream.Record{
		Time:     w.Now,
		Key:      image.Project(w.Table.KeyAttributes(nil)),
		Old:      w.Old,
		New:      w.New,
		Identity: w.Identity,
		Versions: w.Versions,
	}
}

// Units is the capacity that a read or write takes from a table and its
// indexes. An index that is not touched is not in Indexes.
type Units struct {
	Table   float64
	Indexes []IndexUnits
}

// IndexUnits is the capacity taken from one index.
type IndexUnits struct {
	Index *table.Index
	Units float64
}

// Total returns the sum over the table and its indexes.
func (u Units) Total() float64 {
	total := u.Table
	for _, ix := range u.Indexes {
		total += ix.Units
	}
	return total
}

// Add adds the units of another read or write of the same table.
func (u *Units) Add(v Units) {
	u.Table += v.Table
	for _, ix := range v.Indexes {
		u.addIndex(ix.Index, ix.Units)
	}
}

func (u *Units) addIndex(ix *table.Index, units float64) {
	for i := range u.Indexes {
		if u.Indexes[i].Index.Name == ix.Name {
			u.Indexes[i].Units += units
			return
		}
	}
	u.Indexes = append(u.Indexes, IndexUnits{ix, units})
}

// Units returns the write capacity that w takes: a unit for each kilobyte
// begun of the larger of the two items, and for each index whose entry changes
// the same of the entry, twice over if the entry moves. Measured on AWS,
// August 2026.
func (w *Write) Units() Units {
	u := Units{Table: w.tableUnits()}
	for _, ix := range w.Table.Indexes {
		if n := unitsOf(entryOf(w.Table, ix, w.Old), entryOf(w.Table, ix, w.New)); n > 0 {
			u.addIndex(ix, n)
		}
	}
	return u
}

func (w *Write) tableUnits() float64 { return max(writeUnits(w.Old), writeUnits(w.New), 1) }

// unitsOf returns what it takes to replace one entry of an index by another.
func unitsOf(was, is entry) float64 {
	switch {
	case was.equal(is):
		return 0
	case bytes.Equal(was.key, is.key):
		return max(writeUnits(was.attrs), writeUnits(is.attrs))
	default:
		return writeUnits(was.attrs) + writeUnits(is.attrs)
	}
}

func writeUnits(i attr.Item) float64 {
	if i == nil {
		return 0
	}
	return float64(max(1, (i.Size()+1023)/1024))
}

// Index gives items that were written before ix existed their entries, unless
// they have them. The caller holds the items' locks.
func Index(tx kv.Tx, t *table.Table, ix *table.Index, items ...attr.Item) error {
	entries := make([]entry, 0, len(items))
	keys := make([][]byte, 0, len(items))
	for _, it := range items {
		if e := entryOf(t, ix, it); e.key != nil {
			entries, keys = append(entries, e), append(keys, e.key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	values, err := tx.Get(keys...)
	if err != nil {
		return err
	}
	count, size := 0, 0
	for i, e := range entries {
		if values[i] == nil {
			tx.Set(e.key, e.attrs)
			count, size = count+1, size+e.attrs.Size()
		}
	}
	add(tx, t, ix, count, size)
	return nil
}
