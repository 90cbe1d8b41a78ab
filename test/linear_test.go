package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/statordb/stator/internal/kv/pgtest"
)

// The tests here have many clients at once, while servers are killed. Each
// request must seem to happen at one moment between its call and its answer,
// and one that was not answered at any later moment or never.

// One server is killed and started again several times: no answer, before or
// after, may contradict another.
func TestHistoryIsLinearizableOnDisk(t *testing.T) {
	ownServer(t)
	t.Parallel()
	dir := keptDir(t)
	n := newNode(t, dir, "stator", "--data", filepath.Join(dir, "data"))
	n.start(t)
	linearizable(t, dir, []*node{n}, roundsOf(t, 2), (*recorder).withoutGlimpses, func(*rand.Rand) {
		n.kill()
		n.start(t)
	})
	statorCheck(t, "--endpoint", n.url())
}

// Two servers share a database, in each of the ways in which transactions are
// isolated. One or the other is killed, and so are their connections to the
// database.
func TestHistoryIsLinearizableOnPostgres(t *testing.T) {
	ownServer(t)
	t.Parallel()
	pg := pgtest.Start(t)
	for name, parameter := range map[string]string{"locks": "", "serializable": "&isolation=serializable"} {
		t.Run(name, func(t *testing.T) {
			dir, url := keptDir(t), pg.URL(t)+parameter
			var nodes []*node
			for _, name := range []string{"one", "two"} {
				n := newNode(t, dir, name, "--store", url)
				n.start(t)
				nodes = append(nodes, n)
			}
			linearizable(t, dir, nodes, roundsOf(t, 1), func(*recorder) {}, func(r *rand.Rand) {
				if r.IntN(2) == 0 {
					pg.KillConnections(t)
					return
				}
				n := nodes[r.IntN(len(nodes))]
				n.kill()
				n.start(t)
			})
			statorCheck(t, "--endpoint", nodes[0].url())
		})
	}
}

const (
	groups        = 8 // of items; each is decided by itself
	clientsAtOnce = 6
	requestsEach  = 1000
	disturbances  = 5 // in each history
	decideTimeout = time.Minute
)

// linearizable makes histories and has them decided. disturb is called while
// they are made, and allow may take from a history what is no fault.
func linearizable(t *testing.T, dir string, nodes []*node, histories int, allow func(*recorder), disturb func(*rand.Rand)) {
	t.Helper()
	seed := seedOf(t)
	r := rand.New(rand.NewPCG(seed, 0))
	createLinear(t, nodes[0])
	for round := range histories {
		h := &recorder{t: t, nodes: nodes, round: round, begin: time.Now()}
		h.record(seed, func() {
			for i := range int64(disturbances) {
				at := (i + 1) * clientsAtOnce * requestsEach / (disturbances + 1)
				await(t, "clients go on", startTimeout, func() error {
					if n := h.answered.Load(); n < at {
						return fmt.Errorf("%d answers", n)
					}
					return nil
				})
				disturb(r)
			}
		})
		if t.Failed() {
			return
		}
		allow(h)
		h.decide(dir)
		t.Logf("%d kills", disturbances)
		if t.Failed() {
			return
		}
	}
}

func createLinear(t *testing.T, n *node) {
	t.Helper()
	a := ask(t.Context(), n.url(), regions[0], "CreateTable", m{
		"TableName": linearTable, "BillingMode": "PAY_PER_REQUEST",
		"KeySchema": schema("pk", "sk"), "AttributeDefinitions": definitions("pk", "sk"),
		"StreamSpecification": streamSpec(true),
	})
	if a.fate == done {
		a = ask(t.Context(), n.url(), regions[0], "UpdateTable", m{
			"TableName": linearTable, "ReplicaUpdates": []any{m{"Create": m{"RegionName": regions[1]}}},
		})
	}
	if a.fate != done {
		t.Fatalf("CreateTable: %v", a)
	}
}

const linearTable = "linear"

// A recorder makes one history.
type recorder struct {
	t        *testing.T
	nodes    []*node
	round    int
	begin    time.Time
	answered atomic.Int64

	mu      sync.Mutex
	history []porcupine.Operation
}

func (h *recorder) now() int64 { return int64(time.Since(h.begin)) }

// record has all clients make their parts of the history while during runs.
func (h *recorder) record(seed uint64, during func()) {
	var all sync.WaitGroup
	defer all.Wait()
	for i := range clientsAtOnce {
		all.Go(func() { h.client(i, rand.New(rand.NewPCG(seed, uint64(h.round*clientsAtOnce+i+1)))) })
	}
	during()
}

