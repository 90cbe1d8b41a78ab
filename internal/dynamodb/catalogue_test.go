package dynamodb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/enginetest"
)

// The list of all tables has those of all accounts and regions, with what they
// have by now.
func TestTables(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			defer store.Close()
			w := newWorld(store, dynamodb.Config{TransientStatus: 5 * time.Second})
			w.send(t, "CreateTable", tableRequest(t, "music pk:S sk:S gsi by-a(a:S) lsi by-b(b:S)"), "")
			w.now = w.now.Add(6 * time.Second)
			w.send(t, "UpdateTimeToLive", `{"TableName":"music","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}`, "")
			w.send(t, "UpdateTable", `{"TableName":"music","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`, "")
			w.now = w.now.Add(6 * time.Second)
			w.send(t, "PutItem", `{"TableName":"music","Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}`, "")
			w.send(t, "UpdateTable", `{"TableName":"music","ReplicaUpdates":[{"Update":{"RegionName":"eu-west-1","TableClassOverride":"STANDARD_INFREQUENT_ACCESS"}}]}`, "")
			w.now = w.now.Add(6 * time.Second)
			w.call.Account = "111111111111"
			w.send(t, "CreateTable", tableRequest(t, "books pk:S"), "")
			got, err := w.db.Tables(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			here := dynamodb.Listed{
				Account: "000000000000", Region: "us-east-1", Name: "music", ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/music", Status: "ACTIVE", Created: start,
				BillingMode: "PAY_PER_REQUEST", Class: "STANDARD", Items: 1, Bytes: 6, GSIs: 1, LSIs: 1, Stream: "NEW_AND_OLD_IMAGES", TTL: "e", Replicas: []string{"eu-west-1"},
			}
			written := start.Add(12 * time.Second)
			there := here
			here.Written = &written // there it came from here
			there.Region, there.ARN, there.Class, there.Replicas = "eu-west-1", "arn:aws:dynamodb:eu-west-1:000000000000:table/music", "STANDARD_INFREQUENT_ACCESS", []string{"us-east-1"}
			there.Created = start.Add(6 * time.Second)
			want := []dynamodb.Listed{there, here, {
				Account: "111111111111", Region: "us-east-1", Name: "books", ARN: "arn:aws:dynamodb:us-east-1:111111111111:table/books", Status: "CREATING",
				Created: start.Add(18 * time.Second), BillingMode: "PAY_PER_REQUEST", Class: "STANDARD",
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
