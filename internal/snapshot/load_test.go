package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/snapshot"
	"github.com/statordb/stator/internal/table"
)

// without drops the stream of the table that was deleted, which is not in a
// snapshot.
func without(state string) string {
	var lines []string
	for line := range strings.Lines(state) {
		if i := strings.Index(line, `{"StreamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/deleted/`); i >= 0 {
			rest := line[i:]
			line = line[:i] + strings.TrimPrefix(rest[strings.Index(rest, "}")+1:], ",")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}

// What is saved on one engine is loaded on every other as it was.
func TestRoundTripOverEngines(t *testing.T) {
	source := inMemory(t)
	source.fill()
	want := without(source.state())
	wantRich, wantThere := source.records("us-east-1", "rich"), source.records("eu-west-1", "global")
	if len(wantRich) < 40 || len(wantThere) != 20 {
		t.Fatalf("%d and %d records", len(wantRich), len(wantThere))
	}
	first, _ := io.ReadAll(reset(t, source.file()))
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			// Versions are to be behind those of the snapshot, and before.
			w.do("CreateTable", createRich, "other")
			w.do("PutItem", `{"TableName":"other","Item":{"pk":{"S":"p"},"sk":{"N":"1"}}}`)
			w.do("DeleteTable", `{"TableName":"other"}`)
			loaded := w.load(bytes.NewReader(first), snapshot.Overwrite)
			if len(loaded.Tables) != 6 || len(loaded.Replaced) != 0 || loaded.Items != 29+60+3 {
				t.Errorf("%+v", loaded)
			}
			w.check()
			w.work()
			again := newWorld(t, memkv.Open())
			again.load(w.file(), "")
			for _, w := range []*world{w, again} {
				got := w.state()
				if w != again {
					got = withoutOther(got)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Error(d)
				}
				if d := cmp.Diff(wantRich, w.records("us-east-1", "rich")); d != "" {
					t.Error(d)
				}
				if d := cmp.Diff(wantThere, w.records("eu-west-1", "global")); d != "" {
					t.Error(d)
				}
				w.goesOn()
			}
		})
	}
}

func withoutOther(state string) string {
	return without(strings.ReplaceAll(state, "table/other/", "table/deleted/"))
}

