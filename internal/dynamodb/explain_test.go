package dynamodb_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
)

// reads are requests that can be explained, on the table of getter, and how much
// each allocates if nobody asks for that.
var reads = []struct {
	operation, body string
	allocations     float64
}{
	{"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}`, 19},
	{"BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"pk":{"S":"a"},"sk":{"S":"b"}}]}}}`, 32},
	{"Query", `{"TableName":"tab","KeyConditionExpression":"pk = :a","FilterExpression":"n = :n","ExpressionAttributeValues":{":a":{"S":"a"},":n":{"N":"42"}}}`, 55},
	{"Scan", `{"TableName":"tab","FilterExpression":"n = :n","ExpressionAttributeValues":{":n":{"N":"42"}}}`, 45},
	{"ExecuteStatement", `{"Statement":"SELECT * FROM tab WHERE pk = 'a' AND sk = 'b'"}`, 24},
	{"ExecuteStatement", `{"Statement":"SELECT * FROM tab WHERE pk = 'a'"}`, 33},
}

func TestReadsAllocateNothingToBeExplained(t *testing.T) {
	for _, r := range reads {
		if n := testing.AllocsPerRun(200, getter(t, r.operation, r.body)); n > r.allocations {
			t.Errorf("%s %s: %v allocations, want %v", r.operation, r.body, n, r.allocations)
		}
	}
}

// explain shows the explanation of a request, an advice a line.
func (w *world) explain(t *testing.T, operation, body string) string {
	call := w.call
	call.Operation, call.Body, call.Explain = operation, []byte(body), new(dynamodb.Explanation)
	answer := w.carryOut(call)
	e := call.Explain
	switch {
	case !strings.HasPrefix(answer, "200 "):
		return abridge(answer)
	case e.Operation == "":
		return "nothing"
	case e.Planning < 0 || e.Execution < 0:
		t.Errorf("%s: planned for %d µs, carried out for %d", body, e.Planning, e.Execution)
	}
	advice := e.Advice
	e.Planning, e.Execution, e.Advice = 0, 0, nil
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(e); err != nil {
		t.Fatal(err)
	}
	shown := strings.TrimSuffix(strings.TrimSpace(b.String()), `,"planningMicroseconds":0,"executionMicroseconds":0,"advice":null}`)
	for _, a := range advice {
		shown += "\n" + a.Code + ": " + a.Text
	}
	return abridge(shown)
}
