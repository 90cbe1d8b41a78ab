package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/kv/pebblekv"
)

// items is how many the table has whose items are written.
const items = 50_000

// durable are the engines as they are used.
var durable = []struct {
	name string
	open func(b *testing.B) kv.Store
}{
	{"memkv", func(*testing.B) kv.Store { return memkv.Open() }},
	{"pebblekv", func(b *testing.B) kv.Store {
		store, err := pebblekv.Open(b.TempDir(), pebblekv.Options{Sync: pebblekv.Always})
		if err != nil {
			b.Fatal(err)
		}
		return store
	}},
}

func benchEach(b *testing.B, bench func(b *testing.B, w *world)) {
	for _, e := range durable {
		b.Run(e.name, func(b *testing.B) {
			store := e.open(b)
			defer store.Close()
			bench(b, newWorld(store, dynamodb.Config{}))
		})
	}
}

// writes puts items one after the other as long as there are more, and reports
// how long they took.
func (w *world) writes(b *testing.B, more func() bool) {
	var took []time.Duration
	for i := 0; more(); i++ {
		start := time.Now()
		w.put(b, i*7919%items)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99, "slowest": 1} {
		b.ReportMetric(took[int(share*float64(len(took)-1))].Seconds()*1e6, name+"-µs")
	}
	b.ReportMetric(float64(len(took)), "writes")
}

// beside puts items while work is done.
func (w *world) beside(b *testing.B, work func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	w.writes(b, func() bool {
		select {
		case <-done:
			return false
		default:
			return true
		}
	})
}

// What it costs to look for work among many tables that need none.
func BenchmarkLook(b *testing.B) {
	benchEach(b, func(b *testing.B, w *world) {
		for i := range 10_000 {
			w.do(b, "CreateTable", `{"TableName":"tab%d","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],`+
				`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"GlobalSecondaryIndexes":[{"IndexName":"gsi1","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`, i)
		}
		w.do(b, "CreateTable", createTable)
		r := job.New(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
		for _, writing := range []bool{false, true} {
			b.Run(fmt.Sprintf("writing=%t", writing), func(b *testing.B) {
				b.ReportAllocs()
				once := func() {
					for b.Loop() {
						if err := r.Once(context.Background()); err != nil {
							b.Error(err)
						}
					}
				}
				if writing {
					w.beside(b, once)
				} else {
					once()
				}
			})
		}
	})
}

// What filling an index does to the writes meanwhile.
func BenchmarkFill(b *testing.B) {
	benchEach(b, func(b *testing.B, w *world) {
		w.do(b, "CreateTable", createTable)
		w.load(b, items)
		r := job.New(w.store, w.clock, slog.New(slog.DiscardHandler), job.Config{})
		b.Run("nothing", func(b *testing.B) { w.writes(b, b.Loop) }) // what the machine does to writes
		for _, writing := range []bool{false, true} {
			b.Run(fmt.Sprintf("writing=%t", writing), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					w.do(b, "UpdateTable", addIndex)
					b.StartTimer()
					fill := func() {
						start := time.Now()
						if err := r.Once(context.Background()); err != nil {
							b.Error(err)
						}
						b.ReportMetric(items/time.Since(start).Seconds(), "items/s")
					}
					if writing {
						w.beside(b, fill)
					} else {
						fill()
					}
					b.StopTimer()
					w.do(b, "UpdateTable", dropIndex)
					if err := r.Once(context.Background()); err != nil {
						b.Error(err)
					}
					b.StartTimer()
				}
			})
		}
	})
}

// load puts items 0 to n of about 1 KB, 25 in a request.
func (w *world) load(b *testing.B, n int) {
	pad := fmt.Sprintf("%01000d", 0)
	for i := 0; i < n; i += 25 {
		body := `{"RequestItems":{"tab":[`
		for j := i; j < i+25; j++ {
			if j > i {
				body += ","
			}
			body += fmt.Sprintf(`{"PutRequest":{"Item":{"pk":{"S":"p%d"},"sk":{"S":"s"},"l":{"N":"%[1]d"},"g":{"S":"g%d"},"pad":{"S":"%s"}}}}`, j, j%1000, pad)
		}
		w.do(b, "BatchWriteItem", "%s", body+`]}}`)
	}
}
