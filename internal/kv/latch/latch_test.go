package latch

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/statordb/stator/internal/kv"
)

func hold(keys ...string) (l kv.Locks) {
	for _, k := range keys {
		l.Hold = append(l.Hold, []byte(k))
	}
	return l
}

func share(keys ...string) kv.Locks { return kv.Locks{Share: hold(keys...).Hold} }

func mustLock(t *testing.T, table *Table, locks kv.Locks) []Ref {
	t.Helper()
	refs, err := table.Lock(context.Background(), locks, nil)
	if err != nil {
		t.Fatal(err)
	}
	return refs
}

// waits reports whether Lock has to wait for locks.
func waits(table *Table, locks kv.Locks) bool {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	refs, err := table.Lock(ctx, locks, nil)
	table.Unlock(refs)
	return err != nil
}

func TestLockExcludes(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second kv.Locks
		want          bool
	}{
		{"hold and hold", hold("a"), hold("a"), true},
		{"hold and share", hold("a"), share("a"), true},
		{"share and hold", share("a"), hold("a"), true},
		{"share and share", share("a"), share("a"), false},
		{"both and share", kv.Locks{Hold: hold("a").Hold, Share: hold("a").Hold}, share("a"), true},
		{"one of many", hold("a", "b", "c", "a"), share("x", "c"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := NewTable()
			refs := mustLock(t, table, c.first)
			if got := waits(table, c.second); got != c.want {
				t.Errorf("second waits: %v, want %v", got, c.want)
			}
			table.Unlock(refs)
			if waits(table, c.second) {
				t.Error("a lock is left after Unlock")
			}
		})
	}
}

// A holder that came first is not overtaken by sharers, and when it gives up,
// those behind it go on.
func TestWaitersAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := NewTable()
		first := mustLock(t, table, share("a"))
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error, 1)
		go func() {
			_, err := table.Lock(ctx, hold("a"), nil)
			gaveUp <- err
		}()
		synctest.Wait()
		got := make(chan []Ref, 1)
		go func() { got <- mustLock(t, table, share("a")) }()
		synctest.Wait()
		if len(got) != 0 {
			t.Fatal("a sharer overtook a waiting holder")
		}
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		table.Unlock(<-got)
		table.Unlock(first)
		if waits(table, hold("a")) {
			t.Error("a lock is left")
		}
	})
}

// Whatever moment a waiter gives up at, nothing stays locked.
func TestGivingUpLeaksNothing(t *testing.T) {
	table := NewTable()
	var wg sync.WaitGroup
	for g := range uint64(8) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(g, 0))
			for range 500 {
				ctx, cancel := context.WithCancel(context.Background())
				wg.Go(cancel)
				locks := kv.Locks{Hold: [][]byte{{byte(r.IntN(3))}}, Share: [][]byte{{byte(r.IntN(3))}}}
				if refs, err := table.Lock(ctx, locks, nil); err == nil {
					table.Unlock(refs)
				}
			}
		})
	}
	wg.Wait()
	if waits(table, kv.Locks{Hold: [][]byte{{0}, {1}, {2}}}) {
		t.Error("a lock is left")
	}
}

func TestLockDoesNotAllocate(t *testing.T) {
	table, buf := NewTable(), make([]Ref, 0, 8)
	locks := kv.Locks{Hold: hold("item").Hold, Share: hold("table").Hold}
	allocs := testing.AllocsPerRun(100, func() {
		refs, _ := table.Lock(context.Background(), locks, buf)
		table.Unlock(refs)
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func TestGateWaitsForCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g Gate
		if err := g.Enter(); err != nil {
			t.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() { closed <- g.Close() }()
		synctest.Wait()
		if len(closed) != 0 {
			t.Fatal("Close did not wait")
		}
		if err := g.Enter(); !errors.Is(err, kv.ErrClosed) {
			t.Errorf("Enter after Close: %v", err)
		}
		g.Leave()
		if err := <-closed; err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := g.Close(); !errors.Is(err, kv.ErrClosed) {
			t.Errorf("Close after Close: %v", err)
		}
	})
}

func BenchmarkLock(b *testing.B) {
	table, buf := NewTable(), make([]Ref, 0, 8)
	locks := kv.Locks{Hold: hold("item").Hold, Share: hold("table").Hold}
	for b.Loop() {
		refs, _ := table.Lock(context.Background(), locks, buf)
		table.Unlock(refs)
	}
}
