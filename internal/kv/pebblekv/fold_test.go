package pebblekv

import (
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// A counter that is folded while others add to it, and while ranges with it are
// deleted, loses nothing and gets nothing back.
func TestCountersAreFoldedBetweenAdds(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	const adders, rounds = 8, 4 * foldEvery
	key := []byte("n/count")
	add := func() error {
		return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { tx.Add(key, 3); return nil })
	}
	addAll := func() {
		var wg sync.WaitGroup
		for range adders {
			wg.Go(func() {
				for range rounds {
					if err := add(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
	sum := func() int64 {
		var n int64
		err := s.View(ctx, func(r kv.Reader) error {
			totals, err := r.Sum(key)
			if err == nil {
				n = totals[0]
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	addAll()
	if got := sum(); got != 3*adders*rounds {
		t.Errorf("the sum is %d, want %d", got, 3*adders*rounds)
	}
	var wg sync.WaitGroup
	wg.Go(addAll)
	remove := func() {
		if err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { tx.DeleteRange([]byte("n/"), []byte("n0")); return nil }); err != nil {
			t.Error(err)
		}
	}
	for range 100 {
		remove()
	}
	wg.Wait()
	remove()
	if got := sum(); got != 0 {
		t.Errorf("the sum is %d after the counter was deleted", got)
	}
}

// A view sees the totals of its state though they are folded since.
func TestFoldingChangesNoView(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	add := func(n int) {
		for range n {
			if err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { tx.Add([]byte("n"), 1); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(100)
	err := s.View(ctx, func(r kv.Reader) error {
		add(2 * foldEvery)
		totals, err := r.Sum([]byte("n"))
		if err == nil && totals[0] != 100 {
			t.Errorf("the sum is %d, want 100", totals[0])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
