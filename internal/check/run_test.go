package check_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/table"
)

// Whatever is going on, a check sees states in which all is well.
func TestLiveCheckFindsNothing(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			db := dynamodb.New(dynamodb.Config{Store: store})
			do(t, db, "CreateTable", createRich, "rich")
			var all sync.WaitGroup
			running := make(chan struct{})
			for i := range 3 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), 0))
					for range 60 {
						write(t, db, r)
					}
				})
			}
			all.Go(func() {
				for n := range 4 {
					change(t, store, db, fmt.Sprint("passing", n))
				}
			})
			go func() { all.Wait(); close(running) }()
			for again := true; again; {
				select {
				case <-running:
					again = false // once more, with the end of it
				default:
				}
				if found, _ := run(t, store); found != nil {
					t.Fatalf("found %v", found)
				}
			}
			if _, report := run(t, store); report.Items == 0 || report.Records == 0 {
				t.Errorf("nothing was going on: %v", report)
			}
		})
	}
}

// write changes an item of rich, or two.
func write(t *testing.T, db *dynamodb.DB, r *rand.Rand) {
	n, version := r.IntN(20), fmt.Sprint(r.IntN(5))
	key := fmt.Sprintf(`{"pk":{"S":"p%d"},"sk":{"N":"%d"}}`, n%7, n)
	switch r.IntN(4) {
	case 0:
		do(t, db, "DeleteItem", `{"TableName":"rich","Key":%s}`, key)
	case 1:
		do(t, db, "UpdateItem", `{"TableName":"rich","Key":%s,"UpdateExpression":"SET g = :g REMOVE l","ExpressionAttributeValues":{":g":{"S":"%s"}}}`, key, version)
	case 2:
		do(t, db, "PutItem", `{"TableName":"rich","Item":%s}`, richItem(n, version))
	default:
		do(t, db, "BatchWriteItem", `{"RequestItems":{"rich":[{"PutRequest":{"Item":%s}},{"DeleteRequest":{"Key":%s}}]}}`, richItem(n+20, version), key)
	}
}

// change makes a table, changes it and rich in all ways, and deletes it.
func change(t *testing.T, store kv.Store, db *dynamodb.DB, name string) {
	work := func() {
		if err := job.New(store, time.Now, slog.New(slog.DiscardHandler), job.Config{}).Once(context.Background()); err != nil {
			t.Error(err)
		}
	}
	do(t, db, "CreateTable", createRich, name)
	for n := range 10 {
		do(t, db, "PutItem", `{"TableName":"%s","Item":%s}`, name, richItem(n, "1"))
	}
	do(t, db, "UpdateTable", addIndex, "rich", "v")
	do(t, db, "UpdateTable", streamOff, name)
	do(t, db, "UpdateTable", dropIndex, name, "some")
	work()
	do(t, db, "UpdateTable", dropIndex, "rich", "added")
	do(t, db, "UpdateTable", streamOn, name)
	do(t, db, "PutItem", `{"TableName":"%s","Item":%s}`, name, richItem(1, "2"))
	do(t, db, "DeleteTable", `{"TableName":"%s"}`, name)
	work()
}

// fill puts n items into rich, in large commits.
func fill(t *testing.T, store kv.Store, tab *table.Table, n int) {
	t.Helper()
	for from := 0; from < n; from += 500 {
		err := store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
			for i := from; i < min(n, from+500); i++ {
				w := item.Write{Table: tab, New: parse(richItem(i, fmt.Sprint(i))), Now: time.Unix(0, 0)}
				var err error
				if w.Key, err = tab.ItemKey(w.New); err != nil {
					return err
				}
				if err := w.Do(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// newFilled returns a store with a table like rich of n items.
func newFilled(t *testing.T, store kv.Store, n int) *garden {
	t.Helper()
	g := &garden{store, dynamodb.New(dynamodb.Config{Store: store})}
	do(t, g.db, "CreateTable", createRich, "rich")
	fill(t, store, g.table(t, "rich"), n)
	return g
}

// More is wrong than is looked up at once.
func TestMuchDamageIsFound(t *testing.T) {
	const n = 1000
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			g := newFilled(t, store, n)
			rich := g.table(t, "rich")
			g.update(t, func(tx kv.Tx) {
				whole := rich.Whole(rich.Index("keys"))
				tx.DeleteRange(whole.Start, whole.End)
			})
			found, _ := run(t, store)
			want := append(slices.Repeat([]string{"item-without-entry rich/keys"}, n), "wrong-counter rich/keys")
			if !slices.Equal(found, want) {
				t.Errorf("found %d things, want %d", len(found), len(want))
			}
			g.update(t, func(tx kv.Tx) { tx.DeleteRange(rich.Whole(nil).Start, rich.Whole(nil).End) })
			want = []string{"wrong-counter rich", "wrong-counter rich/keys"}
			for _, ix := range []string{"local", "many", "some"} {
				want = append(want, slices.Repeat([]string{"entry-without-item rich/" + ix}, n)...)
			}
			want = append(want, slices.Repeat([]string{"unlogged-change rich"}, n)...)
			found, _ = run(t, store)
			slices.Sort(want)
			if !slices.Equal(found, want) {
				t.Errorf("found %d things, want %d", len(found), len(want))
			}
		})
	}
}

// A watched store measures how much memory is in use while it is walked.
type watched struct {
	kv.Store
	walked, got int
	before, top uint64
}

type watchedReader struct {
	kv.Reader
	store *watched
}

func (s *watched) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, func(r kv.Reader) error { return fn(watchedReader{r, s}) })
}

