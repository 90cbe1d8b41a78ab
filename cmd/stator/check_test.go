package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/pebblekv"
)

const createMusic = `{"TableName":"music","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],` +
	`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`

// request sends a request of DynamoDB.
func (r *running) request(t *testing.T, operation, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.addr+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", operation, resp.Status)
	}
}

func (r *running) stop(t *testing.T) {
	t.Helper()
	r.signal(t, syscall.SIGTERM)
	if status := r.end(t); status != 0 {
		t.Errorf("status %d: %s", status, &r.errOut)
	}
}

// damage puts into the store in dir what belongs to nobody.
func damage(t *testing.T, dir string) {
	t.Helper()
	store, err := pebblekv.Open(dir, pebblekv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error { tx.Set([]byte("zz"), nil); return nil })
	if err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	const (
		sound   = "1 table, 2 items, 0 index entries, 2 change records: no damage found\n"
		finding = "unknown-key 7a7a: nothing has such a key\n"
		damaged = finding + "1 table, 2 items, 0 index entries, 2 change records: 1 finding: 1 unknown-key\n"
	)
	expect := func(want int, wantOut, wantErr string, args ...string) {
		t.Helper()
		status, out, errOut := run(t, append([]string{"check"}, args...))
		if status != want || out != wantOut || errOut != wantErr {
			t.Errorf("check %v: status %d, want %d\n%s%s", args, status, want, out, errOut)
		}
	}
	dir := filepath.Join(t.TempDir(), "data")
	r := start(t, []string{"--data", dir})
	r.request(t, "CreateTable", createMusic)
	r.request(t, "PutItem", `{"TableName":"music","Item":{"pk":{"S":"a"}}}`)
	r.request(t, "PutItem", `{"TableName":"music","Item":{"pk":{"S":"b"}}}`)
	expect(0, sound, "", "--endpoint", "http://"+r.addr)
	expect(0, sound, "", "--endpoint", r.addr+"/")
	inUse := "stator: the data directory " + dir + " is in use by another stator process: have that check it, with --endpoint http://" + r.addr + "\n"
	expect(2, "", inUse, "--data", dir, "--listen", r.addr)
	r.stop(t)
	expect(0, sound, "", "--data", dir)

	damage(t, dir)
	expect(1, damaged, "", "--data", dir)
	r = start(t, []string{"--data", dir})
	expect(1, damaged, "", "--endpoint", "http://"+r.addr)
	for _, where := range [][]string{{"--endpoint", "http://" + r.addr}, {"--data", dir}} {
		if where[0] == "--data" {
			r.stop(t)
		}
		status, out, errOut := run(t, append([]string{"check", "--json"}, where...))
		var kinds string
		var last check.Report
		for line := range strings.Lines(out) {
			var l checkLine
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			switch {
			case l.Progress != nil:
				kinds += "p"
			case l.Finding != nil:
				kinds += "f"
			case l.Report != nil:
				kinds, last = kinds+"r", *l.Report
			}
		}
		if status != 1 || kinds != "pfr" || last.Items != 2 || last.Findings[check.UnknownKey] != 1 || errOut != "" {
			t.Errorf("--json %v: status %d\n%s%s", where, status, out, errOut)
		}
	}
	if status, _, errOut := run(t, []string{"check", "--endpoint", "http://" + r.addr}); status != 2 || !strings.Contains(errOut, "refused") {
		t.Errorf("of a server that is gone: status %d, %s", status, errOut)
	}
}

func TestCheckOfNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	foreign := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--data", dir}, "there is no store in " + dir},
		{[]string{"--data", foreign}, "there is no store in " + foreign},
		{[]string{"--memory"}, "with --memory there is no store to check but that of a running server: use --endpoint"},
		{[]string{"--frob"}, "unknown flag: --frob"},
		{[]string{"frob"}, `unknown command "frob" for "stator check"`},
		{[]string{"--fsync=x"}, "option fsync, from flag --fsync"},
	} {
		status, out, errOut := run(t, append([]string{"check"}, test.args...))
		if status != 2 || out != "" || !strings.HasPrefix(errOut, "stator: "+test.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("check %v: status %d\n%s%s", test.args, status, out, errOut)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made")
	}
	if files, err := os.ReadDir(foreign); len(files) > 0 || err != nil {
		t.Errorf("something was written: %v, %v", files, err)
	}
}

func TestNoStrangerStartsACheck(t *testing.T) {
	r := start(t, []string{"--memory"})
	defer r.stop(t)
	for origin, want := range map[string]int{"https://evil.example": 403, "http://localhost:3000": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.addr+checkPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s", origin, resp.Status)
		}
	}
}

func TestSummary(t *testing.T) {
	for _, test := range []struct {
		report check.Report
		want   string
	}{
		{check.Report{}, "0 tables, 0 items, 0 index entries, 0 change records: no damage found"},
		{
			check.Report{Counts: check.Counts{Tables: 3, Leaving: 1, Items: 1204, Entries: 1, Records: 1234567}},
			"3 tables, 1 204 items, 1 index entry, 1 234 567 change records, and 1 deleted table to be cleared away: no damage found",
		},
		{
			check.Report{Findings: map[check.Kind]int64{check.WrongCounter: 1, check.UnknownKey: 1, check.Leftover: 1000}},
			"0 tables, 0 items, 0 index entries, 0 change records: 1 002 findings: 1 000 leftover, 1 unknown-key, 1 wrong-counter",
		},
	} {
		if got := summary(test.report); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
