package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxResponse is how many bytes of items a batch returns at most; the keys of
// the others come back unprocessed.
const maxResponse = 16 << 20

// maxGets is how many items a batch may ask for, over all tables.
const maxGets = 100

// BatchGetItem returns items by their keys, all of one moment, from one or
// more tables.
func (s *Service) BatchGetItem(ctx context.Context, in *api.BatchGetItemInput) (*api.BatchGetItemOutput, error) {
	g := &batchGet{Service: s, in: in}
	if err := g.check(); err != nil {
		return nil, err
	}
	var err error
	if g.failing, err = s.trial.throttleMembers(g.total, fault.Read); err != nil {
		return nil, err
	}
	var out *api.BatchGetItemOutput
	err = s.read(ctx, g.names, g.locate, func(ts []*table.Table, values [][]byte, _ kv.Reader) error {
		out = g.answer(ts, values)
		return nil
	})
	return out, err
}

type batchGet struct {
	*Service
	in      *api.BatchGetItemInput
	names   []string
	picks   []picker
	total   int // of keys
	failing failingMembers
}

// check checks what the request means, apart from its tables.
func (g *batchGet) check() error {
	legacy, expressions := false, false
	for _, e := range g.in.RequestItems {
		if g.total += len(e.Value.Keys); g.total > maxGets {
			return invalid("Too many items requested for the BatchGetItem call")
		}
		legacy = legacy || e.Value.AttributesToGet != nil
		expressions = expressions || e.Value.ProjectionExpression.Set
	}
	if err := checkMixed([]parameter{{"AttributesToGet", legacy}}, []parameter{{"ProjectionExpression", expressions}}); err != nil {
		return err
	}
	for _, e := range g.in.RequestItems {
		for _, key := range e.Value.Keys {
			if err := checkItem(key, attr.Current); err != nil {
				return err
			}
		}
		p, err := pick(e.Value.AttributesToGet, e.Value.ProjectionExpression, e.Value.ExpressionAttributeNames)
		if err != nil {
			return err
		}
		g.names, g.picks = append(g.names, g.tableOf(e.Key)), append(g.picks, p)
	}
	return nil
}

func (g *batchGet) locate(ts []*table.Table) (hold, share [][]byte, err error) {
	for _, e := range g.in.RequestItems {
		if err := checkDistinct(e.Value.Keys); err != nil {
			return nil, nil, err
		}
	}
	for i, e := range g.in.RequestItems {
		for _, k := range e.Value.Keys {
			key, err := ts[i].Key(k)
			if err != nil {
				return nil, nil, err
			}
			hold = append(hold, key)
		}
	}
	return hold, nil, nil
}

// checkDistinct refuses a batch that names an item of a table twice.
func checkDistinct[K ~[]byte](keys []K) error {
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if seen[string(k)] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[string(k)] = true
	}
	return nil
}

// answer encodes the items that were found. values are in the order of the
// request's keys.
func (g *batchGet) answer(ts []*table.Table, values [][]byte) *api.BatchGetItemOutput {
	out := &api.BatchGetItemOutput{UnprocessedKeys: api.Map[api.KeysAndAttributes]{}, Responses: api.Map[api.Items]{}}
	var spent ledger
	size, member := 0, -1
	g.explanation.begin("BatchGetItem", ts...)
	for i, e := range g.in.RequestItems {
		items := api.Items{Present: true}
		for n, key := range e.Value.Keys {
			if member++; g.failing.has(member) {
				g.postpone(out, i, key)
				continue
			}
			found := attr.Item(values[n])
			var returned attr.Item
			if found != nil {
				if size += found.Size(); size > maxResponse {
					g.postpone(out, i, key)
					continue
				}
				returned = g.picks[i].apply(found)
				items.Append(returned)
			}
			g.explanation.got(ts[i], key, found, returned, e.Value.ConsistentRead.V)
			units := getUnits(found, e.Value.ConsistentRead.V)
			g.tally.Read(ts[i], nil, units.Table)
			spent.add(ts[i], units)
		}
		values = values[len(e.Value.Keys):]
		out.Responses = append(out.Responses, api.Entry[api.Items]{Key: e.Key, Value: items})
	}
	out.ConsumedCapacity = spent.consumed(func(t *table.Table, u item.Units) *api.ConsumedCapacity {
		return consumed(g.in.ReturnConsumedCapacity, t, u)
	})
	return out
}

// postpone puts a key of table i among those that the client is to ask for
// again, the way it asked for it.
func (g *batchGet) postpone(out *api.BatchGetItemOutput, i int, key attr.Item) {
	e := g.in.RequestItems[i]
	again := out.UnprocessedKeys.Get(e.Key)
	if again == nil {
		rest := e.Value
		rest.Keys = nil
		out.UnprocessedKeys = append(out.UnprocessedKeys, api.Entry[api.KeysAndAttributes]{Key: e.Key, Value: rest})
		again = out.UnprocessedKeys.Get(e.Key)
	}
	again.Keys = append(again.Keys, key)
}
