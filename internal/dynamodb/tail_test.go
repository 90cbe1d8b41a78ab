package dynamodb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/enginetest"
)

func (w *world) tail(t testing.TB, arn, from, after string) *dynamodb.Tail {
	t.Helper()
	tail, err := w.db.TailFrom(t.Context(), w.call, arn, from, after)
	if err != nil {
		t.Fatal(err)
	}
	return tail
}

// next returns what the tail finds, as keys or, of items with one, n.
func next(t testing.TB, tail *dynamodb.Tail) (page dynamodb.TailPage) {
	t.Helper()
	page, err := tail.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// decoded returns a record as a client sees it.
func decoded(t testing.TB, r dynamodb.TailRecord) (out m) {
	t.Helper()
	if err := json.Unmarshal(r.Record.AppendJSON(nil), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Whoever follows a stream sees every change once and in its item's order,
// though shards are rolled over and the reader comes again after any record.
func TestTailMissesNothing(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			defer store.Close()
			g := generator{rand.New(rand.NewPCG(firstSeed(t), 7))}
			cfg := dynamodb.Config{StreamShards: 3, StreamShardRollover: 10 * time.Minute}
			w := newWorld(store, cfg)
			w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S stream"), "")
			c := newConsumer(w, w.answer(t, "DescribeTable", m{"TableName": "tab"})["Table"].(m)["LatestStreamArn"].(string))
			tail := w.tail(t, c.arn, dynamodb.TailLatest, "")
			after := tail.ID()
			read := func() {
				t.Helper()
				for more := true; more; {
					page := next(t, tail)
					if page.Trimmed || page.Ended {
						t.Fatalf("the page is %+v", page)
					}
					more = page.More
					stop := len(page.Records)
					if g.one(3) && stop > 0 { // the connection breaks
						stop = g.IntN(stop)
					}
					for _, r := range page.Records[:stop] {
						if seq := decoded(t, r)["dynamodb"].(m)["SequenceNumber"].(string); !strings.HasPrefix(r.ID, "shardId-") || !strings.Contains(strings.Split(r.ID, ",")[0], seq) {
							t.Fatalf("%s is not in %s", seq, r.ID)
						}
						c.take(t, decoded(t, r))
						after = r.ID
					}
					if stop < len(page.Records) {
						tail.Close()
						tail, more = w.tail(t, c.arn, dynamodb.TailOldest, after), true
					}
				}
			}
			for range 300 {
				switch n := g.IntN(10); {
				case n < 6:
					w.do("PutItem", fmt.Sprintf(`{"TableName":"tab","Item":%s}`, g.small()))
				case n < 7:
					w.do("DeleteItem", fmt.Sprintf(`{"TableName":"tab","Key":%s}`, g.smallKey()))
				case n < 8:
					w.now = w.now.Add(time.Duration(g.IntN(4)) * time.Minute)
					if err := w.runner.Once(t.Context()); err != nil {
						t.Fatal(err)
					}
				default:
					read()
				}
			}
			read()
			tail.Close()
			tab := w.storedTable(t, "tab")
			c.compare(t, tab)
			if len(tab.Stream.Past) < 2 || len(c.seen) < 50 {
				t.Errorf("%d events, shards were rolled over %d times", len(c.seen), len(tab.Stream.Past))
			}
		})
	}
}

const tailed = "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-11-22T12:00:00.000"

func newTailed(t *testing.T, cfg dynamodb.Config) *world {
	t.Helper()
	w := newWorld(enginetest.All["memkv"](t), cfg)
	t.Cleanup(func() { _ = w.store.Close() })
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S stream"), "")
	return w
}

