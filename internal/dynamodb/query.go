package dynamodb

import (
	"context"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Query returns items of one item collection, of a table or of an index, in
// the order of their range keys.
func (s *Service) Query(ctx context.Context, in *api.QueryInput) (*api.QueryOutput, error) {
	q := &query{reverse: !in.ScanIndexForward.Or(true)}
	if err := q.check(s, in); err != nil {
		return nil, err
	}
	var got *result
	err := s.read(ctx, []string{q.table}, nil, func(ts []*table.Table, _ [][]byte, r kv.Reader) error {
		read, err := q.plan(s, ts[0])
		if err != nil {
			return err
		}
		got, err = q.run(read, r, errOutside)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &api.QueryOutput{
		Items:            got.items,
		Count:            api.Some(int64(got.page.Count)),
		ScannedCount:     api.Some(int64(got.page.Scanned)),
		LastEvaluatedKey: got.page.Last,
		ConsumedCapacity: got.capacity,
	}, nil
}

// errOutside is what is said of an ExclusiveStartKey of another collection.
var errOutside = invalid("The provided starting key is outside query boundaries based on provided conditions")

type query struct {
	selection
	key        *expr.KeyCondition
	reverse    bool
	filterName string // as complaints have it
}

// check checks what the request means, apart from its table.
func (q *query) check(s *Service, in *api.QueryInput) error {
	if err := checkMixed(
		[]parameter{
			{"AttributesToGet", in.AttributesToGet != nil},
			{"QueryFilter", in.QueryFilter != nil},
			{"ConditionalOperator", in.ConditionalOperator.Set},
			{"KeyConditions", in.KeyConditions != nil && in.KeyConditionExpression.Set},
		},
		[]parameter{
			{"ProjectionExpression", in.ProjectionExpression.Set},
			{"FilterExpression", in.FilterExpression.Set},
			{"KeyConditionExpression", in.KeyConditionExpression.Set},
		}); err != nil {
		return err
	}
	q.selection = selection{
		table: s.tableOf(in.TableName.V), index: in.IndexName, mode: in.Select.V, limit: int(in.Limit.V),
		consistent: in.ConsistentRead.V, start: in.ExclusiveStartKey, capacity: in.ReturnConsumedCapacity, explain: s.explanation, taken: s.tally,
	}
	return q.bind(in)
}

// bind reads the conditions and expressions. A KeyConditionExpression comes last,
// KeyConditions come first.
func (q *query) bind(in *api.QueryInput) error {
	expressions := in.KeyConditionExpression.Set || in.FilterExpression.Set || in.ProjectionExpression.Set
	b, err := binder(in.ExpressionAttributeNames, in.ExpressionAttributeValues, expressions, checkValues)
	if err != nil {
		return err
	}
	if err := checkItem(in.ExclusiveStartKey, attr.Current); err != nil {
		return err
	}
	if !in.KeyConditionExpression.Set && len(in.KeyConditions) > 0 {
		if q.key, err = legacyKeyConditions(in.KeyConditions); err != nil {
			return err
		}
	}
	q.filterName = "Filter Expression"
	if in.QueryFilter != nil {
		q.filterName = "QueryFilter"
	}
	if q.filter, err = bindFilter(b, in.FilterExpression, in.QueryFilter, in.ConditionalOperator, attr.Current); err != nil {
		return err
	}
	if err := checkSelect(in.Select, in.AttributesToGet, in.ProjectionExpression, in.IndexName); err != nil {
		return envelope(err)
	}
	if q.pick, err = bindPicker(b, in.AttributesToGet, in.ProjectionExpression); err != nil {
		return err
	}
	switch {
	case in.KeyConditionExpression.Set:
		if q.key, err = b.KeyCondition(in.KeyConditionExpression.V); err != nil {
			return err
		}
	case q.key == nil:
		return invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return b.Unused()
}

// plan returns what is read of t.
func (q *query) plan(s *Service, t *table.Table) (*item.Read, error) {
	ix, err := q.resolve(t, s.statusOf)
	if err != nil {
		return nil, err
	}
	keys := t.Keys()
	if ix != nil {
		keys = ix.Keys()
	}
	p, err := q.key.Resolve(keyAttrs(keys.Hash), keyAttrs(keys.Range))
	if err != nil {
		return nil, err
	}
	if err := q.checkFilter(keys); err != nil {
		return nil, err
	}
	if err := q.checkScalars(t, ix); err != nil {
		return nil, err
	}
	if err := q.checkProjected(ix); err != nil {
		return nil, err
	}
	q.explained(s, t, ix, p)
	return &item.Read{Table: t, Index: ix, Reverse: q.reverse, Range: t.Collection(ix, p.Hash, bound(p))}, nil
}

// checkFilter refuses a filter on the keys of what is queried.
func (q *query) checkFilter(keys table.Keys) error {
	used := q.filter.Attributes()
	for _, k := range keys.All() {
		if slices.Contains(used, k.Name) {
			return invalid("%s can only contain non-primary key attributes: Primary key attribute: %s", q.filterName, k.Name)
		}
	}
	return nil
}

// checkProjected refuses a filter on what an index does not have: a filter never
// has items read for it.
func (q *query) checkProjected(ix *table.Index) error {
	if ix == nil {
		return nil
	}
	if missing := unprojected(ix, slices.Sorted(slices.Values(q.filter.Attributes()))); missing != "" {
		return invalid("%sSecondary index %s does not project one or more filter attributes: [%s]", invalidValues, ix.Name, missing)
	}
	return nil
}

// bound returns the range keys that p allows.
func bound(p expr.Plan) table.Bound {
	b := table.Bound{Equal: p.Range}
	switch p.Op {
	case expr.Less:
		b.High, b.HighOpen = p.Low, true
	case expr.LessEqual:
		b.High = p.Low
	case expr.Greater:
		b.Low, b.LowOpen = p.Low, true
	case expr.GreaterEqual:
		b.Low = p.Low
	case expr.Between:
		b.Low, b.High = p.Low, p.High
	case expr.BeginsWith:
		b.Begins = p.Low
	}
	return b
}

// statusOf returns the status of an index now.
func (s *Service) statusOf(ix *table.Index) table.Status { return ix.StatusAt(s.now()) }
