package dynamodb_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/table"
)

// A consumer reads a stream as its clients should: parents before children, and
// each shard from where it was. It keeps what the changes come down to.
type consumer struct {
	w        *world
	arn      string
	finished map[string]bool
	next     map[string]any    // iterators
	last     map[string]string // sequence numbers, for when there is no iterator any more
	items    map[string]string
	seen     map[string]string // events by their IDs
}

func newConsumer(w *world, arn string) *consumer {
	return &consumer{
		w: w, arn: arn, finished: map[string]bool{}, next: map[string]any{}, last: map[string]string{},
		items: map[string]string{}, seen: map[string]string{},
	}
}

// consume reads what there is.
func (c *consumer) consume(t testing.TB) {
	t.Helper()
	for _, shard := range c.w.shards(t, c.arn) {
		id := shard["ShardId"].(string)
		if parent, ok := shard["ParentShardId"].(string); ok && !c.finished[parent] {
			t.Fatalf("shard %s was there before its parent %s was closed", id, parent)
		}
		if !c.finished[id] {
			c.shard(t, id)
		}
	}
}

func (c *consumer) shard(t testing.TB, id string) {
	t.Helper()
	it := c.next[id]
	if it == nil {
		in := m{"StreamArn": c.arn, "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}
		if last, ok := c.last[id]; ok {
			in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", last
		}
		it = c.w.answer(t, "GetShardIterator", in)["ShardIterator"]
	}
	for {
		out := c.w.answer(t, "GetRecords", m{"ShardIterator": it, "Limit": 3})
		page := members(out, "Records")
		for _, r := range page {
			c.last[id] = r["dynamodb"].(m)["SequenceNumber"].(string)
			c.take(t, r)
		}
		it = out["NextShardIterator"]
		c.finished[id] = it == nil
		if c.next[id] = it; it == nil || len(page) == 0 {
			return
		}
	}
}

// compare compares what the records made of nothing with the items of tab.
func (c *consumer) compare(t testing.TB, tab *table.Table) {
	t.Helper()
	c.w.view(t, func(r kv.Reader) error {
		want, err := itemsOf(r, tab)
		if err == nil && !maps.Equal(want, c.items) {
			t.Error(cmp.Diff(want, c.items))
		}
		return err
	})
}

// take checks one record and applies it.
func (c *consumer) take(t testing.TB, r m) {
	t.Helper()
	change := r["dynamodb"].(m)
	key, old, now := text(t, change["Keys"]), text(t, change["OldImage"]), text(t, change["NewImage"])
	if c.items[key] != old {
		t.Fatalf("%s was %s, the record has %s", key, c.items[key], old)
	}
	want := "MODIFY"
	switch {
	case old == "":
		want = "INSERT"
	case now == "":
		want = "REMOVE"
	}
	if r["eventName"] != want || old == now {
		t.Errorf("event is %v: %s > %s", r["eventName"], old, now)
	}
	if _, again := c.seen[r["eventID"].(string)]; again {
		t.Errorf("event %v came twice", r["eventID"])
	}
	c.seen[r["eventID"].(string)] = change["SequenceNumber"].(string)
	if delete(c.items, key); now != "" {
		c.items[key] = now
	}
}

func text(t testing.TB, item any) string {
	t.Helper()
	if item == nil {
		return ""
	}
	b, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a stream tells comes down to the table's items, whenever and from
// wherever it is read: after shards were rolled over, and by another process.
func TestStreamComesDownToItsItems(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range uint64(4) {
				seed := firstSeed(t) + i
				replayHistory(t, open(t), seed)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func replayHistory(t *testing.T, store kv.Store, seed uint64) {
	t.Helper()
	defer store.Close()
	g := generator{rand.New(rand.NewPCG(seed, 1))}
	cfg := dynamodb.Config{StreamShards: 1 + g.IntN(5), StreamShardRollover: 10 * time.Minute}
	w := newWorld(store, cfg)
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S stream"), "")
	c := newConsumer(w, w.answer(t, "DescribeTable", m{"TableName": "tab"})["Table"].(m)["LatestStreamArn"].(string))
	for range 300 {
		switch n := g.IntN(20); {
		case n < 8:
			w.do("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":%s}`, g.small()))
		case n < 10:
			w.do("DeleteItem", fmt.Sprintf(`{"TableName":"tab","Key":%s}`, g.smallKey()))
		case n < 12:
			w.do("UpdateItem", fmt.Sprintf(`{"TableName":"tab","Key":%s,"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"%d"}}}`, g.smallKey(), g.IntN(2)))
		case n < 14:
			w.do("BatchWriteItem", fmt.Sprintf(`{"RequestItems":{"tab":[{"PutRequest":{"Item":%s}},{"DeleteRequest":{"Key":%s}}]}}`, g.small(), g.smallKey()))
		case n < 16:
			w.do("TransactWriteItems", fmt.Sprintf(`{"TransactItems":[{"Put":{"TableName":"tab","Item":%s}},{"Delete":{"TableName":"tab","Key":%s}}]}`, g.small(), g.smallKey()))
		case n < 17:
			w.now = w.now.Add(time.Duration(g.IntN(8)) * time.Minute)
		case n < 18:
			if err := w.runner.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		case n < 19:
			c.consume(t)
			if g.one(2) {
				clear(c.next) // the consumer starts again
			}
		default:
			w.restart(cfg)
		}
		for id := range c.next {
			if g.one(10) { // or its iterator expires
				delete(c.next, id)
			}
		}
	}
	clear(c.next)
	c.consume(t)
	anew := newConsumer(w, c.arn)
	anew.consume(t)
	if diff := cmp.Diff(c.seen, anew.seen); diff != "" {
		t.Errorf("who reads it again is told something else: %s", diff)
	}
	tab := w.storedTable(t, "tab")
	c.compare(t, tab)
	if len(tab.Stream.Past) < 2 {
		t.Errorf("seed %d: shards were rolled over %d times", seed, len(tab.Stream.Past))
	}
	w.check(t)
}

// Shards are rolled over while several servers write to one store, and a
// consumer still finds every change, in order.
func TestConsumerMissesNothing(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			defer store.Close()
			var clock atomic.Int64
			cfg := dynamodb.Config{StreamShards: 2, StreamShardRollover: time.Second, Now: func() time.Time {
				return start.Add(time.Duration(clock.Load()) * time.Second)
			}}
			w := newWorld(store, cfg)
			w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S stream"), "")
			c := newConsumer(w, w.answer(t, "DescribeTable", m{"TableName": "tab"})["Table"].(m)["LatestStreamArn"].(string))
			done := make(chan struct{})
			var writers, rest sync.WaitGroup
			for i := range 4 {
				server := newWorld(store, cfg)
				writers.Go(func() {
					for n := 0; n < 60 || clock.Load() < 5; n++ { // until shards were rolled over a few times
						server.do("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"sk":{"S":"x"},"n":{"N":"%d"}}}`, n%5, i*1000+n))
						server.do("TransactWriteItems", fmt.Sprintf(`{"TransactItems":[{"Update":{"TableName":"tab","Key":{"pk":{"S":"all"},"sk":{"S":"x"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}},{"Delete":{"TableName":"tab","Key":{"pk":{"S":"%d"},"sk":{"S":"x"}}}}]}`, (n+i)%5))
					}
				})
			}
			rest.Go(func() {
				for running := true; running; {
					select {
					case <-done:
						running = false
					default:
					}
					clock.Add(1)
					if err := w.runner.Once(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
			go func() { writers.Wait(); close(done) }()
			for running := true; running && !t.Failed(); {
				select {
				case <-done:
					running = false
				default:
				}
				c.consume(t)
			}
			rest.Wait()
			c.consume(t)
			tab := w.storedTable(t, "tab")
			c.compare(t, tab)
			if len(c.finished) < 6 || len(c.seen) < 240 {
				t.Errorf("%d events in %d shards", len(c.seen), len(c.finished))
			}
			w.check(t)
		})
	}
}

func (g generator) smallKey() string {
	return fmt.Sprintf(`{"pk":{"S":"%d"},"sk":{"S":"%d"}}`, g.IntN(6), g.IntN(2))
}

func (g generator) small() string {
	return strings.TrimSuffix(g.smallKey(), "}") + fmt.Sprintf(`,"n":{"N":"%d"}}`, g.IntN(3))
}

// Whoever changes an iterator reads another place of the same table, or
// nothing.
func TestForgedIterators(t *testing.T) {
	w := newWorld(enginetest.All["memkv"](t), dynamodb.Config{StreamShards: 1})
	defer w.store.Close()
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/%s/stream/2026-11-22T12:00:00.000"
	for _, name := range []string{"mine", "other"} {
		w.send(t, "CreateTable", tableRequest(t, name+" pk:S stream"), "")
		w.send(t, "PutItem", `{"TableName":"`+name+`","Item":{"pk":{"S":"`+name+`"}}}`, "")
	}
	own := fmt.Sprintf(arn, "mine")
	it := w.answer(t, "GetShardIterator", m{"StreamArn": own, "ShardId": "shardId-00000001795348800000-00010000", "ShardIteratorType": "TRIM_HORIZON"})["ShardIterator"].(string)
	raw, err := base64.StdEncoding.DecodeString(it[len(own)+len("|1|"):])
	if err != nil {
		t.Fatal(err)
	}
	foreign := strings.Replace(it, "table/mine", "table/other", 1)
	if got := w.do("GetRecords", `{"ShardIterator":"`+foreign+`"}`); !strings.HasPrefix(got, "400 ResourceNotFound") {
		t.Error(got)
	}
	r := rand.New(rand.NewPCG(firstSeed(t), 2))
	for range 20_000 {
		forged := []byte(string(raw))
		for range 1 + r.IntN(3) {
			forged[r.IntN(len(forged))] = byte(r.IntN(256))
		}
		got := w.do("GetRecords", `{"ShardIterator":"`+own+"|1|"+base64.StdEncoding.EncodeToString(forged)+`"}`)
		if strings.HasPrefix(got, "500") || strings.Contains(got, `"other"`) {
			t.Fatalf("%x: %s", forged, got)
		}
	}
}

// A record tells who made a change if that was not a request.
func TestRecordTellsTheIdentity(t *testing.T) {
	w := newWorld(enginetest.All["memkv"](t), dynamodb.Config{StreamShards: 1})
	defer w.store.Close()
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S stream"), "")
	w.send(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`, "")
	tab := w.storedTable(t, "tab")
	err := w.store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
		for pair, err := range tx.Scan(tab.Whole(nil)) {
			if err != nil {
				return err
			}
			expired := item.Write{Table: tab, Key: bytes.Clone(pair.Key), Old: bytes.Clone(pair.Value), Now: w.now, Identity: "dynamodb.amazonaws.com"}
			return expired.Do(tx)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-11-22T12:00:00.000"
	records := w.records(t, arn, w.shards(t, arn)[0], 10)
	var got []any
	for _, r := range records {
		got = append(got, r["eventName"], r["userIdentity"])
	}
	want := []any{"INSERT", nil, "REMOVE", m{"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A page has as many records as fit into a megabyte, and one at least.
func TestPagesOfRecords(t *testing.T) {
	w := newWorld(enginetest.All["memkv"](t), dynamodb.Config{StreamShards: 1})
	defer w.store.Close()
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S stream"), "")
	for i := range 1100 {
		w.send(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"}}}`, i), "")
	}
	for i := range 8 {
		w.send(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"v":{"S":"%d%0300000d"}}}`, i, i, 0), "")
	}
	arn := "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-11-22T12:00:00.000"
	var pages []int
	it := w.answer(t, "GetShardIterator", m{"StreamArn": arn, "ShardId": "shardId-00000001795348800000-00010000", "ShardIteratorType": "TRIM_HORIZON"})["ShardIterator"]
	for len(pages) < 6 {
		out := w.answer(t, "GetRecords", m{"ShardIterator": it})
		pages, it = append(pages, len(members(out, "Records"))), out["NextShardIterator"]
	}
	if diff := cmp.Diff([]int{1000, 103, 3, 2, 0, 0}, pages); diff != "" {
		t.Error(diff)
	}
}
