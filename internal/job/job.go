// Package job does what happens without a request: it clears away what deleted
// tables and indexes leave behind, fills new indexes, deletes items that have
// expired, makes changes of global tables in other regions, replaces and trims
// shards of streams, and forgets client request tokens. All of it can be stopped at any moment and begun again, and of the
// processes that share a store one does it at a time.
package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// A Runner does the background work of one store. Of all Runners on a store
// that several processes share, one works at a time.
type Runner struct {
	store kv.Store
	now   func() time.Time
	log   *slog.Logger
	wake  chan struct{}
	// jumped is set when the clock has been, until it has been looked at.
	jumped atomic.Bool
	ctx    context.Context
	stop   context.CancelFunc
	done   chan struct{}

	lease *lease // nil if no other process can have the store open
	term  *term  // nil without a lease
	// slice is how many pairs to delete in one Update; 0 is as many as there are.
	slice int

	// every is how often to delete what has expired, by the clock now; 0 is
	// never. expiry is when to do it next.
	every  time.Duration
	expiry time.Time

	lag   replica.Delay
	moves *moves

	// due is when the next of the tables that were last seen on their way
	// somewhere arrives; zero if none was.
	due time.Time
	// rollover is when the next shards that were last seen are to be replaced.
	rollover time.Time
	loads    map[string]loadSeen // by key

	mu      sync.Mutex
	failing map[task]bool
	filled  map[part]int // how many items have been looked through to fill it
}

// A part is what is filled with what comes of a table's items: an index or a queue
// by its number, or, with 0, the table itself as a replica of another one.
type part struct {
	table  string // its ID
	number uint32
}

// Filled returns how many items this Runner has looked through so far to fill the
// index or queue with a number of the table with an ID or, for 0, that table as a
// replica of another one. It reports false if it is not at that.
func (r *Runner) Filled(table string, number uint32) (items int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	items, ok = r.filled[part{table, number}]
	return items, ok
}

// How often a Runner looks for work that nobody woke it for: after an error,
// when no table is known to be on its way somewhere, and for tokens. Looking
// means reading every table's descriptor, or every token.
const (
	soon      = time.Second
	someday   = 15 * time.Second
	tokenLook = time.Minute
)

// A Config says what a Runner does besides what has to be done.
type Config struct {
	// Expire is how often to delete the items that have expired, for the first
	// time after that long, by the Runner's clock; 0 is never. When the clock is
	// set, call ClockSet.
	Expire time.Duration
	// Lag is how long after its commit a write of a global table is made in other
	// regions. Without it there are no such writes, but for those that somebody
	// holds up.
	Lag replica.Delay
}

// Start begins to work on store. The caller must Stop the Runner before it
// closes the store.
func Start(store kv.Store, now func() time.Time, log *slog.Logger, cfg Config) *Runner {
	r := New(store, now, log, cfg)
	go func() {
		defer close(r.done)
		r.loop()
	}()
	return r
}

// New returns a Runner that works only when Once is called.
func New(store kv.Store, now func() time.Time, log *slog.Logger, cfg Config) *Runner {
	r := &Runner{
		store: store, now: now, log: log, wake: make(chan struct{}, 1), done: make(chan struct{}), failing: map[task]bool{}, filled: map[part]int{},
		every: cfg.Expire, expiry: now().Add(cfg.Expire), lag: cfg.Lag, moves: newMoves(),
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	if _, shared := store.(kv.Shared); shared {
		r.lease = &lease{store: store}
	}
	if s, ok := store.(kv.Slicer); ok {
		r.slice = s.Slice()
	}
	return r
}

// Wake has a started Runner look for work now, or the Runner of another process
// within about a second if that one does the work. It does not wait.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// ClockSet has a started Runner look for all that may have become due because
// its clock has been set. It does not wait.
func (r *Runner) ClockSet() {
	r.jumped.Store(true)
	r.moves.look()
	r.Wake()
}

// Stop ends a started Runner's work and waits for it.
func (r *Runner) Stop() {
	r.stop()
	<-r.done
}

// Once does all the work there is. It waits while another process works.
func (r *Runner) Once(ctx context.Context) error {
	for {
		err := r.hold(ctx, func(ctx context.Context) error {
			if err := r.tables(ctx); err != nil {
				return err
			}
			if err := r.moveAll(ctx); err != nil {
				return err
			}
			if err := r.tables(ctx); err != nil { // what those have left
				return err
			}
			if err := r.streams(ctx); err != nil {
				return err
			}
			return r.forget(ctx)
		})
		if !errors.Is(err, errLeaseLost) {
			return err
		}
	}
}

// loop works whenever it is this process's turn.
func (r *Runner) loop() {
	for {
		err := r.hold(r.ctx, r.work)
		if r.ctx.Err() != nil {
			return
		}
		if errors.Is(err, errLeaseLost) {
			r.log.Warn("background work stops here", "err", err)
			r.Wake() // what it was woken for is for another process to do
			continue
		}
		r.report(lookForLease, err)
		select {
		case <-r.ctx.Done():
		case <-time.After(soon):
		}
	}
}

// work works until ctx ends or the lease is lost.
func (r *Runner) work(ctx context.Context) error {
	var mover sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	defer mover.Wait()
	defer stop()
	mover.Go(func() { r.move(ctx) })
	tokens := time.NewTicker(tokenLook)
	defer tokens.Stop()
	next := time.NewTimer(0) // what the last run left, at once
	defer next.Stop()
	streams := time.NewTimer(0)
	defer streams.Stop()
	expiry := time.NewTimer(r.untilExpiry(nil))
	defer expiry.Stop()
	for {
		task, work := settleTables, r.tables
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tokens.C:
			task, work = forgetTokens, r.forget
		case <-streams.C:
			task, work = tendStreams, r.streams
		case <-expiry.C:
			task, work = deleteExpired, r.expireInTime
		case <-r.wake:
		case <-next.C:
		}
		err := work(ctx)
		if errors.Is(err, errLeaseLost) {
			return err
		}
		if ctx.Err() == nil {
			r.report(task, err)
		}
		switch task {
		case tendStreams:
			streams.Reset(r.streamPause(err))
		case deleteExpired:
			expiry.Reset(r.untilExpiry(err))
		case forgetTokens:
		default:
			next.Reset(r.pause(err))
			expiry.Reset(r.untilExpiry(nil))
			if r.jumped.Swap(false) {
				streams.Reset(0)
			}
		}
	}
}