func reset(t *testing.T, f *os.File) *os.File {
	t.Helper()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

// goesOn writes to what was loaded: sequence numbers grow, parents come before
// children, replicas follow.
func (w *world) goesOn() {
	w.Helper()
	before := w.records("us-east-1", "rich")
	for n := range 10 {
		w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p%d"},"sk":{"N":"%d"},"g":{"S":"new"}}}`, n%7, n)
		w.do("PutItem", `{"TableName":"global","Item":{"pk":{"S":"new%d"}}}`, n)
	}
	after := w.records("us-east-1", "rich")
	if len(after) != len(before)+10 || !slices.Equal(after[:len(before)], before) {
		w.Errorf("%d records, then %d", len(before), len(after))
	}
	if n := len(w.records("ap-south-1", "global")); n != 30 {
		w.Errorf("%d records in the replica", n)
	}
	w.check()
}

// An iterator goes on where it was, if the table has kept its id.
func TestIteratorsGoOn(t *testing.T) {
	w := inMemory(t)
	w.do("CreateTable", createRich, "rich")
	put := func(w *world, n int) {
		w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p"},"sk":{"N":"%d"}}}`, n)
	}
	put(w, 1)
	put(w, 2)
	var d struct {
		Table struct{ LatestStreamArn, TableId string }
	}
	decode(t, w.do("DescribeTable", `{"TableName":"rich"}`), &d)
	arn := d.Table.LatestStreamArn
	var shard, sequence string
	for _, id := range w.shards("us-east-1", arn) {
		var it struct{ ShardIterator string }
		decode(t, w.do("GetShardIterator", `{"StreamArn":"%s","ShardId":"%s","ShardIteratorType":"TRIM_HORIZON"}`, arn, id), &it)
		var out struct {
			Records []struct {
				Dynamodb struct{ SequenceNumber string }
			}
		}
		decode(t, w.do("GetRecords", `{"ShardIterator":"%s"}`, it.ShardIterator), &out)
		if len(out.Records) == 2 {
			shard, sequence = id, out.Records[0].Dynamodb.SequenceNumber
		}
	}
	var at struct{ ShardIterator string }
	decode(t, w.do("GetShardIterator", `{"StreamArn":"%s","ShardId":"%s","ShardIteratorType":"AFTER_SEQUENCE_NUMBER","SequenceNumber":"%s"}`, arn, shard, sequence), &at)

	to := inMemory(t)
	to.load(w.file(), "")
	put(to, 3)
	var out struct {
		Records []struct {
			Dynamodb struct{ NewImage map[string]map[string]string }
		}
		NextShardIterator string
	}
	decode(t, to.do("GetRecords", `{"ShardIterator":"%s"}`, at.ShardIterator), &out)
	if len(out.Records) != 1 || out.Records[0].Dynamodb.NewImage["sk"]["N"] != "2" || out.NextShardIterator != "" {
		t.Errorf("after the first record: %+v", out)
	}
	decode(t, to.do("DescribeTable", `{"TableName":"rich"}`), &struct{}{})
	var now struct{ Table struct{ TableId string } }
	decode(t, to.do("DescribeTable", `{"TableName":"rich"}`), &now)
	if now.Table.TableId != d.Table.TableId {
		t.Error("the id has changed, though it was free")
	}
}

// Tables give way to those of their name, or all do.
func TestMerges(t *testing.T) {
	source := inMemory(t)
	source.fill()
	f := source.file()
	for _, merge := range []snapshot.Merge{snapshot.AccountRegion, snapshot.Overwrite} {
		w := inMemory(t)
		w.do("CreateTable", createPlain, "mine")
		w.do("CreateTable", createPlain, "empty")
		w.do("PutItem", `{"TableName":"empty","Item":{"pk":{"S":"not any more"}}}`)
		// A global table of which only one replica gives way.
		w.do("CreateTable", createPlain, "global")
		w.do("UpdateTable", `{"TableName":"global","ReplicaUpdates":[{"Create":{"RegionName":"sa-east-1"}}]}`)
		w.do("PutItem", `{"TableName":"global","Item":{"pk":{"S":"there"}}}`)
		loaded := w.load(f, merge)
		w.check()
		var replaced []string
		for _, n := range loaded.Replaced {
			replaced = append(replaced, n.Region+"/"+n.Name)
		}
		slices.Sort(replaced)
		want := []string{"us-east-1/empty", "us-east-1/global"}
		if merge == snapshot.Overwrite {
			want = []string{"sa-east-1/global", "us-east-1/empty", "us-east-1/global", "us-east-1/mine"}
		}
		if d := cmp.Diff(want, replaced); d != "" {
			t.Errorf("%s: %s", merge, d)
		}
		names := w.in("us-east-1", "ListTables", "{}")
		if strings.Contains(names, `"mine"`) != (merge == snapshot.AccountRegion) || !strings.Contains(names, `"rich"`) {
			t.Errorf("%s: %s", merge, names)
		}
		if got := w.do("Scan", `{"TableName":"empty"}`); strings.Contains(got, "not any more") {
			t.Errorf("%s: %s", merge, got)
		}
		alone := w.in("sa-east-1", "DescribeTable", `{"TableName":"global"}`)
		if merge == snapshot.AccountRegion && (strings.Contains(alone, "Replicas") || !strings.Contains(alone, `"ItemCount":1`)) {
			t.Errorf("the replica that stays: %s", alone)
		}
		w.work()
		w.goesOn()
	}
}

// A snapshot that goes back where it came from takes its tables back to what
// they were, streams included, any number of times.
func TestBackToWhatItWas(t *testing.T) {
	w := inMemory(t)
	w.fill()
	before, records := without(w.state()), w.records("us-east-1", "rich")
	f := w.file()
	for n := range 3 {
		w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p1"},"sk":{"N":"%d"},"g":{"S":"later"}}}`, n)
		w.do("PutItem", `{"TableName":"global","Item":{"pk":{"S":"later"}}}`)
		w.do("UpdateTable", `{"TableName":"rested","StreamSpecification":{"StreamEnabled":false}}`)
		w.do("UpdateTable", `{"TableName":"rested","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
		var d struct {
			Table struct{ LatestStreamArn string }
		}
		decode(t, w.do("DescribeTable", `{"TableName":"rested"}`), &d)
		if n == 1 {
			w.do("DeleteTable", `{"TableName":"rich"}`)
			w.work()
		}
		w.load(f, "")
		w.check()
		w.work()
		w.check()
		got := without(w.state())
		// A stream of since then can be read as one of a table that was deleted.
		if later := fmt.Sprintf(`{"StreamArn":"%s"`, d.Table.LatestStreamArn); !strings.Contains(got, later) {
			t.Errorf("%s is not there any more", later)
		}
		if n == 0 {
			i := strings.Index(got, fmt.Sprintf(`{"StreamArn":"%s"`, d.Table.LatestStreamArn))
			got = got[:i-1] + got[i+strings.Index(got[i:], "}")+1:]
			if diff := cmp.Diff(before, got); diff != "" {
				t.Error(diff)
			}
		}
		if diff := cmp.Diff(records, w.records("us-east-1", "rich")); diff != "" {
			t.Error(diff)
		}
	}
}

var errStopped = errors.New("the process was killed")

// A faulty store does a number of Updates and then no more.
type faulty struct {
	kv.Store
	left int
}

func (s *faulty) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if s.left == 0 {
		return errStopped
	}
	s.left--
	return s.Store.Update(ctx, locks, fn)
}

// pairs returns how many there are.
func (w *world) pairs() (n int) {
	w.Helper()
	err := w.store.View(context.Background(), func(r kv.Reader) error {
		n = 0
		for _, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		w.Error(err)
	}
	return n
}

// Wherever a load is killed, nothing has happened, and soon nothing is left of
// it.
func TestKilledLoads(t *testing.T) {
	big := inMemory(t)
	big.fill()
	long := strings.Repeat("x", 300_000)
	for n := range 10 {
		big.do("PutItem", `{"TableName":"empty","Item":{"pk":{"S":"%d"},"x":{"S":"%s"}}}`, n, long)
	}
	f := big.file()
	done := false
	for updates := 0; !done; updates++ {
		if updates > 100 {
			t.Fatal("no end")
		}
		synctest.Test(t, func(t *testing.T) {
			w := inMemory(t)
			w.fill()
			before, pairs := w.state(), w.pairs()
			_, err := snapshot.Load(context.Background(), &faulty{w.store, updates}, f, snapshot.Options{Now: w.now})
			if done = err == nil; done {
				return
			}
			if !errors.Is(err, errStopped) {
				t.Fatal(err)
			}
			if w.state() != before {
				t.Errorf("killed after %d commits it has changed something", updates)
			}
			w.check()
			runner := job.Start(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
			time.Sleep(2 * time.Minute)
			runner.Stop()
			if w.state() != before || w.pairs() != pairs {
				t.Errorf("killed after %d commits, %d pairs are left, want %d", updates, w.pairs(), pairs)
			}
		})
	}
}

// A load that fails clears away what it has written by itself.
func TestFailedLoadLeavesNothing(t *testing.T) {
	source := inMemory(t)
	source.fill()
	f := source.file()
	w := inMemory(t)
	w.do("CreateTable", createPlain, "mine")
	before := w.pairs()
	ctx, cancel := context.WithCancel(context.Background())
	_, err := snapshot.Load(ctx, &canceling{Store: w.store, cancel: cancel}, f, snapshot.Options{Now: w.now})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w.work()
	if n := w.pairs(); n != before {
		t.Errorf("%d pairs are left, want %d", n, before)
	}
}

// A canceling store has its user go away after the first commit of a load that
// has data.
type canceling struct {
	kv.Store
	cancel func()
	n      int
}

func (s *canceling) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	err := s.Store.Update(ctx, locks, fn)
	if s.n++; s.n == 2 {
		s.cancel()
	}
	return err
}

// A load that was taken for a killed one fails, and what it would have replaced
// stays.
func TestOvertakenLoad(t *testing.T) {
	source := inMemory(t)
	source.fill()
	f := source.file()
	w := inMemory(t)
	w.do("CreateTable", createPlain, "empty")
	store := &overtaken{Store: w.store}
	_, err := snapshot.Load(context.Background(), store, f, snapshot.Options{Now: w.now})
	if err == nil || !strings.Contains(err.Error(), "given up") {
		t.Errorf("error %v", err)
	}
	w.work()
	if names := w.do("ListTables", "{}"); names != `{"TableNames":["empty"]}` {
		t.Error(names)
	}
}

type overtaken struct {
	kv.Store
	n int
}

func (s *overtaken) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if s.n++; s.n == 2 {
		// Another process clears away.
		err := s.Store.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
			for pair, err := range tx.Scan(table.Loads()) {
				if err != nil {
					return err
				}
				tx.Delete(bytes.Clone(pair.Key))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.Store.Update(ctx, locks, fn)
}

// A snapshot is of one state, whatever is written meanwhile.
func TestSnapshotIsOneState(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.fill()
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					w.in("us-east-1", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"rich","Item":{"pk":{"S":"a"},"sk":{"N":"1"},"n":{"N":"%[1]d"}}}},{"Put":{"TableName":"global","Item":{"pk":{"S":"a"},"n":{"N":"%[1]d"}}}}]}`, n)
				}
			}()
			var files []*os.File
			for range 3 {
				files = append(files, w.file())
			}
			close(stop)
			<-stopped
			for _, f := range files {
				to := inMemory(t)
				to.load(f, "")
				to.check()
				var a, b struct{ Item map[string]map[string]string }
				decode(t, to.do("GetItem", `{"TableName":"rich","Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}`), &a)
				decode(t, to.do("GetItem", `{"TableName":"global","Key":{"pk":{"S":"a"}}}`), &b)
				if a.Item["n"]["N"] != b.Item["n"]["N"] {
					t.Errorf("half of a transaction: %v, %v", a, b)
				}
			}
		})
	}
}

