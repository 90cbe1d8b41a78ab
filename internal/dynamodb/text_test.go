package dynamodb_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/replica"
)

var rewrite = flag.Bool("rewrite", false, "write what the operations answer into the text tests; read the diff as carefully as code")

// TestText runs the files of testdata: requests as clients send them, and what
// they are answered. See testdata/README.md.
func TestText(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no text tests: %v", err)
	}
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
					t.Parallel()
					runFile(t, file, open, *rewrite && name == "memkv")
				})
			}
		})
	}
}

// A world is a server that a text test talks to.
type world struct {
	db     *dynamodb.DB
	store  kv.Store
	clock  func() time.Time
	runner *job.Runner
	lag    replica.Delay
	now    time.Time
	call   dynamodb.Call
	kept   map[string]string // by the text tests' let
	faults *fault.Set
	draws  []float64 // that decide about faults
}

// start is the time at which every text test begins.
var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newWorld(store kv.Store, cfg dynamodb.Config) *world {
	w := &world{store: store, now: start, call: dynamodb.Call{Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810"}}
	w.restart(cfg)
	return w
}

// restart has another server take over the store.
func (w *world) restart(cfg dynamodb.Config) {
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return w.now }
	}
	w.clock = cfg.Now
	w.runner = w.newRunner(w.store)
	cfg.Store = w.store
	if cfg.Faults == nil {
		cfg.Faults = fault.New(w.draw)
	}
	w.faults = cfg.Faults
	w.db = dynamodb.New(cfg)
}

// draw returns the next draw; after the last one, none fails but at a chance of 1.
func (w *world) draw() float64 {
	if len(w.draws) == 0 {
		return math.Nextafter(1, 0)
	}
	n := w.draws[0]
	w.draws = w.draws[1:]
	return n
}

// do sends one request and returns the answer as the text tests have it.
func (w *world) do(operation, body string) string {
	call := w.call
	call.Operation, call.Body = operation, []byte(body)
	for _, op := range api.Operations {
		if op.Name == operation {
			call.Target = op.Target
		}
	}
	return w.carryOut(call)
}

// carryOut is do for a call that has everything.
func (w *world) carryOut(call dynamodb.Call) string {
	out, err := w.db.Do(context.Background(), call, nil)
	var e *api.Error
	switch {
	case err == nil:
		return "200 " + string(out)
	case errors.As(err, &e):
		return answerOf(e)
	default:
		return "500 " + err.Error()
	}
}

// answerOf shows an exception: its status, type and message, and what else it
// has.
func answerOf(e *api.Error) string {
	answer := fmt.Sprintf("%d %s", e.Status, e.Error())
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.AppendJSON(nil), &fields); err != nil {
		return answer + " (not JSON: " + err.Error() + ")"
	}
	for _, name := range []string{"Item", "CancellationReasons", "ThrottlingReasons"} {
		if raw, ok := fields[name]; ok {
			answer += "\n" + name + " " + string(raw)
		}
	}
	return answer
}

// settings finds the settings of the server that a file is for.
var settings = regexp.MustCompile(`(?m)^# (profile|shared-db|max-global-indexes|transient-status|stream-shards|stream-shard-rollover|replication-lag)\b *(\S*)`)

// variable finds what let has kept.
var variable = regexp.MustCompile(`\$[a-z]+`)

// A step is one request or instruction of a file and the answer to it.
type step struct {
	comment string // and blank lines before it, as they stand
	input   string
	xfail   bool
	want    string
}