// pause returns how long to wait for the next look after one that ended with
// err.
func (r *Runner) pause(err error) time.Duration {
	switch left := r.due.Sub(r.now()); {
	case err != nil:
		return soon
	case r.due.IsZero() || left > someday:
		return someday
	default:
		return max(left, 0)
	}
}

// A task is something that can fail while other tasks do not.
type task string

const (
	lookForLease  task = "lease"
	settleTables  task = "tables"
	forgetTokens  task = "tokens"
	deleteExpired task = "expired items"
	tendStreams   task = "streams"
	moveChanges   task = "replication"
)

// report logs when a task begins to fail and when it does not any more.
func (r *Runner) report(t task, err error) {
	failed := err != nil
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing[t] == failed {
		return
	}
	r.failing[t] = failed
	if failed {
		r.log.Error("background work fails, and is tried again", "task", t, "err", err)
	} else {
		r.log.Info("background work goes on", "task", t)
	}
}

// tables does all the work that tables need.
func (r *Runner) tables(ctx context.Context) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	if err := r.endLoads(ctx); err != nil {
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
	r.due = time.Time{}
	due, err := r.keys(ctx, table.AllDescriptors(), func(p kv.Pair) bool {
		if table.Settled(p.Value) {
			return false
		}
		t, err := table.Decode(p.Value)
		if err != nil {
			return true // settling it says so
		}
		at, moving := r.dueAt(t)
		if !moving || r.now().Before(at) {
			if moving && (r.due.IsZero() || at.Before(r.due)) {
				r.due = at
			}
			return false
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("look for unsettled tables: %w", err)
	}
	for _, key := range due {
		if err := r.settleTable(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// dueAt returns when there will be something to do for t: it is gone, or an
// index or a queue is to be filled or an index dropped. It reports false for
// never.
func (r *Runner) dueAt(t *table.Table) (at time.Time, moving bool) {
	state := t.State
	if state.Status != table.Deleting { // else its items are being cleared away
		if ttl := t.Expiring(); t.Filling != nil || ttl != nil && ttl.Backfilling {
			return r.now(), true
		}
		ix := t.Online()
		if ix == nil {
			return time.Time{}, false
		}
		state = ix.State
	}
	if now := r.now(); state.Over(now) {
		return now, true
	}
	return state.Until, true
}

// unsettled returns an index that is to be filled or whose end has come.
func (r *Runner) unsettled(t *table.Table) *table.Index {
	ix := t.Online()
	if t.State.Status == table.Deleting || ix == nil || !ix.State.Over(r.now()) {
		return nil
	}
	return ix
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
		case t.State.Status == table.Deleting:
			return nil
		case t.Filling != nil:
			if err := r.fillReplica(ctx, t); err != nil {
				return fmt.Errorf("table %s, replica in %s: %w", t.Name, t.Region, err)
			}
			continue
		case t.Expiring() != nil && t.TTL.Backfilling:
			if err := r.fillQueue(ctx, t); err != nil {
				return fmt.Errorf("table %s, time to live: %w", t.Name, err)
			}
			continue
		case ix == nil:
			return nil
		case ix.State.Status != table.Deleting:
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
	keys := [][]byte{key}
	return r.update(ctx, kv.Locks{Hold: keys}, keys, func(tx kv.Tx, values [][]byte) error {
		if values[0] == nil {
			return nil
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

// A batch is what is indexed or forgotten in one commit: so many items, or as
// many as have so many bytes. Whoever wants to write one of them waits for it.
const (
	batch      = 100
	batchBytes = 1 << 20
)

// backfill gives the items that were there before ix their entries. Writers
// know of ix since it was added, so an item that changes meanwhile is right
// already: each is indexed as it is at that moment, under its lock.
func (r *Runner) backfill(ctx context.Context, t *table.Table, ix *table.Index) error {
	done, err := r.eachBatch(ctx, t, part{t.ID, ix.ID}, func(keys [][]byte) (bool, error) { return r.index(ctx, t, ix, keys) })
	if err != nil || !done {
		return err
	}
	return r.change(ctx, t.DescriptorKey(), func(_ kv.Tx, now *table.Table) bool {
		same := r.wanted(now, t, ix)
		if same != nil {
			same.Backfilling = false
		}
		return same != nil
	})
}

// eachBatch calls fn with the keys of the items of t, a batch at a time, to fill
// something, and gives way to requests in between. It ends, and reports false, if
// fn does.
func (r *Runner) eachBatch(ctx context.Context, t *table.Table, to part, fn func(keys [][]byte) (goOn bool, err error)) (done bool, err error) {
	from := t.Whole(nil)
	from.Limit = batch
	defer r.stopFilling(to)
	for n := 0; ; {
		r.fill(to, n)
		begin := time.Now()
		keys, err := r.next(ctx, from, batch)
		if err != nil || len(keys) == 0 {
			return err == nil, err
		}
		if goOn, err := fn(keys); !goOn || err != nil {
			return false, err
		}
		n += len(keys)
		from.Start = append(keys[len(keys)-1], 0)
		if err := giveWay(ctx, time.Since(begin)); err != nil {
			return false, err
		}
	}
}

func (r *Runner) fill(to part, items int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.filled[to] = items
}

func (r *Runner) stopFilling(to part) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.filled, to)
}

// mostPause is how long background work gives way to requests at most. More is
// needed only where a batch has to wait for somebody else.
const mostPause = 10 * time.Millisecond

// giveWay waits for half as long as a batch took, so that requests are not
// always behind one.
func giveWay(ctx context.Context, took time.Duration) error {
	select {
	case <-time.After(min(took/2, mostPause)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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

// next returns the first keys of a range, a batch of them at most.
func (r *Runner) next(ctx context.Context, from kv.Range, batch int) (keys [][]byte, err error) {
	err = r.store.View(ctx, func(v kv.Reader) error {
		keys = nil
		size := 0
		for pair, err := range v.Scan(from) {
			if err != nil {
				return err
			}
			keys = append(keys, bytes.Clone(pair.Key))
			if size += len(pair.Value); len(keys) == batch || size >= batchBytes {
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
	err = r.withItems(ctx, t, keys, func(tx kv.Tx, now *table.Table, values [][]byte) error {
		wanted = false
		if now == nil {
			return nil
		}
		same := r.wanted(now, t, ix)
		if wanted = same != nil; !wanted {
			return nil
		}
		items := make([]attr.Item, 0, len(keys))
		for _, raw := range values {
			if raw != nil {
				items = append(items, raw)
			}
		}
		return item.Index(tx, now, same, items...)
	})
	return wanted, err
}

// forget deletes client request tokens that have expired, and conflicts that
// nobody needs to know of any more.
func (r *Runner) forget(ctx context.Context) error {
	old := func(token []byte) bool { return item.Token(token).Expired(r.now()) }
	tokens, err := r.keys(ctx, table.Tokens(), func(p kv.Pair) bool { return old(p.Value) })
	if err != nil {
		return fmt.Errorf("look for expired tokens: %w", err)
	}
	if err := r.forgetThose(ctx, tokens, old); err != nil {
		return fmt.Errorf("forget tokens: %w", err)
	}
	conflicts, err := r.keys(ctx, kv.Prefix(table.AllConflicts()), func(kv.Pair) bool { return true })
	if err != nil {
		return fmt.Errorf("look for old conflicts: %w", err)
	}
	if err := r.forgetThose(ctx, r.oldConflicts(conflicts), func([]byte) bool { return true }); err != nil {
		return fmt.Errorf("forget conflicts: %w", err)
	}
	return nil
}

// keptConflicts is how many conflicts are kept for the tables of a name.
const keptConflicts = 1000

// oldConflicts returns the keys of conflicts of long ago, and of those that are
// too many.
func (r *Runner) oldConflicts(keys [][]byte) (old [][]byte) {
	kept, of := 0, ""
	for _, key := range slices.Backward(keys) {
		name, at, ok := table.ConflictAt(key)
		if kept++; name != of {
			kept, of = 1, name
		}
		if !ok || kept > keptConflicts || !r.now().Before(time.UnixMicro(at).Add(replica.ConflictRetention)) {
			old = append(old, key)
		}
	}
	return old
}

// forgetThose deletes the pairs with some keys whose values are old still.
func (r *Runner) forgetThose(ctx context.Context, keys [][]byte, old func([]byte) bool) error {
	for keys := range slices.Chunk(keys, batch) {
		err := r.update(ctx, kv.Locks{Hold: keys}, keys, func(tx kv.Tx, values [][]byte) error {
			for i, v := range values {
				if v != nil && old(v) {
					tx.Delete(keys[i])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
