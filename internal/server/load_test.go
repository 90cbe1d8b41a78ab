package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFilesWithTablesAreLoaded(t *testing.T) {
	const template = `
Resources:
  Music:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: music
      Colour: red
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
  Bucket:
    Type: AWS::S3::Bucket
`
	items := `{"TableName":"music","Items":[` + strings.TrimSuffix(strings.Repeat(`{"pk":{"S":"a"}},`, 60), ",") + `]}`
	var done []string
	page := Load(func(_ context.Context, account, region, operation string, _ []byte) ([]byte, error) {
		done = append(done, account+" "+region+" "+operation)
		return []byte(`{"Table":{"TableStatus":"ACTIVE"}}`), nil
	})
	load := func(query, body string) (out loading) {
		t.Helper()
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("POST", "/?account=1&region=r&"+query, strings.NewReader(body)))
		if w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(w.Body)
		}
		return out
	}
	got := load("name=a.yaml&dryRun=true", template)
	if len(done) > 0 {
		t.Error("a dry run does something: ", done)
	}
	if len(got.Requests) != 2 || got.Requests[0].Operation != "CreateTable" || got.Requests[0].Table != "music" || !strings.Contains(string(got.Requests[0].Request), `"KeySchema"`) || got.Requests[1].Operation != "UpdateTimeToLive" {
		t.Errorf("%+v", got.Requests)
	}
	want := `["a resource is passed over: only tables are created here: resource Bucket, type AWS::S3::Bucket" "a property is not understood, and left out: resource Music, property Colour"]`
	if notes := fmt.Sprintf("%q", got.Notes); notes != want {
		t.Errorf("%s, want %s", notes, want)
	}
	if got := load("name=a.json&dryRun=true", items); len(got.Requests) != 1 || got.Requests[0].Items != 60 || got.Requests[0].Request != nil {
		t.Errorf("%+v", got)
	}
	if got := load("name=a.yaml", template); len(got.Requests) != 2 || got.Error != "" {
		t.Errorf("%+v", got)
	}
	if want := "1 r CreateTable,1 r DescribeTable,1 r UpdateTimeToLive"; strings.Join(done, ",") != want {
		t.Errorf("%q, want %s", done, want)
	}
	if got := load("name=a.json", "{}"); !strings.Contains(got.Error, "it is neither a CreateTable request") {
		t.Errorf("%+v", got)
	}
	w := httptest.NewRecorder()
	if page.ServeHTTP(w, httptest.NewRequest("POST", "/?account=1", strings.NewReader(items))); w.Code != 400 {
		t.Error(w.Code)
	}
}
