package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/table"
)

// TestEnginesAgree sends the same random conversation to a server on each
// engine. The answers must be the same, and what is stored must be right at
// every turn: see check.Run, and what the streams log.
func TestEnginesAgree(t *testing.T) {
	for i := range uint64(24) {
		seed := firstSeed(t) + i
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			steps := conversation(rand.New(rand.NewPCG(seed, 0)), 300)
			if seed%2 == 0 {
				steps = worldwide(steps, rand.New(rand.NewPCG(seed, 1)))
			}
			cfg := dynamodb.Config{TransientStatus: time.Duration(seed%2) * 5 * time.Second, StreamShardRollover: time.Duration(seed%3) * 10 * time.Minute}
			first := ""
			var want []string
			for name, open := range enginetest.All {
				store := open(t)
				got := newWorld(store, cfg).converse(t, steps)
				if err := store.Close(); err != nil {
					t.Error(err)
				}
				if first == "" {
					first, want = name, got
					continue
				}
				for i := range steps {
					if want[i] != got[i] {
						t.Fatalf("step %d, %s %v: %s and %s differ\n%s", i, steps[i].verb, steps[i].body, first, name, cmp.Diff(want[i], got[i]))
					}
				}
			}
		})
	}
}

// firstSeed returns where the seeds of random tests begin: STATOR_TEST_SEED, or
// 0.
func firstSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("STATOR_TEST_SEED")
	if text == "" {
		return 0
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

// A turn is a request, or one of region, advance, work, stop and expire.
type turn struct {
	verb string
	body any
}

// converse takes the turns and returns the answers.
func (w *world) converse(t *testing.T, turns []turn) (answers []string) {
	t.Helper()
	for i, turn := range turns {
		answer := w.take(t, turn)
		if strings.HasPrefix(answer, "500") {
			t.Fatalf("step %d, %s %v: %s", i, turn.verb, turn.body, answer)
		}
		// How much of a table on its way out has been cleared away is chance.
		if turn.verb == "DescribeTable" && strings.Contains(answer, `"TableStatus":"DELETING"`) {
			answer = "200 DELETING"
		}
		answers = append(answers, tidy(answer))
		if i%10 == 0 {
			w.check(t)
			w.checkLogs(t)
		}
		if t.Failed() {
			t.Fatalf("after step %d, %s %v: %s", i, turn.verb, turn.body, answer)
		}
	}
	w.checkEnd(t)
	return answers
}

func (w *world) take(t *testing.T, turn turn) string {
	t.Helper()
	switch turn.verb {
	case "region":
		w.call.Region = turn.body.(string)
	case "advance":
		w.now = w.now.Add(turn.body.(time.Duration))
	case "work":
		if err := w.runner.Once(context.Background()); err != nil {
			return "500 " + err.Error()
		}
	case "expire":
		n, err := job.Expire(context.Background(), w.store, func() time.Time { return w.now })
		if err != nil {
			return "500 " + err.Error()
		}
		return fmt.Sprintf("%d expired", n)
	case "stop": // the background after some commits
		clock := func() time.Time { return w.now }
		some := &stopping{w.store, turn.body.(int)}
		if err := job.New(some, clock, slog.New(slog.DiscardHandler), job.Config{}).Once(context.Background()); err != nil && !errors.Is(err, errStopped) {
			return "500 " + err.Error()
		}
	default:
		body, err := json.Marshal(turn.body)
		if err != nil {
			t.Fatal(err)
		}
		return w.do(turn.verb, string(body))
	}
	return ""
}

// A stopping store fails once it has made so many commits.
type stopping struct {
	kv.Store
	left int
}

var errStopped = errors.New("stopped")

func (s *stopping) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if s.left--; s.left < 0 {
		return errStopped
	}
	return s.Store.Update(ctx, locks, fn)
}

// checkLogs checks that the log of the table that always has its stream comes
// down to its items.
func (w *world) checkLogs(t *testing.T) {
	t.Helper()
	for _, tab := range w.stored(t) {
		if tab.Name != loggedTable || tab.State.Status == table.Deleting {
			continue
		}
		w.view(t, func(r kv.Reader) error {
			want, err := itemsOf(r, tab)
			if err != nil {
				return err
			}
			got, err := replayed(r, tab)
			if err != nil || !maps.Equal(want, got) {
				t.Errorf("the log is wrong: %v\n%s", err, cmp.Diff(want, got))
			}
			return nil
		})
	}
}

