package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/table"
)

// A world is a store with a service on it, and a clock that the test moves.
type world struct {
	store kv.Store
	db    *dynamodb.DB
	mu    sync.Mutex
	now   time.Time
}

func newWorld(store kv.Store, cfg dynamodb.Config) *world {
	w := &world{store: store, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	cfg.Store, cfg.Now = store, w.clock
	w.db = dynamodb.New(cfg)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// do sends a request that must be answered well.
func (w *world) do(t testing.TB, operation, format string, args ...any) string {
	t.Helper()
	out, err := w.db.Do(context.Background(), dynamodb.Call{
		Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810",
		Operation: operation, Body: fmt.Appendf(nil, format, args...),
	}, nil)
	if err != nil {
		t.Errorf("%s: %v", operation, err)
	}
	return string(out)
}

// once has a Runner on store do all the work there is.
func (w *world) once(store kv.Store) error {
	return job.New(store, w.clock, slog.New(slog.DiscardHandler), job.Config{}).Once(context.Background())
}

const (
	createTable = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},{"AttributeName":"l","AttributeType":"N"}],` +
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],` +
		`"LocalSecondaryIndexes":[{"IndexName":"lsi1","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],` +
		`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`
	addIndex = `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],` +
		`"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"gsi1","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`
	dropIndex   = `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"gsi1"}}]}`
	deleteTable = `{"TableName":"tab"}`
)

