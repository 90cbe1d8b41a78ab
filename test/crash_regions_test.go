package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A crash loses no change that is on its way between regions, whenever it comes:
// while they write, while a region is cut off, and while one is healed. Once
// nothing is on its way all regions are the same, and each has what was written
// last to the items that only one region writes to.
func TestCrashBetweenRegions(t *testing.T) {
	ownServer(t)
	const usual = 12
	kills, dir := roundsOf(t, usual), keptDir(t)
	data := filepath.Join(dir, "data")
	n := newNode(t, dir, "stator", "--data", data, "--replication-lag", "1ms..200ms")
	n.start(t)
	w := newAuthors(t, n, seedOf(t))
	for range kills {
		w.write(func() {
			for range 1 + w.rand.IntN(3) {
				pass(t, between(w.rand, 20*time.Millisecond, 200*time.Millisecond))
				region := regions[w.rand.IntN(len(regions))]
				switch w.rand.IntN(4) {
				case 0:
					replicate(t, n, m{"isolate": []string{region}})
				case 1:
					replicate(t, n, m{"pause": []string{region}})
				default:
					replicate(t, n, m{"heal": []string{"*"}})
				}
			}
			n.kill()
		})
		n.start(t)
		if w.rand.IntN(3) == 0 {
			w.compare()
		}
	}
	w.compare()
	t.Logf("%d kills, %d writes were acknowledged", kills, w.acknowledged.Load())
	n.terminate(t, stopTimeout)
	statorCheck(t, "--data", data)
}

// replicate changes what holds up replication and returns how many changes are on
// their way then.
func replicate(t *testing.T, n *node, change m) (backlog int) {
	t.Helper()
	body, err := json.Marshal(change)
	ok(t, err)
	res, err := crashClient.Post(n.url()+"/_admin/replication", "application/json", bytes.NewReader(body))
	ok(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	ok(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", body, text)
	}
	var state struct{ Links []struct{ Backlog int } }
	ok(t, json.Unmarshal(text, &state))
	for _, l := range state.Links {
		backlog += l.Backlog
	}
	return backlog
}

// Authors write to one table in all regions: each region to items of its own, of
// which it is known what was written last, and to some that all write to.
type authors struct {
	t            *testing.T
	n            *node
	rand         *rand.Rand
	acknowledged atomic.Int64

	mu   sync.Mutex
	last map[string]interval // of the items that one region writes to
}

// An interval is the numbers that an item may have: that of the last write that was
// acknowledged, and of those that were not and may have been made.
type interval struct{ from, to int }

const betweenRegions = "between-regions"

func newAuthors(t *testing.T, n *node, seed uint64) *authors {
	w := &authors{t: t, n: n, rand: rand.New(rand.NewPCG(seed, 3)), last: map[string]interval{}}
	for _, request := range []struct {
		operation string
		body      m
	}{
		{"CreateTable", m{
			"TableName": betweenRegions, "BillingMode": "PAY_PER_REQUEST",
			"AttributeDefinitions":   []m{{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}},
			"KeySchema":              []m{{"AttributeName": "pk", "KeyType": "HASH"}},
			"GlobalSecondaryIndexes": []m{{"IndexName": "by-n", "KeySchema": []m{{"AttributeName": "n", "KeyType": "HASH"}}, "Projection": m{"ProjectionType": "ALL"}}},
		}},
		{"UpdateTable", m{"TableName": betweenRegions, "ReplicaUpdates": []m{{"Create": m{"RegionName": regions[1]}}, {"Create": m{"RegionName": regions[2]}}}}},
	} {
		if a := ask(t.Context(), n.url(), regions[0], request.operation, request.body); a.fate != done {
			t.Fatalf("%s: %v", request.operation, a)
		}
	}
	return w
}

// write writes in all regions until the server is killed, which meanwhile does.
func (w *authors) write(meanwhile func()) {
	var writing sync.WaitGroup
	stop := make(chan struct{})
	for _, region := range regions {
		r := rand.New(rand.NewPCG(w.rand.Uint64(), 1))
		writing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					w.writeOne(r, region)
				}
			}
		})
	}
	meanwhile()
	close(stop)
	writing.Wait()
}

func (w *authors) writeOne(r *rand.Rand, region string) {
	if r.IntN(3) == 0 { // an item of all
		key := fmt.Sprint("shared-", r.IntN(20))
		if r.IntN(4) == 0 {
			w.ask(region, "DeleteItem", m{"TableName": betweenRegions, "Key": m{"pk": m{"S": key}}})
			return
		}
		w.ask(region, "PutItem", m{"TableName": betweenRegions, "Item": m{"pk": m{"S": key}, "n": m{"N": fmt.Sprint(r.IntN(1000))}, "by": m{"S": region}}})
		return
	}
	key := fmt.Sprint(region, "-", r.IntN(20))
	w.mu.Lock()
	next := interval{w.last[key].from, w.last[key].to + 1}
	w.last[key] = next
	w.mu.Unlock()
	if w.ask(region, "PutItem", m{"TableName": betweenRegions, "Item": m{"pk": m{"S": key}, "n": m{"N": fmt.Sprint(next.to)}}}) {
		w.mu.Lock()
		w.last[key] = interval{next.to, next.to}
		w.mu.Unlock()
	}
}

// ask sends a request, and reports whether it was acknowledged.
func (w *authors) ask(region, operation string, body m) bool {
	url := w.n.url()
	if url == "" {
		return false
	}
	a := ask(w.t.Context(), url, region, operation, body)
	if a.fate == refused || a.faulty {
		w.t.Errorf("%s in %s: %v", operation, region, a)
	}
	if a.fate == done {
		w.acknowledged.Add(1)
	}
	return a.fate == done
}

// compare waits until nothing is on its way and compares what the regions have.
func (w *authors) compare() {
	w.t.Helper()
	if n := replicate(w.t, w.n, m{"heal": []string{"*"}, "flush": true}); n > 0 {
		w.t.Errorf("%d changes are on their way after all was flushed", n)
	}
	first := w.items(regions[0])
	for _, region := range regions[1:] {
		if got := w.items(region); !maps.Equal(first, got) {
			w.t.Errorf("%s has\n%v\n%s has\n%v", regions[0], first, region, got)
		}
	}
	for key, want := range w.last {
		var got int
		_, _ = fmt.Sscan(strings.Split(first[key], " ")[0], &got) // 0 if it is not there
		if got < want.from || got > want.to {
			w.t.Errorf("%s is %q, %d was acknowledged", key, first[key], want.from)
		}
		w.last[key] = interval{got, want.to}
	}
}

// items returns what a region has, by key.
func (w *authors) items(region string) map[string]string {
	w.t.Helper()
	a := ask(w.t.Context(), w.n.url(), region, "Scan", m{"TableName": betweenRegions, "ConsistentRead": true})
	if a.fate != done {
		w.t.Fatalf("Scan in %s: %v", region, a)
	}
	var out struct{ Items []map[string]map[string]string }
	ok(w.t, json.Unmarshal(a.body, &out))
	items := map[string]string{}
	for _, it := range out.Items {
		items[it["pk"]["S"]] = it["n"]["N"] + " " + it["by"]["S"]
	}
	return items
}
