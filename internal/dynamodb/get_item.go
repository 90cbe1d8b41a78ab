package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// GetItem returns the item with a key. All reads are consistent; those that do
// not ask for it only cost less.
func (s *Service) GetItem(ctx context.Context, in *api.GetItemInput) (*api.GetItemOutput, error) {
	pick, err := checkGet(in)
	if err != nil {
		return nil, err
	}
	locate := func(ts []*table.Table) (hold, share [][]byte, err error) {
		key, err := ts[0].Key(in.Key)
		return [][]byte{key}, nil, err
	}
	out := &api.GetItemOutput{}
	err = s.read(ctx, []string{s.tableOf(in.TableName.V)}, locate, func(ts []*table.Table, values [][]byte, _ kv.Reader) error {
		found := attr.Item(values[0])
		*out = api.GetItemOutput{}
		if in.ReturnConsumedCapacity.Set {
			out.ConsumedCapacity = consumed(in.ReturnConsumedCapacity, ts[0], getUnits(found, in.ConsistentRead.V))
		}
		s.tally.Read(ts[0], nil, getUnits(found, in.ConsistentRead.V).Table)
		if found != nil {
			out.Item = s.keep(pick.apply(found))
		}
		s.explanation.begin("GetItem", ts...)
		s.explanation.got(ts[0], in.Key, found, out.Item, in.ConsistentRead.V)
		s.explanation.keyed(ts[0], in.Key, nil)
		return nil
	})
	return out, err
}

func checkGet(in *api.GetItemInput) (picker, error) {
	if err := checkItem(in.Key, attr.Current); err != nil {
		return picker{}, err
	}
	return pick(in.AttributesToGet, in.ProjectionExpression, in.ExpressionAttributeNames)
}

// getUnits is what getting one item takes. One that is not there costs as much
// as the smallest.
func getUnits(found attr.Item, consistent bool) item.Units {
	size := 0
	if found != nil {
		size = found.Size()
	}
	return item.Units{Table: item.Of(size, consistent)}
}
