package memkv_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

var (
	ctx     = context.Background()
	value   = make([]byte, 1<<10)
	table   = []byte("c/table")
	log     = []byte("s/table/")
	counter = []byte("n")
)

// key returns one of n keys, scattered over the map.
func key(i, n uint64) []byte {
	k := append(make([]byte, 0, 24), "i/table-0001/"...)
	return binary.BigEndian.AppendUint64(k, (i%n)*0x9E3779B97F4A7C15)
}

// filled returns a store with n pairs.
func filled(tb testing.TB, n uint64) kv.Store {
	s := memkv.Open()
	tb.Cleanup(func() { s.Close() })
	err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
		for i := range n {
			tx.Set(key(i, n), value)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

const pairs = 200_000

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
		tx.Append(log, value)
		tx.Add(counter, 1)
		return nil
	})
}

func bench(b *testing.B, s kv.Store, fn func(kv.Store, uint64) error) {
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		if err := fn(s, i); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B)    { bench(b, filled(b, pairs), get) }
func BenchmarkUpdate(b *testing.B) { bench(b, filled(b, pairs), blind) }
func BenchmarkPut(b *testing.B)    { bench(b, filled(b, pairs), put) }

func BenchmarkGetAndUpdate(b *testing.B) {
	bench(b, filled(b, pairs), func(s kv.Store, i uint64) error {
		if err := get(s, i); err != nil {
			return err
		}
		return blind(s, i)
	})
}

// Every Update finds a View that reads the state from before it.
func BenchmarkUpdateWhileViewed(b *testing.B) {
	bench(b, filled(b, pairs), func(s kv.Store, i uint64) error {
		return s.View(ctx, func(kv.Reader) error { return blind(s, i) })
	})
}

func BenchmarkScan(b *testing.B) {
	bench(b, filled(b, pairs), func(s kv.Store, i uint64) error {
		return s.View(ctx, func(r kv.Reader) error {
			n := 0
			for _, err := range r.Scan(kv.Range{Start: key(i, pairs), Limit: 100}) {
				if n++; err != nil || n == 100 {
					return err
				}
			}
			return nil
		})
	})
}

func BenchmarkParallel(b *testing.B) {
	for _, readers := range []uint64{0, 50, 90} {
		b.Run(fmt.Sprintf("reads=%d%%", readers), func(b *testing.B) {
			s := filled(b, pairs)
			b.RunParallel(func(pb *testing.PB) {
				for i := uint64(0); pb.Next(); i++ {
					fn := put
					if i*7%100 < readers {
						fn = get
					}
					if err := fn(s, i); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// The counts include what the caller allocates: two keys and the closure, and
// for put the slices of its locks.
func TestHotPathsAllocateLittle(t *testing.T) {
	s := filled(t, 1000)
	for _, c := range []struct {
		name string
		fn   func(kv.Store, uint64) error
		max  float64
	}{
		{"get", get, 5},
		{"update", blind, 3},
		{"put", put, 8},
	} {
		var i uint64
		allocs := testing.AllocsPerRun(200, func() {
			if err := c.fn(s, i); err != nil {
				t.Error(err)
			}
			i++
		})
		t.Logf("%s: %v allocations", c.name, allocs)
		if allocs > c.max {
			t.Errorf("%s: %v allocations, want at most %v", c.name, allocs, c.max)
		}
	}
}
