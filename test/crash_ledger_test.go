package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// m is a part of a request, and attrs an item as JSON has it.
type (
	m     = map[string]any
	attrs = map[string]any
)

func stringValue(s string) attrs { return attrs{"S": s} }
func numberValue(n int) attrs    { return attrs{"N": fmt.Sprint(n)} }

// A place is where an item is.
type place struct{ table, pk, sk string }

func (p place) key() attrs { return attrs{"pk": stringValue(p.pk), "sk": stringValue(p.sk)} }

func (p place) String() string { return p.table + "/" + p.pk + "/" + p.sk }

// A ledger is what a store must hold, as its clients know it: what was
// acknowledged is there, and what was not answered is there whole or not at
// all. Clients write, and audit compares.
type ledger struct {
	t        *testing.T
	rand     *rand.Rand
	nodes    []*node
	settled  func() // returns when no request that went unanswered can happen any more
	writers  []*writer
	builder  *builder
	counters [counters]tally
	hasty    bool         // audit does not wait for indexes to be filled, nor look at those
	trouble  atomic.Bool  // whether servers may answer that they cannot, with a 5xx
	acts     atomic.Int64 // acknowledged writes
	findings atomic.Int64
}

const enoughFindings = 10

// A tally is what is known of a counter that all writers add to.
type tally struct {
	mu          sync.Mutex
	sure, maybe int // additions that were acknowledged, or not answered
}

func (c *tally) add(sure, maybe int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sure += sure
	c.maybe += maybe
}

const (
	writers  = 6
	counters = 3
	accounts = 6
	deposit  = 1000 // in each account
)

// The tables that are there all the time. Their indexes come and go, but for
// those that they are made with.
const (
	streamed = "streamed"
	plainly  = "plainly"
)

// The regions of the ledger. All tables are in the first, and streamed is in the
// others, too: what is written to it anywhere is everywhere.
var regions = []string{"us-east-1", "eu-west-1", "ap-south-1"}

// region returns where to send a request: any region will do for one about a
// single item of streamed, or about its indexes.
func region(r *rand.Rand, operation string, body any) string {
	request, _ := body.(m)
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem", "GetItem", "UpdateTable":
		if request["TableName"] == streamed {
			return regions[r.IntN(len(regions))]
		}
	}
	return regions[0]
}

var lasting = []string{streamed, plainly}

func counterPlace(i int) place { return place{streamed, "counter", fmt.Sprint(i)} }
func accountPlace(i int) place { return place{lasting[i%2], "account", fmt.Sprint(i)} }

// newLedger makes the tables of a ledger on an empty store, which the nodes
// share.
func newLedger(t *testing.T, seed uint64, nodes ...*node) *ledger {
	t.Helper()
	l := &ledger{t: t, rand: rand.New(rand.NewPCG(seed, 0)), nodes: nodes, settled: func() {}}
	for i := range writers {
		l.writers = append(l.writers, newWriter(l, fmt.Sprintf("w%d", i), rand.New(rand.NewPCG(seed, uint64(i+1)))))
	}
	l.builder = newBuilder(l, rand.New(rand.NewPCG(seed, 1000)))
	for _, name := range lasting {
		l.must("CreateTable", m{
			"TableName": name, "BillingMode": "PAY_PER_REQUEST",
			"KeySchema":            schema("pk", "sk"),
			"AttributeDefinitions": definitions("pk", "sk", "g", "n"),
			"LocalSecondaryIndexes": []any{
				m{"IndexName": "local", "KeySchema": schema("pk", "n"), "Projection": m{"ProjectionType": "KEYS_ONLY"}},
			},
			"GlobalSecondaryIndexes": []any{
				m{"IndexName": "fixed", "KeySchema": schema("g", "n"), "Projection": m{"ProjectionType": "ALL"}},
			},
			"StreamSpecification": streamSpec(name == streamed),
		})
	}
	l.mustIn(regions[0], "UpdateTable", m{"TableName": streamed, "ReplicaUpdates": []any{
		m{"Create": m{"RegionName": regions[1]}}, m{"Create": m{"RegionName": regions[2]}},
	}})
	for i := range accounts {
		at := accountPlace(i)
		it := at.key()
		it["balance"] = numberValue(deposit)
		l.must("PutItem", m{"TableName": at.table, "Item": it})
	}
	return l
}

