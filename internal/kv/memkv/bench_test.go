package memkv_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
	"github.com/statordb/stator/internal/kv/memkv"
)

// load returns a store with n pairs.
func load(tb testing.TB, n uint64) kvtest.Load {
	l := kvtest.Load{Store: memkv.Open(), Pairs: n}
	tb.Cleanup(func() { _ = l.Store.Close() })
	if err := l.Fill(); err != nil {
		tb.Fatal(err)
	}
	return l
}

func bench(b *testing.B, call func(kvtest.Load, uint64) error) {
	l := load(b, 200_000)
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		if err := call(l, i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B)  { bench(b, kvtest.Load.Get) }
func BenchmarkSet(b *testing.B)  { bench(b, kvtest.Load.Set) }
func BenchmarkPut(b *testing.B)  { bench(b, kvtest.Load.Put) }
func BenchmarkScan(b *testing.B) { bench(b, kvtest.Load.Scan) }

func BenchmarkGetAndSet(b *testing.B) {
	bench(b, func(l kvtest.Load, i uint64) error {
		if err := l.Get(i); err != nil {
			return err
		}
		return l.Set(i)
	})
}

// Every Update finds a View that reads the state from before it.
func BenchmarkSetWhileViewed(b *testing.B) {
	bench(b, func(l kvtest.Load, i uint64) error {
		return l.Store.View(context.Background(), func(kv.Reader) error { return l.Set(i) })
	})
}

func BenchmarkParallel(b *testing.B) {
	for _, readers := range []uint64{0, 50, 90} {
		b.Run(fmt.Sprintf("reads=%d%%", readers), func(b *testing.B) {
			l := load(b, 200_000)
			b.RunParallel(func(pb *testing.PB) {
				for i := uint64(0); pb.Next(); i++ {
					call := l.Put
					if i*7%100 < readers {
						call = l.Get
					}
					if err := call(i); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func TestHotPathsAllocateLittle(t *testing.T) { load(t, 1000).Allocations(t, 5, 3, 8) }
