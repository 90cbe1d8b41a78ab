package dynamodb_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/kv/memkv"
)

const injected = "503 ServiceUnavailable: This request fails because a rule of /_localstack/chaos/faults says so."

func (w *world) setRules(t *testing.T, rules ...fault.Rule) {
	t.Helper()
	if _, err := w.faults.SetRules(rules); err != nil {
		t.Fatal(err)
	}
}

// A rule about a table befalls whatever names it, wherever in the request, and
// nothing is done.
func TestRulesAboutATable(t *testing.T) {
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.ok(t, "CreateTable", tableRequest(t, "tab pk:S stream"))
	w.ok(t, "CreateTable", tableRequest(t, "other pk:S"))
	w.ok(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"b"}}}`)
	arn := w.member(t, "TableArn")
	streamARN := w.member(t, "LatestStreamArn")
	requests := append(everyKind[1:len(everyKind):len(everyKind)], []struct{ operation, body string }{
		{"PutItem", `{"TableName":"` + arn + `","Item":{"pk":{"S":"a"}}}`},
		{"BatchWriteItem", `{"RequestItems":{"other":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}],"` + arn + `":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}]}}`},
		{"BatchGetItem", `{"RequestItems":{"other":{"Keys":[{"pk":{"S":"a"}}]},"tab":{"Keys":[{"pk":{"S":"a"}}]}}}`},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"other","Item":{"pk":{"S":"a"}}}},{"ConditionCheck":{"TableName":"tab","Key":{"pk":{"S":"b"}},"ConditionExpression":"attribute_exists(pk)"}}]}`},
		{"ExecuteStatement", `{"Statement":"INSERT INTO tab VALUE {'pk':'a'}"}`},
		{"ExecuteStatement", `{"Statement":"SELECT * FROM \"` + arn + `\""}`},
		{"BatchExecuteStatement", `{"Statements":[{"Statement":"SELECT * FROM other WHERE pk = 'a'"},{"Statement":"SELECT * FROM tab WHERE pk = 'a'"}]}`},
		{"ExecuteTransaction", `{"TransactStatements":[{"Statement":"INSERT INTO other VALUE {'pk':'a'}"},{"Statement":"DELETE FROM tab WHERE pk = 'b'"}]}`},
		{"TagResource", `{"ResourceArn":"` + arn + `","Tags":[{"Key":"k","Value":"v"}]}`},
		{"UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"x"}}`},
		{"DescribeStream", `{"StreamArn":"` + streamARN + `"}`},
		{"ListStreams", `{"TableName":"tab"}`},
		{"GetRecords", `{"ShardIterator":"` + streamARN + `|1|AAAA"}`},
	}...)
	before := w.contents(t)
	w.setRules(t, fault.Rule{Table: "tab"})
	for _, r := range requests {
		want := injected
		if r.operation == "ListTables" {
			want = "200 "
		}
		if got := w.do(r.operation, r.body); !strings.HasPrefix(got, want) {
			t.Errorf("%s %s: %s", r.operation, r.body, got)
		}
	}
	w.setRules(t, fault.Rule{Table: "third"})
	for _, operation := range []string{"GetItem", "DescribeTable"} {
		if got := w.do(operation, `{"TableName":"other","Key":{"pk":{"S":"a"}}}`); !strings.HasPrefix(got, "200") {
			t.Errorf("%s of another table: %s", operation, got)
		}
	}
	w.setRules(t)
	if after := w.contents(t); after != before {
		t.Errorf("what failed has changed\n%s\nto\n%s", before, after)
	}
}

// member returns a member of the description of tab.
func (w *world) member(t *testing.T, member string) string {
	t.Helper()
	d, answer := w.description(t, "tab")
	s, ok := d[member].(string)
	if !ok {
		t.Fatalf("no %s: %v %s", member, d, answer)
	}
	return s
}

// contents returns all that requests can see of tab and other.
func (w *world) contents(t *testing.T) string {
	var all string
	for _, name := range []string{"tab", "other"} {
		for _, operation := range []string{"DescribeTable", "DescribeTimeToLive", "Scan"} {
			all += w.do(operation, `{"TableName":"`+name+`"}`) + "\n"
		}
	}
	return all + w.do("ListTagsOfResource", `{"ResourceArn":"`+w.member(t, "TableArn")+`"}`) + w.changes(t, "tab")
}

