package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// explained sends requests to a server of real tables, the last one with headers,
// and returns how that is answered and explained.
func explained(t *testing.T, requests [][2]string, headers ...string) (*http.Response, *dynamodb.Explanation) {
	t.Helper()
	store := memkv.Open()
	t.Cleanup(func() { _ = store.Close() })
	s, _ := newTestServer(dynamodb.New(dynamodb.Config{Store: store}))
	addr := listen(t, s)
	for _, r := range requests[:len(requests)-1] {
		if resp, body := post(t, addr, strings.NewReader(r[1]), "X-Amz-Target: DynamoDB_20120810."+r[0]); resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", r[0], body)
		}
	}
	last := requests[len(requests)-1]
	resp, body := post(t, addr, strings.NewReader(last[1]), append([]string{"X-Amz-Target: DynamoDB_20120810." + last[0]}, headers...)...)
	header := resp.Header.Get("x-srv-explain")
	if header == "" {
		t.Log(body)
		return resp, nil
	}
	if len(header) > 6<<10 {
		t.Errorf("%d bytes", len(header))
	}
	text, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		t.Fatal(err)
	}
	var e dynamodb.Explanation
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if !strings.Contains(string(text), `"advice":[`) {
		t.Errorf("advice is no list: %s", text)
	}
	return resp, &e
}

const createTab = `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`

func TestReadIsExplainedToWhoAsks(t *testing.T) {
	resp, e := explained(t, [][2]string{
		{"CreateTable", createTab},
		{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`},
		{"ExecuteStatement", `{"Statement":"SELECT * FROM tab WHERE pk = 'a'"}`},
	}, "x-srv-explain: 1", "Origin: http://localhost:3000")
	if e == nil || e.Operation != "GetItem" || e.KeyCondition != "pk = 'a'" || e.Returned.Items != 1 {
		t.Errorf("got %+v", e)
	}
	if exposed := resp.Header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "x-srv-explain") {
		t.Errorf("web pages may read %s", exposed)
	}
}

func TestNothingElseIsExplained(t *testing.T) {
	get := [2]string{"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`}
	for _, c := range []struct {
		request [2]string
		header  string
		status  int
	}{
		{get, "X-Other: 1", 200},
		{get, "x-srv-explain: 0", 200},
		{[2]string{"GetItem", `{"TableName":"tab","Key":{"nope":{"S":"a"}}}`}, "x-srv-explain: 1", 400},
		{[2]string{"Query", `{"TableName":"other","KeyConditionExpression":"pk = :a","ExpressionAttributeValues":{":a":{"S":"a"}}}`}, "x-srv-explain: 1", 400},
		{[2]string{"PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`}, "x-srv-explain: 1", 200},
		{[2]string{"ListTables", `{}`}, "x-srv-explain: 1", 200},
		{[2]string{"Nope", `{}`}, "x-srv-explain: 1", 400},
	} {
		resp, e := explained(t, [][2]string{{"CreateTable", createTab}, c.request}, c.header)
		if resp.StatusCode != c.status || resp.Header.Values("x-srv-explain") != nil {
			t.Errorf("%v with %s: %d %+v", c.request, c.header, resp.StatusCode, e)
		}
	}
}

// Neither long expressions nor names, not even such as JSON makes six times as
// long, make a header that clients refuse.
func TestExplanationIsNeverTooLong(t *testing.T) {
	var parts []string
	values := map[string]any{}
	for i := range 150 {
		name := fmt.Sprintf(":v%d", i)
		parts = append(parts, "a = "+name)
		values[name] = map[string]string{"S": strings.Repeat("\x01\"é", 300)}
	}
	for _, request := range []map[string]any{
		{"FilterExpression": strings.Join(parts, " OR "), "ExpressionAttributeValues": values},
		{"FilterExpression": "attribute_exists(#n)", "ExpressionAttributeNames": map[string]string{"#n": strings.Repeat("\x01", 60_000)}},
	} {
		request["TableName"] = "tab"
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		resp, e := explained(t, [][2]string{{"CreateTable", createTab}, {"Scan", string(body)}}, "x-srv-explain: 1")
		if resp.StatusCode != http.StatusOK || e == nil || !strings.HasSuffix(e.Filter, "…") || len(e.Filter) < 500 {
			t.Errorf("%d %+v", resp.StatusCode, e)
		}
	}
}

func TestCallThatServiceExplainsNothingOfHasNoHeader(t *testing.T) {
	asked := false
	s, _ := newTestServer(fakeService(func(_ context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
		asked = call.Explain != nil
		return append(dst, "{}"...), nil
	}))
	resp, _ := post(t, listen(t, s), strings.NewReader("{}"), "x-srv-explain: 1")
	if !asked || resp.StatusCode != http.StatusOK || resp.Header.Values("x-srv-explain") != nil {
		t.Errorf("asked %v, answered %d %v", asked, resp.StatusCode, resp.Header)
	}
}
