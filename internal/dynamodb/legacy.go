package dynamodb

import (
	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

// The functions here hand the parameters of before there were expressions to
// package expr. Clients send them to this day. See testdata/legacy_*.txt.

// legacyExpected returns the condition of Expected and ConditionalOperator,
// nil if nothing is expected.
func legacyExpected(expected api.Map[api.ExpectedAttributeValue], operator api.Opt[string]) (*expr.Condition, error) {
	list := make([]expr.Expected, len(expected))
	for i := range expected {
		e := &expected[i].Value
		list[i] = expr.Expected{
			Comparison: expr.Comparison{Attribute: expected[i].Key, Operator: e.ComparisonOperator.V, Values: e.AttributeValueList},
			Value:      e.Value,
		}
		if e.Exists.Set {
			list[i].Exists = &e.Exists.V
		}
	}
	return expr.FromExpected(list, operator.V)
}

// legacyUpdate returns the update that AttributeUpdates ask for.
func legacyUpdate(updates api.Map[api.AttributeValueUpdate]) (*expr.Update, error) {
	list := make([]expr.AttributeUpdate, len(updates))
	for i := range updates {
		u := &updates[i].Value
		list[i] = expr.AttributeUpdate{Attribute: updates[i].Key, Action: u.Action.V, Value: u.Value}
	}
	return expr.FromAttributeUpdates(list)
}

// legacyFilter returns the condition of QueryFilter or ScanFilter and
// ConditionalOperator, nil if the filter is empty.
func legacyFilter(filter api.Map[api.Condition], operator api.Opt[string], layer attr.Layer) (*expr.Condition, error) {
	return expr.FromFilter(comparisons(filter), operator.V, layer)
}

func legacyKeyConditions(conditions api.Map[api.Condition]) (*expr.KeyCondition, error) {
	return expr.FromKeyConditions(comparisons(conditions))
}

func comparisons(conditions api.Map[api.Condition]) []expr.Comparison {
	list := make([]expr.Comparison, len(conditions))
	for i := range conditions {
		c := &conditions[i].Value
		list[i] = expr.Comparison{Attribute: conditions[i].Key, Operator: c.ComparisonOperator.V, Values: c.AttributeValueList}
	}
	return list
}
