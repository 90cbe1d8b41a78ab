package dynamodb

import (
	"context"
	"errors"
	"strconv"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/partiql"
	"github.com/statordb/stator/internal/table"
)

// ExecuteTransaction carries out statements all together: either reads of
// items, or writes and EXISTS.
func (s *Service) ExecuteTransaction(ctx context.Context, in *api.ExecuteTransactionInput) (*api.ExecuteTransactionOutput, error) {
	statements, err := s.transactStatements(in)
	if err != nil {
		return nil, err
	}
	if err := s.trial.throttle(statements[0].kind()); err != nil {
		return nil, err
	}
	if statements[0].Kind.IsRead() {
		return s.transactSelects(ctx, in, statements)
	}
	w := &transactWrite{Service: s, token: in.ClientRequestToken, statements: true}
	for i, st := range statements {
		a := st.action()
		a.returnOld = in.TransactStatements[i].ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
		a.locate = located(i, a.locate)
		w.add(a)
		w.request = appendStatement(w.request, in.TransactStatements[i].Statement.V, in.TransactStatements[i].Parameters)
	}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	return &api.ExecuteTransactionOutput{
		Responses:        []api.ItemResponse{},
		ConsumedCapacity: w.consumed(in.ReturnConsumedCapacity),
	}, nil
}

// transactStatements reads the statements of a transaction, which are all
// reads or none of them.
func (s *Service) transactStatements(in *api.ExecuteTransactionInput) ([]*statement, error) {
	statements := make([]*statement, len(in.TransactStatements))
	for i, e := range in.TransactStatements {
		st, err := s.statement(e.Statement.V, e.Parameters)
		if err == nil {
			err = checkTransacted(st)
		}
		if err != nil {
			return nil, failedIn(i, err)
		}
		statements[i] = st
	}
	for _, st := range statements {
		if st.Kind.IsRead() != statements[0].Kind.IsRead() {
			return nil, invalid("ExecuteTransaction API does not support both read and write operations in the same request.")
		}
	}
	return statements, nil
}

// checkTransacted refuses what only a statement of its own may have.
func checkTransacted(st *statement) error {
	switch {
	case st.Returning != "":
		return &partiql.Error{Message: "RETURNING clause is not supported in ExecuteTransaction."}
	case st.Index != "":
		return &partiql.Error{Message: "Reads on indices are not supported within transactions."}
	}
	return nil
}

// failedIn says in which statement of a transaction something is wrong, if it
// is about the statement rather than about a value.
func failedIn(i int, err error) error {
	var (
		malformed *partiql.Error
		operands  *expr.Error
	)
	if errors.As(err, &malformed) || errors.As(err, &operands) || errors.Is(err, errExists) || errors.Is(err, errNotTransacted) {
		return invalid("Validation failed in TransactStatements[" + strconv.Itoa(i) + "]: " + validationMessage(err))
	}
	return err
}

// located makes locate say in which statement something is wrong.
func located(i int, locate func(*table.Table) ([]byte, error)) func(*table.Table) ([]byte, error) {
	return func(t *table.Table) ([]byte, error) {
		key, err := locate(t)
		return key, failedIn(i, err)
	}
}

// errNotTransacted is what is said of a SELECT in a transaction.
var errNotTransacted = invalid("Select statements within ExecuteTransaction must specify the primary key in the where clause.")

// transactSelects reads an item for each statement.
func (s *Service) transactSelects(ctx context.Context, in *api.ExecuteTransactionInput, statements []*statement) (*api.ExecuteTransactionOutput, error) {
	g := &transactGet{Service: s, capacity: in.ReturnConsumedCapacity, statements: true}
	for i, st := range statements {
		get := transactedGet{locate: located(i, st.locate)}
		if st.Columns != nil {
			get.pick = picker{st.Columns}
		}
		g.add(st.table, get)
	}
	if err := g.run(ctx); err != nil {
		return nil, err
	}
	return &api.ExecuteTransactionOutput{Responses: g.responses, ConsumedCapacity: g.consumed}, nil
}

// locate returns where the item is that a SELECT of a transaction names, by its
// key alone.
func (st *statement) locate(t *table.Table) ([]byte, error) {
	if st.Late != nil {
		return nil, st.Late
	}
	key, rest, err := st.key(t, errNotTransacted)
	if err == nil && rest != nil {
		err = errNotTransacted
	}
	if err != nil {
		return nil, err
	}
	return t.Key(key)
}