// client makes its part of the history.
func (h *recorder) client(i int, r *rand.Rand) {
	for n := 0; n < requestsEach && !h.t.Failed(); n++ {
		in := draw(r)
		first, region := r.IntN(len(h.nodes)), regions[r.IntN(2)] // either replica
		op := porcupine.Operation{ClientId: i, Input: in, Call: h.now()}
		a := answer{fate: unsent}
		for i := 0; a.fate == unsent; i++ {
			if h.t.Failed() || h.now()-op.Call > int64(startTimeout) {
				h.t.Error("there is no server")
				return
			}
			if i > len(h.nodes) {
				pass(h.t, 5*time.Millisecond)
			}
			a = ask(h.t.Context(), h.nodes[(first+i)%len(h.nodes)].url(), region, in.operation(), in.request(h.round))
		}
		h.answered.Add(1)
		op.Return = h.now()
		out, happened := in.outcome(h.t, a)
		switch {
		case out.unknown && in.reads():
			continue // it says nothing and does nothing
		case out.unknown:
			op.Metadata = op.Return
			op.Return = math.MaxInt64 // it may happen when all else is over: never
		case !happened:
			continue
		}
		op.Output = out
		h.mu.Lock()
		h.history = append(h.history, op)
		h.mu.Unlock()
	}
}

// withoutGlimpses leaves out what may have been read of a write that was not on
// disk when the server was killed, and is lost: that a reader may have seen it
// is said in docs/compatibility.md. These are the reads that ran at the same time
// as an unanswered write to the same items. What a write is told, be it that it
// was refused, is on disk with all that it has seen.
func (h *recorder) withoutGlimpses() {
	h.history = slices.DeleteFunc(slices.Clone(h.history), func(read porcupine.Operation) bool {
		in, out := read.Input.(deed), read.Output.(told)
		if out.unknown || !in.reads() {
			return false
		}
		return slices.ContainsFunc(h.history, func(lost porcupine.Operation) bool {
			return lost.Output.(told).unknown && lost.Input.(deed).group == in.group &&
				read.Return >= lost.Call && read.Call <= lost.Metadata.(int64)
		})
	})
}

// decide checks the history. One that cannot be decided in time is no success.
func (h *recorder) decide(dir string) {
	h.t.Helper()
	begin := time.Now()
	result, info := porcupine.CheckOperationsVerbose(linearModel, h.history, decideTimeout)
	unanswered := 0
	for _, op := range h.history {
		if op.Output.(told).unknown {
			unanswered++
		}
	}
	h.t.Logf("history %d: %d requests, %d of them not answered, in %v: %s after %v", h.round, len(h.history), unanswered,
		begin.Sub(h.begin).Round(time.Millisecond), result, time.Since(begin).Round(time.Millisecond))
	switch result {
	case porcupine.Ok:
		return
	case porcupine.Unknown:
		h.t.Errorf("history %d is undecided after %v", h.round, decideTimeout)
	case porcupine.Illegal:
		h.t.Errorf("history %d is not linearizable", h.round)
	}
	picture := filepath.Join(dir, fmt.Sprintf("history-%d.html", h.round))
	f, err := os.Create(picture)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	if err := porcupine.Visualize(linearModel, info, f); err != nil {
		h.t.Error(err)
	}
	h.t.Logf("it is drawn in %s", picture)
}

// groupItems is how many items are decided together, as transactions join
// them.
const groupItems = 3

// A numbers is what the items of a group hold, or nothing.
type numbers [groupItems]int

const none = -1

var noItems = numbers{none, none, none}

// A deed is what a client asks for.
type deed struct {
	kind   string // get, put, create, add, delete, move, all, query
	group  int
	at, to int // items
	number int
}

// told is what a client is told.
type told struct {
	unknown bool // nothing
	refused bool // a condition does not hold
	number  int
	all     numbers
}

func draw(r *rand.Rand) deed {
	kinds := []string{"get", "get", "put", "create", "add", "add", "delete", "move", "move", "all", "query"}
	at := r.IntN(groupItems)
	return deed{
		kind: kinds[r.IntN(len(kinds))], group: r.IntN(groups),
		at: at, to: (at + 1 + r.IntN(groupItems-1)) % groupItems, number: 1 + r.IntN(1000),
	}
}

func (d deed) reads() bool { return d.kind == "get" || d.kind == "all" || d.kind == "query" }

func (d deed) operation() string {
	return map[string]string{
		"get": "GetItem", "put": "PutItem", "create": "PutItem", "add": "UpdateItem", "delete": "DeleteItem",
		"move": "TransactWriteItems", "all": "TransactGetItems", "query": "Query",
	}[d.kind]
}

