// Package job does what happens without a request: it clears away what deleted
// tables and indexes leave behind, fills new indexes, and forgets client
// request tokens. All of it can be stopped at any moment and begun again.
package job

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Runner does the background work of one store.
type Runner struct {
	store kv.Store
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{}
	ctx   context.Context
	stop  context.CancelFunc
	done  chan struct{}

	// slice is how many pairs to delete in one Update; 0 is as many as there are.
	slice int

	// moving is whether a table was last seen on its way somewhere.
	moving bool
}

// How often a Runner looks for work that nobody woke it for: while a table is
// on its way somewhere, when none is known to be, and for tokens. Looking means
// reading every table's descriptor, or every token.
const (
	soon      = time.Second
	someday   = 15 * time.Second
	tokenLook = time.Minute
)

// Start begins to work on store. The caller must Stop the Runner before it
// closes the store.
func Start(store kv.Store, now func() time.Time, log *slog.Logger) *Runner {
	r := New(store, now, log)
	go func() {
		defer close(r.done)
		r.loop()
	}()
	return r
}

// New returns a Runner that works only when Once is called.
func New(store kv.Store, now func() time.Time, log *slog.Logger) *Runner {
	r := &Runner{store: store, now: now, log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	r.ctx, r.stop = context.WithCancel(context.Background())
	if s, ok := store.(kv.Slicer); ok {
		r.slice = s.Slice()
	}
	return r
}

// Wake has a started Runner look for work now. It does not wait.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Stop ends a started Runner's work and waits for it.
func (r *Runner) Stop() {
	r.stop()
	<-r.done
}

func (r *Runner) loop() {
	tokens := time.NewTicker(tokenLook)
	defer tokens.Stop()
	next := time.NewTimer(0) // what the last run left, at once
	defer next.Stop()
	for {
		work := r.tables
		select {
		case <-r.ctx.Done():
			return
		case <-tokens.C:
			work = r.forget
		case <-r.wake:
		case <-next.C:
		}
		if err := work(r.ctx); err != nil && r.ctx.Err() == nil {
			r.log.Error("background work", "err", err)
		}
		if r.moving {
			next.Reset(soon)
		} else {
			next.Reset(someday)
		}
	}
}

// Once does all the work there is.
func (r *Runner) Once(ctx context.Context) error {
	if err := r.tables(ctx); err != nil {
		return err
	}
	return r.forget(ctx)
}

// tables does all the work that tables need.
func (r *Runner) tables(ctx context.Context) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.clear(ctx)
}

// keys reads the keys of a range; the pairs may not be kept, so they are
// copied.
func (r *Runner) keys(ctx context.Context, in kv.Range, want func(kv.Pair) bool) (keys [][]byte, err error) {
	err = r.store.View(ctx, func(v kv.Reader) error {
		keys = nil
		for pair, err := range v.Scan(in) {
			if err != nil {
				return err
			}
			if want(pair) {
				keys = append(keys, bytes.Clone(pair.Key))
			}
		}
		return nil
	})
	return keys, err
}

