package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
)

// DeleteItem removes the item with a key. That there is none is no error.
func (s *Service) DeleteItem(ctx context.Context, in *api.DeleteItemInput) (*api.DeleteItemOutput, error) {
	a := remove(s.tableOf(in.TableName.V), in.Key)
	g := guard{in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.Expected, in.ConditionalOperator}
	if err := g.check(a, in.Key, in.ReturnValues); err != nil {
		return nil, enveloped(in, err)
	}
	a.returnOld = in.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	got, err := s.perform(ctx, a, in.Key, wanted{oldItem(in.ReturnValues), in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics})
	if err != nil {
		return nil, err
	}
	return &api.DeleteItemOutput{Attributes: got.attributes, ConsumedCapacity: got.capacity, ItemCollectionMetrics: got.metrics}, nil
}
