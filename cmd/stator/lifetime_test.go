package main

import (
	"strings"
	"testing"
)

// What expires when can be seen, counted and deleted, of one table.
func TestLifetimePages(t *testing.T) {
	r := start(t, []string{"--memory"})
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	r.ask(t, "PUT", "/_admin/clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	r.do(t, "CreateTable", plainTable)
	const page = "/_admin/timetolive?account=000000000000&region=us-east-1&table=tab"
	const head = `200 {"account":"000000000000","region":"us-east-1","table":"tab","now":"2030-01-01T00:00:00Z",`
	expect(r.ask(t, "GET", page, ""), head+`"status":"DISABLED","complete":true,"expired":{"items":0,"first":[]},"tooOld":{"items":0},"due":[]}`)
	r.do(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	for name, at := range map[string]string{"a": "1893455999", "b": "1893456001", "c": "1893456000000", "d": "7"} {
		r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"`+name+`"},"ttl":{"N":"`+at+`"}}}`)
	}
	sweep := func(body, want string) {
		t.Helper()
		expect(r.ask(t, "POST", "/_admin/timetolive/expire", body), want)
	}
	sweep(`{"account":"000000000000","region":"us-east-1","table":"tab","dryRun":true}`, `200 {"expired":1,"dryRun":true}`)
	expect(r.ask(t, "GET", page, ""), head+`"status":"ENABLED","attribute":"ttl","complete":true,"expired":{"items":1,"first":[{"key":{"pk":{"S":"a"}},"expired":1893455999}]},"tooOld":{"items":1},`+
		`"due":[{"within":60,"items":1},{"within":3600,"items":0},{"within":21600,"items":0},{"within":86400,"items":0},{"within":604800,"items":0},{"within":2592000,"items":0},{"within":31536000,"items":0},{"items":1}]}`)
	sweep(`{"account":"000000000000","region":"us-east-1","table":"tab"}`, `200 {"expired":1,"dryRun":false}`)
	sweep(`{"account":"000000000000","region":"us-east-1","table":"tab"}`, `200 {"expired":0,"dryRun":false}`)
	sweep(`{"account":"000000000000","region":"us-east-1","table":"none"}`, `400 there is no such table, or its time to live is not enabled`)
	for _, wrong := range []string{``, `{}`, `{"account":"1","region":"r"}`, `{"account":"1","region":"r","table":"t","dry":true}`} {
		if got := r.ask(t, "POST", "/_admin/timetolive/expire", wrong); !strings.HasPrefix(got, "400 want {") {
			t.Errorf("%s: %s", wrong, got)
		}
	}
	if got := r.ask(t, "GET", page+"2", ""); !strings.HasPrefix(got, "400 {") || !strings.Contains(got, "ResourceNotFoundException") {
		t.Error(got)
	}
	r.stop(t)
}