// settle brings every table's descriptor to where it is on its way to.
func (r *Runner) settle(ctx context.Context) error {
	r.moving = false
	unsettled, err := r.keys(ctx, table.AllDescriptors(), func(p kv.Pair) bool {
		if table.Settled(p.Value) {
			return false
		}
		t, err := table.Decode(p.Value)
		if err != nil {
			return true // settling it says so
		}
		r.moving = r.moving || t.Online() != nil || t.StatusAt(r.now()) != table.Active
		return t.Gone(r.now()) || r.unsettled(t) != nil
	})
	if err != nil {
		return fmt.Errorf("look for unsettled tables: %w", err)
	}
	for _, key := range unsettled {
		if err := r.settleTable(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// unsettled returns an index that is to be filled or whose end has come.
func (r *Runner) unsettled(t *table.Table) *table.Index {
	now := r.now()
	if t.State.Status == table.Deleting { // its items are being cleared away
		return nil
	}
	for _, ix := range t.Indexes {
		if ix.FillingAt(now) || ix.DueAt(now) {
			return ix
		}
	}
	return nil
}

func (r *Runner) settleTable(ctx context.Context, key []byte) error {
	for {
		t, err := r.load(ctx, key)
		if err != nil || t == nil {
			return err
		}
		ix := r.unsettled(t)
		switch {
		case t.Gone(r.now()):
			return r.change(ctx, key, func(tx kv.Tx, t *table.Table) bool {
				if t.Gone(r.now()) {
					tx.Delete(key)
				}
				return false
			})
		case ix == nil:
			return nil
		case ix.FillingAt(r.now()):
			err = r.backfill(ctx, t, ix)
		default:
			err = r.change(ctx, key, func(tx kv.Tx, t *table.Table) bool {
				now := t.Index(ix.Name)
				if now == nil || now.ID != ix.ID {
					return false
				}
				tx.Set(t.DropIndex(now), nil)
				return true
			})
		}
		if err != nil {
			return fmt.Errorf("table %s, index %s: %w", t.Name, ix.Name, err)
		}
	}
}

func (r *Runner) load(ctx context.Context, key []byte) (t *table.Table, err error) {
	err = r.store.View(ctx, func(v kv.Reader) error {
		values, err := v.Get(key)
		if err == nil && values[0] != nil {
			t, err = table.Decode(bytes.Clone(values[0]))
		}
		return err
	})
	return t, err
}

// change calls fn with a copy of the descriptor at key, under its lock, and
// stores the copy if fn reports true.
func (r *Runner) change(ctx context.Context, key []byte, fn func(kv.Tx, *table.Table) bool) error {
	return r.store.Update(ctx, kv.Locks{Hold: [][]byte{key}}, func(tx kv.Tx) error {
		values, err := tx.Get(key)
		if err != nil || values[0] == nil {
			return err
		}
		t, err := table.Decode(bytes.Clone(values[0]))
		if err != nil || !fn(tx, t) {
			return err
		}
		raw, err := t.Encode()
		tx.Set(key, raw)
		return err
	})
}

// batch is how many items are indexed in one commit.
const batch = 100

// backfill gives the items that were there before ix their entries. Writers
// know of ix since it was added, so an item that changes meanwhile is right
// already: each is indexed as it is at that moment, under its lock.
func (r *Runner) backfill(ctx context.Context, t *table.Table, ix *table.Index) error {
	from := t.Whole(nil)
	from.Limit = batch
	for {
		keys, err := r.next(ctx, from)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
		if wanted, err := r.index(ctx, t, ix, keys); !wanted || err != nil {
			return err
		}
		from.Start = append(keys[len(keys)-1], 0)
	}
	return r.change(ctx, t.DescriptorKey(), func(_ kv.Tx, now *table.Table) bool {
		same := r.wanted(now, t, ix)
		if same != nil {
			same.Backfilling = false
		}
		return same != nil
	})
}

// wanted returns ix as it is now, if it is still to be filled: meanwhile it, or
// its table, may have been deleted, and made again under the same name.
func (r *Runner) wanted(now, t *table.Table, ix *table.Index) *table.Index {
	same := r.unsettled(now)
	if same == nil || now.ID != t.ID || same.ID != ix.ID || !same.FillingAt(r.now()) {
		return nil
	}
	return same
}

// next returns the keys of a batch of items.
func (r *Runner) next(ctx context.Context, from kv.Range) (keys [][]byte, err error) {
	err = r.store.View(ctx, func(v kv.Reader) error {
		keys = nil
		for pair, err := range v.Scan(from) {
			if err != nil {
				return err
			}
			if keys = append(keys, bytes.Clone(pair.Key)); len(keys) == batch {
				return nil
			}
		}
		return nil
	})
	return keys, err
}

// index writes the entries of the items at keys, which may have changed or
// gone since they were found, and leaves those that are there alone. It
// reports false, and writes nothing, if the index is not wanted any more.
func (r *Runner) index(ctx context.Context, t *table.Table, ix *table.Index, keys [][]byte) (wanted bool, err error) {
	locks := kv.Locks{Hold: keys, Share: [][]byte{t.DescriptorKey()}}
	err = r.store.Update(ctx, locks, func(tx kv.Tx) error {
		wanted = false
		values, err := tx.Get(append(keys[:len(keys):len(keys)], t.DescriptorKey())...)
		if err != nil || values[len(keys)] == nil {
			return err
		}
		now, err := table.Decode(values[len(keys)])
		if err != nil {
			return err
		}
		same := r.wanted(now, t, ix)
		if wanted = same != nil; !wanted {
			return nil
		}
		for _, raw := range values[:len(keys)] {
			if raw == nil {
				continue
			}
			if err := item.Index(tx, now, same, attr.Item(raw)); err != nil {
				return err
			}
		}
		return nil
	})
	return wanted, err
}

// forget deletes client request tokens that have expired.
func (r *Runner) forget(ctx context.Context) error {
	expired, err := r.keys(ctx, table.Tokens(), func(p kv.Pair) bool { return item.Token(p.Value).Expired(r.now()) })
	if err != nil || len(expired) == 0 {
		return err
	}
	return r.store.Update(ctx, kv.Locks{Hold: expired}, func(tx kv.Tx) error {
		values, err := tx.Get(expired...)
		if err != nil {
			return err
		}
		for i, v := range values {
			if v != nil && item.Token(v).Expired(r.now()) {
				tx.Delete(expired[i])
			}
		}
		return nil
	})
}
