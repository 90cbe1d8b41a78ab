package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/table"
)

func TestQuantilesAreRightToAnEighth(t *testing.T) {
	for us := int64(0); us < 100_000_000; us += 1 + us/50 {
		got := middle(bucketOf(time.Duration(us) * time.Microsecond))
		if off := max(got-us, us-got); off*8 > us {
			t.Fatalf("%d is taken for %d", us, got)
		}
	}
	var u usage
	for i := range 1000 {
		u.count(operationNumbers["PutItem"], time.Duration(i)*time.Microsecond, nil)
	}
	l := u.activity().Operations["PutItem"]
	if p50, p99 := l.Quantile(.5), l.Quantile(.99); l.Count() != 1000 || p50 < 437 || p50 > 562 || p99 < 866 || p99 > 1114 {
		t.Errorf("%d: p50 %d, p99 %d", l.Count(), p50, p99)
	}
	if l := Latencies(nil); l.Quantile(.5) != 0 {
		t.Error("nothing took time")
	}
	if bucketOf(-1) != 0 || bucketOf(time.Hour) != octaves*bucketsPerOctave-1 {
		t.Error("extremes have no bucket")
	}
}

func TestCountingAllocatesNothing(t *testing.T) {
	db := New(Config{Store: memkv.Open()})
	ts := []*table.Table{{Account: "1", Region: "r", Name: "a"}, {Account: "1", Region: "r", Name: "b"}}
	ts[0].Indexes = []*table.Index{{Name: "x"}, {Name: "y"}}
	s := db.In("1", "r")
	s.metered = true
	n := testing.AllocsPerRun(100, func() {
		s.used = nil
		s.tally = tallies.Get().(*item.Tally)
		s.use(ts)
		s.tally.Begin()
		for _, t := range ts {
			s.tally.Write(t, nil, 1)
			s.tally.Read(t, nil, .5)
			for _, ix := range t.Indexes {
				s.tally.Write(t, ix, 1)
			}
		}
		s.measure("PutItem", time.Microsecond, nil)
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// What fails on purpose is counted for the tables that it names, though they were not
// looked for.
func TestFaultsAreCountedForTheirTables(t *testing.T) {
	faults := fault.New(nil)
	db := New(Config{Store: memkv.Open(), Faults: faults})
	do := func(operation, body string) {
		t.Helper()
		_, err := db.Do(t.Context(), Call{Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: operation, Body: []byte(body)}, nil)
		if err != nil && !errors.As(err, new(*api.Error)) {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"aaa", "bbb"} {
		do("CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
		do("GetItem", `{"TableName":"`+name+`","Key":{"pk":{"S":"x"}}}`)
	}
	faults.ChangeChances(func(now *fault.Chances) { *now = fault.Chances{Write: 1} })
	do("PutItem", `{"TableName":"aaa","Item":{"pk":{"S":"x"}}}`)
	do("PutItem", `{"TableName":"none","Item":{"pk":{"S":"x"}}}`)
	do("ExecuteStatement", `{"Statement":"DELETE FROM aaa WHERE pk = 'x'"}`)
	do("BatchWriteItem", `{"RequestItems":{"aaa":[{"PutRequest":{"Item":{"pk":{"S":"y"}}}}],"bbb":[{"PutRequest":{"Item":{"pk":{"S":"y"}}}}]}}`)
	sample, err := db.Sample(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint("rest ", sample.Rest.Throttles)
	for _, table := range sample.Tables {
		got += fmt.Sprint(" ", table.Table, " ", table.Activity.Throttles, " ", table.Activity.Errors["ProvisionedThroughputExceededException"])
	}
	if want := "rest map[probability:1] aaa map[probability:3] 3 bbb map[probability:1] 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadersOfAStreamMayBeBehind(t *testing.T) {
	var u usage
	for _, behind := range []time.Duration{time.Minute, 0, 2 * time.Minute, time.Second} {
		u.readStream(behind)
	}
	if got := time.Duration(u.behind.Load()) * time.Millisecond; got != 2*time.Minute {
		t.Errorf("%v: within a second the one that is furthest behind counts", got)
	}
	u.behindAt.Add(int64(-2 * time.Second))
	u.readStream(0)
	if got := u.behind.Load(); got != 0 {
		t.Errorf("%v ms, though they have caught up", got)
	}
}

func TestMetersAreBounded(t *testing.T) {
	var m meter
	for i := range maxMetered + 10 {
		u := m.of(&table.Table{Name: fmt.Sprint(i)})
		if (u == &m.rest) != (i >= maxMetered) {
			t.Fatalf("table %d", i)
		}
	}
	m.forget(map[tableName]bool{{name: "0"}: true})
	if m.of(&table.Table{Name: "new"}) == &m.rest {
		t.Error("there is no room after a table has gone")
	}
}

func TestWhatWasDone(t *testing.T) {
	db := New(Config{Store: memkv.Open()})
	do := func(operation, body string) {
		t.Helper()
		_, err := db.Do(t.Context(), Call{Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: operation, Body: []byte(body)}, nil)
		if err != nil && !errors.As(err, new(*api.Error)) {
			t.Fatal(err)
		}
	}
	create := func(name string) {
		do("CreateTable", `{"TableName":"`+name+`","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
	}
	create("aaa")
	create("bbb")
	do("PutItem", `{"TableName":"aaa","Item":{"pk":{"S":"x"}}}`)
	do("PutItem", `{"TableName":"aaa","Item":{"pk":{"S":"x"}},"ConditionExpression":"attribute_not_exists(pk)"}`)
	do("BatchWriteItem", `{"RequestItems":{"aaa":[{"PutRequest":{"Item":{"pk":{"S":"y"}}}}],"bbb":[{"PutRequest":{"Item":{"pk":{"S":"y"}}}}]}}`)
	do("GetItem", `{"TableName":"none","Key":{"pk":{"S":"x"}}}`)
	sample := func() *Sample {
		t.Helper()
		db.meter.last = nil // as if it were long ago
		now, err := db.Sample(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	count := func(a Activity) string {
		out := ""
		for _, name := range []string{"BatchWriteItem", "CreateTable", "GetItem", "PutItem"} {
			if n := a.Operations[name].Count(); n > 0 {
				out += fmt.Sprintf("%s %d ", name, n)
			}
		}
		return out + fmt.Sprint(a.Errors)
	}
	first := sample()
	if len(first.Tables) != 2 {
		t.Fatalf("%d tables", len(first.Tables))
	}
	a, b := first.Tables[0], first.Tables[1]
	for got, want := range map[string]string{
		fmt.Sprint(a.Table, " ", a.Items, " ", count(a.Activity)): "aaa 2 BatchWriteItem 1 PutItem 2 map[ConditionalCheckFailedException:1]",
		fmt.Sprint(b.Table, " ", b.Items, " ", count(b.Activity)): "bbb 1 BatchWriteItem 1 map[]",
		count(first.Rest): "CreateTable 2 GetItem 1 map[ResourceNotFoundException:1]",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	do("PutItem", `{"TableName":"aaa","Item":{"pk":{"S":"z"}}}`)
	do("DeleteTable", `{"TableName":"bbb"}`)
	second := sample()
	if len(second.Tables) != 1 {
		t.Fatalf("%d tables", len(second.Tables))
	}
	if got, want := count(second.Tables[0].Activity.Since(a.Activity)), "PutItem 1 map[]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
