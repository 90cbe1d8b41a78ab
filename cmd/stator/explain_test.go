package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The arguments of the AWS CLI are read as it reads them.
func TestArgumentsOfTheAWSCLI(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file://" + path
	}
	key := file("key.json", `{"pk": {"S": "from a file"}}`)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"get-item", "--table-name", "t", "--key", `{"pk":{"S":"a"}}`}, `GetItem {"Key":{"pk":{"S":"a"}},"TableName":"t"}`},
		{[]string{"get-item", "--table-name=t", "--key=" + key, "--consistent-read"}, `GetItem {"ConsistentRead":true,"Key":{"pk":{"S":"from a file"}},"TableName":"t"}`},
		{[]string{"get-item", "--table-name", "1", "--no-consistent-read"}, `GetItem {"ConsistentRead":false,"TableName":"1"}`},
		{[]string{"get-item", "--key", "pk={S=a b},sk={N=1}"}, `GetItem {"Key":{"pk":{"S":"a b"},"sk":{"N":"1"}}}`},
		{[]string{"get-item", "--key", ` pk={S="a, b"} , sk={ S='<'}`}, `GetItem {"Key":{"pk":{"S":"a, b"},"sk":{"S":"<"}}}`},
		{[]string{"get-item", "--attributes-to-get", "a", "b", "--table-name", "t"}, `GetItem {"AttributesToGet":["a","b"],"TableName":"t"}`},
		{[]string{"get-item", "--attributes-to-get", `["a","b"]`}, `GetItem {"AttributesToGet":["a","b"]}`},
		{[]string{"aws", "dynamodb", "scan", "--limit", "5", "--total-segments", "2", "--segment", "0"}, `Scan {"Limit":5,"Segment":0,"TotalSegments":2}`},
		{[]string{"--region", "eu-west-1", "--output", "text", "dynamodb", "query", "--query", "Items[0]", "--no-cli-pager", "--page-size", "7", "--endpoint-url", "http://h"}, `Query {"Limit":7} eu-west-1 http://h`},
		{[]string{"query", "--page-size", "7", "--limit", "3", "--max-items", "9", "--no-paginate"}, `Query {"Limit":3}`},
		{
			[]string{"query", "--no-scan-index-forward", "--expression-attribute-names", "#a=b,#c=d", "--expression-attribute-values", ":v={BOOL=true},:l={L=[{S=a},{N=1}]},:s={SS=[a,b]},:e={L=[]}"},
			`Query {"ExpressionAttributeNames":{"#a":"b","#c":"d"},"ExpressionAttributeValues":{":e":{"L":[]},":l":{"L":[{"S":"a"},{"N":"1"}]},":s":{"SS":["a","b"]},":v":{"BOOL":true}},"ScanIndexForward":false}`,
		},
		{[]string{"batch-get-item", "--request-items", "t={Keys=[{pk={S=a}}],ConsistentRead=true}"}, `BatchGetItem {"RequestItems":{"t":{"ConsistentRead":true,"Keys":[{"pk":{"S":"a"}}]}}}`},
		{[]string{"execute-statement", "--statement", " select * FROM t WHERE pk = ?", "--parameters", `[{"S":"a"}]`}, `ExecuteStatement {"Parameters":[{"S":"a"}],"Statement":" select * FROM t WHERE pk = ?"}`},
		{[]string{"execute-statement", "--statement", "SELECT\n* FROM t", "--parameters", "S=a", `{"N":"1"}`}, `ExecuteStatement {"Parameters":[{"S":"a"},{"N":"1"}],"Statement":"SELECT\n* FROM t"}`},
		{[]string{"scan", "--cli-input-json", `{"TableName":"a","Limit":1}`, "--table-name", "b"}, `Scan {"Limit":1,"TableName":"b"}`},

		{nil, "name what to explain: batch-get-item, execute-statement, get-item, query or scan"},
		{[]string{"put-item"}, `"put-item" cannot be explained, only reads can: batch-get-item, execute-statement, get-item, query or scan`},
		{[]string{"aws", "s3"}, `"s3" cannot be explained, only reads can: batch-get-item, execute-statement, get-item, query or scan`},
		{[]string{"scan", "tab"}, `unexpected "tab": options begin with --`},
		{[]string{"scan", "--key", "{}"}, `scan has no option --key here`},
		{[]string{"scan", "--no-table-name", "x"}, `scan has no option --no-table-name here`},
		{[]string{"--table-name", "x", "scan"}, `--table-name is not known before the operation`},
		{[]string{"scan", "--table-name"}, `--table-name has no value`},
		{[]string{"scan", "--attributes-to-get", "--limit", "1"}, `--attributes-to-get has no value`},
		{[]string{"scan", "--limit", "many"}, `--limit: "many" is not a number`},
		{[]string{"scan", "--page-size", "many"}, `--page-size: "many" is not a number`},
		{[]string{"get-item", "--key", `{"pk"`}, `--key: not JSON: unexpected end of JSON input`},
		{[]string{"get-item", "--key", `pk`}, `--key: "pk" is neither JSON nor name=value,name=value`},
		{[]string{"get-item", "--key", `pk={S=a`}, `--key: there is no } for a {`},
		{[]string{"get-item", "--key", `pk={SS=[a`}, `--key: there is no ] for a [`},
		{[]string{"get-item", "--key", `pk={S="a`}, `--key: there is no second "`},
		{[]string{"get-item", "--key", `pk={S=a}}`}, `--key: what comes with "}" is neither JSON nor name=value,name=value`},
		{[]string{"get-item", "--key", "file:///does/not/exist"}, `--key: open /does/not/exist: no such file or directory`},
		{[]string{"scan", "--profile", "me"}, `--profile is not known here: set AWS_ACCESS_KEY_ID, and AWS_REGION or --region`},
		{[]string{"scan", "--cli-input-json", `{"Key":{}}`}, `--cli-input-json: Scan has no member Key`},
		{[]string{"execute-statement", "--statement", "DELETE FROM t WHERE pk = 'SELECT'"}, `only a SELECT can be explained; the statement was not carried out`},
		{[]string{"execute-statement", "--cli-input-json", `{"Statement":"INSERT INTO t VALUE {}"}`}, `only a SELECT can be explained; the statement was not carried out`},
		{[]string{"execute-statement"}, `only a SELECT can be explained; the statement was not carried out`},
	} {
		got := ""
		cmd, err := parseAWS(test.args)
		if err == nil {
			body, err := json.Marshal(cmd.members)
			if err != nil {
				t.Fatal(err)
			}
			got = strings.TrimSpace(fmt.Sprintf("%s %s %s %s", cmd.operation, body, cmd.region, cmd.endpoint))
			got = strings.ReplaceAll(got, `\u003c`, "<")
		} else {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q\ngot  %s\nwant %s", test.args, got, test.want)
		}
	}
}