func (d deed) request(round int) m {
	pk := stringValue(fmt.Sprintf("%d-%d", round, d.group))
	key := func(i int) attrs { return attrs{"pk": pk, "sk": stringValue(fmt.Sprint(i))} }
	number := m{":n": numberValue(d.number)}
	on := func(i int, more m) m {
		request := m{"TableName": linearTable, "Key": key(i)}
		maps.Copy(request, more)
		return request
	}
	it := key(d.at)
	it["n"] = numberValue(d.number)
	switch d.kind {
	case "get":
		return on(d.at, m{"ConsistentRead": true})
	case "put":
		return m{"TableName": linearTable, "Item": it, "ReturnValues": "ALL_OLD"}
	case "create":
		return m{"TableName": linearTable, "Item": it, "ConditionExpression": "attribute_not_exists(pk)"}
	case "add":
		return on(d.at, m{"UpdateExpression": "ADD n :n", "ExpressionAttributeValues": number, "ReturnValues": "UPDATED_NEW"})
	case "delete":
		return on(d.at, m{"ReturnValues": "ALL_OLD"})
	case "move":
		return m{"TransactItems": []any{
			m{"Update": on(d.at, m{"UpdateExpression": "SET n = n - :n", "ConditionExpression": "n >= :n", "ExpressionAttributeValues": number})},
			m{"Update": on(d.to, m{"UpdateExpression": "SET n = n + :n", "ConditionExpression": "attribute_exists(n)", "ExpressionAttributeValues": number})},
		}}
	case "all":
		var gets []any
		for i := range groupItems {
			gets = append(gets, m{"Get": on(i, nil)})
		}
		return m{"TransactItems": gets}
	default:
		return m{
			"TableName": linearTable, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
			"ExpressionAttributeValues": m{":pk": pk},
		}
	}
}

// outcome reads an answer. A request that did not happen is of no account.
func (d deed) outcome(t *testing.T, a answer) (out told, happened bool) {
	switch a.fate {
	case unknown:
		return told{unknown: true}, true
	case refused:
		conditional := strings.Contains(string(a.body), "ConditionalCheckFailed")
		if !conditional && !strings.Contains(string(a.body), "TransactionConflict") || d.kind != "create" && d.kind != "move" {
			t.Errorf("%v: %v", d, a)
		}
		return told{refused: true}, conditional
	case unsent:
		return told{}, false
	case done:
	}
	var got struct {
		Item, Attributes attrs
		Items            []attrs
		Responses        []struct{ Item attrs }
	}
	if err := json.Unmarshal(a.body, &got); err != nil {
		t.Errorf("%v: %v: %v", d, a, err)
	}
	number := func(it attrs) int {
		if len(it) == 0 {
			return none
		}
		return numberIn(it, "n")
	}
	switch d.kind {
	case "get":
		out.number = number(got.Item)
	case "put", "add", "delete":
		out.number = number(got.Attributes)
	case "all":
		for i := range out.all {
			out.all[i] = number(got.Responses[i].Item)
		}
	case "query":
		out.all = noItems
		for _, it := range got.Items {
			out.all[slices.Index([]string{"0", "1", "2"}, placeOf(linearTable, it).sk)] = number(it)
		}
	}
	return out, true
}

// linearModel is what one client alone would be told.
var linearModel = porcupine.Model{
	Init: func() any { return noItems },
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, groups)
		for _, op := range history {
			g := op.Input.(deed).group
			parts[g] = append(parts[g], op)
		}
		return parts
	},
	Step: func(state, input, output any) (bool, any) {
		was, d, out := state.(numbers), input.(deed), output.(told)
		now, want := d.step(was)
		return out.unknown || out == want, now
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprint(state) },
}

// step does a deed alone.
func (d deed) step(was numbers) (now numbers, want told) {
	now = was
	switch d.kind {
	case "get":
		want.number = was[d.at]
	case "put":
		want.number, now[d.at] = was[d.at], d.number
	case "create":
		if want.refused = was[d.at] != none; !want.refused {
			now[d.at] = d.number
		}
	case "add":
		now[d.at] = max(was[d.at], 0) + d.number
		want.number = now[d.at]
	case "delete":
		want.number, now[d.at] = was[d.at], none
	case "move":
		if want.refused = was[d.at] < d.number || was[d.to] == none; !want.refused {
			now[d.at] -= d.number
			now[d.to] += d.number
		}
	default:
		want.all = was
	}
	return now, want
}
