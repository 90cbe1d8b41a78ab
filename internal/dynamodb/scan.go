package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Scan returns items of a whole table or index, or of one of the segments that
// a parallel scan cuts it into, in no order that means anything.
func (s *Service) Scan(ctx context.Context, in *api.ScanInput) (*api.ScanOutput, error) {
	sel, err := s.checkScan(in)
	if err != nil {
		return nil, err
	}
	var got *result
	err = s.read(ctx, []string{sel.table}, nil, func(ts []*table.Table, _ [][]byte, r kv.Reader) error {
		t := ts[0]
		ix, err := sel.resolve(t, s.statusOf)
		if err == nil {
			err = sel.checkScalars(t, ix)
		}
		if err != nil {
			return err
		}
		sel.explained(s, t, ix, expr.Plan{})
		read := &item.Read{Table: t, Index: ix, Range: t.Segment(ix, int(in.Segment.V), int(in.TotalSegments.Or(1)))}
		got, err = sel.run(read, r, invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d",
			in.TotalSegments.V, in.Segment.V))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &api.ScanOutput{
		Items:            got.items,
		Count:            api.Some(int64(got.page.Count)),
		ScannedCount:     api.Some(int64(got.page.Scanned)),
		LastEvaluatedKey: got.page.Last,
		ConsumedCapacity: got.capacity,
	}, nil
}

// checkScan checks what the request means, apart from its table.
func (s *Service) checkScan(in *api.ScanInput) (*selection, error) {
	if err := checkMixed(
		[]parameter{
			{"AttributesToGet", in.AttributesToGet != nil},
			{"ScanFilter", in.ScanFilter != nil},
			{"ConditionalOperator", in.ConditionalOperator.Set},
		},
		[]parameter{
			{"ProjectionExpression", in.ProjectionExpression.Set},
			{"FilterExpression", in.FilterExpression.Set},
		}); err != nil {
		return nil, err
	}
	sel := &selection{
		table: s.tableOf(in.TableName.V), index: in.IndexName, mode: in.Select.V, limit: int(in.Limit.V),
		consistent: in.ConsistentRead.V, start: in.ExclusiveStartKey, capacity: in.ReturnConsumedCapacity, explain: s.explanation, taken: s.tally,
	}
	b, err := binder(in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.FilterExpression.Set || in.ProjectionExpression.Set, checkScanned)
	if err != nil {
		return nil, err
	}
	if err := checkItem(in.ExclusiveStartKey, attr.Older); err != nil {
		return nil, err
	}
	if err := checkSegment(in); err != nil {
		return nil, err
	}
	if sel.filter, err = bindFilter(b, in.FilterExpression, in.ScanFilter, in.ConditionalOperator, attr.Older); err != nil {
		return nil, err
	}
	if err := checkSelect(in.Select, in.AttributesToGet, in.ProjectionExpression, in.IndexName); err != nil {
		return nil, envelope(err)
	}
	if sel.pick, err = bindPicker(b, in.AttributesToGet, in.ProjectionExpression); err != nil {
		return nil, err
	}
	return sel, b.Unused()
}

// checkScanned reports what is wrong with ExpressionAttributeValues in the words
// of the older layer, which name the placeholder.
func checkScanned(values attr.Item) error {
	if f := values.Fault(); f != nil {
		return invalid("ExpressionAttributeValues contains invalid value: %s for key %s", f.Message(attr.Older), f.Name)
	}
	return nil
}

func checkSegment(in *api.ScanInput) error {
	switch {
	case in.Segment.Set && !in.TotalSegments.Set:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.TotalSegments.Set && !in.Segment.Set:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case in.Segment.Set && in.Segment.V >= in.TotalSegments.V:
		return invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments")
	}
	return nil
}

// bindFilter returns the filter of a read, nil if it has none.
func bindFilter(b *expr.Binder, src api.Opt[string], legacy api.Map[api.Condition], operator api.Opt[string], layer attr.Layer) (*expr.Condition, error) {
	switch {
	case src.Set:
		return b.Condition(expr.FilterExpression, src.V)
	case legacy != nil || operator.Set:
		return legacyFilter(legacy, operator, layer)
	default:
		return nil, nil
	}
}
