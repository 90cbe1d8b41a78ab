package pgkv

import (
	"sync/atomic"
	"testing"

	"github.com/statordb/stator/internal/kv/kvtest"
	"github.com/statordb/stator/internal/kv/pgtest"
)

func load(tb testing.TB, pairs uint64) kvtest.Load {
	l := kvtest.Load{Store: mustOpen(tb, pgtest.URL(tb)), Pairs: pairs}
	if err := l.Fill(); err != nil {
		tb.Fatal(err)
	}
	return l
}

// What a call costs here; the database's own cost does not show.
func bench(b *testing.B, call func(kvtest.Load, uint64) error) {
	l := load(b, 10_000)
	var next atomic.Uint64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(l, next.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGet(b *testing.B)  { bench(b, kvtest.Load.Get) }
func BenchmarkSet(b *testing.B)  { bench(b, kvtest.Load.Set) }
func BenchmarkPut(b *testing.B)  { bench(b, kvtest.Load.Put) }
func BenchmarkScan(b *testing.B) { bench(b, kvtest.Load.Scan) }

func TestHotPathsAllocateLittle(t *testing.T) { load(t, 1000).Allocations(t, 60, 90, 160) }
