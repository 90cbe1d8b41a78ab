package job_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/table"
)

// A process is a store as one of several processes that share it sees it, with
// the Runner of that process.
type process struct {
	kv.Store
	runner *job.Runner
	log    bytes.Buffer

	mu     sync.Mutex
	around around
	broken error // what every call returns, if not nil
}

// An around makes an Update with the given locks, or does not.
type around func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error

func (p *process) SharedStore() {}

func (p *process) View(ctx context.Context, fn func(kv.Reader) error) error {
	p.mu.Lock()
	broken := p.broken
	p.mu.Unlock()
	if broken != nil {
		return broken
	}
	return p.Store.View(ctx, fn)
}

func (p *process) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	p.mu.Lock()
	broken, around := p.broken, p.around
	p.mu.Unlock()
	update := func(ctx context.Context) error { return p.Store.Update(ctx, locks, fn) }
	switch {
	case broken != nil:
		return broken
	case around != nil:
		return around(ctx, locks, update)
	default:
		return update(ctx)
	}
}

// Break has all calls fail from now on, or not any more if err is nil.
func (p *process) Break(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = err
}

// Around has fn make each Update from now on; nil is not to.
func (p *process) Around(fn around) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.around = fn
}

// isWork reports whether locks are those of background work, and not of the
// lease itself.
func isWork(locks kv.Locks) bool {
	return slices.ContainsFunc(locks.Share, func(k []byte) bool { return bytes.Equal(k, table.LeaseKey()) })
}

// shared runs a test on a memory engine that two processes share, of which the
// first has the lease. Requests are those of the second.
func shared(t *testing.T, test func(t *testing.T, w *world, first, second *process)) {
	synctest.Test(t, func(t *testing.T) {
		store := memkv.Open()
		var all []*process
		for range 2 {
			p := &process{Store: store}
			p.runner = job.Start(p, time.Now, slog.New(slog.NewTextHandler(&p.log, nil)), job.Config{})
			all = append(all, p)
			synctest.Wait()
		}
		w := &world{store: store, db: dynamodb.New(dynamodb.Config{Store: store, Wake: all[1].runner.Wake})}
		w.do(t, "CreateTable", createTable)
		w.fill(t, 250)
		test(t, w, all[0], all[1])
		for _, p := range all {
			p.Around(nil)
			p.Break(nil)
			p.runner.Stop()
		}
		w.check(t)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// within waits in the bubble's time, so not at all, and then expects the index
// to be filled or not.
func (w *world) within(t *testing.T, d time.Duration, filled bool) {
	t.Helper()
	time.Sleep(d)
	synctest.Wait()
	if got := w.tables(t)[0].Online() == nil; got != filled {
		t.Errorf("after %v the index is filled: %t, want %t", d, got, filled)
	}
}

// pair returns the value of a key, or "".
func (w *world) pair(t *testing.T, key []byte) (value string) {
	t.Helper()
	w.view(t, func(r kv.Reader) error {
		values, err := r.Get(key)
		value = string(values[0])
		return err
	})
	return value
}

func TestHolderIsWokenByANote(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		second.Around(func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error {
			if isWork(locks) {
				t.Error("work without the lease")
			}
			return update(ctx)
		})
		for range 2 {
			w.do(t, "UpdateTable", addIndex)
			w.within(t, 1100*time.Millisecond, true)
			w.do(t, "UpdateTable", dropIndex)
			w.within(t, 1100*time.Millisecond, true)
		}
	})
}

func TestLeaseOfTheDeadIsTakenOver(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		time.Sleep(10 * time.Second)
		first.Break(errors.New("dead"))
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 1900*time.Millisecond, false) // the last heartbeat was at most a second ago
		w.within(t, 2200*time.Millisecond, true)
	})
}

func TestLeaseIsReleased(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		first.runner.Stop()
		if got := w.pair(t, table.LeaseKey()); got != "" {
			t.Errorf("the lease is still %q", got)
		}
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 1100*time.Millisecond, true)
		second.runner.Stop()
		if got := w.pair(t, table.LeaseKey()); got != "" {
			t.Errorf("the lease is still %q", got)
		}
	})
}

// A process that is paused and comes back finds that its work is another's.
func TestWorkOfThePausedWritesNothing(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		resume := make(chan struct{})
		working, updates := false, 0
		var refused error
		var mu sync.Mutex
		first.Around(func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error {
			mu.Lock()
			working = working || isWork(locks)
			paused := working
			mu.Unlock()
			if !paused {
				return update(ctx)
			}
			<-resume
			// It reaches the store, though its context has ended.
			err := update(context.WithoutCancel(ctx))
			if isWork(locks) {
				updates, refused = updates+1, err
			}
			return err
		})
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 2*time.Second, false)
		w.within(t, 4*time.Second, true)
		w.do(t, "UpdateTable", dropIndex)
		w.within(t, 2*time.Second, true)
		before := w.all(t)
		close(resume)
		synctest.Wait()
		if diff := cmp.Diff(before, w.all(t)); diff != "" {
			t.Errorf("the paused process has written: %s", diff)
		}
		if updates != 1 || refused == nil || !strings.Contains(refused.Error(), "passed to another process") {
			t.Errorf("%d updates after the pause, the last with error %v", updates, refused)
		}
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 2*time.Second, true)
	})
}

