package snapshot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/snapshot"
)

// A world is a store with the operations over it, and a clock that the test
// moves.
type world struct {
	testing.TB
	store kv.Store
	db    *dynamodb.DB
	now   time.Time
	lag   replica.Delay
}

func newWorld(t testing.TB, store kv.Store) *world {
	w := &world{TB: t, store: store, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	w.db = dynamodb.New(dynamodb.Config{Store: store, Now: w.clock, StreamShards: 2})
	t.Cleanup(func() {
		w.check()
		_ = store.Close()
	})
	return w
}

func inMemory(t testing.TB) *world { return newWorld(t, memkv.Open()) }

func (w *world) clock() time.Time { return w.now }

// in sends a request in a region and returns the answer.
func (w *world) in(region, operation, format string, args ...any) string {
	w.Helper()
	target := "DynamoDB_20120810"
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		target = "DynamoDBStreams_20120810"
	}
	out, err := w.db.Do(context.Background(), dynamodb.Call{
		Account: "000000000000", Region: region, Target: target, Operation: operation, Body: fmt.Appendf(nil, format, args...),
	}, nil)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(out)
}

// do sends a request that must be answered well.
func (w *world) do(operation, format string, args ...any) string {
	w.Helper()
	out := w.in("us-east-1", operation, format, args...)
	if strings.HasPrefix(out, "error: ") {
		w.Fatalf("%s: %s", operation, out)
	}
	return out
}

// work does the work of the background.
func (w *world) work() {
	w.Helper()
	if err := job.New(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{Lag: w.lag}).Once(context.Background()); err != nil {
		w.Error(err)
	}
}

// check looks for damage.
func (w *world) check() {
	w.Helper()
	_, err := check.Run(context.Background(), w.store, check.Options{Found: func(f check.Finding) { w.Errorf("damage: %v", f) }})
	if err != nil {
		w.Error(err)
	}
}

// file makes a snapshot.
func (w *world) file() *os.File {
	w.Helper()
	f, err := os.Create(filepath.Join(w.TempDir(), "file"))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { f.Close() })
	if _, err := snapshot.Save(context.Background(), w.store, f, w.now, "v1"); err != nil {
		w.Fatal(err)
	}
	return f
}

func (w *world) load(f io.ReadSeeker, merge snapshot.Merge) snapshot.Loaded {
	w.Helper()
	loaded, err := snapshot.Load(context.Background(), w.store, f, snapshot.Options{Merge: merge, Now: w.now})
	if err != nil {
		w.Fatal(err)
	}
	return loaded
}

// state returns what clients see of all tables in some regions, but for what a
// load changes: ids of tables, and shards.
func (w *world) state() string {
	w.Helper()
	var b strings.Builder
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
		var list struct{ TableNames []string }
		decode(w, w.in(region, "ListTables", "{}"), &list)
		for _, name := range list.TableNames {
			fmt.Fprintf(&b, "%s %s\n", region, name)
			described := w.in(region, "DescribeTable", `{"TableName":"%s"}`, name)
			var d struct {
				Table struct{ TableArn, TableId string }
			}
			decode(w, described, &d)
			fmt.Fprintln(&b, strings.ReplaceAll(described, d.Table.TableId, "ID"))
			fmt.Fprintln(&b, w.in(region, "DescribeTimeToLive", `{"TableName":"%s"}`, name))
			fmt.Fprintln(&b, w.in(region, "ListTagsOfResource", `{"ResourceArn":"%s"}`, d.Table.TableArn))
			fmt.Fprintln(&b, w.in(region, "Scan", `{"TableName":"%s"}`, name))
			for _, index := range []string{"lsi", "gsi"} {
				fmt.Fprintln(&b, w.in(region, "Scan", `{"TableName":"%s","IndexName":"%s"}`, name, index))
			}
		}
		b.WriteString(w.in(region, "ListStreams", "{}"))
		b.WriteString(w.in(region, "ListGlobalTables", "{}"))
	}
	return b.String()
}

// records returns the records of all shards of a table's stream, as they are
// but for their event IDs, and those of each shard.
func (w *world) records(region, name string) (all []string) {
	w.Helper()
	var d struct {
		Table struct{ LatestStreamArn string }
	}
	decode(w, w.in(region, "DescribeTable", `{"TableName":"%s"}`, name), &d)
	return w.recordsOf(region, d.Table.LatestStreamArn)
}

func (w *world) recordsOf(region, arn string) (all []string) {
	w.Helper()
	for _, id := range w.shards(region, arn) {
		var it struct{ ShardIterator string }
		decode(w, w.in(region, "GetShardIterator", `{"StreamArn":"%s","ShardId":"%s","ShardIteratorType":"TRIM_HORIZON"}`, arn, id), &it)
		var out struct{ Records []map[string]any }
		decode(w, w.in(region, "GetRecords", `{"ShardIterator":"%s"}`, it.ShardIterator), &out)
		for _, r := range out.Records {
			delete(r, "eventID")
			text, _ := json.Marshal(r)
			all = append(all, string(text))
		}
	}
	return all
}

func (w *world) shards(region, arn string) (ids []string) {
	w.Helper()
	var s struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	decode(w, w.in(region, "DescribeStream", `{"StreamArn":"%s"}`, arn), &s)
	for _, shard := range s.StreamDescription.Shards {
		ids = append(ids, shard.ShardId)
	}
	return ids
}

func decode(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

const createRich = `{"TableName":"%s","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"l","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
	"LocalSecondaryIndexes":[{"IndexName":"lsi","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
	"GlobalSecondaryIndexes":[{"IndexName":"gsi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],
	"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},
	"Tags":[{"Key":"team","Value":"a"}]}`

const createPlain = `{"TableName":"%s","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`

// fill makes tables of all kinds.
func (w *world) fill() {
	w.Helper()
	w.do("CreateTable", createRich, "rich")
	w.do("UpdateTimeToLive", `{"TableName":"rich","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`)
	for n := range 30 {
		w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p%d"},"sk":{"N":"%d"},"l":{"S":"l%d"},"g":{"S":"g"},"until":{"N":"1900000000"}}}`, n%7, n, n%3)
	}
	for n := range 10 {
		w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p%d"},"sk":{"N":"%d"},"more":{"SS":["a","b"]}}}`, n%7, n)
	}
	w.do("DeleteItem", `{"TableName":"rich","Key":{"pk":{"S":"p3"},"sk":{"N":"3"}}}`)

	w.do("CreateTable", createPlain, "global")
	w.do("UpdateTable", `{"TableName":"global","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}},{"Create":{"RegionName":"ap-south-1"}}]}`)
	for n := range 20 {
		w.do("PutItem", `{"TableName":"global","Item":{"pk":{"S":"%d"}}}`, n)
	}
	w.do("CreateTable", createPlain, "empty")
	w.do("CreateTable", createRich, "deleted")
	w.do("PutItem", `{"TableName":"deleted","Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}`)
	w.do("DeleteTable", `{"TableName":"deleted"}`)
	// A stream that was off for a while.
	w.do("CreateTable", createRich, "rested")
	w.do("PutItem", `{"TableName":"rested","Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}`)
	w.do("UpdateTable", `{"TableName":"rested","StreamSpecification":{"StreamEnabled":false}}`)
	w.do("PutItem", `{"TableName":"rested","Item":{"pk":{"S":"p"},"sk":{"N":"2"}}}`)
	w.do("UpdateTable", `{"TableName":"rested","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
	w.do("PutItem", `{"TableName":"rested","Item":{"pk":{"S":"p"},"sk":{"N":"3"}}}`)
	w.work()
}
