package job_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// records returns the times of the records of all tables.
func (w *world) records(t testing.TB) (times []time.Time) {
	t.Helper()
	w.view(t, func(r kv.Reader) error {
		times = nil
		for pair, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			if p, _ := table.Locate(pair.Key); p.Space != table.InRecords {
				continue
			}
			record, err := stream.Decode(pair.Value)
			if err != nil {
				return err
			}
			times = append(times, record.Time)
		}
		return nil
	})
	return times
}

const (
	streamOff = `{"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}`
	streamOn  = `{"TableName":"tab","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`
)

// Records go a day after they were made, but for one in each shard that can
// still be read, whether their stream is on or off. Wherever that is stopped, it
// can be gone on with.
func TestStreamsAreTrimmed(t *testing.T) {
	for _, rollover := range []time.Duration{0, 6 * time.Hour} {
		t.Run(fmt.Sprint(rollover), func(t *testing.T) {
			cfg := dynamodb.Config{StreamShards: 2, StreamShardRollover: rollover}
			each(t, cfg, func(t *testing.T, w *world) {
				w.do(t, "CreateTable", createTable)
				r := rand.New(rand.NewPCG(1, 2))
				for round := range 40 {
					w.advance(time.Duration(r.IntN(300)) * time.Minute)
					for range 3 {
						w.put(t, r.IntN(10))
						w.do(t, "DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"p%d"},"sk":{"S":"s"}}}`, r.IntN(10))
					}
					if round%13 == 12 {
						w.do(t, "UpdateTable", streamOff)
						if round%2 == 0 {
							w.advance(time.Duration(r.IntN(30)) * time.Hour)
						}
						w.do(t, "UpdateTable", streamOn)
					}
					if err := w.once(&faulty{w.store, r.IntN(6)}); err != nil && !errors.Is(err, errStopped) {
						t.Fatal(err)
					}
					if round%5 > 0 {
						continue
					}
					w.check(t)
					if err := w.once(w.store); err != nil {
						t.Fatal(err)
					}
					w.check(t)
					w.checkTrimmed(t)
				}
				w.do(t, "UpdateTable", streamOff)
				w.advance(table.StreamRetention)
				if err := w.once(w.store); err != nil {
					t.Fatal(err)
				}
				if left := w.records(t); len(left) > 0 {
					t.Errorf("%d records are left", len(left))
				}
				w.check(t)
			})
		})
	}
}

// checkTrimmed checks that no more records are too old than there are shards.
func (w *world) checkTrimmed(t testing.TB) {
	t.Helper()
	tab := w.tables(t)[0]
	shards := 0
	for _, s := range tab.StreamsAt(w.clock()) {
		shards += len(s.ShardsAt(w.clock()))
	}
	old := 0
	for _, at := range w.records(t) {
		if !w.clock().Before(at.Add(table.StreamRetention)) {
			old++
		}
	}
	if first, end := tab.Dead(w.clock()); old > shards || first != end || len(tab.Known()) > 1+len(tab.StreamsAt(w.clock())) {
		t.Errorf("%d records are too old in %d shards; generations %d to %d are not forgotten", old, shards, first, end)
	}
	if at, ok := tab.RolloverAt(); ok && !w.clock().Before(at) {
		t.Errorf("shards are not rolled over")
	}
}

// Nobody waits for more than a slice of records.
func TestTrimmingInSlices(t *testing.T) {
	each(t, dynamodb.Config{StreamShards: 1}, func(t *testing.T, w *world) {
		w.do(t, "CreateTable", createTable)
		w.fill(t, 40)
		w.advance(table.StreamRetention)
		for n := range 5 {
			w.put(t, 100+n)
		}
		store := &sliced{faulty: faulty{w.store, 1000}, w: w, t: t}
		if err := w.once(store); err != nil {
			t.Fatal(err)
		}
		if left := len(w.records(t)); left != 1+5 || store.most > slice {
			t.Errorf("%d records are left; up to %d were deleted at once", left, store.most)
		}
		w.do(t, "UpdateTable", streamOff)
		w.advance(table.StreamRetention)
		if err := w.once(store); err != nil {
			t.Fatal(err)
		}
		if left := len(w.records(t)); left != 0 || store.most > slice {
			t.Errorf("%d records are left; up to %d were deleted at once", left, store.most)
		}
		w.check(t)
	})
}