// put puts item n; all but each third have g.
func (w *world) put(t testing.TB, n int) {
	t.Helper()
	g := ""
	if n%3 != 0 {
		g = fmt.Sprintf(`,"g":{"S":"g%d"}`, n%5)
	}
	w.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"p%d"},"sk":{"S":"s"},"l":{"N":"%[1]d"}%s}}`, n, g)
}

func (w *world) fill(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		w.put(t, i)
	}
}

// tables returns all descriptors.
func (w *world) tables(t testing.TB) (tables []*table.Table) {
	t.Helper()
	w.view(t, func(r kv.Reader) error {
		tables = nil
		for pair, err := range r.Scan(table.AllDescriptors()) {
			if err != nil {
				return err
			}
			tab, err := table.Decode(append([]byte(nil), pair.Value...))
			if err != nil {
				return err
			}
			tables = append(tables, tab)
		}
		return nil
	})
	return tables
}

func (w *world) view(t testing.TB, fn func(kv.Reader) error) {
	t.Helper()
	if err := w.store.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// check reports what is wrong with what is stored.
func (w *world) check(t testing.TB) {
	t.Helper()
	_, err := check.Run(context.Background(), w.store, check.Options{Found: func(f check.Finding) { t.Error(f) }})
	if err != nil {
		t.Error(err)
	}
}

// keys returns how many pairs the store has.
func (w *world) keys(t testing.TB) int {
	t.Helper()
	n := 0
	w.view(t, func(r kv.Reader) error {
		n = 0
		for _, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n
}

// A faulty store stops working: its Updates fail once left is used up.
type faulty struct {
	kv.Store
	left int
}

var errStopped = errors.New("stopped")

func (f *faulty) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if f.left == 0 {
		return errStopped
	}
	f.left--
	return f.Store.Update(ctx, locks, fn)
}

// each runs a test on each engine.
func each(t *testing.T, cfg dynamodb.Config, test func(t *testing.T, w *world)) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			test(t, newWorld(store, cfg))
		})
	}
}

func TestDeletedTableLeavesNothing(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.do(t, "UpdateTable", addIndex)
		w.fill(t, 20)
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		tab := w.tables(t)[0]
		w.do(t, "DeleteTable", deleteTable)
		// Stopped before anything is cleared away, it is not forgotten.
		if err := w.once(&faulty{Store: w.store}); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		// Its stream can be read for another day.
		if n := w.keys(t); n != 20+1 {
			t.Errorf("%d pairs are left of 20 records and what remains of their table", n)
		}
		w.check(t)
		w.advance(table.StreamRetention)
		if err := w.once(&faulty{Store: w.store}); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		w.check(t)
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		if n := w.keys(t); n != 0 {
			t.Errorf("%d pairs are left", n)
		}
		w.view(t, func(r kv.Reader) error {
			for _, ix := range append([]*table.Index{nil}, tab.Indexes...) {
				sums, err := r.Sum(tab.Counter(ix, table.Items), tab.Counter(ix, table.Bytes))
				if err != nil || sums[0] != 0 || sums[1] != 0 {
					t.Errorf("counters are left: %v, %v", sums, err)
				}
			}
			return nil
		})
	})
}

func TestDroppedIndexLeavesNothing(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, 20)
		before := w.keys(t)
		w.do(t, "UpdateTable", addIndex)
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		w.do(t, "UpdateTable", dropIndex)
		w.do(t, "UpdateTable", addIndex)
		w.do(t, "UpdateTable", dropIndex)
		if err := w.once(w.store); err != nil {
			t.Fatal(err)
		}
		if n := w.keys(t); n != before {
			t.Errorf("there are %d pairs, were %d", n, before)
		}
		w.check(t)
	})
}

// Wherever filling an index is stopped, it can be gone on with.
func TestFillingResumes(t *testing.T) {
	const items = 250 // in three commits, and one more to end
	for stop := range 5 {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
				w.do(t, "CreateTable", createTable)
				w.fill(t, items)
				w.do(t, "UpdateTable", addIndex)
				if err := w.once(&faulty{w.store, stop}); (err == nil) != (stop == 4) {
					t.Fatalf("stopped after %d commits: %v", stop, err)
				}
				w.check(t)
				for i := range items {
					if i%7 == 0 {
						w.put(t, i+1)
					}
				}
				w.check(t)
				if err := w.once(w.store); err != nil {
					t.Fatal(err)
				}
				if w.tables(t)[0].Online() != nil {
					t.Error("the index is not filled")
				}
				w.check(t)
			})
		})
	}
}

// A store that calls hook before each Update, and again with the locks held.
type hooked struct {
	kv.Store
	hook func(locked bool)
}

func (h *hooked) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	h.hook(false)
	called := false
	return h.Store.Update(ctx, locks, func(tx kv.Tx) error {
		if !called {
			called = true
			h.hook(true)
		}
		return fn(tx)
	})
}

// Between finding items and indexing them anything may happen to them: nobody
// waits for longer than a batch takes. Readers do not wait at all.
func TestWritersWhileAnIndexIsFilled(t *testing.T) {
	const items = 350
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, items)
		w.do(t, "UpdateTable", addIndex)
		r := rand.New(rand.NewPCG(1, 2))
		err := w.once(&hooked{w.store, func(locked bool) {
			if locked {
				w.do(t, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}}`, r.IntN(items))
				return
			}
			for range 40 {
				key := fmt.Sprintf(`"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}`, r.IntN(items))
				switch r.IntN(4) {
				case 0:
					w.put(t, r.IntN(items))
				case 1:
					w.do(t, "DeleteItem", "{%s}", key)
				case 2:
					w.do(t, "UpdateItem", `{%s,"UpdateExpression":"SET g = :g","ExpressionAttributeValues":{":g":{"S":"g%d"}}}`, key, r.IntN(5))
				default:
					w.do(t, "UpdateItem", `{%s,"UpdateExpression":"REMOVE g"}`, key)
				}
			}
			w.check(t)
		}})
		if err != nil {
			t.Fatal(err)
		}
		w.check(t)
		if w.tables(t)[0].Online() != nil {
			t.Error("the index is not filled")
		}
	})
}

