package dynamodb_test

import (
	"bytes"
	"testing"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// view calls fn with one state of the store.
func (w *world) view(t testing.TB, fn func(kv.Reader) error) {
	t.Helper()
	if err := w.store.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// stored returns the descriptors of all tables as they are stored.
func (w *world) stored(t testing.TB) (tables []*table.Table) {
	t.Helper()
	w.view(t, func(r kv.Reader) error {
		tables = nil
		for pair, err := range r.Scan(table.AllDescriptors()) {
			if err != nil {
				return err
			}
			tab, err := table.Decode(bytes.Clone(pair.Value))
			if err != nil {
				return err
			}
			tables = append(tables, tab)
		}
		return nil
	})
	return tables
}

// storedTable returns the descriptor of the table called name, where requests go.
func (w *world) storedTable(t testing.TB, name string) *table.Table {
	t.Helper()
	for _, tab := range w.stored(t) {
		if tab.Name == name && tab.Account == w.call.Account && tab.Region == w.call.Region {
			return tab
		}
	}
	t.Fatalf("no table %s", name)
	return nil
}

// check reports what is wrong with what is stored.
func (w *world) check(t testing.TB) {
	t.Helper()
	_, err := check.Run(t.Context(), w.store, check.Options{Found: func(f check.Finding) { t.Error(f) }})
	if err != nil {
		t.Error(err)
	}
}

// logOf reads the latest stream of a table. Only changes of one partition are
// in the order in which they were made.
func logOf(r kv.Reader, tab *table.Table) (records []*stream.Record, err error) {
	for _, g := range tab.Stream.Generations() {
		for shard := range tab.Stream.Shards {
			for pair, err := range r.Scan(kv.Prefix(tab.Records(g.Number, shard))) {
				if err != nil {
					return nil, err
				}
				record, err := stream.Decode(bytes.Clone(pair.Value))
				if err != nil {
					return nil, err
				}
				records = append(records, record)
			}
		}
	}
	return records, nil
}

// itemsOf reads the items of a table by their keys.
func itemsOf(r kv.Reader, tab *table.Table) (map[string]string, error) {
	items := map[string]string{}
	for pair, err := range r.Scan(tab.Whole(nil)) {
		if err != nil {
			return nil, err
		}
		it := attr.Item(pair.Value)
		items[it.Project(tab.KeyAttributes(nil)).String()] = it.String()
	}
	return items, nil
}
