package dynamodb

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxTransaction is how many bytes the items of a transaction may have
// together.
const maxTransaction = 4 << 20

// TransactWriteItems carries out all of its actions or none. Transactions are
// serializable: one that meets another on an item waits for it.
func (s *Service) TransactWriteItems(ctx context.Context, in *api.TransactWriteItemsInput) (*api.TransactWriteItemsOutput, error) {
	w := &transactWrite{Service: s, token: in.ClientRequestToken}
	if err := w.check(in); err != nil {
		return nil, err
	}
	if w.token.Set {
		w.request = fingerprint(in)
	}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	out := &api.TransactWriteItemsOutput{ConsumedCapacity: w.consumed(in.ReturnConsumedCapacity)}
	var err error
	out.ItemCollectionMetrics, err = s.collections(ctx, in.ReturnItemCollectionMetrics, w.touched())
	return out, err
}

// A transactWrite is one transaction on its way.
type transactWrite struct {
	*Service
	token      api.Opt[string]
	request    []byte // the same for the same actions; needed with a token only
	statements bool   // it is of statements
	actions    []*action
	size       int // of what they are about
	tables     nameList

	ts       []*table.Table
	keys     [][]byte // of each action
	order    []int    // the actions in the order in which their keys are read
	spent    ledger
	replayed bool // the token was used before
}

// add adds an action.
func (w *transactWrite) add(a *action) {
	w.actions = append(w.actions, a)
	w.tables.add(a.table)
	if a.about != nil {
		w.size += a.about.Size()
	}
}

// run carries the transaction out.
func (w *transactWrite) run(ctx context.Context) error {
	if w.size > maxTransaction {
		return invalid("Collection size of items exceeded, which can also be caused by the aggregate size of the items in the transaction exceeding the 4MB limit")
	}
	return w.write(ctx, w.tables.names, w.locate, w.do)
}

// consumed returns the capacity that the transaction took.
func (w *transactWrite) consumed(want api.Opt[string]) []api.ConsumedCapacity {
	way := writing
	if w.replayed {
		way = reading
	}
	return w.spent.consumed(func(t *table.Table, u item.Units) *api.ConsumedCapacity {
		return transacted(want, t, u, way)
	})
}

// check checks the actions one after another; the first problem wins, whatever
// it is. Observed on AWS, October 2026.
func (w *transactWrite) check(in *api.TransactWriteItemsInput) error {
	for _, e := range in.TransactItems {
		a, err := w.action(e)
		if err != nil {
			return err
		}
		w.add(a)
	}
	return nil
}

