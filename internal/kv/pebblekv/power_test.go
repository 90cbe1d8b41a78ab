package pebblekv_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/pebblekv"
)

// The power fails while clients use tables, several times in one store, and
// the disk keeps all, nothing or any part of what was not synced. What was
// acknowledged is there, a transaction whole, and what is stored agrees with
// itself. Without syncs all of that holds but the first.
func TestTablesOutliveAPowerFailure(t *testing.T) {
	const seeds, failures = 9, 3
	for name, sync := range map[string]pebblekv.Fsync{"always": pebblekv.Always, "never": pebblekv.Never} {
		for _, seed := range pebblekv.SeedsOf(t, seeds) {
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				w := &world{t: t, seed: seed, sync: sync, disk: vfs.NewCrashableMem()}
				for life := range int64(failures) {
					w.live(life)
					w.recover()
					if t.Failed() {
						return
					}
				}
			})
		}
	}
}

// A world is tables on a disk, and what clients know of them.
type world struct {
	t    *testing.T
	seed int64
	sync pebblekv.Fsync
	disk *vfs.MemFS

	store kv.Store
	db    *dynamodb.DB

	mu           sync.Mutex
	items        map[string]*history
	acknowledged int
	failAt       int        // the power fails when so many writes are acknowledged
	left         *vfs.MemFS // what is on the disk then
}

// A history is all that one item was to be, a number each; gone is no item. The
// first is what it is when the power comes.
type history struct {
	states []int
	known  int // up to here it was acknowledged
	then   int // known, when the power failed
}

const gone = 0

// Clients are many, so that commits share a sync.
const clients, keys, requests = 5, 6, 60

// live has clients write until the power fails, and a little longer.
func (w *world) live(life int64) {
	w.open()
	r := rand.New(rand.NewPCG(uint64(w.seed), uint64(life)))
	if w.items == nil { // or all of it was lost
		w.items = map[string]*history{}
		w.must("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST",`+
			`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],`+
			`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"}],`+
			`"GlobalSecondaryIndexes":[{"IndexName":"fixed","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],`+
			`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`)
	}
	w.acknowledged, w.left, w.failAt = 0, nil, 1+r.IntN(clients*requests*3/4)
	runner := job.Start(w.store, time.Now, slog.New(slog.DiscardHandler), job.Config{})
	var all sync.WaitGroup
	for i := range clients {
		c := &client{world: w, name: fmt.Sprint(i), rand: rand.New(rand.NewPCG(r.Uint64(), 0)), last: int(life) * 1000}
		all.Go(func() {
			for range requests {
				if i == 0 {
					c.build(runner)
				} else {
					c.write()
				}
			}
		})
	}
	all.Wait()
	runner.Stop()
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
	if w.left == nil {
		w.t.Fatalf("%d of %d writes were acknowledged", w.acknowledged, w.failAt)
	}
	w.disk = w.left
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.store, err = pebblekv.OpenIn(w.disk, "data", pebblekv.Options{Sync: w.sync})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = dynamodb.New(dynamodb.Config{Store: w.store})
}

func (w *world) do(operation, body string) (string, error) {
	out, err := w.db.Do(context.Background(), dynamodb.Call{
		Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: operation, Body: []byte(body),
	}, nil)
	return string(out), err
}

func (w *world) must(operation, body string) string {
	out, err := w.do(operation, body)
	if err != nil {
		w.t.Errorf("%s %s: %v", operation, body, err)
	}
	return out
}

// refused does a request that may be refused, and tells whether it was.
func (w *world) refused(operation, body string) bool {
	_, err := w.do(operation, body)
	_, exception := errors.AsType[*api.Error](err)
	if err != nil && !exception {
		w.t.Errorf("%s %s: %v", operation, body, err)
	}
	return exception
}

// change does what makes each of the items what it is to be, and takes down
// that it was acknowledged. The power may fail then, while others write.
func (w *world) change(to map[string]int, do func()) {
	w.mu.Lock()
	for key, n := range to {
		if w.items[key] == nil {
			w.items[key] = &history{states: []int{gone}}
		}
		w.items[key].states = append(w.items[key].states, n)
	}
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range to {
		h := w.items[key]
		h.known = len(h.states) - 1
	}
	if w.acknowledged++; w.acknowledged != w.failAt {
		return
	}
	for _, h := range w.items {
		h.then = h.known
	}
	w.left = pebblekv.PowerFails(w.disk, w.seed)
}

