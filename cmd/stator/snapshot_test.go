package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSnapshotCommands(t *testing.T) {
	dir := t.TempDir()
	r := start(t, []string{"--memory", "--data", dir})
	defer r.stop(t)
	expect := func(status int, want string, args ...string) {
		t.Helper()
		got, out, errOut := run(t, args, "STATOR_LISTEN="+r.addr)
		if want = strings.ReplaceAll(want, "DIR", regexp.QuoteMeta(dir)); got != status || !regexp.MustCompile("^"+want+"$").MatchString(out+errOut) {
			t.Errorf("%v: status %d\n%s%swant %s", args, got, out, errOut, want)
		}
	}
	file := filepath.Join(dir, "file")
	expect(0, "no snapshots\n", "snapshot", "list")
	r.do(t, "CreateTable", plainTable)
	r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`)
	expect(0, `saved 1 table, 1 item of 3 bytes in DIR/snapshots/one.snapshot \(\d+ bytes\)\n`, "snapshot", "save", "one")
	expect(0, `saved 1 table, 1 item of 3 bytes in DIR/file \(\d+ bytes\)\n`, "snapshot", "save", "--file", file)
	expect(0, `NAME +TAKEN +TABLES +ITEMS +FILE\none +\S+ \S+ +1 +1 +\d+ bytes\n`, "snapshot", "list")
	expect(0, `loaded 1 table, 1 item of 3 bytes, in place of tab in us-east-1\n`, "snapshot", "load", "one")
	expect(0, `deleted 1 table\n`, "reset")
	expect(0, `loaded 1 table, 1 item of 3 bytes\n`, "snapshot", "load", "--file", file, "--merge", "overwrite")
	if got := r.do(t, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`); got != `200 {"Item":{"pk":{"S":"a"}}}` {
		t.Error(got)
	}

	if err := os.WriteFile(filepath.Join(dir, "snapshots", "bad.snapshot"), []byte("stator snapshot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(0, `NAME[^\n]*\nbad +DIR/snapshots/bad.snapshot is damaged: it ends before its end\none [^\n]*\n`, "snapshot", "list")
	expect(1, `stator: DIR/snapshots/bad.snapshot is damaged: it ends before its end\n`, "snapshot", "load", "bad")
	expect(1, `stator: the file is no snapshot\n`, "snapshot", "load", "--file", filepath.Join("..", "..", "go.mod"))
	expect(1, `stator: there is no snapshot "none"\n`, "snapshot", "load", "none")
	expect(1, `stator: there is no snapshot "none"\n`, "snapshot", "delete", "none")
	expect(0, `deleted bad\n`, "snapshot", "delete", "bad")
	expect(1, `stator: "\.\./x" is no name for a snapshot: [^\n]*\n`, "snapshot", "save", "../x")
	expect(1, `stator: "x" is neither account-region-merge nor overwrite\n`, "snapshot", "load", "one", "--merge", "x")
	expect(1, `stator: name the snapshot, or a file with --file\n`, "snapshot", "load")
	expect(1, `stator: a snapshot has a name, or a file with --file\n`, "snapshot", "save", "one", "--file", file)
	expect(1, `stator: unexpected "two": a snapshot has one name\n`, "snapshot", "save", "one", "two")
}

func TestStatePages(t *testing.T) {
	r := start(t, []string{"--memory", "--data", t.TempDir()})
	defer r.stop(t)
	r.do(t, "CreateTable", plainTable)
	tables := func(want string) {
		t.Helper()
		if got := r.do(t, "ListTables", "{}"); got != `200 {"TableNames":[`+want+`]}` {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	ask := func(method, path, want string) {
		t.Helper()
		if got := r.ask(t, method, path, ""); !strings.HasPrefix(got, want) {
			t.Errorf("%s %s: %s, want %s", method, path, got, want)
		}
	}
	const tab = `[{"account":"000000000000","region":"us-east-1","name":"tab"}]`
	ask("POST", "/_localstack/state/save", `200 {"name":"default"`)
	ask("POST", "/_localstack/state/reset", `200 {"deleted":`+tab+`}`)
	tables("")
	ask("POST", "/_localstack/state/dynamodb/load", `200 {`)
	tables(`"tab"`)
	ask("POST", "/_localstack/state/dynamodbstreams/reset", `200 {"deleted":`+tab+`}`)
	ask("POST", "/_localstack/state/s3/reset", "404 there is no such service here")
	ask("POST", "/_localstack/state/dynamodb/other", "404 ")
	ask("GET", "/_localstack/state/reset", "404 ")
	ask("PUT", "/_localstack/pods/default", `200 {`)
	tables(`"tab"`)
	ask("POST", "/_localstack/pods/pod", `200 {"name":"pod"`)
	ask("GET", "/_localstack/pods", `200 {"cloudpods":[{"pod_name":"default"},{"pod_name":"pod"}]}`)
	ask("DELETE", "/_localstack/pods/pod", `200 {`)
	ask("POST", "/_admin/snapshots/x%2Fy", `400 "x/y" is no name`)

	// A file goes from one server to another.
	got := r.ask(t, "GET", "/_admin/snapshots/default", "")
	file, ok := strings.CutPrefix(got, "200 ")
	if !ok {
		t.Fatal(got)
	}
	if got := r.ask(t, "PUT", "/_admin/snapshots/copy", file); !strings.HasPrefix(got, `200 {"name":"copy"`) {
		t.Error(got)
	}
	if got := r.ask(t, "PUT", "/_admin/snapshots/copy", file[:50]); got != "400 the file is damaged: it ends before its end" {
		t.Error(got)
	}
	if got := r.ask(t, "POST", "/_admin/snapshot?merge=overwrite", file); !strings.Contains(got, `"replaced":`+tab) {
		t.Error(got)
	}
	if got := r.ask(t, "POST", "/_admin/reset", "", "Origin: https://evil.example"); !strings.HasPrefix(got, "403") {
		t.Error(got)
	}
	tables(`"tab"`)
}

// A server in memory begins where the one before it has ended, if it is asked to.
func TestMemoryIsKept(t *testing.T) {
	dir := t.TempDir()
	const put = `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`
	for _, test := range []struct {
		args   []string
		env    []string
		tables string // at start
	}{
		{nil, []string{"SNAPSHOT_SAVE_STRATEGY=ON_SHUTDOWN"}, ""},
		{nil, []string{"SNAPSHOT_SAVE_STRATEGY=ON_SHUTDOWN"}, `"tab"`},
		{nil, []string{"LOCALSTACK_SNAPSHOT_LOAD_STRATEGY=on_startup"}, `"tab"`},
		{nil, nil, ""},
		{[]string{"--snapshot-save-strategy=on_shutdown"}, []string{"SNAPSHOT_LOAD_STRATEGY=manual"}, ""},
		{nil, []string{"AUTO_LOAD_POD=default"}, `"tab"`},
	} {
		r := start(t, append([]string{"--memory", "--data", dir}, test.args...), test.env...)
		if got := r.do(t, "ListTables", "{}"); got != `200 {"TableNames":[`+test.tables+`]}` {
			t.Errorf("%v %v: %s", test.args, test.env, got)
		}
		if test.tables == "" {
			r.do(t, "CreateTable", plainTable)
		}
		r.do(t, "PutItem", put)
		r.stop(t)
	}
	status, out, errOut := run(t, []string{"--memory", "--listen", "127.0.0.1:0", "--data", dir, "--load-snapshot", "none"})
	if status != 1 || out != "" || !strings.HasSuffix(errOut, "stator: load the snapshot none: there is no snapshot \"none\"\n") {
		t.Errorf("status %d\n%s%s", status, out, errOut)
	}
}

func TestMemoryIsSavedOnSchedule(t *testing.T) {
	dir := t.TempDir()
	r := start(t, []string{"--memory", "--data", dir, "--snapshot-save-strategy=scheduled", "--snapshot-interval=1ms"})
	r.do(t, "CreateTable", plainTable)
	for !strings.Contains(r.ask(t, "GET", "/_admin/snapshots", ""), `"tab"`) {
		if t.Context().Err() != nil {
			t.Fatal("it is not saved")
		}
	}
	_ = r.Process.Kill()
	_ = r.Wait()
	r = start(t, []string{"--memory", "--data", dir, "--snapshot-load-strategy=on_startup"})
	if got := r.do(t, "ListTables", "{}"); got != `200 {"TableNames":["tab"]}` {
		t.Error(got)
	}
	r.stop(t)
}

// A snapshot is loaded into an empty store only, on disk, too.
func TestLoadAtStart(t *testing.T) {
	dir := t.TempDir()
	r := start(t, []string{"--data", dir})
	r.do(t, "CreateTable", plainTable)
	r.ask(t, "POST", "/_admin/snapshots/one", "")
	r.do(t, "DeleteTable", `{"TableName":"tab"}`)
	r.stop(t)
	for range 2 {
		r = start(t, []string{"--data", dir, "--load-snapshot", "one"})
		got := r.do(t, "Scan", `{"TableName":"tab"}`)
		r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`)
		r.stop(t)
		if want := strings.Contains(r.errOut.String(), "no snapshot is loaded"); strings.Contains(got, `"Count":1`) != want {
			t.Errorf("%s\n%s", got, &r.errOut)
		}
	}
}