// action returns the action of one element.
func (w *transactWrite) action(e api.TransactWriteItem) (*action, error) {
	if countActions(e) > 1 {
		return nil, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	switch {
	case e.Put != nil:
		return w.put(e.Put)
	case e.Delete != nil:
		d := e.Delete
		return guarded(remove(w.tableOf(d.TableName.V), d.Key), guard{condition: d.ConditionExpression, names: d.ExpressionAttributeNames, values: d.ExpressionAttributeValues}, d.ReturnValuesOnConditionCheckFailure)
	case e.ConditionCheck != nil:
		c := e.ConditionCheck
		a := remove(w.tableOf(c.TableName.V), c.Key)
		a.change = nil
		return guarded(a, guard{condition: c.ConditionExpression, names: c.ExpressionAttributeNames, values: c.ExpressionAttributeValues}, c.ReturnValuesOnConditionCheckFailure)
	default:
		return w.update(e.Update)
	}
}

func countActions(e api.TransactWriteItem) int {
	n := 0
	for _, there := range []bool{e.Put != nil, e.Delete != nil, e.ConditionCheck != nil, e.Update != nil} {
		if there {
			n++
		}
	}
	return n
}

func (w *transactWrite) put(p *api.Put) (*action, error) {
	if f := p.Item.Fault(); f != nil && f.Kind == attr.EmptyName {
		return nil, invalid(f.Message(attr.Current))
	}
	a, err := guarded(put(w.tableOf(p.TableName.V), p.Item), guard{condition: p.ConditionExpression, names: p.ExpressionAttributeNames, values: p.ExpressionAttributeValues}, p.ReturnValuesOnConditionCheckFailure)
	if err == nil && p.Item.Size() > attr.MaxItemSize {
		err = invalid(itemTooLarge)
	}
	return a, err
}

func (w *transactWrite) update(u *api.Update) (*action, error) {
	g := guard{condition: u.ConditionExpression, names: u.ExpressionAttributeNames, values: u.ExpressionAttributeValues}
	bound, cond, err := g.bindUpdate(u.UpdateExpression.V)
	if err != nil {
		return nil, err
	}
	if err := checkItem(u.Key, attr.Current); err != nil {
		return nil, err
	}
	a := update(w.tableOf(u.TableName.V), u.Key, bound)
	a.condition = cond
	a.returnOld = u.ReturnValuesOnConditionCheckFailure.V == "ALL_OLD"
	return a, nil
}

// guarded gives a its condition, which is checked before the values of the
// item or key.
func guarded(a *action, g guard, onFailure api.Opt[string]) (*action, error) {
	var err error
	if a.condition, err = g.bindAlone(); err != nil {
		return nil, err
	}
	a.returnOld = onFailure.V == "ALL_OLD"
	return a, checkItem(a.about, attr.Current)
}

// locate plans the transaction: items that it writes are held, those that it
// only looks at are shared. The token, if there is one, is held too.
func (w *transactWrite) locate(ts []*table.Table) (hold, share [][]byte, err error) {
	if err := checkTransactable(ts); err != nil {
		return nil, nil, err
	}
	w.ts, w.keys = ts, make([][]byte, len(w.actions))
	reasons := newReasons(len(w.actions))
	for i, a := range w.actions {
		key, err := a.locate(w.table(i))
		if err := reasons.note(i, err); err != nil {
			return nil, nil, err
		}
		w.keys[i] = key
	}
	if err := cmp.Or(checkOncePerItem(w.keys), reasons.planned(w.statements).err()); err != nil {
		return nil, nil, err
	}
	w.order = w.order[:0]
	for i, a := range w.actions {
		if a.change != nil {
			hold, w.order = append(hold, w.keys[i]), append(w.order, i)
		}
	}
	if w.token.Set {
		hold = append(hold, w.tokenKey())
	}
	for i, a := range w.actions {
		if a.change == nil {
			share, w.order = append(share, w.keys[i]), append(w.order, i)
		}
	}
	return hold, share, nil
}

func (w *transactWrite) table(i int) *table.Table { return w.ts[w.tables.of[i]] }

func (w *transactWrite) tokenKey() []byte {
	return table.TokenKey(w.account, w.region, w.token.V)
}

// do carries the transaction out. values are in w.order, with the token's
// among them.
func (w *transactWrite) do(_ []*table.Table, values [][]byte, tx itemWriter) error {
	w.spent, w.replayed = ledger{}, false
	if w.token.Set {
		at := w.writes()
		again, err := w.recall(tx.Tx, values[at])
		if again || err != nil {
			return err
		}
		values = slices.Delete(slices.Clone(values), at, at+1)
	}
	writes := make([]*item.Write, len(w.actions))
	reasons := newReasons(len(w.actions))
	for n, i := range w.order {
		done, err := w.actions[i].do(w.table(i), w.keys[i], values[n])
		if err := reasons.note(i, err); err != nil {
			return err
		}
		writes[i] = done
	}
	if err := reasons.err(); err != nil {
		return err
	}
	return w.commit(tx, writes)
}

// writes returns how many actions write.
func (w *transactWrite) writes() int {
	n := 0
	for _, a := range w.actions {
		if a.change != nil {
			n++
		}
	}
	return n
}

func (w *transactWrite) commit(tx itemWriter, writes []*item.Write) error {
	for i, done := range writes {
		done.Now = w.now()
		again := transactedTwice // of its units
		if w.actions[i].change != nil {
			again--
			if err := tx.do(done); err != nil {
				return err
			}
		}
		units := done.Units()
		w.spent.add(done.Table, units)
		w.tally.Write(done.Table, nil, float64(again)*units.Table)
	}
	return nil
}

// recall looks for an earlier use of the token and keeps this one. It reports
// true if the transaction has been carried out already.
func (w *transactWrite) recall(tx kv.Tx, stored []byte) (again bool, err error) {
	now, then := item.NewToken(w.request, w.ts, w.now()), item.Token(stored)
	if counts, err := w.counts(tx, then); counts || err != nil {
		if err == nil && !then.SameRequest(now) {
			err = api.NewIdempotentParameterMismatchException("An error occurred (IdempotentParameterMismatchException)")
		}
		if err != nil {
			return false, err
		}
		w.replay()
		return true, nil
	}
	tx.Set(w.tokenKey(), now)
	return false, nil
}

// counts reports whether a stored token still answers: it has not expired and
// its tables are those of then.
func (w *transactWrite) counts(r kv.Reader, then item.Token) (bool, error) {
	if then.Expired(w.now()) {
		return false, nil
	}
	for name, id := range then.Tables() {
		t, err := w.find(r, name)
		if errors.Is(err, errNoTable) || err == nil && t.ID != id {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// replay accounts for a transaction that is only looked up: as reads of its
// items.
func (w *transactWrite) replay() {
	w.replayed = true
	for i := range w.actions {
		units := item.Units{Table: item.Of(w.actions[i].about.Size(), true)}
		w.spent.add(w.table(i), units)
		w.tally.Read(w.table(i), nil, transactedTwice*units.Table)
	}
}

// fingerprint returns bytes that are the same for the same actions. What the
// answer is to contain does not matter, nor in what order names were given.
func fingerprint(in *api.TransactWriteItemsInput) []byte {
	var b []byte
	for _, e := range in.TransactItems {
		switch {
		case e.Put != nil:
			b = appendAction(b, "put", e.Put.TableName, e.Put.Item, "", e.Put.ConditionExpression, e.Put.ExpressionAttributeNames, e.Put.ExpressionAttributeValues)
		case e.Delete != nil:
			b = appendAction(b, "delete", e.Delete.TableName, e.Delete.Key, "", e.Delete.ConditionExpression, e.Delete.ExpressionAttributeNames, e.Delete.ExpressionAttributeValues)
		case e.ConditionCheck != nil:
			b = appendAction(b, "check", e.ConditionCheck.TableName, e.ConditionCheck.Key, "", e.ConditionCheck.ConditionExpression, e.ConditionCheck.ExpressionAttributeNames, e.ConditionCheck.ExpressionAttributeValues)
		default:
			b = appendAction(b, "update", e.Update.TableName, e.Update.Key, e.Update.UpdateExpression.V, e.Update.ConditionExpression, e.Update.ExpressionAttributeNames, e.Update.ExpressionAttributeValues)
		}
	}
	return b
}

func appendAction(b []byte, kind string, name api.Opt[string], it attr.Item, update string, cond api.Opt[string], names map[string]string, values attr.Item) []byte {
	parts := []string{kind, name.V, string(it), update, cond.V, string(values)}
	for _, alias := range slices.Sorted(maps.Keys(names)) {
		parts = append(parts, alias, names[alias])
	}
	return appendParts(b, parts)
}

// appendParts appends strings so that no others look the same.
func appendParts(b []byte, parts []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(parts)))
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// touched returns the items and keys of the request with their tables.
func (w *transactWrite) touched() []touch {
	var out []touch
	for i, a := range w.actions {
		if a.change != nil {
			out = append(out, touch{w.table(i), a.about})
		}
	}
	return out
}