func streamSpec(on bool) m {
	if !on {
		return m{"StreamEnabled": false}
	}
	return m{"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
}

func schema(hash string, sort ...string) []any {
	s := []any{m{"AttributeName": hash, "KeyType": "HASH"}}
	for _, name := range sort {
		s = append(s, m{"AttributeName": name, "KeyType": "RANGE"})
	}
	return s
}

func definitions(names ...string) (defs []any) {
	for _, name := range names {
		kind := "S"
		if name == "n" || name == "v" {
			kind = "N"
		}
		defs = append(defs, m{"AttributeName": name, "AttributeType": kind})
	}
	return defs
}

// ask sends a request to a node that is up.
func (l *ledger) ask(ctx context.Context, r *rand.Rand, operation string, body any) answer {
	a := answer{fate: unsent}
	first, in := r.IntN(len(l.nodes)), region(r, operation, body)
	for i := range l.nodes {
		n := l.nodes[(first+i)%len(l.nodes)]
		if a = ask(ctx, n.url(), in, operation, body); a.fate != unsent {
			break
		}
	}
	if a.faulty && !l.trouble.Load() {
		l.find("%s %v: %v", operation, body, a)
	}
	return a
}

// must sends a request that must be carried out, and returns the answer.
func (l *ledger) must(operation string, body any) []byte {
	l.t.Helper()
	a := l.ask(l.t.Context(), l.rand, operation, body)
	if a.fate != done {
		l.t.Fatalf("%s %v: %v", operation, body, a)
	}
	return a.body
}

// mustIn is must for a request to a region, on the first node.
func (l *ledger) mustIn(region, operation string, body any) {
	l.t.Helper()
	if a := ask(l.t.Context(), l.nodes[0].url(), region, operation, body); a.fate != done {
		l.t.Fatalf("%s %v: %v", operation, body, a)
	}
}

// write has all clients write while during runs, or until there is no server
// any more.
func (l *ledger) write(during func()) {
	ctx, cancel := context.WithCancel(l.t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for _, w := range l.writers {
		all.Go(func() { w.run(ctx) })
	}
	all.Go(func() { l.builder.run(ctx) })
	during()
}

// find reports a finding. Only the first are told: others follow from them.
func (l *ledger) find(format string, args ...any) {
	l.t.Helper()
	l.t.Fail()
	if n := l.findings.Add(1); n <= enoughFindings {
		text := fmt.Sprintf(format, args...)
		l.t.Errorf("%s: %.2000s", time.Now().UTC().Format("15:04:05.000"), text)
	}
}

// A doubt is a write that was not answered: either all of it happened or
// nothing.
type doubt struct {
	writes map[place]attrs // nil is a deletion
	looks  []place         // at what a repetition must find as it was
	adds   map[int]int     // to counters
	again  m               // the request, if it can be repeated, as it has a token
	must   bool            // it has happened, as the repetition was answered
}

// audit compares the store with the ledger, which learns what became of the
// writes that it is in doubt about. Nobody may write meanwhile.
func (l *ledger) audit() {
	l.t.Helper()
	l.settled()
	for _, w := range l.all() {
		w.repeat()
	}
	l.builder.learn()
	tables := l.listTables()
	found := map[place]attrs{}
	for _, name := range tables {
		maps.Copy(found, l.contents(name))
	}
	for _, w := range l.all() {
		w.compare(found)
	}
	for i := range counters {
		l.checkCounter(i, found)
	}
	l.checkAccounts(found)
	for at, it := range found {
		l.find("%s is there and should not be: %v", at, it)
	}
}

func (l *ledger) all() []*writer { return append(slices.Clone(l.writers), l.builder.writer) }

// checkCounter checks a counter, and takes it from found.
func (l *ledger) checkCounter(i int, found map[place]attrs) {
	l.t.Helper()
	n, c := 0, &l.counters[i]
	if it := found[counterPlace(i)]; it != nil {
		n = numberIn(it, "n")
	}
	delete(found, counterPlace(i))
	c.mu.Lock()
	defer c.mu.Unlock()
	if n < c.sure || n > c.sure+c.maybe {
		l.find("counter %d is %d; %d additions were acknowledged and %d not answered", i, n, c.sure, c.maybe)
	}
	c.sure, c.maybe = n, 0
}

// checkAccounts checks that transfers have neither made nor lost anything, and
// takes the accounts from found.
func (l *ledger) checkAccounts(found map[place]attrs) {
	l.t.Helper()
	total := 0
	for i := range accounts {
		it := found[accountPlace(i)]
		delete(found, accountPlace(i))
		if it == nil {
			l.find("account %d is lost", i)
			continue
		}
		total += numberIn(it, "balance")
	}
	if total != accounts*deposit {
		l.find("the accounts hold %d, should be %d", total, accounts*deposit)
	}
}

func numberIn(it attrs, name string) (n int) {
	value, _ := it[name].(attrs)
	text, _ := value["N"].(string)
	_, _ = fmt.Sscan(text, &n)
	return n
}

// equal tells whether two items, or their absence, are the same.
func equal(a, b attrs) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// learnt takes a doubt's writes into account.
func (w *writer) learnt(d *doubt) {
	for at, it := range d.writes {
		if it == nil {
			delete(w.items, at)
		} else {
			w.items[at] = it
		}
	}
}

// repeat sends again what has a token and was not answered, or some of it: it
// happens now if it has not yet.
func (w *writer) repeat() {
	w.l.t.Helper()
	for _, d := range w.doubts {
		if d.again == nil || w.rand.IntN(2) == 0 {
			continue
		}
		a := w.l.ask(w.l.t.Context(), w.rand, "TransactWriteItems", d.again)
		if d.must = a.fate == done; !d.must {
			w.l.find("the repetition of a transaction is refused: %v\n%v", a, d.again)
		}
	}
}

// compare compares what was found with what the writer knows, decides its
// doubts, and takes its items from found.
func (w *writer) compare(found map[place]attrs) {
	w.l.t.Helper()
	for _, d := range w.doubts {
		if len(d.writes) == 0 {
			continue // an addition alone: nothing tells
		}
		then, before := true, !d.must
		for at, it := range d.writes {
			then = then && equal(found[at], it)
			before = before && equal(found[at], w.items[at])
		}
		switch {
		case then:
			w.learnt(d)
		case !before:
			for at, it := range d.writes {
				w.l.find("a write that was not answered left %s as %s\nbefore %s\nafter  %s\nrepeated: %v", at, brief(found[at]), brief(w.items[at]), brief(it), d.must)
				w.items[at] = found[at]
			}
		}
		for i, n := range d.adds {
			if then {
				w.l.counters[i].add(n, -n)
			} else {
				w.l.counters[i].add(0, -n)
			}
		}
	}
	w.doubts = nil
	clear(w.doubtful)
	for at, it := range w.items {
		if !equal(found[at], it) {
			w.l.find("%s (-acknowledged +found):\n%s", at, gocmp.Diff(it, found[at]))
		}
		delete(found, at)
	}
}

// brief is an item as text, short enough to read.
func brief(it attrs) string {
	text, _ := json.Marshal(it) // of strings and maps
	if len(text) > 300 {
		text = text[:300]
	}
	return string(text)
}

func (l *ledger) listTables() (names []string) {
	l.t.Helper()
	var out struct{ TableNames []string }
	l.decode(l.must("ListTables", m{}), &out)
	want := slices.Clone(lasting)
	for name, is := range l.builder.tables {
		if is == present {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, out.TableNames); diff != "" {
		l.find("tables (-acknowledged +found):\n%s", diff)
	}
	return out.TableNames
}

func (l *ledger) decode(text []byte, v any) {
	l.t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		l.t.Fatalf("%s: %v", text, err)
	}
}

// described is what is read of a table's description.
type described struct {
	TableStatus            string
	ItemCount              int
	KeySchema              []keyElement
	LocalSecondaryIndexes  []describedIndex
	GlobalSecondaryIndexes []describedIndex
}

type keyElement struct{ AttributeName string }

type describedIndex struct {
	IndexName, IndexStatus string
	ItemCount              int
	KeySchema              []keyElement
	Projection             struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
}

// describe returns a table's description, or nil if there is no such table.
func (l *ledger) describe(name string) *described {
	l.t.Helper()
	a := l.ask(l.t.Context(), l.rand, "DescribeTable", m{"TableName": name})
	if a.code == "ResourceNotFoundException" {
		return nil
	}
	if a.fate != done {
		l.t.Fatalf("DescribeTable %s: %v", name, a)
	}
	var out struct{ Table described }
	l.decode(a.body, &out)
	return &out.Table
}

// rested returns the description of a table once nothing is on its way there,
// or at once if the ledger is hasty. An index that is on its way out counts as
// gone.
func (l *ledger) rested(name string) (d *described) {
	l.t.Helper()
	await(l.t, "table "+name+" is at rest", startTimeout, func() error {
		d = l.describe(name)
		if d == nil || d.TableStatus == "DELETING" {
			d = nil
			return nil
		}
		d.GlobalSecondaryIndexes = slices.DeleteFunc(d.GlobalSecondaryIndexes, func(ix describedIndex) bool { return ix.IndexStatus == "DELETING" })
		for _, ix := range d.GlobalSecondaryIndexes {
			if ix.IndexStatus != "ACTIVE" && !l.hasty {
				return fmt.Errorf("index %s is %s", ix.IndexName, ix.IndexStatus)
			}
		}
		if d.TableStatus != "ACTIVE" && !l.hasty {
			return fmt.Errorf("it is %s", d.TableStatus)
		}
		return nil
	})
	return d
}

// contents returns the items of a table, after it has compared with them what
// its indexes say and what is counted.
func (l *ledger) contents(name string) map[place]attrs {
	l.t.Helper()
	d := l.rested(name)
	if d == nil {
		l.find("table %s is listed and not there", name)
		return nil
	}
	found := map[place]attrs{}
	for _, it := range l.read("Scan", m{"TableName": name, "ConsistentRead": true}) {
		at := placeOf(name, it)
		if found[at] != nil {
			l.find("%s is found twice", at)
		}
		found[at] = it
	}
	if d.ItemCount != len(found) {
		l.find("table %s: ItemCount is %d, there are %d items", name, d.ItemCount, len(found))
	}
	for _, ix := range append(d.LocalSecondaryIndexes, d.GlobalSecondaryIndexes...) {
		if ix.IndexStatus == "" || ix.IndexStatus == "ACTIVE" { // local ones have none
			l.checkIndex(name, d, ix, found)
		}
	}
	return found
}

func placeOf(table string, it attrs) place {
	text := func(name string) string {
		value, _ := it[name].(attrs)
		s, _ := value["S"].(string)
		return s
	}
	return place{table, text("pk"), text("sk")}
}

// checkIndex reads a whole index and, by a query, some of it, and compares it
// with the items of its table.
func (l *ledger) checkIndex(name string, d *described, ix describedIndex, items map[place]attrs) {
	l.t.Helper()
	hash := ix.KeySchema[0].AttributeName
	wanted := map[place]attrs{}
	var hashes []attrs
	for at, it := range items {
		if entry := ix.entry(d, it); entry != nil {
			wanted[at] = entry
			hashes = append(hashes, entry[hash].(attrs))
		}
	}
	compare := func(how string, wanted map[place]attrs, entries []attrs) {
		l.t.Helper()
		got := map[place]attrs{}
		for _, entry := range entries {
			got[placeOf(name, entry)] = entry
		}
		if len(got) != len(entries) {
			l.find("%s of %s of %s finds items twice", how, ix.IndexName, name)
		}
		for at := range got {
			if wanted[at] == nil {
				l.find("%s of %s of %s finds %s, which is not in the table", how, ix.IndexName, name, brief(got[at]))
			}
		}
		for at, want := range wanted {
			if !equal(want, got[at]) {
				l.find("%s of %s of %s: %s (-table +index):\n%s", how, ix.IndexName, name, at, gocmp.Diff(want, got[at]))
			}
		}
	}
	compare("a scan", wanted, l.read("Scan", m{"TableName": name, "IndexName": ix.IndexName}))
	if ix.ItemCount != len(wanted) {
		l.find("index %s of %s: ItemCount is %d, should be %d", ix.IndexName, name, ix.ItemCount, len(wanted))
	}
	if len(hashes) == 0 {
		return
	}
	slices.SortFunc(hashes, func(a, b attrs) int { return cmp.Compare(brief(a), brief(b)) })
	value := hashes[l.rand.IntN(len(hashes))]
	maps.DeleteFunc(wanted, func(_ place, entry attrs) bool { return !equal(entry[hash].(attrs), value) })
	compare("a query", wanted, l.read("Query", m{
		"TableName": name, "IndexName": ix.IndexName, "KeyConditionExpression": "#h = :h",
		"ExpressionAttributeNames": m{"#h": hash}, "ExpressionAttributeValues": m{":h": value},
	}))
}

// entry returns what an index has of an item, or nil.
func (ix *describedIndex) entry(d *described, it attrs) attrs {
	entry := attrs{}
	for _, e := range ix.KeySchema {
		if it[e.AttributeName] == nil {
			return nil
		}
		entry[e.AttributeName] = it[e.AttributeName]
	}
	if ix.Projection.ProjectionType == "ALL" {
		return it
	}
	for _, e := range d.KeySchema {
		entry[e.AttributeName] = it[e.AttributeName]
	}
	for _, name := range ix.Projection.NonKeyAttributes {
		if it[name] != nil {
			entry[name] = it[name]
		}
	}
	return entry
}

// read reads all pages of a query or scan.
func (l *ledger) read(operation string, request m) (items []attrs) {
	l.t.Helper()
	for {
		var page struct {
			Items            []attrs
			LastEvaluatedKey attrs
		}
		l.decode(l.must(operation, request), &page)
		items = append(items, page.Items...)
		if page.LastEvaluatedKey == nil {
			return items
		}
		request["ExclusiveStartKey"] = page.LastEvaluatedKey
	}
}
