package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// consumed returns what a request says it consumed, or nil if it was not
// asked to.
func consumed(want api.Opt[string], t *table.Table, u item.Units) *api.ConsumedCapacity {
	if want.Or("NONE") == "NONE" {
		return nil
	}
	c := &api.ConsumedCapacity{TableName: api.Some(t.Name), CapacityUnits: api.Some(u.Total())}
	if want.V != "INDEXES" {
		return c
	}
	c.Table = &api.Capacity{CapacityUnits: api.Some(u.Table)}
	for _, ix := range u.Indexes {
		entry := api.Entry[api.Capacity]{Key: ix.Index.Name, Value: api.Capacity{CapacityUnits: api.Some(ix.Units)}}
		if ix.Index.Local {
			c.LocalSecondaryIndexes = append(c.LocalSecondaryIndexes, entry)
		} else {
			c.GlobalSecondaryIndexes = append(c.GlobalSecondaryIndexes, entry)
		}
	}
	return c
}

// A direction says whether a transaction's units are for reading or writing.
// Only transactions tell these apart.
type direction bool

const (
	reading direction = false
	writing direction = true
)

// transactedTwice is how often a transaction takes the units of its items: it
// prepares and commits.
const transactedTwice = 2

// transacted is consumed for a transaction, which takes the units of its items
// twice. Index entries are written once.
func transacted(want api.Opt[string], t *table.Table, u item.Units, d direction) *api.ConsumedCapacity {
	u.Table *= transactedTwice
	c := consumed(want, t, u)
	if c == nil {
		return nil
	}
	split := func(total api.Opt[float64], read, write *api.Opt[float64]) {
		if d == writing {
			*write = total
		} else {
			*read = total
		}
	}
	split(c.CapacityUnits, &c.ReadCapacityUnits, &c.WriteCapacityUnits)
	if c.Table != nil {
		split(c.Table.CapacityUnits, &c.Table.ReadCapacityUnits, &c.Table.WriteCapacityUnits)
	}
	for _, m := range []api.Map[api.Capacity]{c.GlobalSecondaryIndexes, c.LocalSecondaryIndexes} {
		for i := range m {
			v := &m[i].Value
			split(v.CapacityUnits, &v.ReadCapacityUnits, &v.WriteCapacityUnits)
		}
	}
	return c
}

// A ledger adds up the units of a request by table, in the order in which the
// tables were first used.
type ledger struct {
	tables []*table.Table
	units  []item.Units
}

func (l *ledger) add(t *table.Table, u item.Units) {
	for i, have := range l.tables {
		if have.Name == t.Name {
			l.units[i].Add(u)
			return
		}
	}
	l.tables, l.units = append(l.tables, t), append(l.units, u)
}

// consumed returns an entry for each table, as make has it.
func (l *ledger) consumed(entry func(*table.Table, item.Units) *api.ConsumedCapacity) []api.ConsumedCapacity {
	var out []api.ConsumedCapacity
	for i, t := range l.tables {
		if c := entry(t, l.units[i]); c != nil {
			out = append(out, *c)
		}
	}
	return out
}

// collection returns the metrics of the item collection that it is in, if they
// were asked for and the table has collections: only local indexes make them.
func (s *Service) collection(ctx context.Context, want api.Opt[string], t *table.Table, it attr.Item) (*api.ItemCollectionMetrics, error) {
	if want.V != "SIZE" || !t.HasLocal() {
		return nil, nil
	}
	hash := t.Keys().Hash[0].Name
	size := 0
	err := s.store.View(ctx, func(r kv.Reader) error {
		size = 0
		for _, ix := range append([]*table.Index{nil}, t.Indexes...) {
			if ix != nil && !ix.Local {
				continue
			}
			for pair, err := range r.Scan(t.Collection(ix, []attr.Value{it.Get(hash)}, table.Bound{})) {
				if err != nil {
					return err
				}
				size += attr.Item(pair.Value).Size()
			}
		}
		return nil
	})
	gigabytes := float64(size >> 30)
	return &api.ItemCollectionMetrics{
		ItemCollectionKey:   it.Project([]string{hash}),
		SizeEstimateRangeGB: []float64{gigabytes, gigabytes + 1},
	}, err
}

// A touch is an item, or its key, that a request wrote.
type touch struct {
	table *table.Table
	item  attr.Item
}

// collections returns the metrics of all item collections that a request
// wrote to, by table.
func (s *Service) collections(ctx context.Context, want api.Opt[string], touched []touch) (api.Map[[]api.ItemCollectionMetrics], error) {
	if want.V != "SIZE" {
		return nil, nil
	}
	var out api.Map[[]api.ItemCollectionMetrics]
	seen := map[string]bool{}
	for _, w := range touched {
		m, err := s.collection(ctx, want, w.table, w.item)
		if err != nil {
			return nil, err
		}
		if m == nil || seen[w.table.Name+string(m.ItemCollectionKey)] {
			continue
		}
		seen[w.table.Name+string(m.ItemCollectionKey)] = true
		if out.Get(w.table.Name) == nil {
			out = append(out, api.Entry[[]api.ItemCollectionMetrics]{Key: w.table.Name})
		}
		list := out.Get(w.table.Name)
		*list = append(*list, *m)
	}
	return out, nil
}
