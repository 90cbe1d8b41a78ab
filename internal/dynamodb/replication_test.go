package dynamodb_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/clock"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// TestReplicasConverge writes at random in several regions, holds up what is on
// its way and lets it go, adds and removes regions, stops what replicates in the
// middle and has servers take over. Whatever happens, all regions have the same
// once nothing is on its way, and of the writes of an item the last has won.
//
// STATOR_HISTORIES is how many histories it tries.
func TestReplicasConverge(t *testing.T) {
	histories := uint64(200)
	if text := os.Getenv("STATOR_HISTORIES"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		histories = n
	}
	first := firstSeed(t)
	for seed := first; seed < first+histories && !t.Failed(); seed++ {
		store := memkv.Open()
		newHistory(t, store, seed).run(60)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// On every engine the same holds.
func TestReplicasConvergeOn(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(4) {
				store := open(t)
				newHistory(t, store, 1e6+seed).run(60)
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A history is random writes to one global table, and what happens meanwhile.
type history struct {
	*world
	generator
	t       *testing.T
	seed    uint64
	trace   []string
	regions []string // that have a replica, as far as is known
	// back is set once the clock has been set back: then the last write need not
	// be the latest.
	back  bool
	wrote int
	// last is what was written last to each key, and settled what was there when
	// all replicas were last the same.
	last map[string]string
}

var historyRegions = []string{"us-east-1", "eu-west-1", "ap-south-1", "sa-east-1"}

func newHistory(t *testing.T, store kv.Store, seed uint64) *history {
	h := &history{t: t, seed: seed, generator: generator{rand.New(rand.NewPCG(seed, 7))}, last: map[string]string{}}
	lag := must(replica.ParseDelay(pick(h.generator, "0", "800ms", "10ms..5s", "exp(1s)", "normal(2s,1s)")))
	h.world = newWorld(store, dynamodb.Config{})
	h.serve(lag)
	h.request("us-east-1", "CreateTable", tableRequest(t, pick(h.generator, "tab pk:S", "tab pk:S gsi by-v(v:S) stream", "tab pk:S gsi by-v(v:S,KEYS_ONLY)")))
	h.regions = []string{"us-east-1"}
	h.join("eu-west-1")
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// serve has another server take over.
func (h *history) serve(lag replica.Delay) {
	h.lag = lag
	h.restart(dynamodb.Config{Async: !lag.IsZero(), StreamShards: 2, StreamShardRollover: time.Minute})
}

func (w *world) newRunner(store kv.Store) *job.Runner {
	return job.New(store, w.clock, slog.New(slog.DiscardHandler), job.Config{Lag: w.lag})
}

func (w *world) mover() *replica.Mover {
	return &replica.Mover{Store: w.store, Now: w.clock, Delay: w.lag}
}

// hold holds replication up as a text test says.
func (w *world) hold(t *testing.T, args string) string {
	action, region, _ := strings.Cut(args, " ")
	do := map[string]func(*replica.Control, string){"pause": (*replica.Control).Pause, "isolate": (*replica.Control).Isolate, "heal": (*replica.Control).Heal}[action]
	if do == nil {
		t.Fatalf("hold %s", args)
	}
	if err := w.mover().Change(context.Background(), func(c *replica.Control) { do(c, region) }, false); err != nil {
		return err.Error()
	}
	return "ok"
}

func (w *world) links(t *testing.T) string {
	var lines []string
	for _, l := range w.status(t).Links {
		if l.Backlog > 0 {
			lines = append(lines, fmt.Sprintf("%s %s to %s: %d", l.Table, l.From, l.To, l.Backlog))
		}
	}
	return cmp.Or(strings.Join(lines, "\n"), "none")
}

func (w *world) conflicts(t *testing.T) string {
	var lines []string
	side := func(s replica.Side) string {
		if s.Deleted {
			return s.Region + " deleted it"
		}
		return s.Region + " " + s.Item.String()
	}
	for _, c := range w.status(t).Conflicts {
		lines = append(lines, fmt.Sprintf("%s %s: %s, not %s", c.Table, c.Key, side(c.Winner), side(c.Loser)))
	}
	return cmp.Or(strings.Join(lines, "\n"), "none")
}

func (w *world) status(t *testing.T) replica.Status {
	t.Helper()
	s, err := w.mover().Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// note remembers what was done, for whoever has to find out what went wrong.
func (h *history) note(format string, args ...any) {
	h.trace = append(h.trace, h.now.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	h.t.Fatalf("seed %d, lag %s: %s\n%s", h.seed, h.lag, fmt.Sprintf(format, args...), strings.Join(h.trace, "\n"))
}

func (h *history) request(region, operation, body string) string {
	h.t.Helper()
	h.call.Region = region
	answer := h.do(operation, body)
	h.note("%s %s %s: %.60s", region, operation, body, answer)
	if strings.HasPrefix(answer, "500") {
		h.fail("%s", answer)
	}
	return answer
}

func (h *history) run(steps int) {
	h.t.Helper()
	for range steps {
		h.now = h.now.Add(time.Duration(1+h.IntN(400)) * time.Millisecond)
		h.turn()
		if h.one(12) {
			h.world.check(h.t)
			if h.t.Failed() {
				h.fail("damaged")
			}
		}
		if h.one(40) {
			h.quiet()
		}
	}
	h.quiet()
}

func (h *history) turn() {
	switch n := h.IntN(100); {
	case n < 55:
		h.write()
	case n < 60:
		h.transact()
	case n < 70:
		h.hold()
	case n < 80: // some of what is due
		if err := h.newRunner(&stopping{h.store, h.IntN(6)}).Once(context.Background()); err != nil && !strings.Contains(err.Error(), errStopped.Error()) {
			h.fail("%v", err)
		}
		h.note("worked, and was stopped")
	case n < 85:
		h.work()
	case n < 88:
		h.join(pick(h.generator, historyRegions...))
	case n < 90:
		h.part()
	case n < 92:
		h.now = h.now.Add(pick(h.generator, time.Minute, time.Hour, 25*time.Hour))
		h.note("time goes by")
	case n < 93:
		h.now, h.back = h.now.Add(-time.Duration(h.IntN(100))*time.Second), true
		h.note("the clock is set back")
	case n < 95: // another server, with another lag
		h.serve(must(replica.ParseDelay(pick(h.generator, "0", "0", "300ms", "1s..3s"))))
		h.note("restart with a lag of %s", h.lag)
	case n < 97:
		h.request(pick(h.generator, h.regions...), "UpdateTable", `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-n","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`)
	default: // one link, as far as it goes
		h.deliver()
	}
}

func (h *history) key() string { return pick(h.generator, "a", "b", "c", "d") }

// write writes an item in some region.
func (h *history) write() {
	region, key := pick(h.generator, h.regions...), h.key()
	h.wrote++
	value, body, operation := strconv.Itoa(h.wrote), "", "PutItem"
	switch h.IntN(6) {
	case 0:
		operation, value = "DeleteItem", ""
		body = fmt.Sprintf(`{"TableName":"tab","Key":{"pk":{"S":%q}}}`, key)
	case 1:
		operation = "UpdateItem"
		body = fmt.Sprintf(`{"TableName":"tab","Key":{"pk":{"S":%q}},"UpdateExpression":"SET v = :v, n = :n","ExpressionAttributeValues":{":v":{"S":%q},":n":{"N":"1"}}}`, key, value)
	case 2:
		body = fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":%q},"v":{"S":%q}},"ConditionExpression":"attribute_exists(pk)"}`, key, value)
	default:
		body = fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":%q},"v":{"S":%q},"n":{"N":"7"}}}`, key, value)
	}
	had := h.read(region)[key]
	if !strings.HasPrefix(h.request(region, operation, body), "200") || had == value && value == "" {
		return // a deletion of what is not there is no write
	}
	h.last[key] = value
}

func (h *history) transact() {
	region := pick(h.generator, h.regions...)
	h.wrote++
	value := strconv.Itoa(h.wrote)
	if strings.HasPrefix(h.request(region, "TransactWriteItems", fmt.Sprintf(`{"TransactItems":[{"Put":{"TableName":"tab","Item":{"pk":{"S":"a"},"v":{"S":%q}}}},{"Put":{"TableName":"tab","Item":{"pk":{"S":"d"},"v":{"S":%q}}}}]}`, value, value)), "200") {
		h.last["a"], h.last["d"] = value, value
	}
}

// hold holds up a region, or lets it go on.
func (h *history) hold() {
	region := pick(h.generator, historyRegions...)
	action := pick(h.generator, (*replica.Control).Pause, (*replica.Control).Isolate, (*replica.Control).Heal, (*replica.Control).Heal)
	var held replica.Control
	h.change(func(c *replica.Control) {
		action(c, region)
		held = *c
	})
	h.note("held up: %v", held)
}

func (h *history) change(fn func(*replica.Control)) {
	if err := h.mover().Change(context.Background(), fn, false); err != nil {
		h.fail("%v", err)
	}
}

func (h *history) deliver() {
	groups, err := h.mover().Arrange(context.Background())
	if err != nil {
		h.fail("%v", err)
	}
	for _, group := range groups {
		l := pick(h.generator, replica.Links(group)...)
		n, _, err := h.mover().Deliver(context.Background(), l, h.one(2))
		if err != nil {
			h.fail("%v", err)
		}
		h.note("delivered %d from %s to %s", n, l.From.Region, l.To.Region)
	}
}

func (h *history) work() {
	if err := h.runner.Once(context.Background()); err != nil {
		h.fail("%v", err)
	}
	h.note("worked")
}

func (h *history) join(region string) {
	if !slices.Contains(h.regions, region) && strings.HasPrefix(h.request(pick(h.generator, h.regions...), "UpdateTable", fmt.Sprintf(`{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":%q}}]}`, region)), "200") {
		h.regions = append(h.regions, region)
		h.work()
	}
}

func (h *history) part() {
	if len(h.regions) < 2 {
		return
	}
	region, by := pick(h.generator, h.regions...), pick(h.generator, h.regions...)
	operation, body := "UpdateTable", fmt.Sprintf(`{"TableName":"tab","ReplicaUpdates":[{"Delete":{"RegionName":%q}}]}`, region)
	if region == by {
		operation, body = "DeleteTable", `{"TableName":"tab"}`
	}
	if strings.HasPrefix(h.request(by, operation, body), "200") {
		h.regions = slices.DeleteFunc(h.regions, func(r string) bool { return r == region })
	}
}

// quiet heals all and waits until nothing is on its way. Then all replicas are
// the same.
func (h *history) quiet() {
	h.t.Helper()
	h.change(func(c *replica.Control) { *c = replica.Control{} })
	h.now = h.now.Add(3 * time.Minute) // longer than any lag, and than the clock was set back
	h.note("healed")
	h.work()
	h.world.check(h.t)
	if h.t.Failed() {
		h.fail("damaged")
	}
	if n := h.backlog(); n > 0 {
		h.fail("%d changes are on their way", n)
	}
	first := h.read(h.regions[0])
	for _, region := range h.regions[1:] {
		if got := h.read(region); !maps.Equal(first, got) {
			h.fail("%s and %s differ: %s", h.regions[0], region, gocmp.Diff(first, got))
		}
	}
	want := maps.Clone(h.last)
	maps.DeleteFunc(want, func(_, v string) bool { return v == "" })
	if !h.back && !maps.Equal(first, want) {
		h.fail("the last has not won: %s", gocmp.Diff(want, first))
	}
	h.back = false
	h.last = first
}

// backlog returns how many changes are on their way.
func (h *history) backlog() (n int) {
	for _, l := range h.status(h.t).Links {
		n += l.Backlog
	}
	return n
}

// read returns the values in a region, by key.
func (h *history) read(region string) map[string]string {
	values := map[string]string{}
	h.view(h.t, func(r kv.Reader) error {
		clear(values)
		raw, err := r.Get(table.DescriptorKey(h.call.Account, region, "tab"))
		if err != nil {
			return err
		}
		if raw[0] == nil {
			h.fail("no table in %s", region)
		}
		t, err := table.Decode(slices.Clone(raw[0]))
		if err != nil {
			return err
		}
		for pair, err := range r.Scan(t.Whole(nil)) {
			if err != nil {
				return err
			}
			it := attr.Item(pair.Value)
			values[string(it.Get("pk").Bytes())] = string(it.Get("v").Bytes())
		}
		return nil
	})
	return values
}

// The background makes changes in other regions when they are due, also of a
// table that it has not seen before, and at once when the clock is set or what
// was held up is let go.
func TestLagInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memkv.Open()
		defer store.Close()
		c := &clock.Clock{}
		lag := must(replica.ParseDelay("800ms"))
		runner := job.Start(store, c.Now, slog.New(slog.DiscardHandler), job.Config{Lag: lag})
		defer runner.Stop()
		w := newWorld(store, dynamodb.Config{Async: true, Now: c.Now, Wake: runner.Wake, Changed: runner.Changed})
		w.lag = lag
		reads := func(region, want string) {
			t.Helper()
			w.call.Region = region
			if got := w.do("GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}},"ProjectionExpression":"v"}`); got != want {
				t.Errorf("%s has %s, want %s", region, got, want)
			}
		}
		put := func(value string) {
			w.call.Region = "us-east-1"
			w.send(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"v":{"S":"`+value+`"}}}`, "")
		}
		time.Sleep(time.Second) // it has looked, and there was nothing
		w.send(t, "CreateTable", tableRequest(t, "tab pk:S"), "")
		w.send(t, "UpdateTable", `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`, "")
		put("1")
		time.Sleep(700 * time.Millisecond)
		reads("eu-west-1", `200 {}`)
		time.Sleep(200 * time.Millisecond)
		reads("eu-west-1", `200 {"Item":{"v":{"S":"1"}}}`)

		put("2")
		if _, err := c.Change(clock.Change{Advance: time.Second}); err != nil {
			t.Fatal(err)
		}
		runner.ClockSet()
		time.Sleep(50 * time.Millisecond)
		reads("eu-west-1", `200 {"Item":{"v":{"S":"2"}}}`)

		w.hold(t, "pause eu-west-1")
		runner.LookAtReplicas()
		put("3")
		time.Sleep(time.Minute)
		reads("eu-west-1", `200 {"Item":{"v":{"S":"2"}}}`)
		w.hold(t, "heal eu-west-1")
		runner.LookAtReplicas()
		time.Sleep(50 * time.Millisecond)
		reads("eu-west-1", `200 {"Item":{"v":{"S":"3"}}}`)
	})
}

// writes are what BenchmarkWrite and the test below it write.
var writes = map[string]string{
	"PutItem":    `{"TableName":"tab","Item":{"pk":{"S":"%d"},"v":{"S":"a value of some length, as values are"},"n":{"N":"1"}}}`,
	"UpdateItem": `{"TableName":"tab","Key":{"pk":{"S":"%d"}},"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{":n":{"N":"%[1]d"}}}`,
}

// writer returns what writes to a table of a kind: plain, with a stream, or of
// three regions, with lag or without.
func writer(t testing.TB, kind, operation string) func() {
	store := memkv.Open()
	t.Cleanup(func() { _ = store.Close() })
	w := newWorld(store, dynamodb.Config{Async: kind == "lag", Now: time.Now})
	w.do("CreateTable", tableRequest(t, map[bool]string{true: "tab pk:S stream", false: "tab pk:S"}[kind == "stream"]))
	if kind == "lag" || kind == "sync" {
		w.do("UpdateTable", `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}},{"Create":{"RegionName":"ap-south-1"}}]}`)
	}
	n := 0
	return func() {
		n++
		if answer := w.do(operation, fmt.Sprintf(writes[operation], n%10_000)); !strings.HasPrefix(answer, "200") {
			t.Fatal(answer)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for operation := range writes {
		for _, kind := range []string{"plain", "stream", "lag", "sync"} {
			b.Run(operation+"/"+kind, func(b *testing.B) {
				write := writer(b, kind, operation)
				b.ReportAllocs()
				for b.Loop() {
					write()
				}
			})
		}
	}
}

// A write that is carried to other regions later allocates little more than one
// that is not, and one that is made there at once less than three of them.
func TestReplicasAllocateLittle(t *testing.T) {
	for operation := range writes {
		plain := testing.AllocsPerRun(500, writer(t, "plain", operation))
		for kind, most := range map[string]float64{"lag": 1.3, "sync": 2} {
			if n := testing.AllocsPerRun(500, writer(t, kind, operation)); n > most*plain {
				t.Errorf("%s: %v allocations with %s, %v plain", operation, n, kind, plain)
			}
		}
	}
}
