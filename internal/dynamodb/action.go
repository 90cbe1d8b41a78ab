package dynamodb

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/table"
)

// An action is a write of one item, or only a look at it, on its own or in a
// batch or transaction. Its functions may be called again, so they leave no
// trace but what they return.
type action struct {
	table string
	// about is what the action puts, or the key of the item that it is about. A
	// statement's is known once it is located.
	about attr.Item
	// locate checks the item's key against the table and returns where the
	// item is stored.
	locate func(*table.Table) ([]byte, error)
	// admit is called before the condition is looked at; nil admits all.
	admit func(old attr.Item) error
	// condition must hold for the action to be carried out; nil always does.
	condition *expr.Condition
	// lenient says that the condition does not matter if there is no item.
	lenient bool
	// change returns what the item becomes, nil for none. It must not change
	// old. A nil change only looks at the condition.
	change func(t *table.Table, old attr.Item) (attr.Item, error)
	// returnOld asks for the item in the answer if the condition fails.
	returnOld bool
}

// A conditionError says that an action's condition does not hold.
type conditionError struct {
	old attr.Item // if it was asked for
}

func (*conditionError) Error() string { return conditionFailed }

// do carries the action out on the item that old is, and returns the write.
func (a *action) do(t *table.Table, key []byte, old attr.Item) (*item.Write, error) {
	if a.admit != nil {
		if err := a.admit(old); err != nil {
			return nil, err
		}
	}
	if a.condition != nil && !(a.lenient && old == nil) && !a.condition.Matches(old) {
		failed := &conditionError{}
		if a.returnOld {
			failed.old = bytes.Clone(old)
		}
		return nil, failed
	}
	w := &item.Write{Table: t, Key: key, Old: old, New: old}
	if a.change == nil {
		return w, nil
	}
	var err error
	w.New, err = a.change(t, old)
	return w, err
}

// wanted is what the answer to a write of one item is to have.
type wanted struct {
	attributes        func(*item.Write) attr.Item
	capacity, metrics api.Opt[string]
}

// oldItem returns the item as it was, if ReturnValues asks for it.
func oldItem(returnValues api.Opt[string]) func(*item.Write) attr.Item {
	return func(w *item.Write) attr.Item {
		if returnValues.V != "ALL_OLD" {
			return nil
		}
		return w.Old
	}
}

// performed is the answer to a write of one item.
type performed struct {
	attributes attr.Item
	table      *table.Table
	units      item.Units // if the capacity was asked for
	capacity   *api.ConsumedCapacity
	metrics    *api.ItemCollectionMetrics
}

// perform carries out one action on the item that it is, or whose key it is.
func (s *Service) perform(ctx context.Context, a *action, it attr.Item, want wanted) (performed, error) {
	var (
		key     []byte
		t       *table.Table
		out     performed
		refused float64 // units of a write whose condition does not hold
	)
	locate := func(ts []*table.Table) (hold, share [][]byte, err error) {
		key, err = a.locate(ts[0])
		return [][]byte{key}, nil, err
	}
	err := s.write(ctx, []string{a.table}, locate, func(ts []*table.Table, values [][]byte, tx itemWriter) error {
		t = ts[0]
		refused = 0
		w, err := a.do(t, key, values[0])
		if err != nil {
			if failed := (*conditionError)(nil); errors.As(err, &failed) {
				refused = (&item.Write{Table: t, Key: key, Old: values[0], New: values[0]}).Units().Table
			}
			return err
		}
		w.Now = s.now()
		if err := tx.do(w); err != nil {
			return err
		}
		out.attributes = s.keep(want.attributes(w))
		if want.capacity.Set {
			out.units = w.Units()
			out.capacity = consumed(want.capacity, t, out.units)
		}
		return nil
	})
	if err != nil {
		// The service takes for it what it takes to write the item that is there.
		s.tally.Write(t, nil, refused)
		return performed{}, conditionException(err)
	}
	out.table = t
	out.metrics, err = s.collection(ctx, want.metrics, t, it)
	return out, err
}

// conditionException makes a condition that does not hold into what an
// operation on one item says of it.
func conditionException(err error) error {
	var failed *conditionError
	if !errors.As(err, &failed) {
		return err
	}
	e := api.NewConditionalCheckFailedException(conditionFailed)
	e.Item = failed.old
	return e
}

// put returns an action that stores it, whatever was there before.
func put(name string, it attr.Item) *action {
	return &action{
		table: name,
		about: it,
		locate: func(t *table.Table) ([]byte, error) {
			key, err := t.ItemKey(it)
			if err != nil {
				return nil, err
			}
			return key, t.CheckIndexKeys(it, nil)
		},
		change: func(*table.Table, attr.Item) (attr.Item, error) { return it, nil },
	}
}

// remove returns an action that deletes the item with a key.
func remove(name string, key attr.Item) *action {
	return &action{
		table:  name,
		about:  key,
		locate: func(t *table.Table) ([]byte, error) { return t.Key(key) },
		change: func(*table.Table, attr.Item) (attr.Item, error) { return nil, nil },
	}
}

// update returns an action that applies u to the item with a key; a nil u only
// makes sure that there is one.
func update(name string, key attr.Item, u *expr.Update) *action {
	return &action{
		table:  name,
		about:  key,
		locate: func(t *table.Table) ([]byte, error) { return t.Key(key) },
		admit: func(old attr.Item) error {
			if u != nil && u.Charge(old) > attr.MaxItemSize {
				return invalid(updateTooLarge)
			}
			return nil
		},
		change: func(t *table.Table, old attr.Item) (attr.Item, error) { return updated(t, key, u, old) },
	}
}

// checkNotKey refuses an update of a key attribute.
func checkNotKey(t *table.Table, u *expr.Update) error {
	for _, k := range t.Keys().All() {
		if slices.Contains(u.Touched(), k.Name) {
			return &table.Misfit{Reason: table.WrongKey, Message: invalidValues + "Cannot update attribute " + k.Name + ". This attribute is part of the key"}
		}
	}
	return nil
}

// An oversize error says that an updated item is over the limit.
var errOversize = invalid(updateTooLarge)

func updated(t *table.Table, key attr.Item, u *expr.Update, old attr.Item) (attr.Item, error) {
	if u == nil {
		if old != nil {
			return old, nil
		}
		return key, nil
	}
	if err := checkNotKey(t, u); err != nil {
		return nil, err
	}
	now, err := u.Apply(old, key)
	if err != nil {
		return nil, err
	}
	touched := u.Touched()
	if err := t.CheckIndexKeys(now, func(name string) bool { return slices.Contains(touched, name) }); err != nil {
		return nil, err
	}
	if now.Size() > attr.MaxItemSize {
		return nil, errOversize
	}
	return now, nil
}

// keep returns i such that it stays valid after the access that read it.
func (s *Service) keep(i attr.Item) attr.Item {
	if s.stable {
		return i
	}
	return bytes.Clone(i)
}
