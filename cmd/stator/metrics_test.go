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
	want := `"tables":[{"account":"000000000000","region":"us-east-1","table":"tab","items":1,"bytes":3,"consumed":{"read":0,"write":2},"reads":0,"records":0,"indexes":[],"count":2,p,p,` +
		`"operations":{"PutItem":{"count":2,p,p}},"errors":{"ConditionalCheckFailedException":1}}],"other":{"count":1,p,p,"operations":{"CreateTable":{"count":1,p,p}},"errors":{}}}`
	if !strings.HasPrefix(got, `200 {"at":"`) || !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What is taken of a table and its indexes can be seen beside what they are
// provisioned for.
func TestMetricsOfCapacity(t *testing.T) {
	r := start(t, []string{"--memory"})
	r.do(t, "CreateTable", `{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],`+
		`"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"},`+
		`"GlobalSecondaryIndexes":[{"IndexName":"by-a","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"},"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}]}`)
	r.do(t, "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"1"},"a":{"S":"2"}}}`)
	r.do(t, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"1"}}}`)
	r.do(t, "Scan", `{"TableName":"tab","ConsistentRead":true}`)
	r.do(t, "Query", `{"TableName":"tab","IndexName":"by-a","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"2"}}}`)
	got := r.ask(t, "GET", "/_admin/metrics", "")
	want := `"items":1,"bytes":5,"consumed":{"read":1.5,"write":1},"provisioned":{"read":5,"write":6},"reads":1,"records":1,` +
		`"indexes":[{"index":"by-a","items":1,"bytes":5,"consumed":{"read":0.5,"write":1},"provisioned":{"read":3,"write":4},"reads":1}],"count":4,`
	if !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	got = regexp.MustCompile(`"20[^"]*Z"`).ReplaceAllString(r.ask(t, "GET", "/_admin/table?account=000000000000&region=us-east-1&table=tab", ""), "T")
	want = `200 {"account":"000000000000","region":"us-east-1","name":"tab","status":"ACTIVE","items":1,"bytes":5,"reads":1,"lastRead":T,"since":T,` +
		`"indexes":[{"index":"by-a","status":"ACTIVE","items":1,"bytes":5,"reads":1,"lastRead":T}],"replicas":[]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := r.ask(t, "GET", "/_admin/table?table=tab", ""); !strings.HasPrefix(got, "400 {") || !strings.Contains(got, "ResourceNotFoundException") {
		t.Error(got)
	}
}
