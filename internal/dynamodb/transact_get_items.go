package dynamodb

import (
	"context"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// TransactGetItems returns items as they were together at one moment.
func (s *Service) TransactGetItems(ctx context.Context, in *api.TransactGetItemsInput) (*api.TransactGetItemsOutput, error) {
	g := &transactGet{Service: s, capacity: in.ReturnConsumedCapacity}
	if err := g.check(in); err != nil {
		return nil, err
	}
	if err := g.run(ctx); err != nil {
		return nil, err
	}
	return &api.TransactGetItemsOutput{Responses: g.responses, ConsumedCapacity: g.consumed}, nil
}

// A transactGet reads items all of one moment.
type transactGet struct {
	*Service
	capacity   api.Opt[string]
	statements bool // it is of statements
	tables     nameList
	gets       []transactedGet

	responses []api.ItemResponse
	consumed  []api.ConsumedCapacity
}

// A transactedGet is one of the items that a transaction reads.
type transactedGet struct {
	locate func(*table.Table) ([]byte, error)
	pick   picker
}

func (g *transactGet) add(name string, get transactedGet) {
	g.tables.add(name)
	g.gets = append(g.gets, get)
}

func (g *transactGet) run(ctx context.Context) error {
	return g.read(ctx, g.tables.names, g.locate, func(ts []*table.Table, values [][]byte, _ kv.Reader) error {
		g.answer(ts, values)
		return nil
	})
}

// A nameList is the tables that the actions of a request are about, each once.
type nameList struct {
	names []string
	of    []int // the table of each action
}

func (l *nameList) add(name string) {
	for i, have := range l.names {
		if have == name {
			l.of = append(l.of, i)
			return
		}
	}
	l.names = append(l.names, name)
	l.of = append(l.of, len(l.names)-1)
}

func (g *transactGet) check(in *api.TransactGetItemsInput) error {
	for _, e := range in.TransactItems {
		if err := checkItem(e.Get.Key, attr.Current); err != nil {
			return err
		}
		p, err := pick(nil, e.Get.ProjectionExpression, e.Get.ExpressionAttributeNames)
		if err != nil {
			return err
		}
		locate := func(t *table.Table) ([]byte, error) { return t.Key(e.Get.Key) }
		g.add(g.tableOf(e.Get.TableName.V), transactedGet{locate, p})
	}
	return nil
}

func (g *transactGet) locate(ts []*table.Table) (hold, share [][]byte, err error) {
	if err := checkTransactable(ts); err != nil {
		return nil, nil, err
	}
	reasons := newReasons(len(g.gets))
	for i, get := range g.gets {
		key, err := get.locate(ts[g.tables.of[i]])
		if err := reasons.note(i, err); err != nil {
			return nil, nil, err
		}
		hold = append(hold, key)
	}
	if err := reasons.planned(g.statements).err(); err != nil {
		return nil, nil, err
	}
	return hold, nil, checkOncePerItem(hold)
}

// checkOncePerItem refuses a transaction that names an item twice. A nil key is
// one that could not be made out.
func checkOncePerItem(keys [][]byte) error {
	known := slices.DeleteFunc(slices.Clone(keys), func(k []byte) bool { return k == nil })
	if checkDistinct(known) != nil {
		return invalid("Transaction request cannot include multiple operations on one item")
	}
	return nil
}

// answer keeps the items that were found; a projection that leaves nothing of
// an item is as if there were none.
func (g *transactGet) answer(ts []*table.Table, values [][]byte) {
	g.responses = make([]api.ItemResponse, len(values))
	var spent ledger
	for i, raw := range values {
		found := attr.Item(raw)
		t, units := ts[g.tables.of[i]], getUnits(found, true)
		spent.add(t, units)
		g.tally.Read(t, nil, transactedTwice*units.Table)
		if found == nil {
			continue
		}
		if picked := g.gets[i].pick.apply(found); picked.Len() > 0 {
			g.responses[i].Item = g.keep(picked)
		}
	}
	g.consumed = spent.consumed(func(t *table.Table, u item.Units) *api.ConsumedCapacity {
		return transacted(g.capacity, t, u, reading)
	})
}

// reasons are why a transaction is cancelled, one for each action.
type reasons []api.CancellationReason

func newReasons(n int) reasons { return make(reasons, n) }

// planned leaves the first reason only, if the actions are statements: these are
// looked at one after another before any is carried out, until one cannot be.
func (r reasons) planned(statements bool) reasons {
	if i := slices.IndexFunc(r, func(e api.CancellationReason) bool { return e.Code.Set }); statements && i >= 0 {
		clear(r[i+1:])
	}
	return r
}

// note keeps err as the reason of action i, or returns it if it is one for
// refusing the whole request.
func (r reasons) note(i int, err error) error {
	if err == nil {
		return nil
	}
	var (
		failed *conditionError
		misfit *table.Misfit
	)
	switch {
	case errors.As(err, &failed):
		r[i] = api.CancellationReason{Code: api.Some("ConditionalCheckFailed"), Message: api.Some(conditionFailed), Item: failed.old}
	case errors.Is(err, errDuplicate):
		r[i] = api.CancellationReason{Code: api.Some("DuplicateItem"), Message: api.Some(duplicateKey)}
	case errors.As(err, &misfit) && (misfit.Reason == table.WrongKey || misfit.Reason == table.WrongIndex):
		r[i] = api.CancellationReason{Code: api.Some("ValidationError"), Message: api.Some(misfit.Message)}
	case errors.Is(err, errOversize), errors.Is(err, errNoKey), isEvaluation(err):
		r[i] = api.CancellationReason{Code: api.Some("ValidationError"), Message: api.Some(validationMessage(err))}
	default:
		return err
	}
	return nil
}

// validationMessage returns what a client is told of err.
func validationMessage(err error) string {
	var e *api.Error
	if errors.As(exception(err), &e) {
		return e.Message
	}
	return err.Error()
}

// err returns the exception that tells of the reasons, or nil if there is
// none.
func (r reasons) err() error {
	codes, any := "", false
	for i := range r {
		if r[i].Code.Set {
			any = true
		} else {
			r[i].Code = api.Some("None")
		}
		if i > 0 {
			codes += ", "
		}
		codes += r[i].Code.V
	}
	if !any {
		return nil
	}
	e := api.NewTransactionCanceledException("Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]")
	e.CancellationReasons = r
	return e
}
