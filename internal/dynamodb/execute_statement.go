package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/partiql"
)

// ExecuteStatement carries out one statement of PartiQL: it reads a page of
// items, or writes one item.
func (s *Service) ExecuteStatement(ctx context.Context, in *api.ExecuteStatementInput) (*api.ExecuteStatementOutput, error) {
	st, err := s.statement(in.Statement.V, in.Parameters)
	if err != nil {
		return nil, err
	}
	if err := s.trial.throttle(st.kind()); err != nil {
		return nil, err
	}
	switch st.Kind {
	case partiql.Select:
		return s.executeSelect(ctx, in, st)
	case partiql.Exists:
		return nil, errExistsAlone
	}
	a := st.action()
	a.returnOld = in.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	got, err := s.perform(ctx, a, nil, wanted{attributes: st.returns, capacity: in.ReturnConsumedCapacity})
	if err != nil {
		return nil, err
	}
	out := &api.ExecuteStatementOutput{ConsumedCapacity: got.capacity}
	out.Items.Present = true
	if got.attributes != nil {
		out.Items.Append(got.attributes)
	}
	return out, nil
}

func (s *Service) executeSelect(ctx context.Context, in *api.ExecuteStatementInput, st *statement) (*api.ExecuteStatementOutput, error) {
	r := s.newRead(st, in.ConsistentRead.V, in.ReturnConsumedCapacity)
	r.limit, r.src, r.parameters = int(in.Limit.V), in.Statement.V, in.Parameters
	r.explain = s.explanation
	if in.NextToken.Set {
		if err := r.resume(in.NextToken.V); err != nil {
			return nil, err
		}
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	out := &api.ExecuteStatementOutput{Items: r.out.items, NextToken: r.token()}
	if in.ReturnConsumedCapacity.Set {
		out.ConsumedCapacity = consumed(in.ReturnConsumedCapacity, r.t, r.out.units)
	}
	return out, nil
}