// The same with real concurrency, for the race detector.
func TestConcurrentWritersWhileAnIndexIsFilled(t *testing.T) {
	const items = 400
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, items)
		w.do(t, "UpdateTable", addIndex)
		var all sync.WaitGroup
		for i := range 3 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 0))
				for range 100 {
					n := r.IntN(items)
					if w.put(t, n+r.IntN(3)); r.IntN(2) == 0 {
						w.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}}`, n)
					}
				}
			})
		}
		for range 2 { // two processes may do the same work
			all.Go(func() {
				if err := w.once(w.store); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.check(t)
		if w.tables(t)[0].Online() != nil {
			t.Error("the index is not filled")
		}
	})
}

// What happens to the table while its index is filled ends the filling, and
// nothing is written where nobody clears it away: whether another process has
// done all there is to do meanwhile or not.
func TestFillingEndsWithItsIndex(t *testing.T) {
	for name, c := range map[string]struct {
		requests [][2]string
		left     int // pairs: of 250 items, their entries in lsi1, their records, and the descriptor or remains of a deleted table
	}{
		"dropped":             {[][2]string{{"UpdateTable", dropIndex}}, 751},
		"dropped and deleted": {[][2]string{{"UpdateTable", dropIndex}, {"DeleteTable", deleteTable}}, 251},
		"made again":          {[][2]string{{"UpdateTable", dropIndex}, {"UpdateTable", addIndex}}, 751 + 166},
		"table made again":    {[][2]string{{"UpdateTable", dropIndex}, {"DeleteTable", deleteTable}, {"CreateTable", createTable}, {"UpdateTable", addIndex}}, 251 + 1},
	} {
		for _, overtaken := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, overtaken), func(t *testing.T) {
				each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
					if _, shared := w.store.(kv.Shared); shared && overtaken {
						t.Skip("nobody overtakes the holder of a lease")
					}
					w.do(t, "CreateTable", createTable)
					w.fill(t, 250)
					w.do(t, "UpdateTable", addIndex)
					calls := 0
					err := w.once(&hooked{w.store, func(locked bool) {
						if calls++; calls != 3 || locked { // before the second batch
							return
						}
						for _, r := range c.requests {
							w.do(t, r[0], "%s", r[1])
						}
						if !overtaken {
							return
						}
						if err := w.once(w.store); err != nil {
							t.Error(err)
						}
					}})
					if err != nil {
						t.Fatal(err)
					}
					if err := w.once(w.store); err != nil {
						t.Fatal(err)
					}
					w.check(t)
					if n := w.keys(t); n != c.left {
						t.Errorf("%d pairs are left, want %d", n, c.left)
					}
				})
			})
		}
	}
}

func TestTokensAreForgotten(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		before := w.keys(t)
		send := func(token string) {
			w.do(t, "TransactWriteItems", `{"ClientRequestToken":"%s","TransactItems":[{"ConditionCheck":{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"ConditionExpression":"attribute_not_exists(pk)"}}]}`, token)
		}
		expect := func(tokens int) {
			t.Helper()
			if err := w.once(w.store); err != nil {
				t.Fatal(err)
			}
			if n := w.keys(t) - before; n != tokens {
				t.Errorf("%d tokens are kept, want %d", n, tokens)
			}
		}
		send("one")
		w.advance(9 * time.Minute)
		send("two")
		expect(2)
		w.advance(time.Minute)
		expect(1)
		send("two")
		w.advance(9 * time.Minute)
		expect(0)
	})
}

// A started Runner works when it is woken, and looks for what it was not
// woken for.
func TestRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memkv.Open()
		runner := job.Start(store, time.Now, slog.New(slog.DiscardHandler), job.Config{})
		cfg := dynamodb.Config{Store: store, Wake: runner.Wake, TransientStatus: 5 * time.Second}
		w := &world{store: store, db: dynamodb.New(cfg)}
		settle := func() { // in the bubble's time, so at once
			time.Sleep(7 * time.Second)
			synctest.Wait()
		}
		w.do(t, "CreateTable", createTable)
		settle()
		w.fill(t, 10)
		w.do(t, "UpdateTable", addIndex)
		settle()
		if out := w.do(t, "Scan", `{"TableName":"tab","IndexName":"gsi1","Select":"COUNT"}`); !strings.Contains(out, `"Count":6`) {
			t.Errorf("scan of the new index: %s", out)
		}
		w.do(t, "DeleteTable", deleteTable)
		settle()
		if n := w.keys(t); n != 10+1 {
			t.Errorf("%d pairs are left of 10 records and what remains of their table", n)
		}
		time.Sleep(table.StreamRetention + time.Minute)
		synctest.Wait()
		if n := w.keys(t); n != 0 {
			t.Errorf("%d pairs are left", n)
		}
		runner.Stop()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}