func TestReset(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.fill()
			put := `{"ClientRequestToken":"t","TransactItems":[{"Put":{"TableName":"empty","Item":{"pk":{"S":"a"}}}}]}`
			w.do("TransactWriteItems", "%s", put)
			names, err := snapshot.Reset(t.Context(), w.store, w.now)
			if err != nil || len(names) != 6 {
				t.Fatalf("%v, %v", names, err)
			}
			w.check()
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				if got := w.in(region, "ListTables", "{}") + w.in(region, "ListStreams", "{}"); got != `{"TableNames":[]}{"Streams":[]}` {
					t.Error(got)
				}
			}
			w.work()
			if n := w.pairs(); n != 0 {
				t.Errorf("%d pairs are left", n)
			}
			w.do("CreateTable", createPlain, "empty")
			w.do("TransactWriteItems", "%s", put)
			if got := w.do("Scan", `{"TableName":"empty","Select":"COUNT"}`); !strings.Contains(got, `"Count":1`) {
				t.Errorf("the token of before still counts: %s", got)
			}
		})
	}
}

// A store that has tables is not loaded into if it is to be empty.
func TestOnlyIfEmpty(t *testing.T) {
	source := inMemory(t)
	source.fill()
	f := source.file()
	w := inMemory(t)
	w.do("CreateTable", createPlain, "mine")
	opts := snapshot.Options{Empty: true, Merge: snapshot.Overwrite, Now: w.now}
	if _, err := snapshot.Load(t.Context(), w.store, f, opts); !errors.Is(err, snapshot.ErrNotEmpty) {
		t.Errorf("error %v", err)
	}
	w.do("DeleteTable", `{"TableName":"mine"}`)
	if _, err := snapshot.Load(t.Context(), w.store, f, opts); err != nil {
		t.Error(err)
	}
}

