package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// ask sends a request to the server and returns the status and the answer.
func (r *running) ask(t *testing.T, method, path, body string, headers ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+r.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(resp.StatusCode, " ", string(answer))
}

// do sends a request of the API that must be answered well.
func (r *running) do(t *testing.T, operation, body string) string {
	t.Helper()
	answer := r.call(t, operation, body)
	if !strings.HasPrefix(answer, "200 ") {
		t.Fatalf("%s: %s", operation, answer)
	}
	return answer
}

const plainTable = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`

// One clock is everybody's: it says when something happened, what tables are on
// their way to, and what expires.
func TestClockOfTheServer(t *testing.T) {
	r := start(t, []string{"--memory", "--transient-status=1h"})
	set := func(change, want string) {
		t.Helper()
		if got := r.ask(t, "PUT", "/_admin/clock", change); !strings.HasPrefix(got, "200 "+want) {
			t.Errorf("%s: %s, want %s", change, got, want)
		}
	}
	expect := func(operation, body, want string) {
		t.Helper()
		if got := r.do(t, operation, body); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", operation, got, want)
		}
	}
	set(`{"now":"2030-01-01T00:00:00Z","frozen":true}`, `{"now":"2030-01-01T00:00:00Z","frozen":true,"offset":`)
	expect("CreateTable", plainTable, `"CreationDateTime":1893456000`)
	expect("DescribeTable", `{"TableName":"tab"}`, `"TableStatus":"CREATING"`)
	set(`{"advance":"1h"}`, `{"now":"2030-01-01T01:00:00Z","frozen":true,"offset":`)
	expect("DescribeTable", `{"TableName":"tab"}`, `"TableStatus":"ACTIVE"`)
	expect("UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, `true`)
	expect("DescribeTimeToLive", `{"TableName":"tab"}`, `"ENABLING"`)
	set(`{"advance":"1h"}`, `{"now":"2030-01-01T02:00:00Z","frozen":true,"offset":`)
	expect("DescribeTimeToLive", `{"TableName":"tab"}`, `"ENABLED"`)
	for n := range 4 { // 02:00, 02:30, …
		r.do(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"ttl":{"N":"%d"}}}`, n, 1893456000+7200+1800*n))
	}
	if got := r.ask(t, "DELETE", "//_aws/dynamodb/expired", ""); got != `200 {"ExpiredItems": 1}` {
		t.Error(got)
	}
	expect("Scan", `{"TableName":"tab","Select":"COUNT"}`, `"Count":3`)
	set(`{"reset":true}`, `{"now":"20`)
	if got := r.ask(t, "GET", "/_admin/clock", ""); !strings.HasSuffix(got, `"frozen":false,"offset":"0s"}`) {
		t.Error(got)
	}
	r.stop(t)
}

// What is due when the clock is set forward is done at once.
func TestExpiredItemsAreDeletedInTime(t *testing.T) {
	r := start(t, []string{"--memory"}, "DYNAMODB_REMOVE_EXPIRED_ITEMS=1")
	r.do(t, "CreateTable", plainTable)
	r.do(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	r.do(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"a"},"ttl":{"N":"%d"}}}`, time.Now().Add(30*time.Minute).Unix()))
	if got := r.ask(t, "PUT", "/_admin/clock", `{"advance":"61m"}`); !strings.HasPrefix(got, "200") {
		t.Error(got)
	}
	for left := ""; !strings.Contains(left, `"Count":0`); {
		left = r.do(t, "Scan", `{"TableName":"tab","Select":"COUNT"}`)
	}
	r.stop(t)
}

// Whoever deletes an item counts it, and nobody else does.
func TestExpiredItemsAreCountedOnce(t *testing.T) {
	const items = 300
	r := start(t, []string{"--memory"})
	r.do(t, "CreateTable", plainTable)
	for range items / 25 {
		var puts []string
		for range 25 {
			puts = append(puts, fmt.Sprintf(`{"PutRequest":{"Item":{"pk":{"S":"%s"},"ttl":{"N":"1893456000"}}}}`, rand.Text()))
		}
		r.do(t, "BatchWriteItem", `{"RequestItems":{"tab":[`+strings.Join(puts, ",")+`]}}`)
	}
	r.do(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	if got := r.ask(t, "PUT", "/_admin/clock", `{"now":"2030-01-01T00:00:00Z"}`); !strings.HasPrefix(got, "200") {
		t.Error(got)
	}
	var all sync.WaitGroup
	var sum atomic.Int64
	for range 3 {
		all.Go(func() {
			answer := r.ask(t, "DELETE", "/_aws/dynamodb/expired", "")
			n := 0
			if _, err := fmt.Sscanf(answer, `200 {"ExpiredItems": %d}`, &n); err != nil {
				t.Errorf("%s: %v", answer, err)
			}
			sum.Add(int64(n))
		})
	}
	all.Wait()
	if sum.Load() != items {
		t.Errorf("%d items expired, want %d", sum.Load(), items)
	}
	r.stop(t)
}