// all returns all pairs but the note: whoever loses the lease leaves one.
func (w *world) all(t *testing.T) map[string]string {
	t.Helper()
	pairs := map[string]string{}
	w.view(t, func(r kv.Reader) error {
		for pair, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			pairs[string(pair.Key)] = string(pair.Value)
		}
		return nil
	})
	delete(pairs, string(table.WakeKey()))
	return pairs
}

func TestHeartbeatsGoOnDuringLongWork(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		first.Around(func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error {
			if isWork(locks) {
				time.Sleep(10 * time.Second)
			}
			return update(ctx)
		})
		second.Around(func(_ context.Context, locks kv.Locks, update func(context.Context) error) error {
			if !isNote(locks) {
				t.Error("the lease was taken from a process that works")
			}
			return update(t.Context())
		})
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 30*time.Second, false) // three batches, and one commit to end
		w.within(t, 12*time.Second, true)
		second.Around(nil)
	})
}

// isNote reports whether locks are those of a note to the holder.
func isNote(locks kv.Locks) bool { return bytes.Equal(locks.Hold[0], table.WakeKey()) }

// Work ends when the lease may have passed to another process, whether the
// store says no or nothing, and goes on there, or here again.
func TestWorkEndsWithoutHeartbeats(t *testing.T) {
	for name, silent := range map[string]bool{"refused": false, "unanswered": true} {
		t.Run(name, func(t *testing.T) {
			shared(t, func(t *testing.T, w *world, first, second *process) {
				second.runner.Stop()
				var took time.Duration
				begin := time.Now()
				first.Around(func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error {
					switch {
					case isWork(locks) && took == 0:
						<-ctx.Done()
						took = time.Since(begin)
						return ctx.Err()
					case isWork(locks) || took != 0:
						return update(ctx)
					case silent:
						<-ctx.Done()
						return ctx.Err()
					default:
						return errors.New("no")
					}
				})
				w.do(t, "UpdateTable", addIndex)
				first.runner.Wake()
				w.within(t, 10*time.Second, true)
				if took < 2*time.Second || took > 4*time.Second {
					t.Errorf("work ended after %v", took)
				}
				if got := first.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "was not renewed") {
					t.Errorf("log:\n%s", got)
				}
			})
		})
	}
}

// Whatever fails and for how long, it is said when it begins and when it ends.
func TestTroubleIsLoggedOnce(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		first.Break(errors.New("database is away"))
		second.Break(errors.New("database is away"))
		time.Sleep(time.Minute)
		first.Break(nil)
		second.Break(nil)
		w.do(t, "UpdateTable", addIndex)
		w.within(t, 5*time.Second, true)
		for p, want := range map[*process][]string{
			first:  {"level=WARN", "level=ERROR", "level=INFO"}, // the lease is lost first
			second: {"level=ERROR", "level=INFO"},
		} {
			lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
			if len(lines) != len(want) {
				t.Errorf("%d lines, want %d:\n%s", len(lines), len(want), p.log.String())
				continue
			}
			for i, line := range lines {
				if !strings.Contains(line, want[i]) {
					t.Errorf("line %q, want %s", line, want[i])
				}
			}
		}
	})
}

// A store that nobody shares has no lease, and is not written without need.
func TestNothingIsWrittenOfALeaseThatNobodyNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memkv.Open()
		counted := &faulty{Store: store, left: 1000}
		runner := job.Start(counted, time.Now, slog.New(slog.DiscardHandler), job.Config{})
		w := &world{store: store}
		time.Sleep(time.Hour)
		runner.Wake()
		time.Sleep(time.Minute)
		runner.Stop()
		if n := w.keys(t); n != 0 || counted.left != 1000 {
			t.Errorf("%d pairs after %d updates", n, 1000-counted.left)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Once works when the process that has the lease is gone, and leaves the lease
// to others.
func TestOnceTakesTheLease(t *testing.T) {
	shared(t, func(t *testing.T, w *world, first, second *process) {
		second.runner.Stop()
		w.do(t, "UpdateTable", addIndex)
		first.Break(errors.New("dead"))
		begin := time.Now()
		if err := w.once(&process{Store: w.store}); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 4*time.Second {
			t.Errorf("once took %v", took)
		}
		w.within(t, 0, true)
		begin = time.Now()
		if err := w.once(&process{Store: w.store}); err != nil || time.Since(begin) != 0 {
			t.Errorf("once again took %v, error %v", time.Since(begin), err)
		}
	})
}