// Tables are replaced under the hands of those who write to them, and nothing is
// out of order then.
func TestLoadWhileOthersWrite(t *testing.T) {
	source := inMemory(t)
	source.fill()
	first, err := io.ReadAll(reset(t, source.file()))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.load(bytes.NewReader(first), "")
			runner := job.Start(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
			stop := make(chan struct{})
			var writers sync.WaitGroup
			for i := range 3 {
				writers.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
						}
						w.in("us-east-1", "PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p%d"},"sk":{"N":"%d"},"g":{"S":"g%[2]d"},"until":{"N":"1900000000"}}}`, i, n%20)
						w.in("eu-west-1", "PutItem", `{"TableName":"global","Item":{"pk":{"S":"%d"},"x":{"N":"%d"}}}`, n%30, i)
						w.in("us-east-1", "DeleteItem", `{"TableName":"rich","Key":{"pk":{"S":"p%d"},"sk":{"N":"%d"}}}`, i, n%7)
						w.in("us-east-1", "Query", `{"TableName":"rich","IndexName":"gsi","KeyConditionExpression":"g = :g","ExpressionAttributeValues":{":g":{"S":"g"}}}`)
					}
				})
			}
			for range 3 {
				w.load(bytes.NewReader(first), snapshot.Overwrite)
				w.load(bytes.NewReader(first), "")
				if _, err := snapshot.Reset(t.Context(), w.store, w.now); err != nil {
					t.Error(err)
				}
			}
			w.load(bytes.NewReader(first), "")
			close(stop)
			writers.Wait()
			runner.Stop()
			w.check()
			w.work()
			w.check()
		})
	}
}
