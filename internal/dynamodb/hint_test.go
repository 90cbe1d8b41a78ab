package dynamodb_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// Who finds no tables is told where there are some.
func TestLogSaysWhereTablesAre(t *testing.T) {
	var log bytes.Buffer
	said := func() string {
		defer log.Reset()
		_, text, _ := strings.Cut(log.String(), `msg="`)
		text, _, _ = strings.Cut(text, `"`)
		return text
	}
	store := memkv.Open()
	t.Cleanup(func() { _ = store.Close() })
	cfg := dynamodb.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
	w := newWorld(store, cfg)
	list := func() string {
		w.do("ListTables", "{}")
		return said()
	}
	create := func(name string) {
		t.Helper()
		if got := w.step(t, "table "+name+" pk:S"); got != "ok" {
			t.Fatal(got)
		}
	}
	if got := list(); got != "" {
		t.Errorf("of an empty store: %s", got)
	}
	w.now = w.now.Add(time.Hour)
	w.call.Region = "eu-west-1"
	create("one")
	create("two")
	w.call.Account = "123456789012"
	create("three")
	const want = "ListTables has found no table in us-east-1 of account 000000000000; elsewhere there are some: " +
		"2 in eu-west-1 of account 000000000000, 1 in eu-west-1 of account 123456789012"
	w.call.Account, w.call.Region = "000000000000", "us-east-1"
	if got := list(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	w.now = w.now.Add(time.Minute - time.Second)
	if got := list(); got != "" {
		t.Errorf("again: %s", got)
	}
	w.now = w.now.Add(2 * time.Second)
	if got := list(); got != want {
		t.Errorf("a minute later: %s", got)
	}
	w.now = w.now.Add(time.Hour)
	w.do("ListTables", `{"ExclusiveStartTableName":"zzz"}`)
	if got := said(); got != "" {
		t.Errorf("of a page: %s", got)
	}
	w.call.Region = "eu-west-1"
	if got := list(); got != "" {
		t.Errorf("where there are tables: %s", got)
	}
	for i := range 10 {
		w.call.Region = fmt.Sprint("region-", i)
		create("tab")
	}
	w.call.Region = "us-east-1"
	if got := list(); strings.Count(got, " of account ") != 6 || !strings.HasSuffix(got, ", and more") {
		t.Errorf("many: %s", got)
	}

	cfg.Profile = dynamodb.ProfileLocal
	w.restart(cfg)
	w.call.AccessKey = "one"
	create("tab")
	w.call.AccessKey, w.call.Region = "two", "eu-west-1"
	if got := list(); !strings.HasPrefix(got, "ListTables has found no table with access key two in eu-west-1; elsewhere there are some: 2 in eu-west-1") {
		t.Errorf("with access keys: %s", got)
	}
}
