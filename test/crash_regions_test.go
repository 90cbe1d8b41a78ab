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

	"github.com/statordb/stator/internal/kv/pgtest"
)

// A crash loses no change that is on its way between regions, whenever it comes:
// while they write, while a region is cut off, and while one is healed. Once
// nothing is on its way all regions are the same, and each has what was written
// last to the items that only one region writes to.
func TestCrashBetweenRegions(t *testing.T) {
	ownServer(t)
	t.Parallel()
	const usual = 8
	kills := roundsOf(t, usual)
	t.Run("disk", func(t *testing.T) {
		dir := keptDir(t)
		data := filepath.Join(dir, "data")
		w := newAuthors(t, newNode(t, dir, "stator", append(lagging, "--data", data)...))
		w.crash(kills)
		w.nodes[0].terminate(t, stopTimeout)
		statorCheck(t, "--data", data)
	})
	// Of two servers that share a database, the one that is left carries on what
	// the other one did: it makes the changes in other regions, and sweeps.
	t.Run("postgres", func(t *testing.T) {
		url, dir := pgtest.Start(t).URL(t), keptDir(t)
		args := append(lagging, "--ttl-interval=1s", "--store", url)
		w := newAuthors(t, newNode(t, dir, "one", args...), newNode(t, dir, "two", args...))
		w.crash(kills / 2)
		for _, n := range w.nodes {
			w.outlive(n)
		}
		for _, n := range w.nodes {
			n.terminate(t, stopTimeout)
		}
		statorCheck(t, "--store", url)
	})
}

var lagging = []string{"--replication-lag", "1ms..200ms"}

// crash kills servers, one after the other, while all regions write.
func (w *authors) crash(kills int) {
	w.t.Helper()
	for range kills {
		n := w.nodes[w.rand.IntN(len(w.nodes))]
		w.write(func() {
			for range 1 + w.rand.IntN(3) {
				pass(w.t, between(w.rand, 20*time.Millisecond, 200*time.Millisecond))
				region := regions[w.rand.IntN(len(regions))]
				switch w.rand.IntN(4) {
				case 0:
					replicate(w.t, n, m{"isolate": []string{region}})
				case 1:
					replicate(w.t, n, m{"pause": []string{region}})
				default:
					replicate(w.t, n, m{"heal": []string{"*"}})
				}
			}
			n.kill()
			pass(w.t, between(w.rand, time.Millisecond, 100*time.Millisecond))
		})
		n.start(w.t)
		if w.rand.IntN(3) == 0 {
			w.compare()
		}
	}
	w.compare()
	w.t.Logf("%d kills, %d writes were acknowledged", kills, w.acknowledged.Load())
}

// outlive kills a server while there is something to do in the background, and
// looks whether the others do it.
func (w *authors) outlive(n *node) {
	w.t.Helper()
	w.write(func() { pass(w.t, 100*time.Millisecond) })
	key := m{"pk": m{"S": "expired"}}
	w.ask(regions[0], "PutItem", m{"TableName": betweenRegions, "Item": m{"pk": m{"S": "expired"}, "e": m{"N": fmt.Sprint(time.Now().Unix() - 60)}}})
	n.kill()
	left := w.alive()
	await(w.t, "the others have not carried on", recoverTimeout, func() error {
		if backlog := replicate(w.t, left, nil); backlog > 0 {
			return fmt.Errorf("%d changes are on their way", backlog)
		}
		for _, region := range regions {
			if a := ask(w.t.Context(), left.url(), region, "GetItem", m{"TableName": betweenRegions, "Key": key}); a.fate != done || string(a.body) != "{}" {
				return fmt.Errorf("%s has what has expired: %v", region, a)
			}
		}
		return nil
	})
	n.start(w.t)
	w.compare()
}

// replicate changes what holds up replication, if there is a change, and returns
// how many changes are on their way then.
func replicate(t *testing.T, n *node, change m) (backlog int) {
	t.Helper()
	body, err := json.Marshal(change)
	ok(t, err)
	method := http.MethodPost
	if change == nil {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(t.Context(), method, n.url()+"/_admin/replication", bytes.NewReader(body))
	ok(t, err)
	res, err := crashClient.Do(req)
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
	nodes        []*node
	rand         *rand.Rand
	acknowledged atomic.Int64
	turn         atomic.Int64 // whose it is of the nodes

	mu   sync.Mutex
	last map[string]interval // of the items that one region writes to
}

// An interval is the numbers that an item may have: that of the last write that was
// acknowledged, and of those that were not and may have been made.
type interval struct{ from, to int }

const betweenRegions = "between-regions"

func newAuthors(t *testing.T, nodes ...*node) *authors {
	for _, n := range nodes {
		n.start(t)
	}
	w := &authors{t: t, nodes: nodes, rand: rand.New(rand.NewPCG(seedOf(t), 3)), last: map[string]interval{}}
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
		{"UpdateTimeToLive", m{"TableName": betweenRegions, "TimeToLiveSpecification": m{"Enabled": true, "AttributeName": "e"}}},
		{"UpdateTable", m{"TableName": betweenRegions, "ReplicaUpdates": []m{{"Create": m{"RegionName": regions[1]}}, {"Create": m{"RegionName": regions[2]}}}}},
	} {
		if a := ask(t.Context(), nodes[0].url(), regions[0], request.operation, request.body); a.fate != done {
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

// alive returns a node that is.
func (w *authors) alive() *node {
	for _, n := range w.nodes {
		if n.url() != "" {
			return n
		}
	}
	w.t.Fatal("no server is left")
	return nil
}

// ask sends a request, and reports whether it was acknowledged.
func (w *authors) ask(region, operation string, body m) bool {
	url := w.nodes[int(w.turn.Add(1))%len(w.nodes)].url()
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
	if n := replicate(w.t, w.alive(), m{"heal": []string{"*"}, "flush": true}); n > 0 {
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
	a := ask(w.t.Context(), w.alive().url(), region, "Scan", m{"TableName": betweenRegions, "ConsistentRead": true})
	if a.fate != done {
		w.t.Fatalf("Scan in %s: %v", region, a)
	}
	var out struct {
		Items []map[string]map[string]string
	}
	ok(w.t, json.Unmarshal(a.body, &out))
	items := map[string]string{}
	for _, it := range out.Items {
		items[it["pk"]["S"]] = it["n"]["N"] + " " + it["by"]["S"]
	}
	return items
}
