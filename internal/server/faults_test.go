package server

import (
	"strings"
	"testing"

	"github.com/statordb/stator/internal/fault"
)

// A page under test.
type page struct {
	*Server
	path string
}

func (p page) expect(t *testing.T, method, body, want string, headers ...string) {
	t.Helper()
	if got := ask(p.Server, method, p.path, body, headers...); got != want {
		t.Errorf("%s %s\ngot  %s\nwant %s", method, body, got, want)
	}
}

// refuses checks that what is wrong is told and changes nothing.
func (p page) refuses(t *testing.T, method string, bodies map[string]string) {
	t.Helper()
	before := ask(p.Server, "GET", p.path, "")
	for body, want := range bodies {
		got := ask(p.Server, method, p.path, body)
		if !strings.HasPrefix(got, "400 ") || !strings.Contains(got, want) {
			t.Errorf("%s %.60s: %s, want 400 … %s", method, body, got, want)
		}
		if now := ask(p.Server, "GET", p.path, ""); now != before {
			t.Errorf("%s %.60s: changed %s to %s", method, body, before, now)
		}
	}
}

// closed checks that only pages of this machine and the methods that there are
// change something.
func (p page) closed(t *testing.T, body string, methods ...string) {
	t.Helper()
	before := ask(p.Server, "GET", p.path, "")
	for _, method := range methods {
		for _, origin := range []string{"https://evil.example", "null"} {
			p.expect(t, method, body, "403 ", "Origin: "+origin)
		}
	}
	p.expect(t, "OPTIONS", "", "403 ", "Origin: https://evil.example", "Access-Control-Request-Method: POST")
	p.expect(t, "GET", "", "403 ", "Origin: https://evil.example")
	p.expect(t, "GET", "", before, "Origin: http://localhost:3000")
	p.expect(t, "PUT", body, "405 method not allowed")
	p.expect(t, "GET", "", before)
}

func TestFaultsPage(t *testing.T) {
	set := fault.New(nil)
	p := page{New(Config{}), "/_localstack/chaos/faults"}
	p.Handle(p.path, Faults(set))
	const (
		one   = `{"service":"dynamodb","region":"us-east-1","operation":"GetItem","probability":0.5,"error":{"statusCode":400,"code":"ProvisionedThroughputExceededException"}}`
		two   = `{"table":"t","index":"i","accessKey":"k","count":3,"error":{"message":"no"}}`
		three = `{"service":"s3"}`
	)
	p.expect(t, "GET", "", "200 []")
	p.expect(t, "POST", "["+one+"]", "200 ["+one+"]")
	p.expect(t, "PATCH", "["+two+", "+three+"]", "200 ["+one+","+two+","+three+"]")
	p.expect(t, "GET", "", "200 ["+one+","+two+","+three+"]")
	p.expect(t, "DELETE", `[{"probability":1.0,"service":"s3","region":null}]`, "200 ["+one+","+two+"]")
	p.expect(t, "DELETE", `[]`, "200 ["+one+","+two+"]")
	p.expect(t, "POST", `[{}]`, "200 [{}]")
	p.expect(t, "POST", "["+two+"]", "200 ["+two+"]")
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		p.refuses(t, method, map[string]string{
			"":                               "want a JSON array of rules such as",
			"null":                           "want a JSON array of rules such as",
			one:                              "cannot unmarshal object",
			`[`:                              "unexpected EOF",
			`[] []`:                          "something after",
			`[{"tabel":"t"}]`:                `unknown field "tabel"`,
			`[{"table":["t"]}]`:              "table",
			`[{"probability":"0.5"}]`:        "probability",
			`[{}, {"probability":2}]`:        "rule 1: probability 2 is not",
			`[{"count":0}]`:                  "rule 0: count 0 is not",
			`[{"count":1.5}]`:                "count",
			`[{"error":{"statusCode":200}}]`: "rule 0: error.statusCode 200 is not",
			`[{"error":"InternalError"}]`:    "error",
			strings.Repeat(" ", maxHeader+1): "too large",
		})
	}
	p.refuses(t, "POST", map[string]string{"[{}" + strings.Repeat(",{}", fault.MaxRules) + "]": "1001 rules are more than 1000"})
	p.closed(t, "[]", "POST", "PATCH", "DELETE")
	p.expect(t, "POST", `[]`, "200 []")
	if set.Active() != nil {
		t.Error("an empty list leaves faults")
	}
}

func TestEffectsPage(t *testing.T) {
	set := fault.New(nil)
	p := page{New(Config{}), "/_localstack/chaos/effects"}
	p.Handle(p.path, Effects(set))
	p.expect(t, "GET", "", `200 {"latency":0}`)
	for body, want := range map[string]string{
		`{"latency": 250}`:                    `{"latency":250}`,
		`{"latency": 0.5}`:                    `{"latency":0.5}`,
		`{"latency": {"max":400, "min":100}}`: `{"latency":{"max":400,"min":100}}`,
		`{"latency": {"max":40, "min":40}}`:   `{"latency":40}`,
		`{"latency": 600000}`:                 `{"latency":600000}`,
		`{}`:                                  `{"latency":0}`,
	} {
		p.expect(t, "POST", body, "200 "+want)
		p.expect(t, "GET", "", "200 "+want)
	}
	p.expect(t, "POST", `{"latency": 5}`, `200 {"latency":5}`)
	p.refuses(t, "POST", map[string]string{
		"":                                    `want {"latency":250}`,
		"null":                                `want {"latency":250}`,
		"[]":                                  `want {"latency":250}`,
		`{"latency":"5"}`:                     `want {"latency":250}`,
		`{"latancy":5}`:                       `unknown field "latancy"`,
		`{"latency":5} {}`:                    "something after",
		`{"latency":-1}`:                      "not less than 0",
		`{"latency":-1e300}`:                  "not less than 0",
		`{"latency":600001}`:                  "not more than 600000 ms",
		`{"latency":1e300}`:                   "not more than 600000 ms",
		`{"latency":{"min":2,"max":1}}`:       "not more than the greatest",
		`{"latency":{"min":2}}`:               "both min and max",
		`{"latency":{"min":1,"max":2,"x":3}}`: `unknown field "x"`,
	})
	p.closed(t, "{}", "POST")
	p.expect(t, "POST", `{"latency":0}`, `200 {"latency":0}`)
	if set.Active() != nil {
		t.Error("no latency is an effect")
	}
}
