package main

import (
	"regexp"
	"strings"
	"testing"
)

// What is done with each table can be seen.
func TestMetricsOfTables(t *testing.T) {
	r := start(t, []string{"--memory"})
	r.do(t, "CreateTable", plainTable)
	r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`)
	r.call(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"}},"ConditionExpression":"attribute_not_exists(pk)"}`)
	got := regexp.MustCompile(`"p\d\d":\d+`).ReplaceAllString(r.ask(t, "GET", "/_admin/metrics", ""), "p")
	want := `"tables":[{"account":"000000000000","region":"us-east-1","table":"tab","items":1,"bytes":3,"indexes":[],"count":2,p,p,` +
		`"operations":{"PutItem":{"count":2,p,p}},"errors":{"ConditionalCheckFailedException":1}}],"other":{"count":1,p,p,"operations":{"CreateTable":{"count":1,p,p}},"errors":{}}}`
	if !strings.HasPrefix(got, `200 {"at":"`) || !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