func (w *world) put(t *testing.T, pk string) {
	t.Helper()
	w.send(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"`+pk+`"}}}`, "")
}

func keys(t *testing.T, page dynamodb.TailPage) (got []string) {
	t.Helper()
	for _, r := range page.Records {
		got = append(got, text(t, decoded(t, r)["dynamodb"].(m)["Keys"].(m)["pk"].(m)["S"]))
	}
	return got
}

func TestTailBeginsWhereItIsTold(t *testing.T) {
	w := newTailed(t, dynamodb.Config{StreamShards: 1})
	w.put(t, "1")
	latest, oldest := w.tail(t, tailed, dynamodb.TailLatest, ""), w.tail(t, tailed, dynamodb.TailOldest, "")
	defer latest.Close()
	defer oldest.Close()
	begin := latest.ID()
	w.put(t, "2")
	for what, test := range map[string]struct {
		tail *dynamodb.Tail
		want []string
	}{
		"latest": {latest, []string{`"2"`}},
		"oldest": {oldest, []string{`"1"`, `"2"`}},
		"before": {w.tail(t, tailed, dynamodb.TailLatest, begin), []string{`"2"`}},
	} {
		defer test.tail.Close()
		if diff := cmp.Diff(test.want, keys(t, next(t, test.tail))); diff != "" {
			t.Error(what, diff)
		}
		if page := next(t, test.tail); len(page.Records) > 0 || page.More || page.Ended {
			t.Errorf("%s goes on with %+v", what, page)
		}
	}
}

// Records that nobody can read any more are told of, and those after them come.
func TestTailTellsWhatWasTrimmed(t *testing.T) {
	for _, rollover := range []time.Duration{0, time.Hour} {
		w := newTailed(t, dynamodb.Config{StreamShards: 1, StreamShardRollover: rollover})
		tail := w.tail(t, tailed, dynamodb.TailLatest, "")
		defer tail.Close()
		begin := tail.ID()
		w.put(t, "1")
		for range 25 {
			w.now = w.now.Add(time.Hour)
			if err := w.runner.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.put(t, "2")
		again := w.tail(t, tailed, dynamodb.TailLatest, begin)
		defer again.Close()
		for _, tail := range []*dynamodb.Tail{tail, again} {
			page := next(t, tail)
			if diff := cmp.Diff([]string{`"2"`}, keys(t, page)); diff != "" || !page.Trimmed {
				t.Errorf("%v: trimmed %t %s", rollover, page.Trimmed, diff)
			}
			if page := next(t, tail); page.Trimmed {
				t.Errorf("%v: told twice", rollover)
			}
		}
	}
}

func TestTailEndsWithItsStream(t *testing.T) {
	w := newTailed(t, dynamodb.Config{StreamShards: 2})
	tail := w.tail(t, tailed, dynamodb.TailLatest, "")
	defer tail.Close()
	w.put(t, "1")
	w.send(t, "DeleteTable", `{"TableName":"tab"}`, "")
	page := next(t, tail)
	if diff := cmp.Diff([]string{`"1"`}, keys(t, page)); diff != "" || !page.Ended {
		t.Errorf("ended %t %s", page.Ended, diff)
	}
	w.now = w.now.Add(25 * time.Hour)
	if _, err := tail.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "Stream: "+tailed+" not found") {
		t.Error(err)
	}
}

func TestTailIsRefused(t *testing.T) {
	w := newTailed(t, dynamodb.Config{StreamShards: 2})
	for _, test := range []struct{ arn, from, after, want string }{
		{"", "latest", "", "not found"},
		{strings.Replace(tailed, "0000", "0001", 1), "latest", "", "not found"},
		{strings.Replace(tailed, "us-east-1", "us-east-2", 1), "latest", "", "not found"},
		{strings.Replace(tailed, "2026", "2025", 1), "latest", "", "not found"},
		{tailed, "", "", "from must be"},
		{tailed, "oldest", "nothing", "Invalid SequenceNumber"},
		{tailed, "oldest", "shardId-00000001795348800000-00010000:12", "Invalid SequenceNumber"},
		{tailed, "oldest", ",", "Invalid SequenceNumber"},
	} {
		if _, err := w.db.TailFrom(t.Context(), w.call, test.arn, test.from, test.after); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// A page is of bounded size, whatever the items are, and the next one has the
// rest.
func TestTailPages(t *testing.T) {
	w := newTailed(t, dynamodb.Config{StreamShards: 2})
	for i := range 6 {
		w.send(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"v":{"S":"%0100000d"}}}`, i, 0), "")
	}
	tail := w.tail(t, tailed, dynamodb.TailOldest, "")
	defer tail.Close()
	seen := map[string]bool{}
	for len(seen) < 6 {
		page := next(t, tail)
		for _, key := range keys(t, page) {
			seen[key] = true
		}
		if n := len(page.Records); n < 1 || n > 2 || page.More != (len(seen) < 6) {
			t.Fatalf("a page of %d, more %t", n, page.More)
		}
	}
}

// A reader that waits is woken by a write of its table.
func TestTailIsWoken(t *testing.T) {
	w := newTailed(t, dynamodb.Config{StreamShards: 1})
	tail := w.tail(t, tailed, dynamodb.TailLatest, "")
	defer tail.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 20 {
		w.put(t, fmt.Sprint(i))
		tail.Wait(ctx)
		if page := next(t, tail); len(page.Records) != 1 {
			t.Fatalf("%d records", len(page.Records))
		}
	}
	cancel()
	tail.Wait(ctx)
}
