package dynamodb

import (
	"cmp"
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/table"
)

// BatchWriteItem puts and deletes items of one or more tables. On AWS some may
// be written and others not; here all are, in one commit, but for those that
// fail by a fault.
func (s *Service) BatchWriteItem(ctx context.Context, in *api.BatchWriteItemInput) (*api.BatchWriteItemOutput, error) {
	b := &batchWrite{Service: s, in: in}
	if err := b.check(); err != nil {
		return nil, err
	}
	var err error
	if b.failing, err = s.trial.throttleMembers(len(b.actions), fault.Write); err != nil {
		return nil, err
	}
	var spent ledger
	err = s.write(ctx, b.names, b.locate, func(ts []*table.Table, values [][]byte, tx itemWriter) error {
		spent = ledger{}
		for i, a := range b.actions {
			if b.failing.has(i) {
				continue
			}
			t := ts[b.tables[i]]
			w, err := a.do(t, b.keys[i], values[i])
			if err != nil {
				return err
			}
			w.Now = s.now()
			if err := tx.do(w); err != nil {
				return err
			}
			if in.ReturnConsumedCapacity.Set {
				spent.add(t, w.Units())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &api.BatchWriteItemOutput{UnprocessedItems: b.unprocessed()}
	out.ConsumedCapacity = spent.consumed(func(t *table.Table, u item.Units) *api.ConsumedCapacity {
		return consumed(in.ReturnConsumedCapacity, t, u)
	})
	out.ItemCollectionMetrics, err = s.collections(ctx, in.ReturnItemCollectionMetrics, b.touched())
	return out, err
}

type batchWrite struct {
	*Service
	in      *api.BatchWriteItemInput
	names   []string
	actions []*action
	tables  []int       // of each action, in names
	items   []attr.Item // what each action puts, or the key of what it deletes
	keys    [][]byte
	ts      []*table.Table
	failing failingMembers
}

// maxWrites is how many items a batch may write, over all tables.
const maxWrites = 25

// check checks what the request means, apart from its tables.
func (b *batchWrite) check() error {
	total := 0
	for _, e := range b.in.RequestItems {
		if total += len(e.Value); total > maxWrites {
			return invalid("Too many items requested for the BatchWriteItem call")
		}
	}
	for i, e := range b.in.RequestItems {
		name := b.tableOf(e.Key)
		b.names = append(b.names, name)
		for _, r := range e.Value {
			a, it, err := writeAction(name, r)
			if err != nil {
				return err
			}
			b.actions, b.tables, b.items = append(b.actions, a), append(b.tables, i), append(b.items, it)
		}
	}
	return nil
}

// writeAction returns the action of one write request and the item or key that
// it has.
func writeAction(name string, r api.WriteRequest) (*action, attr.Item, error) {
	switch {
	case (r.PutRequest == nil) == (r.DeleteRequest == nil):
		return nil, nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case r.DeleteRequest != nil:
		return remove(name, r.DeleteRequest.Key), r.DeleteRequest.Key, checkItem(r.DeleteRequest.Key, attr.Older)
	}
	it := r.PutRequest.Item
	if err := checkItem(it, attr.Older); err != nil {
		return nil, nil, err
	}
	if it.Size() > attr.MaxItemSize {
		return nil, nil, invalid(itemTooLarge)
	}
	return put(name, it), it, nil
}

func (b *batchWrite) locate(ts []*table.Table) (hold, share [][]byte, err error) {
	b.ts, b.keys = ts, nil
	var misfit error // the first; that an item is there twice is told before it
	for i, a := range b.actions {
		key, err := a.locate(ts[b.tables[i]])
		if misfit == nil {
			misfit = batchMisfit(err)
		}
		if key != nil {
			b.keys = append(b.keys, key)
		}
	}
	return b.keys, nil, cmp.Or(checkDistinct(b.keys), misfit)
}

// batchMisfit gives a wrong key in an item to be put the words that only
// BatchWriteItem has for it.
func batchMisfit(err error) error {
	if m, ok := err.(*table.Misfit); ok && m.Reason == table.WrongKey { //nolint:errorlint // locate does not wrap
		return invalid(table.KeyMismatch)
	}
	return err
}

// unprocessed returns the members that failed, as the client gave them.
func (b *batchWrite) unprocessed() api.Map[[]api.WriteRequest] {
	out, i := api.Map[[]api.WriteRequest]{}, 0
	for _, e := range b.in.RequestItems {
		var rest []api.WriteRequest
		for _, r := range e.Value {
			if b.failing.has(i) {
				rest = append(rest, r)
			}
			i++
		}
		if rest != nil {
			out = append(out, api.Entry[[]api.WriteRequest]{Key: e.Key, Value: rest})
		}
	}
	return out
}

// touched returns the items and keys that were written with their tables.
func (b *batchWrite) touched() []touch {
	var out []touch
	for i, it := range b.items {
		if !b.failing.has(i) {
			out = append(out, touch{b.ts[b.tables[i]], it})
		}
	}
	return out
}
