package hook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/hook"
	"github.com/statordb/stator/internal/kv/memkv"
)

// A world is a store and a directory of hooks.
type world struct {
	*testing.T
	db  *dynamodb.DB
	dir string
	log bytes.Buffer
	hook.Config
}

func newWorld(t *testing.T) *world {
	store := memkv.Open()
	t.Cleanup(func() { _ = store.Close() })
	w := &world{T: t, dir: t.TempDir(), db: dynamodb.New(dynamodb.Config{Store: store})}
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	w.Config = hook.Config{Dir: w.dir, Do: w.do, Region: "us-east-1", Account: "000000000000", Environment: []string{"AWS_ENDPOINT_URL=http://server", "HOOK_TEST_SET=new"}, Log: log}
	return w
}

func (w *world) do(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
	return w.db.Do(ctx, dynamodb.Call{Account: "000000000000", Region: region, Target: "DynamoDB_20120810", Operation: operation, Body: body}, nil)
}

// write puts a file into the directory of a stage.
func (w *world) write(name, text string) {
	w.Helper()
	path := filepath.Join(w.dir, name)
	mode := os.FileMode(0o644)
	if strings.HasSuffix(name, ".sh") {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		w.Fatal(err)
	}
}

// run runs a file and returns what it came to and what was logged.
func (w *world) run(name, text string) (hook.State, string) {
	w.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, "ready.d")); err != nil {
		w.Fatal(err)
	}
	w.write("ready.d/"+name, text)
	w.log.Reset()
	r := hook.New(w.Config)
	r.Run(w.Context(), hook.Ready)
	_, scripts := r.Status(hook.Ready)
	if len(scripts) != 1 {
		w.Fatalf("%v", scripts)
	}
	return scripts[0].State, w.log.String()
}

// succeeds runs a file that must succeed.
func (w *world) succeeds(name, text string) string {
	w.Helper()
	state, log := w.run(name, text)
	if state != hook.Successful {
		w.Errorf("%s: %s\n%s", name, state, log)
	}
	return log
}

// ask asks for something of a table, in a region.
func (w *world) ask(region, operation, body string) string {
	w.Helper()
	out, err := w.do(w.Context(), region, operation, []byte(body))
	if err != nil {
		return "error: " + err.Error()
	}
	return string(out)
}

func (w *world) describe(region, name string) (d map[string]any) {
	w.Helper()
	var out struct{ Table map[string]any }
	text := w.ask(region, "DescribeTable", `{"TableName":"`+name+`"}`)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.Fatal(text)
	}
	return out.Table
}

