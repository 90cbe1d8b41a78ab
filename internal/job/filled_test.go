package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

// A watched store tells before each Update.
type watched struct {
	kv.Store
	update func()
}

func (s *watched) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	s.update()
	return s.Store.Update(ctx, locks, fn)
}

// While an index or a replica is filled, it can be seen how far that is.
func TestFillingIsSeen(t *testing.T) {
	var runner *job.Runner
	w := newWorld(memkv.Open(), dynamodb.Config{Filled: func(table string, number uint32) (int, bool) { return runner.Filled(table, number) }})
	var seen []string
	shown := func(f *dynamodb.Filling) string {
		switch {
		case f == nil:
			return "done"
		case f.Read == nil:
			return fmt.Sprint("waits for ", f.Of)
		default:
			return fmt.Sprint(*f.Read, " of ", f.Of)
		}
	}
	look := func(region string) {
		t.Helper()
		d, err := w.db.Detail(t.Context(), "000000000000", region, "tab")
		if err != nil {
			t.Fatal(err)
		}
		for _, ix := range d.Indexes {
			if !ix.Local {
				seen = append(seen, shown(ix.Filling)+" "+ix.Status)
			}
		}
		for _, m := range d.Replicas {
			seen = append(seen, shown(m.Filling)+" "+m.Status)
		}
		if region != "us-east-1" {
			seen = append(seen, shown(d.Filling)+" "+d.Status)
		}
	}
	store := &watched{w.store, func() { look("us-east-1") }}
	runner = job.New(store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
	work := func() {
		t.Helper()
		if err := runner.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := strings.Join(seen, "; "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		seen = nil
	}
	w.do(t, "CreateTable", "%s", strings.Replace(createTable, `KEYS_ONLY"}}`, `NEW_AND_OLD_IMAGES"}}`, 1))
	w.fill(t, 250)
	w.do(t, "UpdateTable", addIndex)
	look("us-east-1")
	expect("waits for 250 CREATING")
	work()
	expect("0 of 250 CREATING; 100 of 250 CREATING; 200 of 250 CREATING; waits for 250 CREATING") // before the end is written
	w.do(t, "UpdateTable", `{"TableName":"tab","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`)
	store.update = func() { look("eu-west-1") }
	work()
	expect("done ACTIVE; done ACTIVE; 0 of 250 CREATING; done ACTIVE; done ACTIVE; 100 of 250 CREATING; done ACTIVE; done ACTIVE; 200 of 250 CREATING; done ACTIVE; done ACTIVE; waits for 250 CREATING")
	store.update = func() {}
	look("us-east-1")
	expect("done ACTIVE; done ACTIVE")
}