func runFile(t *testing.T, file string, open func(testing.TB) kv.Store, write bool) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	steps, tail := parseSteps(t, string(src))
	cfg := dynamodb.Config{}
	var lag replica.Delay
	for _, m := range settings.FindAllStringSubmatch(string(src), -1) {
		switch m[1] {
		case "transient-status":
			cfg.TransientStatus = 5 * time.Second
		case "profile":
			cfg.Profile = dynamodb.Profile(m[2])
		case "shared-db":
			cfg.Shared = true
		case "max-global-indexes":
			cfg.MaxGlobalIndexes, err = strconv.Atoi(m[2])
		case "stream-shards":
			cfg.StreamShards, err = strconv.Atoi(m[2])
		case "stream-shard-rollover":
			cfg.StreamShardRollover, err = time.ParseDuration(m[2])
		case "replication-lag":
			lag, err = replica.ParseDelay(m[2])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	store := open(t)
	t.Cleanup(func() { _ = store.Close() })
	cfg.Async = !lag.IsZero()
	w := newWorld(store, cfg)
	w.lag = lag
	w.runner = w.newRunner(store)
	var out strings.Builder
	for _, s := range steps {
		got := w.step(t, s.input)
		switch same := got == s.want; {
		case write && !s.xfail:
			s.want = got
		case s.xfail && same:
			t.Errorf("%s: %s\nis marked xfail but is right", file, abridge(s.input))
		case !s.xfail && !same:
			t.Errorf("%s: %s\n%s", file, abridge(s.input), cmp.Diff(s.want, got))
		}
		out.WriteString(s.String())
	}
	w.check(t)
	if write {
		if err := os.WriteFile(file, []byte(out.String()+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (s step) String() string {
	mark := "----"
	if s.xfail {
		mark = "---- xfail"
	}
	return s.comment + s.input + "\n" + mark + "\n" + s.want + "\n"
}

// parseSteps cuts a file into its steps and what stands after the last one.
func parseSteps(t *testing.T, src string) (steps []step, tail string) {
	lines := strings.SplitAfter(src, "\n")
	for len(lines) > 0 {
		var s step
		for len(lines) > 0 && (strings.HasPrefix(lines[0], "#") || strings.TrimSpace(lines[0]) == "") {
			s.comment += lines[0]
			lines = lines[1:]
		}
		if len(lines) == 0 {
			return steps, s.comment
		}
		for len(lines) > 0 && !strings.HasPrefix(lines[0], "----") {
			s.input += lines[0]
			lines = lines[1:]
		}
		if len(lines) == 0 {
			t.Fatalf("no ---- after %s", s.input)
		}
		s.input = strings.TrimSpace(s.input)
		s.xfail = strings.Contains(lines[0], "xfail")
		lines = lines[1:]
		for len(lines) > 0 && strings.TrimSpace(lines[0]) != "" {
			s.want += lines[0]
			lines = lines[1:]
		}
		s.want = strings.TrimSuffix(s.want, "\n")
		steps = append(steps, s)
	}
	return steps, tail
}

// step carries out one step. What is not a request is an instruction.
func (w *world) step(t *testing.T, input string) string {
	input = variable.ReplaceAllStringFunc(input, func(name string) string { return w.kept[name[1:]] })
	verb, rest, _ := strings.Cut(input, " ")
	switch rest = strings.TrimSpace(rest); verb {
	case "advance": // the clock: advance 10m
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(d)
		return "ok"
	case "work": // do what is to be done in the background
		if err := w.runner.Once(context.Background()); err != nil {
			return err.Error()
		}
		return "ok"
	case "expire": // delete what has expired, or only count it, and say how many items that were: expire, expire tab, expire tab dry
		return w.expire(strings.Fields(rest))
	case "lifetime": // what expires when: lifetime tab
		return w.lifetime(rest)
	case "chances": // how likely requests, reads and writes are to fail: chances 0.5 0 1
		w.faults.ChangeChances(func(c *fault.Chances) {
			all := numbers(t, rest)
			*c = fault.Chances{Any: all[0], Read: all[1], Write: all[2]}
		})
		return "ok"
	case "draws": // what decides about the next faults: draws 0.4 0.6
		w.draws = numbers(t, rest)
		return "ok"
	case "hold": // hold replication up: hold pause eu-west-1, hold isolate us-west-2, hold heal eu-west-1
		return w.hold(t, rest)
	case "flush": // make what is on its way between regions, but for what is held up
		if err := w.mover().Change(context.Background(), func(*replica.Control) {}, true); err != nil {
			return err.Error()
		}
		return "ok"
	case "links": // how many changes are on their way, where there are some
		return w.links(t)
	case "conflicts": // the winners and losers of conflicts, the latest first
		return w.conflicts(t)
	case "changes": // the kinds of a table's changes, with their keys and who made them if no request did: changes tab
		return w.changes(t, rest)
	case "keys": // how many pairs the store has
		return w.countKeys(t)
	case "describe": // members of a table's description: describe tab TableStatus GlobalSecondaryIndexes.IndexStatus
		fields := strings.Fields(rest)
		return w.describe(t, fields[0], fields[1:])
	case "figures": // the counts of a table and its indexes: figures tab
		return w.figures(t, rest)
	case "let": // keep a member of an answer: let it ShardIterator GetShardIterator {…}
		name, rest, _ := strings.Cut(rest, " ")
		member, request, _ := strings.Cut(rest, " ")
		return w.let(t, name, member, request)
	case "stream": // the records of a stream, parents before children: stream tab
		return w.stream(t, rest)
	case "prefix": // whether what let has kept begins so: prefix it arn|1|
		name, prefix, _ := strings.Cut(rest, " ")
		return strconv.FormatBool(strings.HasPrefix(w.kept[name], prefix))
	case "region":
		w.call.Region = rest
		return "ok"
	case "account":
		w.call.Account = rest
		return "ok"
	case "access-key":
		w.call.AccessKey = rest
		return "ok"
	case "table": // table tab pk:S sk:N gsi gsi1(a:S,b:N) lsi lsi1(c:S,KEYS_ONLY) stream
		return briefly(w.do("CreateTable", tableRequest(t, rest)))
	case "explain": // what a request would be told of how it was carried out: explain Query {…}
		verb, rest, _ := strings.Cut(rest, " ")
		return w.explain(t, verb, expand(rest))
	case "ok": // a request of which the answer does not matter as long as it is a good one
		verb, rest, _ := strings.Cut(rest, " ")
		return briefly(w.do(verb, expand(rest)))
	default:
		return abridge(tidy(w.do(verb, expand(rest))))
	}
}

func (w *world) expire(args []string) string {
	now := func() time.Time { return w.now }
	var n int
	var err error
	if len(args) == 0 {
		n, err = job.Expire(context.Background(), w.store, now)
	} else {
		n, err = job.ExpireTable(context.Background(), w.store, now, w.call.Account, w.call.Region, args[0], len(args) > 1)
	}
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(n)
}

// lifetime shows what a table's time to live comes to.
func (w *world) lifetime(name string) string {
	l, err := w.db.Lifetime(context.Background(), w.call.Account, w.call.Region, name)
	if err != nil {
		return err.Error()
	}
	out := strings.TrimSpace(l.Status + " " + l.Attribute)
	if l.DeletedIn != "" {
		out += ", deleted in " + l.DeletedIn
	}
	if !l.Complete() {
		out += ", incomplete"
	}
	count := func(of string, e dynamodb.Expiring) {
		if e.Items > 0 {
			out += fmt.Sprintf("\n%s %d", of, e.Items)
		}
		if e.More {
			out += " and more"
		}
	}
	count("too old", l.TooOld)
	count("expired", l.Expired)
	for _, e := range l.First {
		out += fmt.Sprintf("\n\t%d %s", e.Seconds, e.Key)
	}
	for _, d := range l.Due {
		if d.Within == 0 {
			count("later", d.Expiring)
		} else {
			count("within "+d.Within.String(), d.Expiring)
		}
	}
	return out
}

func numbers(t *testing.T, list string) (all []float64) {
	for _, word := range strings.Fields(list) {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// briefly shows a good answer as ok.
func briefly(answer string) string {
	if strings.HasPrefix(answer, "200 ") {
		return "ok"
	}
	return abridge(tidy(answer))
}

// description returns what DescribeTable says of a table, or the error.
func (w *world) description(t *testing.T, name string) (map[string]any, string) {
	answer := w.do("DescribeTable", `{"TableName":"`+name+`"}`)
	body, ok := strings.CutPrefix(answer, "200 ")
	if !ok {
		return nil, answer
	}
	var out struct{ Table map[string]any }
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatal(err)
	}
	return out.Table, ""
}

// describe shows members of a table's description, one a line. A path goes
// through lists: it shows a member of each element.
func (w *world) describe(t *testing.T, name string, paths []string) string {
	table, answer := w.description(t, name)
	for _, path := range paths {
		b, err := json.Marshal(memberOf(table, strings.Split(path, ".")))
		if err != nil {
			t.Fatal(err)
		}
		answer += path + " " + string(b) + "\n"
	}
	return strings.TrimSuffix(tidy(answer), "\n")
}

func memberOf(v any, path []string) any {
	if len(path) == 0 {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		return memberOf(v[path[0]], path[1:])
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = memberOf(e, path)
		}
		return out
	default:
		return nil
	}
}

// figures shows how many items a table and each of its indexes have and how
// many bytes these are.
func (w *world) figures(t *testing.T, name string) string {
	table, answer := w.description(t, name)
	if table == nil {
		return answer
	}
	answer = fmt.Sprintf("%s: %v items, %v bytes", name, table["ItemCount"], table["TableSizeBytes"])
	for _, list := range []string{"GlobalSecondaryIndexes", "LocalSecondaryIndexes"} {
		indexes, _ := table[list].([]any)
		for _, v := range indexes {
			ix := v.(map[string]any)
			answer += fmt.Sprintf("\n%s: %v items, %v bytes", ix["IndexName"], ix["ItemCount"], ix["IndexSizeBytes"])
		}
	}
	return answer
}

// changes shows the log of a table's stream.
func (w *world) changes(t *testing.T, name string) string {
	tab := w.storedTable(t, name)
	var out []string
	w.view(t, func(r kv.Reader) error {
		out = nil
		records, err := logOf(r, tab)
		for _, record := range records {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", record.Event(), record.Key, record.Identity)))
		}
		return err
	})
	return strings.Join(out, "\n")
}

func (w *world) countKeys(t *testing.T) string {
	n := 0
	err := w.store.View(context.Background(), func(r kv.Reader) error {
		n = 0
		for _, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(n)
}

var indexSyntax = regexp.MustCompile(`(gsi|lsi) ([\w.-]+)\(([^)]*)\)`)

// tableRequest writes a CreateTable request in full.
func tableRequest(t testing.TB, short string) string {
	types := map[string]string{}
	var names []string
	element := func(field, kind string) map[string]string {
		name, typ, ok := strings.Cut(field, ":")
		if !ok {
			t.Fatalf("%s: want name:type", field)
		}
		if _, ok := types[name]; !ok {
			names = append(names, name)
		}
		types[name] = typ
		return map[string]string{"AttributeName": name, "KeyType": kind}
	}
	req := map[string]any{"BillingMode": "PAY_PER_REQUEST"}
	indexes := indexSyntax.FindAllStringSubmatch(short, -1)
	fields := strings.Fields(indexSyntax.ReplaceAllString(short, ""))
	req["TableName"] = fields[0]
	kinds := []string{"HASH", "RANGE"}
	var schema []any
	for _, f := range fields[1:] {
		if f == "stream" {
			req["StreamSpecification"] = map[string]any{"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
			continue
		}
		schema = append(schema, element(f, kinds[min(len(schema), 1)]))
	}
	req["KeySchema"] = schema
	members := map[string]string{"gsi": "GlobalSecondaryIndexes", "lsi": "LocalSecondaryIndexes"}
	for _, m := range indexes {
		projection := map[string]any{"ProjectionType": "ALL"}
		var keys []any
		if m[1] == "lsi" {
			keys = append(keys, element(fields[1], "HASH"))
		}
		for _, f := range strings.Split(m[3], ",") {
			switch {
			case f == "KEYS_ONLY":
				projection["ProjectionType"] = f
			case strings.HasPrefix(f, "+"):
				projection["ProjectionType"] = "INCLUDE"
				list, _ := projection["NonKeyAttributes"].([]string)
				projection["NonKeyAttributes"] = append(list, f[1:])
			default:
				keys = append(keys, element(f, kinds[min(len(keys), 1)]))
			}
		}
		list, _ := req[members[m[1]]].([]any)
		req[members[m[1]]] = append(list, map[string]any{"IndexName": m[2], "KeySchema": keys, "Projection": projection})
	}
	var defs []any
	for _, name := range names {
		defs = append(defs, map[string]string{"AttributeName": name, "AttributeType": types[name]})
	}
	req["AttributeDefinitions"] = defs
	b, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var repeat = regexp.MustCompile(`@(\d+)\*([^@]*)@`)

// expand writes out @N*text@ as N times text.
func expand(body string) string {
	return repeat.ReplaceAllStringFunc(body, func(m string) string {
		part := repeat.FindStringSubmatch(m)
		n, err := strconv.Atoi(part[1])
		if err != nil {
			return m
		}
		return strings.Repeat(part[2], n)
	})
}

var (
	uuid           = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	eventID        = regexp.MustCompile(`"eventID":"[0-9a-f]{32}"`)
	iterator       = regexp.MustCompile(`arn:aws:dynamodb:[^"|]*\|1\|[A-Za-z0-9+/=]*`)
	sequenceNumber = regexp.MustCompile(`\b10000\d{25}\b`)
	long           = regexp.MustCompile(`[A-Za-z0-9+/=]{120,}`)
)

// tidy replaces what differs from run to run.
func tidy(answer string) string {
	answer = uuid.ReplaceAllString(answer, "<uuid>")
	answer = eventID.ReplaceAllString(answer, `"eventID":"<id>"`)
	answer = iterator.ReplaceAllString(answer, "<iterator>")
	return sequenceNumber.ReplaceAllString(answer, "<number>")
}

// abridge shortens long runs of letters and digits: to how often each of them
// is repeated, or where that would still be long to the first eight.
func abridge(s string) string {
	return long.ReplaceAllStringFunc(s, func(m string) string {
		var short strings.Builder
		for rest := m; rest != ""; {
			n := len(rest) - len(strings.TrimLeft(rest, rest[:1]))
			if n < 10 {
				short.WriteString(rest[:n])
			} else {
				fmt.Fprintf(&short, "@%d*%s@", n, rest[:1])
			}
			rest = rest[n:]
		}
		if short.Len() > 40 {
			return fmt.Sprintf("%s…(%d)", m[:8], len(m))
		}
		return short.String()
	})
}
