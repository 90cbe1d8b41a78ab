package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
)

// PutItem stores an item in place of the one with the same key, if there is
// one.
func (s *Service) PutItem(ctx context.Context, in *api.PutItemInput) (*api.PutItemOutput, error) {
	a := put(s.tableOf(in.TableName.V), in.Item)
	g := guard{in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.Expected, in.ConditionalOperator}
	if err := g.check(a, in.Item, in.ReturnValues); err != nil {
		return nil, enveloped(in, err)
	}
	if in.Item.Size() > attr.MaxItemSize {
		return nil, invalid(itemTooLarge)
	}
	a.returnOld = in.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	got, err := s.perform(ctx, a, in.Item, wanted{oldItem(in.ReturnValues), in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics})
	if err != nil {
		return nil, err
	}
	return &api.PutItemOutput{Attributes: got.attributes, ConsumedCapacity: got.capacity, ItemCollectionMetrics: got.metrics}, nil
}
