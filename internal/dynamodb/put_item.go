package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
)

// PutItem stores an item in place of the one with the same key, if there is
// one.
func (s *Service) PutItem(ctx context.Context, in *api.PutItemInput) (*api.PutItemOutput, error) {
	a := put(tableOf(in.TableName), in.Item)
	if err := checkPut(in, a); err != nil {
		return nil, enveloped(in, err)
	}
	if in.Item.Size() > attr.MaxItemSize {
		return nil, invalid(itemTooLarge)
	}
	out := &api.PutItemOutput{}
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
	out.ItemCollectionMetrics, err = s.collection(ctx, in.ReturnItemCollectionMetrics, w.Table, in.Item)
	return out, err
}

// checkPut checks what the request means, apart from its table.
func checkPut(in *api.PutItemInput, a *action) error {
	g := guard{in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.Expected, in.ConditionalOperator}
	if err := g.checkMixed(); err != nil {
		return err
	}
	if err := checkItem(in.Item, attr.Current); err != nil {
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

// checkReturnsOld checks ReturnValues where there is nothing new to return.
func checkReturnsOld(want api.Opt[string]) error {
	switch want.Or("NONE") {
	case "NONE", "ALL_OLD":
		return nil
	default:
		return invalid("ReturnValues can only be ALL_OLD or NONE")
	}
}