// Files of all stages are found, shown, and run in order.
func TestStages(t *testing.T) {
	w := newWorld(t)
	w.write("ready.d/b/2.sh", "echo two\n")
	w.write("ready.d/a.sh", "#!/bin/sh\necho one; echo $AWS_ENDPOINT_URL $HOOK_TEST_SET\n")
	w.write("ready.d/c.sh", "echo three >&2; exit 3\n")
	w.write("ready.d/d.py", "print(1)\n")
	w.write("ready.d/README.md", "no hook\n")
	w.write("shutdown.d/e.sh", "echo five\n")
	t.Setenv("HOOK_TEST_SET", "old")
	r := hook.New(w.Config)
	show := func() string {
		completed, scripts := r.Status(hook.Stages...)
		text, err := json.Marshal(map[string]any{"completed": completed, "scripts": scripts})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := func(ready, shutdown string, states ...string) {
		t.Helper()
		text := fmt.Sprintf(`{"completed":{"BOOT":false,"READY":%s,"SHUTDOWN":%s,"START":false},"scripts":[`+
			`{"stage":"READY","name":"a.sh","state":"%s"},{"stage":"READY","name":"2.sh","state":"%s"},{"stage":"READY","name":"c.sh","state":"%s"},`+
			`{"stage":"READY","name":"d.py","state":"%s"},{"stage":"SHUTDOWN","name":"e.sh","state":"%s"}]}`,
			ready, shutdown, states[0], states[1], states[2], states[3], states[4])
		if d := cmp.Diff(text, show()); d != "" {
			t.Error(d)
		}
	}
	want("false", "false", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN")
	r.Run(t.Context(), hook.Ready)
	want("true", "false", "SUCCESSFUL", "SUCCESSFUL", "ERROR", "ERROR", "UNKNOWN")
	r.Run(t.Context(), hook.Shutdown)
	want("true", "true", "SUCCESSFUL", "SUCCESSFUL", "ERROR", "ERROR", "SUCCESSFUL")
	log := regexp.MustCompile(`file=\S*/`).ReplaceAllString(w.log.String(), "file=")
	if d := cmp.Diff(`level=INFO msg=one hook=a.sh
level=INFO msg="http://server old" hook=a.sh
level=INFO msg=two hook=2.sh
level=INFO msg=three hook=c.sh
level=ERROR msg="an init hook failed" stage=READY file=c.sh error="exit status 3"
level=ERROR msg="an init hook failed" stage=READY file=d.py error="Python is not run here: write it as .sh, .json, .partiql or a CloudFormation template"
level=INFO msg=five hook=e.sh
`, log); d != "" {
		t.Error(d)
	}
	if !r.Has(hook.Ready) || r.Has(hook.Boot) {
		t.Error("Has is wrong")
	}
}

func TestNoHooks(t *testing.T) {
	w := newWorld(t)
	w.Dir = filepath.Join(w.dir, "none")
	r := hook.New(w.Config)
	r.Run(t.Context(), hook.Boot)
	if completed, scripts := r.Status(hook.Boot); !completed[hook.Boot] || len(scripts) != 0 || w.log.Len() > 0 {
		t.Errorf("%v %v %s", completed, scripts, &w.log)
	}
}

func TestScriptsMustBeExecutable(t *testing.T) {
	w := newWorld(t)
	w.write("ready.d/a.sh", "echo one\n")
	if err := os.Chmod(filepath.Join(w.dir, "ready.d", "a.sh"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := hook.New(w.Config)
	r.Run(t.Context(), hook.Ready)
	if _, scripts := r.Status(hook.Ready); scripts[0].State != hook.Failed || !strings.Contains(w.log.String(), "chmod +x") {
		t.Errorf("%v %s", scripts, &w.log)
	}
}

// A script that does not end is ended with the server.
func TestScriptsEndWithTheServer(t *testing.T) {
	w := newWorld(t)
	w.write("ready.d/a.sh", "#!/bin/sh\nexec sleep 1000\n")
	w.write("ready.d/b.sh", "echo not run\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := hook.New(w.Config)
	r.Run(ctx, hook.Ready)
	completed, scripts := r.Status(hook.Ready)
	if completed[hook.Ready] || scripts[0].State != hook.Failed || scripts[1].State != hook.Unknown {
		t.Errorf("%v %v", completed, scripts)
	}
}

const createMusic = `{"TableName":"music","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`

func TestDocuments(t *testing.T) {
	w := newWorld(t)
	if log := w.succeeds("a.json", createMusic); log != "level=INFO msg=\"created a table\" file=a.json table=music region=us-east-1\n" {
		t.Error(log)
	}
	id := w.describe("us-east-1", "music")["TableId"]
	if log := w.succeeds("a.json", "["+createMusic+",\n"+strings.Replace(createMusic, "music", "other", 1)+"]"); !strings.Contains(log, "is there and stays as it is") || !strings.Contains(log, "table=other") {
		t.Error(log)
	}
	if w.describe("us-east-1", "music")["TableId"] != id {
		t.Error("the table was made anew")
	}
	var items []string
	for n := range 60 {
		items = append(items, fmt.Sprintf(`{"pk":{"S":"%d"},"n":{"N":"12345678901234567890.5"}}`, n))
	}
	w.succeeds("items.json", `{"TableName":"music","Items":[`+strings.Join(items, ",")+`]}`)
	w.succeeds("requests.json", `{"music":[{"DeleteRequest":{"Key":{"pk":{"S":"3"}}}}],"other":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}`)
	w.succeeds("requests.json", `{"RequestItems":{"music":[{"DeleteRequest":{"Key":{"pk":{"S":"4"}}}}]}}`)
	if got := w.ask("us-east-1", "Scan", `{"TableName":"music","Select":"COUNT"}`); got != `{"Count":58,"ScannedCount":58}` {
		t.Error(got)
	}
	if got := w.ask("us-east-1", "GetItem", `{"TableName":"music","Key":{"pk":{"S":"1"}}}`); !strings.Contains(got, "12345678901234567890.5") {
		t.Error(got)
	}
	for text, want := range map[string]string{
		`{"TableName":`: "it is no JSON", `{}`: "it is neither", `3`: "it is neither", createMusic + createMusic: "something follows",
		`{"music":[{"Item":{}}]}`: "it is neither", `[{"TableName":"none","Items":[{}]},{"a":1}]`: "number 1: items of table none",
		`{"TableName":"bad","KeySchema":[]}`: "table bad: ",
	} {
		if state, log := w.run("a.json", text); state != hook.Failed || !strings.Contains(log, want) {
			t.Errorf("%s: %s %s", text, state, log)
		}
	}
}

// What DescribeTable says of a table makes one like it.
func TestDescribedTables(t *testing.T) {
	from := newWorld(t)
	from.ask("us-east-1", "CreateTable", `{"TableName":"rich","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},"TableClass":"STANDARD_INFREQUENT_ACCESS","DeletionProtectionEnabled":true,
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"l","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
		"LocalSecondaryIndexes":[{"IndexName":"lsi","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"GlobalSecondaryIndexes":[{"IndexName":"gsi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}],
		"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},"SSESpecification":{"Enabled":true,"SSEType":"KMS"}}`)
	from.ask("us-east-1", "UpdateTable", `{"TableName":"rich","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`)
	from.ask("us-east-1", "CreateTable", createMusic)
	for _, name := range []string{"rich", "music"} {
		w := newWorld(t)
		w.succeeds("a.json", from.ask("us-east-1", "DescribeTable", `{"TableName":"`+name+`"}`))
		for region, there := range map[string]bool{"us-east-1": true, "eu-west-1": name == "rich"} {
			if !there {
				continue
			}
			want, got := from.describe(region, name), w.describe(region, name)
			for _, d := range []map[string]any{want, got} {
				for _, of := range []string{"TableId", "CreationDateTime", "LatestStreamArn", "LatestStreamLabel", "BillingModeSummary"} {
					delete(d, of)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
	}
}

func TestStatements(t *testing.T) {
	w := newWorld(t)
	w.succeeds("a.json", createMusic)
	w.succeeds("a.partiql", `-- what there is; at first
INSERT INTO "music" VALUE {'pk': 'a;b', 'x': '-- no comment'};
INSERT INTO music
  VALUE {'pk': 'it''s'};

`)
	w.succeeds("b.sql", "INSERT INTO music VALUE {'pk': 'c'}\n-- one more\nINSERT INTO music VALUE {'pk': 'it''s', 'again': 1}\n")
	if got := w.ask("us-east-1", "Scan", `{"TableName":"music"}`); !strings.Contains(got, `"Count":3`) || !strings.Contains(got, "-- no comment") || strings.Contains(got, "again") {
		t.Error(got)
	}
	state, log := w.run("c.sql", "INSERT INTO music VALUE {'pk': 'd'};\nINSERT INTO\nnone VALUE {'pk': 'd'};\nUPDATE music SET x=1 WHERE pk='d';")
	if state != hook.Failed || !strings.Contains(log, "line 2: ") || !strings.Contains(log, "statements=2") {
		t.Errorf("%s %s", state, log)
	}
	if state, log := w.run("c.sql", "INSERT INTO music VALUE {'pk': 'd};\n"); state != hook.Failed || !strings.Contains(log, "line 1: a quote ' does not end") {
		t.Errorf("%s %s", state, log)
	}
}

// Throttling is tried again, and what a batch has left over, too.
func TestThrottlingIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	n := 0
	w.Do = func(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
		if n++; n%2 == 1 {
			return nil, api.NewProvisionedThroughputExceededException("too much")
		}
		if operation == "BatchWriteItem" && n%4 == 0 {
			return []byte(`{"UnprocessedItems":{"music":[{"PutRequest":{"Item":{"pk":{"S":"left"}}}}]}}`), nil
		}
		return w.do(ctx, region, operation, body)
	}
	w.succeeds("a.json", "["+createMusic+`,{"TableName":"music","Items":[{"pk":{"S":"a"}}]}]`)
	if got := w.ask("us-east-1", "Scan", `{"TableName":"music"}`); !strings.Contains(got, `"left"`) {
		t.Error(got)
	}
	w.Do = func(context.Context, string, string, []byte) ([]byte, error) { return nil, errors.New("broken") }
	if state, log := w.run("a.json", createMusic); state != hook.Failed || !strings.Contains(log, "table music: broken") {
		t.Errorf("%s %s", state, log)
	}
}
