package kvtest

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/statordb/stator/internal/kv"
)

// A Load is what engines are measured with: calls like those that DynamoDB's
// operations make, on pairs of 1 KB that are scattered over the map. What a
// call allocates itself is two keys and a closure, and for Put the slices of
// its locks.
type Load struct {
	Store kv.Store
	Pairs uint64 // how many there are
}

var (
	loadValue   = make([]byte, 1<<10)
	loadTable   = []byte("c/table")
	loadLog     = []byte("s/table/")
	loadCounter = []byte("n/table")
)

func (l Load) key(i uint64) []byte {
	k := append(make([]byte, 0, 24), "i/table-0001/"...)
	return binary.BigEndian.AppendUint64(k, (i%l.Pairs)*0x9E3779B97F4A7C15)
}

// Fill stores the pairs.
func (l Load) Fill() error {
	const batch = 1000
	for i := uint64(0); i < l.Pairs; i += batch {
		err := l.Store.Update(context.Background(), kv.Locks{}, func(tx kv.Tx) error {
			for j := i; j < min(i+batch, l.Pairs); j++ {
				tx.Set(l.key(j), loadValue)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Get reads two pairs, as GetItem does.
func (l Load) Get(i uint64) error {
	a, b := l.key(i), l.key(i/16)
	return l.Store.View(context.Background(), func(r kv.Reader) error {
		_, err := r.Get(a, b)
		return err
	})
}

// Set replaces a pair and counts, without a lock or a read.
func (l Load) Set(i uint64) error {
	k := l.key(i)
	return l.Store.Update(context.Background(), kv.Locks{}, func(tx kv.Tx) error {
		tx.Set(k, loadValue)
		tx.Add(loadCounter, 1)
		return nil
	})
}

// Put does what PutItem does to a table with a stream.
func (l Load) Put(i uint64) error {
	k := l.key(i)
	locks := kv.Locks{Hold: [][]byte{k}, Share: [][]byte{loadTable}}
	return l.Store.Update(context.Background(), locks, func(tx kv.Tx) error {
		if _, err := tx.Get(loadTable, k); err != nil {
			return err
		}
		tx.Set(k, loadValue)
		tx.Append(loadLog, loadValue)
		tx.Add(loadCounter, 1)
		return nil
	})
}

// Scan reads up to a hundred pairs in order.
func (l Load) Scan(i uint64) error {
	return l.Store.View(context.Background(), func(r kv.Reader) error {
		n := 0
		for _, err := range r.Scan(kv.Range{Start: l.key(i), Limit: 100}) {
			if n++; err != nil || n == 100 {
				return err
			}
		}
		return nil
	})
}

// Sum reads what Set and Put have counted.
func (l Load) Sum() error {
	return l.Store.View(context.Background(), func(r kv.Reader) error {
		_, err := r.Sum(loadCounter)
		return err
	})
}

// Allocations checks that no more than so many allocations are made on average
// for a Get, a Set and a Put.
func (l Load) Allocations(t *testing.T, get, set, put float64) {
	t.Helper()
	for _, c := range []struct {
		name string
		call func(uint64) error
		most float64
	}{
		{"get", l.Get, get},
		{"set", l.Set, set},
		{"put", l.Put, put},
	} {
		var i uint64
		got := testing.AllocsPerRun(200, func() {
			if err := c.call(i); err != nil {
				t.Error(err)
			}
			i++
		})
		if got > c.most {
			t.Errorf("%s: %v allocations, want at most %v", c.name, got, c.most)
		}
	}
}