func TestExplainCommand(t *testing.T) {
	r := start(t, []string{"--memory"})
	r.do(t, "CreateTable", `{"TableName":"orders","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"state","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],`+
		`"GlobalSecondaryIndexes":[{"IndexName":"by-state","KeySchema":[{"AttributeName":"state","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`)
	for n := range 20 {
		r.do(t, "PutItem", fmt.Sprintf(`{"TableName":"orders","Item":{"pk":{"S":"p%d"},"state":{"S":"OPEN"},"n":{"N":"%d"}}}`, n, n))
	}
	env := []string{"AWS_ENDPOINT_URL=http://" + r.addr, "AWS_ACCESS_KEY_ID=000000000000"}
	times := regexp.MustCompile(`[0-9]+( [0-9]{3})* µs`)
	expect := func(args []string, want string) {
		t.Helper()
		status, out, errOut := run(t, append([]string{"explain"}, args...), env...)
		if got := times.ReplaceAllString(fmt.Sprint(status, " ", out, errOut), "N µs"); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", args, got, want)
		}
	}
	expect([]string{
		"--", "query", "--table-name", "orders", "--index-name", "by-state", "--key-condition-expression", "#s = :s", "--filter-expression", "n = :n",
		"--expression-attribute-names", `{"#s":"state"}`, "--expression-attribute-values", `{":s":{"S":"OPEN"},":n":{"N":"1"}}`, "--limit", "15",
	}, `0 Query of orders, index by-state

  keys      state = 'OPEN'
  filter    n = 1
  read      15 entries of 249 bytes in 1 partition
  matched   1
  returned  1 item of 16 bytes
  capacity  0.5 read units (0.5 eventually consistent)
  time      N µs to plan, N µs to carry out
  more      This was the first page: there is more to read.

  filter-drops-most
    The filter drops 14 of 15 items that were read: units are taken for all of
    them.
`)
	expect([]string{"get-item", "--table-name", "orders", "--key", "pk={S=p1}", "--consistent-read", "--region", "us-east-1"}, `0 GetItem of orders

  keys      pk = 'p1'
  read      1 item of 16 bytes in 1 partition
  returned  1 item of 16 bytes
  capacity  1 read unit (0.5 eventually consistent, 1 strongly consistent, 2 in a transaction)
  time      N µs to plan, N µs to carry out
`)
	status, out, _ := run(t, []string{"explain", "--json", "--", "scan", "--table-name", "orders"}, env...)
	var told struct {
		Operation string
		Returned  struct{ Items int }
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || status != 0 || told.Operation != "Scan" || told.Returned.Items != 20 {
		t.Errorf("%d %s", status, out)
	}
	expect([]string{"--", "scan", "--table-name", "none"}, "1 stator: ResourceNotFoundException: Requested resource not found\n")
	expect([]string{"--", "scan", "--table-name", "orders", "--region", "eu-west-1"}, "1 stator: ResourceNotFoundException: Requested resource not found\n")
	expect([]string{"--", "delete-item"}, "1 stator: \"delete-item\" cannot be explained, only reads can: batch-get-item, execute-statement, get-item, query or scan\n")
	r.stop(t)
}

// A server that explains nothing is none that can.
func TestExplanationsAreRead(t *testing.T) {
	for header, want := range map[string]string{
		"":     "the server has answered and explains nothing: is it a stator?",
		"!":    "the server's explanation: illegal base64 data at input byte 0",
		"e30=": "<nil>", // {}
	} {
		if _, err := readExplained(header, []byte("{}")); fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %s", header, err, want)
		}
	}
	if err := refusal("503 Service Unavailable", []byte("<html>")); err.Error() != "the server answered 503 Service Unavailable: <html>" {
		t.Error(err)
	}
}
