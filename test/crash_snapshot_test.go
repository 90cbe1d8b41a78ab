package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv/pgtest"
)

// A load that is killed has happened or not, for all tables, and one that was
// acknowledged has.
func TestCrashDuringALoad(t *testing.T) {
	ownServer(t)
	t.Parallel()
	const usual = 8
	kills := roundsOf(t, usual)
	t.Run("disk", func(t *testing.T) {
		dir := keptDir(t)
		data := filepath.Join(dir, "data")
		loading{t, []*node{newNode(t, dir, "stator", "--data", data)}}.crash(kills)
		statorCheck(t, "--data", data)
	})
	t.Run("postgres", func(t *testing.T) {
		url, dir := pgtest.Start(t).URL(t), keptDir(t)
		args := []string{"--store", url, "--snapshot-dir", filepath.Join(dir, "snapshots")}
		loading{t, []*node{newNode(t, dir, "one", args...), newNode(t, dir, "two", args...)}}.crash(kills / 2)
		statorCheck(t, "--store", url)
	})
}

// A loading is servers of one store, with snapshots that differ in what all
// their items have as v.
type loading struct {
	*testing.T
	nodes []*node
}

var loaded = []string{"first", "second"}

const loadedItems = 200 // of each table, of 4 KB, so that a load takes some commits

func (l loading) crash(kills int) {
	l.Helper()
	r := rand.New(rand.NewPCG(seedOf(l.T), 7))
	for _, n := range l.nodes {
		n.start(l.T)
	}
	l.fill("x", "CreateTable")
	l.post(l.nodes[0], "/_admin/snapshots/x")
	l.fill("y", "")
	l.post(l.nodes[0], "/_admin/snapshots/y")
	now, finished := "y", 0
	for range kills {
		n := l.nodes[r.IntN(len(l.nodes))]
		next := []string{"x", "y"}[r.IntN(2)]
		answered := make(chan bool, 1)
		go func(url string) { answered <- l.load(url, next) }(n.url())
		pass(l.T, between(r, 0, 200*time.Millisecond))
		n.kill()
		acknowledged := <-answered
		if acknowledged {
			finished++
		}
		n.start(l.T)
		for _, n := range l.nodes {
			found := l.version(n)
			if found != next && (acknowledged || found != now) {
				l.Fatalf("the tables are %s, were %s, and a load of %s was acknowledged: %v", found, now, next, acknowledged)
			}
			now = found
		}
		if r.IntN(3) == 0 { // what was loaded can be written to
			if a := ask(l.Context(), n.url(), "us-east-1", "UpdateItem", m{"TableName": loaded[0], "Key": m{"pk": m{"S": "0"}}, "UpdateExpression": "SET x = :x", "ExpressionAttributeValues": m{":x": m{"N": "1"}}}); a.fate != done {
				l.Errorf("a write: %v", a)
			}
		}
	}
	l.Logf("%d kills, %d loads were acknowledged before", kills, finished)
	for _, n := range l.nodes {
		n.terminate(l.T, stopTimeout)
	}
}

// fill gives all items a version, after it has made their tables if it is to.
func (l loading) fill(version, create string) {
	l.Helper()
	do := func(operation string, body m) {
		l.Helper()
		if a := ask(l.Context(), l.nodes[0].url(), "us-east-1", operation, body); a.fate != done {
			l.Fatalf("%s: %v", operation, a)
		}
	}
	for _, name := range loaded {
		if create != "" {
			do(create, m{
				"TableName": name, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": []m{{"AttributeName": "pk", "AttributeType": "S"}},
				"KeySchema": []m{{"AttributeName": "pk", "KeyType": "HASH"}}, "StreamSpecification": m{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
			})
		}
		for from := 0; from < loadedItems; from += 25 {
			var puts []m
			for n := from; n < from+25; n++ {
				puts = append(puts, m{"PutRequest": m{"Item": m{"pk": m{"S": fmt.Sprint(n)}, "v": m{"S": version}, "padding": m{"S": strings.Repeat("p", 4000)}}}})
			}
			do("BatchWriteItem", m{"RequestItems": m{name: puts}})
		}
	}
}

// post asks for something that must be done.
func (l loading) post(n *node, path string) {
	l.Helper()
	if !l.asks(n.url(), path) {
		l.Fatalf("%s was not done", path)
	}
}

func (l loading) load(url, name string) bool { return l.asks(url, "/_admin/snapshots/"+name+"/load") }

// asks reports whether the answer is that it was done.
func (l loading) asks(url, path string) bool {
	req, err := http.NewRequestWithContext(l.Context(), http.MethodPost, url+path, nil)
	if err != nil {
		return false
	}
	res, err := crashClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return err == nil && res.StatusCode == http.StatusOK && json.Valid(text)
}

// version returns what all items of all tables have as v.
func (l loading) version(n *node) (version string) {
	l.Helper()
	for _, name := range loaded {
		items := 0
		var from json.RawMessage
		for {
			request := m{"TableName": name, "ProjectionExpression": "v", "ConsistentRead": true}
			if from != nil {
				request["ExclusiveStartKey"] = from
			}
			a := ask(l.Context(), n.url(), "us-east-1", "Scan", request)
			var page struct {
				Items            []struct{ V struct{ S string } }
				LastEvaluatedKey json.RawMessage
			}
			if a.fate != done || json.Unmarshal(a.body, &page) != nil {
				l.Fatalf("Scan of %s: %v", name, a)
			}
			for _, item := range page.Items {
				items++
				if version == "" {
					version = item.V.S
				}
				if item.V.S != version {
					l.Fatalf("items are of %s and of %s", version, item.V.S)
				}
			}
			if from = page.LastEvaluatedKey; from == nil {
				break
			}
		}
		if items != loadedItems {
			l.Fatalf("%s has %d items, not %d", name, items, loadedItems)
		}
	}
	return version
}
