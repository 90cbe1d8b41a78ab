package snapshot_test

import (
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/snapshot"
)

// What is on its way between regions when a snapshot is taken arrives where it
// is loaded, also where it was taken: there the tables get other ids.
func TestChangesOnTheirWay(t *testing.T) {
	lag, err := replica.ParseDelay("10s")
	if err != nil {
		t.Fatal(err)
	}
	for name, anew := range map[string]bool{"into the same store": false, "into another": true} {
		t.Run(name, func(t *testing.T) {
			w := inMemory(t)
			w.lag = lag
			w.db = dynamodb.New(dynamodb.Config{Store: w.store, Now: w.clock, StreamShards: 2, Async: true})
			w.do("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
			w.do("UpdateTable", `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`)
			for _, pk := range []string{"a", "b", "c", "d"} {
				w.do("PutItem", `{"TableName":"tab","Item":{"pk":{"S":%q},"v":{"S":"first"}}}`, pk)
			}
			w.now = w.now.Add(time.Second)
			w.in("eu-west-1", "PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"v":{"S":"later"}}}`)
			w.do("DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"b"}}}`)
			f := w.file()
			if anew {
				w = inMemory(t)
				w.lag = lag
			} else {
				w.do("PutItem", `{"TableName":"tab","Item":{"pk":{"S":"e"},"v":{"S":"never"}}}`)
			}
			w.load(f, snapshot.Overwrite)
			w.check()
			if got := w.in("eu-west-1", "Scan", `{"TableName":"tab","Select":"COUNT"}`); got != `{"Count":1,"ScannedCount":1}` {
				t.Errorf("nothing has arrived yet: %s", got)
			}
			w.now = w.now.Add(time.Minute)
			w.work()
			w.check()
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				const want = `{"Responses":{"tab":[{"pk":{"S":"a"},"v":{"S":"later"}},{"pk":{"S":"c"},"v":{"S":"first"}}]},"UnprocessedKeys":{}}`
				if got := w.in(region, "BatchGetItem", `{"RequestItems":{"tab":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"b"}},{"pk":{"S":"c"}},{"pk":{"S":"e"}}]}}}`); got != want {
					t.Errorf("%s: %s", region, got)
				}
			}
			// Of all this, and of the conflict, a reset leaves nothing.
			if _, err := snapshot.Reset(t.Context(), w.store, w.now); err != nil {
				t.Fatal(err)
			}
			w.work()
			if n := w.pairs(); n != 0 {
				t.Errorf("%d pairs are left", n)
			}
		})
	}
}
