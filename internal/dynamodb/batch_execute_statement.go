package dynamodb

import (
	"context"
	"errors"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/partiql"
	"github.com/statordb/stator/internal/table"
)

// BatchExecuteStatement carries out statements one after another, each of
// which reads or writes one item. What goes wrong with one does not keep the
// others from being carried out.
func (s *Service) BatchExecuteStatement(ctx context.Context, in *api.BatchExecuteStatementInput) (*api.BatchExecuteStatementOutput, error) {
	members := make([]statementMember, len(in.Statements))
	reads, writes := false, false
	for i, m := range in.Statements {
		st, err := s.statement(m.Statement.V, m.Parameters)
		if err == nil && st.Kind == partiql.Exists {
			err = errExistsAlone
		}
		members[i] = statementMember{statement: st, err: err}
		if parsed, err := partiql.Parse(m.Statement.V); err == nil { // its parameters do not matter
			reads, writes = reads || parsed.Kind.IsRead(), writes || !parsed.Kind.IsRead()
		}
	}
	if reads && writes {
		return nil, invalid("Read and write requests together in the same batch is not supported.")
	}
	if err := s.checkMembers(ctx, members); err != nil {
		return nil, err
	}
	out := &api.BatchExecuteStatementOutput{Responses: make([]api.BatchStatementResponse, len(members))}
	var spent ledger
	for i := range members {
		m := &members[i]
		if m.err == nil {
			m.err = s.trial.throttle(m.kind())
		}
		if m.err == nil {
			m.err = s.executeMember(ctx, m, in.Statements[i].ConsistentRead.V, in.ReturnConsumedCapacity)
		}
		if m.err == nil && in.ReturnConsumedCapacity.Set {
			spent.add(m.on, m.units)
		}
		var err error
		if out.Responses[i], err = m.response(); err != nil {
			return nil, err
		}
	}
	out.ConsumedCapacity = spent.consumed(func(t *table.Table, u item.Units) *api.ConsumedCapacity {
		return consumed(in.ReturnConsumedCapacity, t, u)
	})
	return out, nil
}

// A statementMember is one statement of a batch and how it went.
type statementMember struct {
	*statement
	err      error
	returned api.BatchStatementResponse
	on       *table.Table
	units    item.Units
}

// checkMembers refuses a batch two of whose statements are about one item.
func (s *Service) checkMembers(ctx context.Context, members []statementMember) error {
	of := map[string][]*statement{}
	for _, m := range members {
		if m.err == nil {
			of[m.table] = append(of[m.table], m.statement)
		}
	}
	for name, list := range of {
		if len(list) < 2 {
			continue
		}
		err := s.read(ctx, []string{name}, nil, func(ts []*table.Table, _ [][]byte, _ kv.Reader) error {
			var keys [][]byte
			for _, st := range list {
				if key, err := st.place(ts[0]); err == nil { // it says itself if it has none
					keys = append(keys, key)
				}
			}
			return checkDistinct(keys)
		})
		if err != nil && !errors.Is(err, errNoTable) {
			return err
		}
	}
	return nil
}

// place returns where the only item is that the statement is about.
func (st *statement) place(t *table.Table) ([]byte, error) {
	if st.Kind.IsRead() {
		return st.locate(t)
	}
	return st.action().locate(t)
}

func (s *Service) executeMember(ctx context.Context, m *statementMember, consistent bool, capacity api.Opt[string]) error {
	if m.Kind.IsRead() {
		r := s.newRead(m.statement, consistent, capacity)
		r.single = errNotSingle
		if err := r.run(ctx); err != nil {
			return err
		}
		m.returned.Item, m.on, m.units = r.found, r.t, r.out.units
		return nil
	}
	got, err := s.perform(ctx, m.action(), nil, wanted{attributes: m.returns, capacity: capacity})
	if err != nil {
		return err
	}
	m.returned.Item, m.on, m.units = got.attributes, got.table, got.units
	return nil
}

// errNotSingle is what is said of a SELECT in a batch.
var errNotSingle = invalid("Select statements within BatchExecuteStatement must specify the primary key in the where clause.")

// response returns what the batch says of the statement. The table is named if
// the statement came so far as to be carried out. Another error than one of
// the client's is the whole batch's.
func (m *statementMember) response() (api.BatchStatementResponse, error) {
	if m.err == nil {
		m.returned.TableName = api.Some(m.table)
		return m.returned, nil
	}
	err := exception(m.err)
	var e *api.Error
	if !errors.As(err, &e) {
		return api.BatchStatementResponse{}, err
	}
	out := api.BatchStatementResponse{Error: &api.BatchStatementError{Message: api.Some(e.Message)}}
	switch e.Type {
	case api.ValidationException:
		out.Error.Code = api.Some(api.BatchStatementErrorCodeEnumValidationError)
	case api.ResourceNotFoundException:
		out.Error.Code = api.Some(api.BatchStatementErrorCodeEnumResourceNotFound)
	case api.ConditionalCheckFailedException:
		out.Error.Code = api.Some(api.BatchStatementErrorCodeEnumConditionalCheckFailed)
		out.TableName = api.Some(m.table)
	case api.DuplicateItemException:
		out.Error.Code = api.Some(api.BatchStatementErrorCodeEnumDuplicateItem)
		out.TableName = api.Some(m.table)
	case api.ProvisionedThroughputExceededException:
		out.Error.Code = api.Some(api.BatchStatementErrorCodeEnumProvisionedThroughputExceeded)
	default:
		return out, err
	}
	return out, nil
}
