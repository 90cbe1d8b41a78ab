package main

import (
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