// checkEnd checks that nothing is left once all tables are deleted and time
// has gone by.
func (w *world) checkEnd(t *testing.T) {
	t.Helper()
	for range 2 { // a table may have to wait for its index
		w.now = w.now.Add(time.Hour)
		if err := w.runner.Once(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.check(t)
		w.checkLogs(t)
		for _, tab := range w.stored(t) {
			if tab.Online() != nil {
				t.Errorf("table %s: the index %s is not done", tab.Name, tab.Online().Name)
			}
			w.call.Region = tab.Region
			w.send(t, "DeleteTable", `{"TableName":"`+tab.Name+`"}`, "")
		}
	}
	w.now = w.now.Add(table.StreamRetention) // of streams of the tables
	if err := w.runner.Once(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := w.countKeys(t); n != "0" {
		t.Errorf("%s pairs are left", n)
	}
}

// m is a part of a request.
type m = map[string]any

// loggedTable is a table that is always made with a stream and keeps it.
const loggedTable = "logged"

// A generator makes random requests about a few tables, few keys and few
// values, so that much of what it asks for meets.
type generator struct{ *rand.Rand }

func conversation(r *rand.Rand, n int) []turn {
	g := generator{r}
	var turns []turn
	for _, name := range tableNames {
		turns = append(turns, turn{"CreateTable", g.createTable(name)})
	}
	turns = append(turns, turn{"advance", 6 * time.Second})
	for _, name := range tableNames {
		if g.one(2) {
			turns = append(turns, turn{"UpdateTimeToLive", m{"TableName": name, "TimeToLiveSpecification": m{"Enabled": true, "AttributeName": "e"}}})
		}
	}
	for range n {
		turns = append(turns, g.turn())
	}
	return turns
}

// worldwide returns turns spread over regions, in which all tables but the logged
// one get and lose replicas.
func worldwide(turns []turn, r *rand.Rand) (out []turn) {
	g := generator{r}
	regions := []string{"us-east-1", "eu-west-1", "ap-south-1", "sa-east-1"}
	for i, next := range turns {
		if i > len(tableNames) {
			if g.one(3) {
				out = append(out, turn{"region", pick(g, regions...)})
			}
			if g.one(10) {
				kind := pick(g, "Create", "Create", "Create", "Delete", "Update", "Disassociate")
				change := m{"RegionName": pick(g, regions...)}
				if kind == "Update" {
					change["TableClassOverride"] = "STANDARD_INFREQUENT_ACCESS"
				}
				if kind == "Disassociate" {
					out = append(out, turn{"UpdateTable", m{"TableName": tableNames[1], "DisassociationProtectionEnabled": false}})
					change["DisassociationMode"] = "WAIT_FOR_REPLICATION"
				}
				out = append(out, turn{"UpdateTable", m{"TableName": pick(g, tableNames[1:]...), "ReplicaUpdates": []any{m{kind: change}}}})
			}
		}
		out = append(out, next)
	}
	return out
}

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) one(in int) bool { return g.IntN(in) == 0 }

func (g generator) turn() turn {
	switch n := g.IntN(100); {
	case n < 5:
		return turn{"CreateTable", g.createTable(g.table())}
	case n < 6:
		return turn{"DeleteTable", m{"TableName": g.table()}}
	case n < 14:
		return turn{"UpdateTable", g.updateTable()}
	case n < 17:
		return turn{pick(g, "DescribeTable", "DescribeTable", "DescribeTimeToLive"), m{"TableName": g.table()}}
	case n < 22:
		return turn{"advance", pick(g, time.Millisecond, 3*time.Second, 6*time.Second, 6*time.Minute, 40*time.Minute)}
	case n < 23:
		return turn{"UpdateTimeToLive", m{"TableName": g.table(), "TimeToLiveSpecification": m{"Enabled": !g.one(3), "AttributeName": pick(g, "e", "e", "n")}}}
	case n < 25:
		return turn{"expire", nil}
	case n < 28:
		return turn{"work", nil}
	case n < 30:
		return turn{"stop", g.IntN(4)}
	case n < 50:
		return turn{"PutItem", g.with(m{"TableName": g.table(), "Item": g.item()}, g.condition)}
	case n < 65:
		return turn{"UpdateItem", g.with(m{"TableName": g.table(), "Key": g.key()}, g.update)}
	case n < 70:
		return turn{"DeleteItem", g.with(m{"TableName": g.table(), "Key": g.key()}, g.condition)}
	case n < 74:
		return turn{"GetItem", m{"TableName": g.table(), "Key": g.key(), "ConsistentRead": g.one(2), "ReturnConsumedCapacity": "INDEXES"}}
	case n < 80:
		return turn{"BatchWriteItem", g.batchWrite()}
	case n < 82:
		return turn{"BatchGetItem", m{"RequestItems": m{g.table(): m{"Keys": []any{g.key(), g.key()}}}}}
	case n < 90:
		return turn{"TransactWriteItems", g.transactWrite()}
	case n < 92:
		return turn{"TransactGetItems", m{"TransactItems": []any{m{"Get": m{"TableName": g.table(), "Key": g.key()}}, m{"Get": m{"TableName": g.table(), "Key": g.key()}}}}}
	case n < 95:
		return turn{"Scan", g.read()}
	default:
		return turn{"Query", g.query()}
	}
}

var tableNames = []string{loggedTable, "other", "third"}

func (g generator) table() string { return pick(g, tableNames...) }

// Index names stand for what the index is: all tables' are alike.
var (
	globalKeys = map[string][]any{
		"by-g":   {hash("g")},
		"by-gn":  {hash("g"), ranged("n")},
		"by-ngs": {hash("n"), hash("g"), ranged("s")},
		"by-s":   {hash("s")},
	}
	globalNames = []string{"by-g", "by-gn", "by-ngs", "by-s"}
	keyTypes    = map[string]string{"pk": "S", "sk": "N", "g": "S", "n": "N", "s": "B"}
)

func hash(name string) m   { return m{"AttributeName": name, "KeyType": "HASH"} }
func ranged(name string) m { return m{"AttributeName": name, "KeyType": "RANGE"} }

func (g generator) index(name string) m {
	projection := pick(g, m{"ProjectionType": "ALL"}, m{"ProjectionType": "KEYS_ONLY"}, m{"ProjectionType": "INCLUDE", "NonKeyAttributes": []string{"v", "n"}})
	return m{"IndexName": name, "KeySchema": globalKeys[name], "Projection": projection}
}

// definitions returns the definitions of what keys use.
func definitions(schemas ...[]any) (defs []any) {
	seen := map[string]bool{}
	for _, schema := range schemas {
		for _, e := range schema {
			name := e.(m)["AttributeName"].(string)
			if !seen[name] {
				defs = append(defs, m{"AttributeName": name, "AttributeType": keyTypes[name]})
			}
			seen[name] = true
		}
	}
	return defs
}

func (g generator) createTable(name string) m {
	key := []any{hash("pk"), ranged("sk")}
	schemas := [][]any{key}
	req := m{"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": key}
	var global []any
	for _, name := range globalNames {
		if g.one(4) {
			global, schemas = append(global, g.index(name)), append(schemas, globalKeys[name])
		}
	}
	if global != nil {
		req["GlobalSecondaryIndexes"] = global
	}
	if g.one(3) {
		schema := []any{hash("pk"), ranged("n")}
		schemas = append(schemas, schema)
		req["LocalSecondaryIndexes"] = []any{m{"IndexName": "local", "KeySchema": schema, "Projection": m{"ProjectionType": pick(g, "ALL", "KEYS_ONLY")}}}
	}
	if name == loggedTable || g.one(2) {
		req["StreamSpecification"] = m{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}
	}
	req["AttributeDefinitions"] = definitions(schemas...)
	return req
}

func (g generator) updateTable() m {
	req := m{"TableName": g.table()}
	name := pick(g, globalNames...)
	switch g.IntN(5) {
	case 0, 1:
		req["AttributeDefinitions"] = definitions(globalKeys[name])
		req["GlobalSecondaryIndexUpdates"] = []any{m{"Create": g.index(name)}}
	case 2, 3:
		req["GlobalSecondaryIndexUpdates"] = []any{m{"Delete": m{"IndexName": name}}}
	default:
		if req["TableName"] == loggedTable {
			req["TableClass"] = pick(g, "STANDARD", "STANDARD_INFREQUENT_ACCESS")
			break
		}
		on := g.one(2)
		spec := m{"StreamEnabled": on}
		if on {
			spec["StreamViewType"] = "NEW_IMAGE"
		}
		req["StreamSpecification"] = spec
	}
	return req
}

func (g generator) key() m {
	return m{"pk": m{"S": pick(g, "a", "b", "c")}, "sk": m{"N": pick(g, "1", "2.0", "-3", "10")}}
}

// value returns a value that mostly fits where name is a key.
func (g generator) value(name string) m {
	switch {
	case name == "e": // when it expires: within the hours that a conversation takes, mostly
		return m{"N": fmt.Sprint(start.Add(time.Duration(g.IntN(3*60))*time.Minute).Unix(), pick(g, "", "", ".5", "000"))}
	case g.one(20):
		return pick(g, m{"S": ""}, m{"BOOL": true}, m{"N": "0"}, m{"S": strings.Repeat("x", 1500)}, m{"SS": []string{"b", "a"}})
	case keyTypes[name] == "N":
		return m{"N": pick(g, "1", "-1", "2.50", "1E3")}
	case keyTypes[name] == "B":
		return m{"B": pick(g, "AA==", "AAEC")}
	default:
		return m{"S": pick(g, "x", "y", "zz")}
	}
}

func (g generator) item() m {
	it := g.key()
	for _, name := range []string{"g", "n", "s", "v", "w", "e"} {
		if !g.one(3) {
			it[name] = g.value(name)
		}
	}
	return it
}

// with adds an expression and what is to be returned.
func (g generator) with(req m, expression func(m)) m {
	expression(req)
	if g.one(2) {
		req["ReturnConsumedCapacity"] = pick(g, "INDEXES", "TOTAL")
	}
	if g.one(3) {
		req["ReturnValues"] = "ALL_OLD"
	}
	if g.one(6) {
		req["ReturnItemCollectionMetrics"] = "SIZE"
	}
	return req
}

func (g generator) condition(req m) {
	if g.one(3) {
		req["ConditionExpression"] = pick(g, "attribute_exists(g)", "attribute_not_exists(pk)", "size(v) < n", "g = s OR n > sk")
	}
}

func (g generator) update(req m) {
	name := pick(g, "g", "n", "s", "v", "e")
	switch g.IntN(5) {
	case 0, 1:
		req["UpdateExpression"] = "SET " + name + " = :v"
		req["ExpressionAttributeValues"] = m{":v": g.value(name)}
	case 2:
		req["UpdateExpression"] = "REMOVE " + name + ", v"
	case 3:
		req["UpdateExpression"] = "ADD n :v SET s = if_not_exists(s, :s)"
		req["ExpressionAttributeValues"] = m{":v": m{"N": "1"}, ":s": g.value("s")}
	}
	g.condition(req)
}

func (g generator) batchWrite() m {
	reqs := m{}
	for range 1 + g.IntN(2) {
		var list []any
		for range 1 + g.IntN(3) {
			if g.one(3) {
				list = append(list, m{"DeleteRequest": m{"Key": g.key()}})
			} else {
				list = append(list, m{"PutRequest": m{"Item": g.item()}})
			}
		}
		reqs[g.table()] = list
	}
	return m{"RequestItems": reqs, "ReturnConsumedCapacity": "INDEXES"}
}

func (g generator) transactWrite() m {
	var list []any
	for range 1 + g.IntN(3) {
		name := g.table()
		action := m{"TableName": name, "Key": g.key()}
		switch g.IntN(4) {
		case 0:
			put := m{"TableName": name, "Item": g.item()}
			g.condition(put)
			list = append(list, m{"Put": put})
		case 1:
			if g.update(action); action["UpdateExpression"] == nil {
				action["UpdateExpression"] = "REMOVE v"
			}
			list = append(list, m{"Update": action})
		case 2:
			g.condition(action)
			list = append(list, m{"Delete": action})
		default:
			action["ConditionExpression"] = "attribute_not_exists(w)"
			list = append(list, m{"ConditionCheck": action})
		}
	}
	req := m{"TransactItems": list, "ReturnConsumedCapacity": "INDEXES"}
	if g.one(3) {
		req["ClientRequestToken"] = pick(g, "one", "two")
	}
	return req
}

func (g generator) read() m {
	req := m{"TableName": g.table(), "ReturnConsumedCapacity": "INDEXES"}
	if name := pick(g, append(globalNames, "local", "", "")...); name != "" {
		req["IndexName"] = name
	}
	if g.one(2) {
		req["Limit"] = 1 + g.IntN(5)
	}
	if g.one(4) {
		req["FilterExpression"] = "attribute_exists(v)"
	}
	return req
}

func (g generator) query() m {
	req, condition, values := g.read(), "pk = :a", m{":a": g.key()["pk"]}
	switch req["IndexName"] {
	case "by-g", "by-gn":
		condition, values = "g = :a", m{":a": g.value("g")}
	case "by-ngs":
		condition, values = "g = :a AND n = :n", m{":a": g.value("g"), ":n": g.value("n")}
	case "by-s":
		condition, values = "s = :a", m{":a": g.value("s")}
	}
	req["KeyConditionExpression"], req["ExpressionAttributeValues"], req["ScanIndexForward"] = condition, values, g.one(2)
	return req
}
