package item

import (
	"bytes"
	"fmt"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Check reads all that is stored of t and reports where it disagrees with
// itself: an item that is not where its key says, an index entry without its
// item or an item without its entry, a counter that is not the sum. Entries
// that an index being filled does not have yet are no fault. Nobody may write
// meanwhile, as counters are outside the reader's state. Tests call it after
// everything they do.
func Check(r kv.Reader, t *table.Table) error {
	items, err := pairs(r, t.Whole(nil))
	if err != nil {
		return err
	}
	for key, value := range items {
		it := attr.Item(value)
		if err := it.Check(); err != nil {
			return fmt.Errorf("item at %x: %w", key, err)
		}
		if at, err := t.ItemKey(it); err != nil || string(at) != key {
			return fmt.Errorf("item %s is at %x, should be at %x: %w", it, key, at, err)
		}
	}
	if err := checkCounters(r, t, nil, items); err != nil {
		return err
	}
	for _, ix := range t.Indexes {
		if err := checkIndex(r, t, ix, items); err != nil {
			return fmt.Errorf("index %s: %w", ix.Name, err)
		}
	}
	return nil
}

func checkIndex(r kv.Reader, t *table.Table, ix *table.Index, items map[string][]byte) error {
	entries, err := pairs(r, t.Whole(ix))
	if err != nil {
		return err
	}
	wanted := 0
	for _, value := range items {
		e := entryOf(t, ix, value)
		if e.key == nil {
			continue
		}
		have, ok := entries[string(e.key)]
		switch {
		case ok:
			wanted++
		case !ix.Backfilling:
			return fmt.Errorf("item %s has no entry", attr.Item(value))
		}
		if ok && !bytes.Equal(have, e.attrs) {
			return fmt.Errorf("item %s has the entry %s, should be %s", attr.Item(value), attr.Item(have), e.attrs)
		}
	}
	if wanted != len(entries) {
		return fmt.Errorf("%d entries of %d have no item", len(entries)-wanted, len(entries))
	}
	return checkCounters(r, t, ix, entries)
}

func checkCounters(r kv.Reader, t *table.Table, ix *table.Index, stored map[string][]byte) error {
	sums, err := r.Sum(t.Counter(ix, table.Items), t.Counter(ix, table.Bytes))
	if err != nil {
		return fmt.Errorf("read counters: %w", err)
	}
	size := 0
	for _, value := range stored {
		size += attr.Item(value).Size()
	}
	if sums[0] != int64(len(stored)) || sums[1] != int64(size) {
		return fmt.Errorf("counted %d items of %d bytes, there are %d of %d", sums[0], sums[1], len(stored), size)
	}
	return nil
}

// pairs reads a whole range.
func pairs(r kv.Reader, in kv.Range) (map[string][]byte, error) {
	all := map[string][]byte{}
	for pair, err := range r.Scan(in) {
		if err != nil {
			return nil, fmt.Errorf("read all: %w", err)
		}
		all[string(pair.Key)] = bytes.Clone(pair.Value)
	}
	return all, nil
}
