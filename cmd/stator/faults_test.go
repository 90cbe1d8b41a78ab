package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

// call sends a request of the API and returns the status and the answer.
func (r *running) call(t *testing.T, operation, body string) string {
	t.Helper()
	return r.ask(t, "POST", "/", body, "X-Amz-Target: DynamoDB_20120810."+operation, "Content-Type: application/x-amz-json-1.0")
}

// expect sends a request and compares the beginning of its answer.
func (r *running) expect(t *testing.T, operation, body, want string) {
	t.Helper()
	if got := r.call(t, operation, body); !strings.HasPrefix(got, want) {
		t.Errorf("%s %s\ngot  %s\nwant %s", operation, body, got, want)
	}
}

const throttled = `400 {"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",` +
	`"message":"The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API"}`

// The names are LocalStack's, with and without its container's prefix.
func TestErrorProbabilities(t *testing.T) {
	const get, put = `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`, `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`
	for _, c := range []struct{ env, read, write string }{
		{"DYNAMODB_ERROR_PROBABILITY=1.0", throttled, throttled},
		{"LOCALSTACK_DYNAMODB_READ_ERROR_PROBABILITY=1", throttled, "200 {}"},
		{"STATOR_WRITE_ERROR_PROBABILITY=1", "200 {}", throttled},
	} {
		r := start(t, []string{"--memory"}, c.env)
		r.do(t, "CreateTable", plainTable)
		r.expect(t, "GetItem", get, c.read)
		r.expect(t, "PutItem", put, c.write)
		r.stop(t)
	}
}

// curl sends a request to a page, which must be answered as wanted.
func (r *running) curl(t *testing.T, method, path, body, want string) {
	t.Helper()
	if got := r.ask(t, method, path, body); got != want {
		t.Errorf("%s %s %s\ngot  %s\nwant %s", method, path, body, got, want)
	}
}

func TestChaosFaults(t *testing.T) {
	r := start(t, []string{"--memory"})
	r.do(t, "CreateTable", plainTable)
	const path, get = "/_localstack/chaos/faults", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`
	const unavailable = `503 {"__type":"com.amazonaws.dynamodb.v20120810#ServiceUnavailable","message":"This request fails because a rule of /_localstack/chaos/faults says so."}`
	r.curl(t, "GET", path, "", "200 []")
	r.curl(t, "POST", path, `[{"service":"dynamodb"}]`, `200 [{"service":"dynamodb"}]`)
	r.expect(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`, unavailable)
	r.curl(t, "PATCH", path, `[{"table":"tab","error":{"statusCode":400,"code":"InternalError"}}]`,
		`200 [{"service":"dynamodb"},{"table":"tab","error":{"statusCode":400,"code":"InternalError"}}]`)
	r.expect(t, "GetItem", get, unavailable)
	r.curl(t, "DELETE", path, `[{"service":"dynamodb"}]`, `200 [{"table":"tab","error":{"statusCode":400,"code":"InternalError"}}]`)
	r.expect(t, "GetItem", get, `400 {"__type":"com.amazonaws.dynamodb.v20120810#InternalError"`)
	r.expect(t, "ListTables", `{}`, `200 {"TableNames":["tab"]}`)

	r.curl(t, "POST", path, `[{"accessKey":"bad"}]`, `200 [{"accessKey":"bad"}]`)
	credential := func(key string) string {
		return "Authorization: AWS4-HMAC-SHA256 Credential=" + key + "/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00"
	}
	for key, want := range map[string]string{"bad": unavailable, "good": `200 {"TableNames":["tab"]}`} {
		if got := r.ask(t, "POST", "/", `{}`, "X-Amz-Target: DynamoDB_20120810.ListTables", "Content-Type: application/json", credential(key)); got != want {
			t.Errorf("key %s: %s", key, got)
		}
	}

	r.curl(t, "POST", path, `[{"count":2}]`, `200 [{"count":2}]`)
	for _, want := range []string{"503", "503", "200"} {
		r.expect(t, "ListTables", `{}`, want)
	}
	r.curl(t, "POST", path, `[]`, `200 []`)
	r.expect(t, "GetItem", get, `200 {}`) // nothing that failed was done
	r.stop(t)
}

// A client that goes away does not leave its request waiting.
func TestLatencyEndsWithTheClient(t *testing.T) {
	r := start(t, []string{"--memory"})
	r.curl(t, "POST", "/_localstack/chaos/effects", `{"latency":600000}`, `200 {"latency":600000}`)
	inFlight := func(want string) {
		t.Helper()
		for !strings.Contains(r.ask(t, "GET", "/metrics", ""), "\nstator_requests_in_flight "+want+"\n") {
			if t.Context().Err() != nil {
				t.Fatal("never")
			}
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+r.addr+"/", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	req.Header.Set("Content-Type", "application/json")
	gone := make(chan error)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		gone <- err
	}()
	inFlight("1")
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended with %v", err)
	}
	inFlight("0")
	r.curl(t, "POST", "/_localstack/chaos/effects", `{"latency":{"min":0,"max":1}}`, `200 {"latency":{"max":1,"min":0}}`)
	r.expect(t, "ListTables", `{}`, "200")
	r.stop(t)
}

func TestConfigUpdates(t *testing.T) {
	const set = `{"variable":"DYNAMODB_READ_ERROR_PROBABILITY","value":"1.0"}`
	r := start(t, []string{"--memory"})
	for _, method := range []string{"GET", "POST"} {
		if got := r.ask(t, method, "/_localstack/config", set); !strings.HasPrefix(got, "404") {
			t.Errorf("%s though it is not enabled: %s", method, got)
		}
	}
	r.stop(t)
	r = start(t, []string{"--memory"}, "ENABLE_CONFIG_UPDATES=1", "DYNAMODB_WRITE_ERROR_PROBABILITY=0.5")
	r.do(t, "CreateTable", plainTable)
	r.curl(t, "GET", "/_localstack/config", "", `200 {"DYNAMODB_ERROR_PROBABILITY":0,"DYNAMODB_READ_ERROR_PROBABILITY":0,"DYNAMODB_WRITE_ERROR_PROBABILITY":0.5}`)
	r.curl(t, "POST", "/_localstack/config", set, `200 {"value":1,"variable":"DYNAMODB_READ_ERROR_PROBABILITY"}`)
	r.expect(t, "Scan", `{"TableName":"tab"}`, throttled)
	r.curl(t, "POST", "/_localstack/config", strings.Replace(set, "1.0", "0", 1), `200 {"value":0,"variable":"DYNAMODB_READ_ERROR_PROBABILITY"}`)
	r.expect(t, "Scan", `{"TableName":"tab"}`, "200")
	r.stop(t)
}
