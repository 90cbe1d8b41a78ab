package item_test

import (
	"testing"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/table"
)

// newTable returns a table keyed on pk with a global index on g and a local
// one on l.
func newTable(t *testing.T) *table.Table {
	t.Helper()
	tab := &table.Table{
		ID: "00000000-0000-4000-8000-000000000001", Account: "000000000000", Region: "us-east-1", Name: "tab",
		Attributes: []table.Attribute{{Name: "pk", Type: "S"}, {Name: "sk", Type: "S"}, {Name: "g", Type: "S"}, {Name: "l", Type: "N"}},
		Schema:     []table.KeyElement{{Name: "pk", Type: "HASH"}, {Name: "sk", Type: "RANGE"}},
		Indexes: []*table.Index{
			{ID: 1, Name: "gsi1", Schema: []table.KeyElement{{Name: "g", Type: "HASH"}}, Projection: table.Projection{Type: "KEYS_ONLY"}},
			{ID: 2, Name: "lsi1", Local: true, Schema: []table.KeyElement{{Name: "pk", Type: "HASH"}, {Name: "l", Type: "RANGE"}}, Projection: table.Projection{Type: "ALL"}},
		},
	}
	if _, err := tab.Encode(); err != nil {
		t.Fatal(err)
	}
	return tab
}

func parse(t *testing.T, json string) attr.Item {
	t.Helper()
	if json == "" {
		return nil
	}
	it, err := attr.ParseItem(json)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// write replaces one item by another in a commit of its own.
func write(t *testing.T, store kv.Store, tab *table.Table, old, now string) {
	t.Helper()
	w := item.Write{Table: tab, Old: parse(t, old), New: parse(t, now), Now: time.Unix(0, 0)}
	either := w.New
	if either == nil {
		either = w.Old
	}
	var err error
	if w.Key, err = tab.ItemKey(either); err != nil {
		t.Fatal(err)
	}
	update(t, store, w.Do)
}

func update(t *testing.T, store kv.Store, fn func(kv.Tx) error) {
	t.Helper()
	if err := store.Update(t.Context(), kv.Locks{}, fn); err != nil {
		t.Fatal(err)
	}
}

// checkAll checks all that is stored, of which tab is the only table.
func checkAll(t *testing.T, store kv.Store, tab *table.Table) error {
	t.Helper()
	raw, err := tab.Encode()
	if err != nil {
		t.Fatal(err)
	}
	update(t, store, func(tx kv.Tx) error { tx.Set(tab.DescriptorKey(), raw); return nil })
	_, err = check.Run(t.Context(), store, check.Options{Found: func(f check.Finding) { t.Error(f) }})
	return err
}

const (
	bare    = `{"pk":{"S":"a"},"sk":{"S":"1"}}`
	indexed = `{"pk":{"S":"a"},"sk":{"S":"1"},"g":{"S":"x"},"l":{"N":"1"},"v":{"S":"v"}}`
	moved   = `{"pk":{"S":"a"},"sk":{"S":"1"},"g":{"S":"y"},"l":{"N":"2"},"v":{"S":"longer"}}`
	other   = `{"pk":{"S":"a"},"sk":{"S":"2"},"g":{"S":"x"}}`
)

func TestWriteKeepsItemsEntriesAndCountersTogether(t *testing.T) {
	store, tab := memkv.Open(), newTable(t)
	defer store.Close()
	old := map[string]string{}
	for _, w := range []struct{ key, now string }{
		{"1", bare},
		{"1", indexed},
		{"1", indexed},
		{"2", other},
		{"1", moved},
		{"1", bare},
		{"1", moved},
		{"2", ""},
		{"1", ""},
	} {
		write(t, store, tab, old[w.key], w.now)
		old[w.key] = w.now
		if err := checkAll(t, store, tab); err != nil {
			t.Fatalf("after %s: %v", w.now, err)
		}
	}
}

// An entry that is not there yet is no damage, and an item that is written
// before its turn is counted once.
func TestWriteToAnIndexThatIsBeingFilled(t *testing.T) {
	store, before, tab := memkv.Open(), newTable(t), newTable(t)
	defer store.Close()
	before.Indexes = nil
	if _, err := before.Encode(); err != nil {
		t.Fatal(err)
	}
	write(t, store, before, "", indexed)
	write(t, store, before, "", other)
	for _, ix := range tab.Indexes {
		ix.Backfilling = true
	}
	steps := []func(){
		func() {},
		func() { write(t, store, tab, indexed, moved) },
		func() { write(t, store, tab, other, "") },
		func() { write(t, store, tab, moved, indexed) },
		func() { write(t, store, tab, indexed, bare) },
		func() { write(t, store, tab, "", other) },
		func() {
			update(t, store, func(tx kv.Tx) error { return item.Index(tx, tab, tab.Indexes[0], parse(t, bare)) })
			update(t, store, func(tx kv.Tx) error { return item.Index(tx, tab, tab.Indexes[0], parse(t, other)) })
			tab.Indexes[0].Backfilling, tab.Indexes[1].Backfilling = false, false
		},
	}
	for i, step := range steps {
		step()
		if err := checkAll(t, store, tab); err != nil {
			t.Fatalf("after step %d: %v", i, err)
		}
	}
}
