package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
)

// DeleteItem removes the item with a key. That there is none is no error.
func (s *Service) DeleteItem(ctx context.Context, in *api.DeleteItemInput) (*api.DeleteItemOutput, error) {
	a := remove(tableOf(in.TableName), in.Key)
	if err := checkDelete(in, a); err != nil {
		return nil, enveloped(in, err)
	}
	out := &api.DeleteItemOutput{}
	var w item.Write
	err := s.perform(ctx, a, func(done *item.Write) {
		w = *done
		if in.ReturnValues.V == "ALL_OLD" && done.Old != nil {
			out.Attributes = s.keep(done.Old)
		}
		if in.ReturnConsumedCapacity.Set {
			out.ConsumedCapacity = consumed(in.ReturnConsumedCapacity, done.Table, done.Units())
		}
	})
	if err != nil {
		return nil, err
	}
	out.ItemCollectionMetrics, err = s.collection(ctx, in.ReturnItemCollectionMetrics, w.Table, in.Key)
	return out, err
}

func checkDelete(in *api.DeleteItemInput, a *action) error {
	g := guard{in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.Expected, in.ConditionalOperator}
	if err := g.checkMixed(); err != nil {
		return err
	}
	if err := checkItem(in.Key, attr.Current); err != nil {
		return err
	}
	if err := checkReturnsOld(in.ReturnValues); err != nil {
		return err
	}
	a.returnOld = in.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	var err error
	a.condition, err = g.bindAlone()
	return err
}
