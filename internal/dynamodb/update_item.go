package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
)

// UpdateItem changes attributes of the item with a key, and makes the item if
// there is none.
func (s *Service) UpdateItem(ctx context.Context, in *api.UpdateItemInput) (*api.UpdateItemOutput, error) {
	u, cond, err := checkUpdate(in)
	if err != nil {
		return nil, enveloped(in, err)
	}
	a := update(s.tableOf(in.TableName.V), in.Key, u)
	a.condition = cond
	a.returnOld = in.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	returns := func(w *item.Write) attr.Item { return returned(in.ReturnValues.V, u, w) }
	got, err := s.perform(ctx, a, in.Key, wanted{returns, in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics})
	if err != nil {
		return nil, err
	}
	return &api.UpdateItemOutput{Attributes: got.attributes, ConsumedCapacity: got.capacity, ItemCollectionMetrics: got.metrics}, nil
}

// returned gives the attributes that ReturnValues asks for; nil is none.
func returned(want string, u *expr.Update, w *item.Write) attr.Item {
	switch {
	case want == "ALL_OLD":
		return w.Old
	case u == nil:
		return nil
	case want == "ALL_NEW":
		return w.New
	case want == "UPDATED_OLD" && w.Old != nil:
		return u.Changed(w.Old)
	case want == "UPDATED_NEW":
		return u.Changed(w.New)
	default:
		return nil
	}
}

func checkUpdate(in *api.UpdateItemInput) (*expr.Update, *expr.Condition, error) {
	g := guard{in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.Expected, in.ConditionalOperator}
	if err := g.checkMixed(
		parameter{"AttributeUpdates", in.AttributeUpdates != nil},
		parameter{"UpdateExpression", in.UpdateExpression.Set}); err != nil {
		return nil, nil, err
	}
	if err := checkItem(in.Key, attr.Current); err != nil {
		return nil, nil, err
	}
	if in.UpdateExpression.Set {
		return g.bindUpdate(in.UpdateExpression.V)
	}
	cond, err := g.bindAlone()
	if err != nil || in.AttributeUpdates == nil {
		return nil, cond, err
	}
	u, err := legacyUpdate(in.AttributeUpdates)
	return u, cond, err
}
