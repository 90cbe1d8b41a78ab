package pebblekv

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
)

var (
	ctx   = context.Background()
	value = make([]byte, 1<<10)
)

// load fills s with n pairs.
func load(tb testing.TB, s kv.Store, n uint64) kvtest.Load {
	l := kvtest.Load{Store: s, Pairs: n}
	if err := l.Fill(); err != nil {
		tb.Fatal(err)
	}
	return l
}

// pairs is how many pairs the benchmarks start with: in tables, and in the
// cache.
const pairs = 40_000

func bench(b *testing.B, opts Options, call func(kvtest.Load, uint64) error) {
	s := mustOpen(b, vfs.Default, b.TempDir(), opts)
	l := load(b, s, pairs)
	if err := s.db.Compact(ctx, []byte{0}, []byte{3}, false); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		if err := call(l, i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B)  { bench(b, Options{Sync: Never}, kvtest.Load.Get) }
func BenchmarkSet(b *testing.B)  { bench(b, Options{Sync: Never}, kvtest.Load.Set) }
func BenchmarkPut(b *testing.B)  { bench(b, Options{Sync: Never}, kvtest.Load.Put) }
func BenchmarkScan(b *testing.B) { bench(b, Options{Sync: Never}, kvtest.Load.Scan) }

// Writers at once share a sync; one alone waits for its own.
func BenchmarkSyncedPut(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := mustOpen(b, vfs.Default, b.TempDir(), Options{Sync: Always})
			l := kvtest.Load{Store: s, Pairs: pairs}
			var next atomic.Uint64
			b.SetParallelism((writers + 1) / 2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := l.Put(next.Add(1)); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Sum takes as long however often was added.
func BenchmarkSum(b *testing.B) {
	for _, adds := range []int{10, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("adds=%d", adds), func(b *testing.B) {
			l := kvtest.Load{Store: mustOpen(b, vfs.NewMem(), "data", Options{Sync: Never}), Pairs: 1}
			for range adds {
				if err := l.Set(0); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := l.Sum(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParallelGet(b *testing.B) {
	l := load(b, mustOpen(b, vfs.Default, b.TempDir(), Options{Sync: Never}), 1000)
	b.RunParallel(func(pb *testing.PB) {
		for i := uint64(0); pb.Next(); i++ {
			if err := l.Get(i % 1000); err != nil {
				b.Error(err)
			}
		}
	})
}
