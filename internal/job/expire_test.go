package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/clock"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

const (
	enableTTL  = `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"l"}}`
	disableTTL = `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"l"}}`
)

// putUntil puts item n, which expires after so long.
func (w *world) putUntil(t testing.TB, n int, after time.Duration) {
	t.Helper()
	w.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"p%d"},"sk":{"S":"s"},"l":{"N":"%d"},"g":{"S":"g"}}}`, n, w.clock().Add(after).Unix())
}

// expire deletes what has expired and returns how many items that were.
func (w *world) expire(t testing.TB, store kv.Store) int {
	t.Helper()
	n, err := job.Expire(t.Context(), store, w.clock)
	if err != nil {
		t.Error(err)
	}
	return n
}

// count returns how many items there are.
func (w *world) count(t testing.TB) (n int) {
	t.Helper()
	w.view(t, func(r kv.Reader) error {
		n = 0
		for _, err := range r.Scan(w.tables(t)[0].Whole(nil)) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n
}

// Wherever it is stopped, what was there before a time to live is looked
// through by whoever comes next.
func TestFillingAQueueResumes(t *testing.T) {
	const items = 250 // in three commits, and one more to end
	for stop := range 5 {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
				w.do(t, "CreateTable", createTable)
				for n := range items {
					w.putUntil(t, n, time.Duration(n%2)*time.Hour)
				}
				w.do(t, "UpdateTimeToLive", enableTTL)
				if err := w.once(&faulty{w.store, stop}); (err == nil) != (stop == 4) {
					t.Fatalf("stopped after %d commits: %v", stop, err)
				}
				w.check(t)
				if n := w.expire(t, w.store); n != items/2 {
					t.Errorf("%d items expired, want %d", n, items/2)
				}
				if w.tables(t)[0].TTL.Backfilling {
					t.Error("the queue is not filled")
				}
				w.check(t)
				w.advance(2 * time.Hour)
				if n := w.expire(t, w.store); n != items/2 || w.count(t) != 0 {
					t.Errorf("%d items expired, %d are left", n, w.count(t))
				}
				w.check(t)
			})
		})
	}
}

// A queue is filled while items come, change and go.
func TestWritersWhileAQueueIsFilled(t *testing.T) {
	const items = 350
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, items)
		w.do(t, "UpdateTimeToLive", enableTTL)
		r := rand.New(rand.NewPCG(1, 2))
		err := w.once(&hooked{w.store, func(locked bool) {
			if locked {
				return
			}
			for range 40 {
				switch n := r.IntN(items + 10); r.IntN(3) {
				case 0:
					w.putUntil(t, n, time.Duration(r.IntN(100))*time.Second)
				case 1:
					w.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}}`, n)
				default:
					w.do(t, "UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}},"UpdateExpression":"REMOVE l"}`, n)
				}
			}
			w.check(t)
		}})
		if err != nil {
			t.Fatal(err)
		}
		if w.tables(t)[0].TTL.Backfilling {
			t.Error("the queue is not filled")
		}
		w.check(t)
	})
}

// What happens to a table between looking for what has expired and deleting it
// spares what is in it.
func TestExpiryEndsWithItsTable(t *testing.T) {
	for name, requests := range map[string][][2]string{
		"disabled":             {{"UpdateTimeToLive", disableTTL}},
		"deleted":              {{"DeleteTable", deleteTable}},
		"made again":           {{"DeleteTable", deleteTable}, {"CreateTable", createTable}, {"UpdateTimeToLive", enableTTL}},
		"disabled and enabled": {{"UpdateTimeToLive", disableTTL}, {"advance", ""}, {"UpdateTimeToLive", enableTTL}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
				w.do(t, "CreateTable", createTable)
				w.do(t, "UpdateTimeToLive", enableTTL)
				if err := w.once(w.store); err != nil {
					t.Fatal(err)
				}
				for n := range 60 {
					w.putUntil(t, n, 0)
				}
				w.advance(time.Hour)
				calls := 0
				n := w.expire(t, &hooked{w.store, func(locked bool) {
					if calls++; locked || calls != 3 { // the second slice
						return
					}
					for _, r := range requests {
						if r[0] == "advance" {
							w.advance(time.Hour)
							continue
						}
						w.do(t, r[0], "%s", r[1])
					}
				}})
				if n != 25 {
					t.Errorf("%d items expired, want a slice of 25", n)
				}
				if err := w.once(w.store); err != nil {
					t.Fatal(err)
				}
				w.check(t)
				want := map[string]int{"disabled and enabled": 35}[name]
				if n := w.expire(t, w.store); n != want {
					t.Errorf("then %d items expired, want %d", n, want)
				}
				w.check(t)
			})
		})
	}
}

// Updates race sweeps. An item whose time was put off in time is there; one
// that an update did not find any more is not; and each that is gone was counted
// once.
func TestUpdatesRaceSweeps(t *testing.T) {
	const items = 200
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.do(t, "UpdateTable", addIndex)
		w.do(t, "UpdateTimeToLive", enableTTL)
		for n := range items {
			w.putUntil(t, n, time.Duration(n%2)*time.Minute)
		}
		w.advance(time.Second)
		var saved, expired atomic.Int64
		var all sync.WaitGroup
		for i := range 2 {
			all.Go(func() { // half of those that have expired, and all that would
				for n := range items {
					if n%4 == 2 || n%2 != i {
						continue
					}
					_, err := w.db.Do(t.Context(), dynamodb.Call{
						Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: "UpdateItem",
						Body: fmt.Appendf(nil, `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}},"ConditionExpression":"attribute_exists(pk)",`+
							`"UpdateExpression":"SET l = :l","ExpressionAttributeValues":{":l":{"N":"%d"}}}`, n, w.clock().Add(time.Hour).Unix()),
					}, nil)
					switch {
					case err == nil:
						saved.Add(1)
					case !strings.Contains(err.Error(), "ConditionalCheckFailed"):
						t.Error(err)
					}
				}
			})
		}
		for range 3 {
			all.Go(func() { expired.Add(int64(w.expire(t, w.store))) })
		}
		all.Wait()
		if s, e, left := saved.Load(), expired.Load(), int64(w.count(t)); s+e != items || left != s {
			t.Errorf("%d of %d items were saved, %d expired, %d are left", s, items, e, left)
		}
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		w.check(t)
	})
}

