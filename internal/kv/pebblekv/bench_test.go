package pebblekv

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

var (
	ctx     = context.Background()
	value   = make([]byte, 1<<10)
	table   = []byte("c/table")
	stream  = []byte("s/table/")
	counter = []byte("n")
)

// key returns one of n keys, scattered over the map.
func key(i, n uint64) []byte {
	k := append(make([]byte, 0, 24), "i/table-0001/"...)
	return binary.BigEndian.AppendUint64(k, (i%n)*0x9E3779B97F4A7C15)
}

// pairs is how many pairs the benchmarks start with: in tables, and in the cache.
const pairs = 40_000

func fill(tb testing.TB, s kv.Store, n uint64) {
	for i := uint64(0); i < n; i += 1000 {
		err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
			for j := range min(n, 1000) {
				tx.Set(key(i+j, n), value)
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func get(s kv.Store, i uint64) error {
	a, b := key(i, pairs), key(i/16, pairs)
	return s.View(ctx, func(r kv.Reader) error {
		_, err := r.Get(a, b)
		return err
	})
}

func blind(s kv.Store, i uint64) error {
	k := key(i, pairs)
	return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
		tx.Set(k, value)
		tx.Add(counter, 1)
		return nil
	})
}

// put is what PutItem does to a table with a stream.
func put(s kv.Store, i uint64) error {
	k := key(i, pairs)
	locks := kv.Locks{Hold: [][]byte{k}, Share: [][]byte{table}}
	return s.Update(ctx, locks, func(tx kv.Tx) error {
		if _, err := tx.Get(table, k); err != nil {
			return err
		}
		tx.Set(k, value)
		tx.Append(stream, value)
		tx.Add(counter, 1)
		return nil
	})
}

func scan(s kv.Store, i uint64) error {
	return s.View(ctx, func(r kv.Reader) error {
		n := 0
		for _, err := range r.Scan(kv.Range{Start: key(i, pairs), Limit: 100}) {
			if n++; err != nil || n == 100 {
				return err
			}
		}
		return nil
	})
}

func bench(b *testing.B, opts Options, fn func(kv.Store, uint64) error) {
	s := mustOpen(b, vfs.Default, b.TempDir(), opts)
	fill(b, s, pairs)
	if err := s.db.Compact(ctx, []byte{0}, []byte{3}, false); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		if err := fn(s, i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B)    { bench(b, Options{Sync: Never}, get) }
func BenchmarkUpdate(b *testing.B) { bench(b, Options{Sync: Never}, blind) }
func BenchmarkPut(b *testing.B)    { bench(b, Options{Sync: Never}, put) }
func BenchmarkScan(b *testing.B)   { bench(b, Options{Sync: Never}, scan) }

// Writers at once share a sync; one alone waits for its own.
func BenchmarkSyncedPut(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := mustOpen(b, vfs.Default, b.TempDir(), Options{Sync: Always})
			var next atomic.Uint64
			b.SetParallelism((writers + 1) / 2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := put(s, next.Add(1)); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// Sum has to add up what was added since the last flush.
func BenchmarkSum(b *testing.B) {
	for _, adds := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("adds=%d", adds), func(b *testing.B) {
			s := mustOpen(b, vfs.NewMem(), "data", Options{Sync: Never})
			for range adds {
				if err := blind(s, 0); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				err := s.View(ctx, func(r kv.Reader) error {
					_, err := r.Sum(counter)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParallelGet(b *testing.B) {
	s := mustOpen(b, vfs.Default, b.TempDir(), Options{Sync: Never})
	fill(b, s, 1000)
	b.RunParallel(func(pb *testing.PB) {
		for i := uint64(0); pb.Next(); i++ {
			if err := get(s, i%1000); err != nil {
				b.Error(err)
			}
		}
	})
}
