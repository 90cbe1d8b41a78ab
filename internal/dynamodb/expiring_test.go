package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// However many items expire, a bounded number of them is looked at.
func TestLifetimeIsBounded(t *testing.T) {
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S"), "")
	w.send(t, "UpdateTimeToLive", `{"TableName":"tab","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"e"}}`, "")
	for n := 0; n <= 10_000; n += 25 {
		var puts []string
		for i := range 25 {
			puts = append(puts, fmt.Sprintf(`{"PutRequest":{"Item":{"pk":{"S":"%d"},"e":{"N":"%d"}}}}`, n+i, start.Unix()-int64(n+i)))
		}
		w.send(t, "BatchWriteItem", `{"RequestItems":{"tab":[`+strings.Join(puts, ",")+`]}}`, "")
	}
	w.send(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"soon"},"e":{"N":"%d"}}}`, start.Unix()+1), "")
	if err := w.newRunner(w.store).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := w.db.Lifetime(t.Context(), "000000000000", "us-east-1", "tab")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(l.Expired, len(l.First), l.First[0].Key, l.Due[0].Expiring, l.Filling, l.Complete()); got != `{10000 true} 200 {"pk":{"S":"10024"}} {1 false} false false` {
		t.Error(got)
	}
}