func (r watchedReader) Get(keys ...[]byte) ([][]byte, error) {
	r.store.got += len(keys)
	return r.Reader.Get(keys...)
}

func (r watchedReader) Scan(in kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		for pair, err := range r.Reader.Scan(in) {
			if r.store.walked++; r.store.walked%25_000 == 0 {
				r.store.top = max(r.store.top, inUse())
			}
			if !yield(pair, err) {
				return
			}
		}
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A sound table is walked, without keeping what was passed, and nothing is
// looked up. Only what a log knows of its items is kept, of one shard at a
// time.
func TestMemoryDoesNotGrow(t *testing.T) {
	const n = 50_000
	for _, logged := range []bool{false, true} {
		t.Run(fmt.Sprintf("logged=%t", logged), func(t *testing.T) {
			store := memkv.Open()
			defer store.Close()
			g := newFilled(t, store, 0)
			limit := uint64(2 << 20)
			if logged {
				limit += 128 * n / 4
			} else {
				do(t, g.db, "UpdateTable", streamOff, "rich")
			}
			fill(t, store, g.table(t, "rich"), n)
			w := &watched{Store: store, before: inUse()}
			found, report := run(t, w)
			if found != nil || report.Items != n || report.Entries != 4*n {
				t.Errorf("found %v, %v", found, report)
			}
			if w.got > 10 {
				t.Errorf("%d keys were looked up", w.got)
			}
			if w.top > w.before+limit {
				t.Errorf("the check took %d KiB, more than %d", (w.top-w.before)>>10, limit>>10)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	store := memkv.Open()
	defer store.Close()
	newFilled(t, store, 2000)
	var told []check.Progress
	report, err := check.Run(t.Context(), store, check.Options{Progress: func(p check.Progress) { told = append(told, p) }})
	if err != nil || len(told) == 0 || told[0].Table != "arn:aws:dynamodb:us-east-1:000000000000:table/rich" || told[0].Tables != 1 {
		t.Errorf("%+v, %v", told, err)
	}
	for _, p := range told {
		if p.Items > report.Items || p.Entries > report.Entries || p.Records > report.Records {
			t.Errorf("%+v is more than %+v", p, report)
		}
	}
}

func TestCheckStops(t *testing.T) {
	store := memkv.Open()
	defer store.Close()
	newFilled(t, store, 2000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := check.Run(ctx, stopping{store, cancel}, check.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := check.Run(t.Context(), broken{store}, check.Options{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

// A stopping store ends the context when its first item is read.
type stopping struct {
	kv.Store
	stop func()
}

func (s stopping) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, func(r kv.Reader) error { return fn(stoppingReader{r, s.stop}) })
}

type stoppingReader struct {
	kv.Reader
	stop func()
}

func (r stoppingReader) Scan(in kv.Range) iter.Seq2[kv.Pair, error] {
	if table.AllDescriptors().Start[0] != in.Start[0] {
		r.stop()
	}
	return r.Reader.Scan(in)
}

var errBroken = errors.New("broken")

// A broken store cannot read values.
type broken struct{ kv.Store }

func (s broken) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, func(r kv.Reader) error { return fn(brokenReader{r}) })
}

type brokenReader struct{ kv.Reader }

func (brokenReader) Get(...[]byte) ([][]byte, error) { return nil, errBroken }