func TestRulesAboutAnIndex(t *testing.T) {
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.ok(t, "CreateTable", tableRequest(t, "tab pk:S gsi gsi1(a:S) gsi gsi2(b:S)"))
	w.setRules(t, fault.Rule{Index: "gsi1"})
	for body, want := range map[string]string{
		`Scan {"TableName":"tab"}`:                                              "200",
		`Scan {"TableName":"tab","IndexName":"gsi1"}`:                           injected,
		`Scan {"TableName":"tab","IndexName":"gsi2"}`:                           "200",
		`ExecuteStatement {"Statement":"SELECT * FROM tab"}`:                    "200",
		`ExecuteStatement {"Statement":"SELECT * FROM tab.gsi1 WHERE a = 'x'"}`: injected,
		`ExecuteStatement {"Statement":"SELECT * FROM tab.gsi2 WHERE b = 'x'"}`: "200",
	} {
		operation, body, _ := strings.Cut(body, " ")
		if got := w.do(operation, body); !strings.HasPrefix(got, want) {
			t.Errorf("%s %s: %s", operation, body, got)
		}
	}
}

func TestRulesAboutWhoAsksWhomWhere(t *testing.T) {
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.call.AccessKey = "AKID"
	for _, c := range []struct {
		rule fault.Rule
		want string // of ListTables and ListStreams
	}{
		{fault.Rule{}, "503 503"},
		{fault.Rule{Service: "dynamodb"}, "503 200"},
		{fault.Rule{Service: "dynamodbstreams"}, "200 503"},
		{fault.Rule{Operation: "ListStreams"}, "200 503"},
		{fault.Rule{Region: "us-east-1"}, "503 503"},
		{fault.Rule{Region: "eu-west-1"}, "200 200"},
		{fault.Rule{AccessKey: "AKID"}, "503 503"},
		{fault.Rule{AccessKey: "other"}, "200 200"},
	} {
		w.setRules(t, c.rule)
		if got := w.do("ListTables", `{}`)[:3] + " " + w.do("ListStreams", `{}`)[:3]; got != c.want {
			t.Errorf("%+v: got %s, want %s", c.rule, got, c.want)
		}
	}
	// What cannot be read is told all the same, and so is what there is not.
	w.setRules(t, fault.Rule{})
	if got := w.do("GetItem", `{}`); !strings.HasPrefix(got, "400 ValidationException") {
		t.Error(got)
	}
	if got := w.do("Frobnicate", `{}`); !strings.HasPrefix(got, "400 UnknownOperationException") {
		t.Error(got)
	}
}

// A rule's error is told as any other.
func TestErrorOfARule(t *testing.T) {
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.setRules(t, fault.Rule{Count: new(1), Error: &fault.Error{StatusCode: 400, Code: "ThrottlingException", Message: "slow down"}})
	call := w.call
	call.Operation, call.Body = "ListTables", []byte(`{}`)
	_, err := w.db.Do(t.Context(), call, nil)
	e, ok := errors.AsType[*api.Error](err)
	if !ok || string(e.AppendJSON(nil)) != `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}` || e.Status != 400 {
		t.Errorf("%v", err)
	}
	if got := w.do("ListTables", `{}`); !strings.HasPrefix(got, "200") {
		t.Errorf("the second request: %s", got)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(memkv.Open(), dynamodb.Config{})
		w.ok(t, "CreateTable", tableRequest(t, "tab pk:S"))
		if err := w.faults.SetLatency(fault.Latency{Min: time.Minute, Max: time.Minute}); err != nil {
			t.Fatal(err)
		}
		took := func(ctx context.Context, key string) (time.Duration, error) {
			begin := time.Now()
			call := w.call
			call.Operation, call.Body = "PutItem", []byte(`{"TableName":"tab","Item":{"pk":{"S":"`+key+`"}}}`)
			_, err := w.db.Do(ctx, call, nil)
			return time.Since(begin), err
		}
		if d, err := took(t.Context(), "a"); d != time.Minute || err != nil {
			t.Errorf("took %v, %v", d, err)
		}
		// It ends when the client goes away, and nothing is done.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if d, err := took(ctx, "b"); d != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("took %v, %v", d, err)
		}
		if err := w.faults.SetLatency(fault.Latency{}); err != nil {
			t.Fatal(err)
		}
		if d, err := took(t.Context(), "c"); d != 0 || err != nil {
			t.Errorf("took %v, %v", d, err)
		}
		if got := w.do("Scan", `{"TableName":"tab","Select":"COUNT"}`); got != `200 {"Count":2,"ScannedCount":2}` {
			t.Error(got)
		}
	})
}