// recover opens the store after a power failure and compares it with what was
// acknowledged before.
func (w *world) recover() {
	w.open()
	defer w.store.Close()
	w.inspect()
	var found struct {
		Items []struct {
			PK struct{ S string }
			N  struct {
				N int `json:",string"`
			}
		}
	}
	if w.sync != pebblekv.Always && w.refused("DescribeTable", `{"TableName":"tab"}`) {
		w.items = nil
		return
	}
	if err := json.Unmarshal([]byte(w.must("Scan", `{"TableName":"tab"}`)), &found); err != nil {
		w.t.Fatal(err)
	}
	numbers := map[string]int{}
	for _, it := range found.Items {
		numbers[it.PK.S] = it.N.N
	}
	for key, h := range w.items {
		possible := h.states[h.then:]
		if w.sync != pebblekv.Always {
			possible = h.states
		}
		n := numbers[key]
		if !slices.Contains(possible, n) {
			w.t.Errorf("%s is %d, should be one of %d", key, n, possible)
		}
		if other, is := strings.CutSuffix(key, "-left"); is && numbers[other+"-right"] != n {
			w.t.Errorf("half a transaction is there: %s is %d, its other half %d", key, n, numbers[other+"-right"])
		}
		w.items[key] = &history{states: []int{n}}
	}
	for key := range numbers {
		if w.items[key] == nil {
			w.t.Errorf("%s is there, which nobody wrote", key)
		}
	}
	if err := job.New(w.store, time.Now, slog.New(slog.DiscardHandler), job.Config{}).Once(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	w.inspect()
}

// inspect checks that what is stored agrees with itself.
func (w *world) inspect() {
	w.t.Helper()
	_, err := check.Run(w.t.Context(), w.store, check.Options{
		Found: func(f check.Finding) { w.t.Error(f) },
	})
	if err != nil {
		w.t.Error(err)
	}
}

// A client writes items that no other client does.
type client struct {
	*world
	name string
	rand *rand.Rand
	last int
}

func (c *client) write() {
	c.last++
	n, key := c.last, fmt.Sprintf("%s-%d", c.name, c.rand.IntN(keys))
	at := `{"TableName":"tab","Key":{"pk":{"S":"` + key + `"}}`
	put := func(key string) string {
		return fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%s"},"n":{"N":"%d"},"g":{"S":"%d"},"s":{"S":"%s"}}}`,
			key, n, c.rand.IntN(3), strings.Repeat("x", c.rand.IntN(300)))
	}
	switch c.rand.IntN(6) {
	case 0, 1:
		c.change(map[string]int{key: n}, func() { c.must("PutItem", put(key)) })
	case 2:
		c.change(map[string]int{key: n}, func() {
			c.must("UpdateItem", fmt.Sprintf(`%s,"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{":n":{"N":"%d"}}}`, at, n))
		})
	case 3:
		c.change(map[string]int{key: gone}, func() { c.must("DeleteItem", at+"}") })
	default:
		left, right := c.name+"-left", c.name+"-right"
		c.change(map[string]int{left: n, right: n}, func() {
			c.must("TransactWriteItems", `{"TransactItems":[{"Put":`+put(left)+`},{"Put":`+put(right)+`}]}`)
		})
	}
}

// build makes and deletes an index of the table, and a table with a stream.
func (c *client) build(runner *job.Runner) {
	request := []struct{ operation, body string }{
		{"UpdateTable", `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}]}`},
		{"UpdateTable", `{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-g"}}]}`},
		{"CreateTable", `{"TableName":"passing","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`},
		{"PutItem", `{"TableName":"passing","Item":{"pk":{"S":"a"}}}`},
		{"DeleteTable", `{"TableName":"passing"}`},
	}[c.rand.IntN(5)]
	c.change(nil, func() {
		_ = c.refused(request.operation, request.body) // while the other is not there
	})
	runner.Wake()
}