// A table that cannot be swept does not keep others from it.
func TestExpiryGoesOnAfterAFault(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.do(t, "CreateTable", "%s", strings.Replace(createTable, "tab", "zzz", 1))
		w.do(t, "UpdateTimeToLive", enableTTL)
		w.do(t, "UpdateTimeToLive", "%s", strings.Replace(enableTTL, "tab", "zzz", 1))
		w.do(t, "PutItem", `{"TableName":"zzz","Item":{"pk":{"S":"p"},"sk":{"S":"s"},"l":{"N":"%d"}}}`, w.clock().Unix())
		n, err := job.Expire(t.Context(), &once{Store: w.store}, w.clock)
		if n != 1 || !errors.Is(err, errStopped) {
			t.Errorf("%d items expired: %v", n, err)
		}
	})
}

// once is a store whose first Update fails.
type once struct {
	kv.Store
	failed bool
}

func (o *once) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if !o.failed {
		o.failed = true
		return errStopped
	}
	return o.Store.Update(ctx, locks, fn)
}

// A Runner that is to delete what expires does so every hour of its clock, and
// at once when the clock is set forward past that; one that is not never does.
func TestRunnerDeletesWhatHasExpired(t *testing.T) {
	for name, every := range map[string]time.Duration{"on": time.Hour, "off": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, store := &clock.Clock{}, memkv.Open()
				runner := job.Start(store, c.Now, slog.New(slog.DiscardHandler), job.Config{Expire: every})
				w := &world{store: store, db: dynamodb.New(dynamodb.Config{Store: store, Now: c.Now, Wake: runner.Wake})}
				left := func(on, off int) {
					t.Helper()
					synctest.Wait()
					want := map[string]int{"on": on, "off": off}[name]
					if n := w.count(t); n != want {
						t.Errorf("%d items are there, want %d", n, want)
					}
				}
				put := func(n int, after time.Duration) {
					w.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"%d"},"sk":{"S":"s"},"l":{"N":"%d"}}}`, n, c.Now().Add(after).Unix())
				}
				set := func(by clock.Change) {
					if _, err := c.Change(by); err != nil {
						t.Fatal(err)
					}
					runner.ClockSet()
				}
				w.do(t, "CreateTable", createTable)
				w.do(t, "UpdateTimeToLive", enableTTL)
				put(1, 10*time.Minute)
				put(2, 90*time.Minute)
				put(3, 24*time.Hour)
				time.Sleep(59 * time.Minute)
				left(3, 3)
				time.Sleep(2 * time.Minute)
				left(2, 3)
				time.Sleep(time.Hour)
				left(1, 3)
				set(clock.Change{Advance: 23 * time.Hour})
				left(0, 3)
				// The clock is set back, and it is done an hour from there.
				set(clock.Change{Reset: true})
				put(4, 0)
				time.Sleep(59 * time.Minute)
				left(1, 4)
				time.Sleep(2 * time.Minute)
				left(0, 4)
				// It stands still, and goes on.
				yes := true
				set(clock.Change{Frozen: &yes})
				put(5, 0)
				time.Sleep(24 * time.Hour)
				left(1, 5)
				set(clock.Change{Reset: true})
				left(0, 5)
				runner.Stop()
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Of two processes that share a store only the one that has the lease deletes
// what expires.
func TestExpiryIsTheLeaseHoldersWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memkv.Open()
		var all []*process
		worked := [2]int{}
		for i := range 2 {
			p := &process{Store: store}
			p.Around(func(ctx context.Context, locks kv.Locks, update func(context.Context) error) error {
				if isWork(locks) {
					worked[i]++
				}
				return update(ctx)
			})
			p.runner = job.Start(p, time.Now, slog.New(slog.NewTextHandler(&p.log, nil)), job.Config{Expire: time.Hour})
			all = append(all, p)
			synctest.Wait()
		}
		w := &world{store: store, db: dynamodb.New(dynamodb.Config{Store: store, Wake: all[0].runner.Wake})}
		w.do(t, "CreateTable", createTable)
		w.do(t, "UpdateTimeToLive", enableTTL)
		w.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"s"},"l":{"N":"%d"}}}`, time.Now().Unix())
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		if n := w.count(t); n != 0 || worked[0] == 0 || worked[1] != 0 {
			t.Errorf("%d items are left, the processes worked %v times", n, worked)
		}
		// The other one goes on when it has the lease.
		all[0].runner.Stop()
		w.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"b"},"sk":{"S":"s"},"l":{"N":"%d"}}}`, time.Now().Unix())
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		if n := w.count(t); n != 0 || worked[1] == 0 {
			t.Errorf("%d items are left, the processes worked %v times", n, worked)
		}
		all[1].runner.Stop()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}
