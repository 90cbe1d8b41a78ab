package kvtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/statordb/stator/internal/kv"
)

var counterChecks = []check{
	{"sum returns totals in the order of keys", sumKeepsOrder},
	{"concurrent adds all count", addsAllCount},
	{"add never waits", addNeverWaits},
	{"a counter is not a pair", counterIsNotAPair},
	{"a view sees the counters of its state", viewSeesItsCounters},
}

func sumKeepsOrder(ctx context.Context, s kv.Store) error {
	err := errors.Join(
		write(ctx, s, func(tx kv.Tx) {
			tx.Add(b("a"), 1)
			tx.Add(b("b"), -7)
			tx.Add(b("a"), 2)
			tx.Add(b("big"), 1<<62)
			tx.Add(b("zero"), 5)
		}),
		write(ctx, s, func(tx kv.Tx) {
			tx.Add(b("a"), 10)
			tx.Add(b("big"), -1)
			tx.Add(b("zero"), -5)
		}),
	)
	if err != nil {
		return err
	}
	read := func(r kv.Reader) error {
		return errors.Join(
			wantSum(r, "b=-7", "absent=0", "a=13", "big=4611686018427387903", "b=-7", "zero=0"),
			wantSum(r),
		)
	}
	return errors.Join(
		s.View(ctx, read),
		s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { return read(tx) }),
	)
}

func addsAllCount(ctx context.Context, s kv.Store) error {
	const writers, each = 8, 30
	err := together(writers, func(i int) error {
		for j := range each {
			err := s.Update(ctx, hold(fmt.Sprint(i)), func(tx kv.Tx) error {
				tx.Add(b("items"), 1)
				pause()
				tx.Add(b("bytes"), int64(j))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		return wantSum(r,
			fmt.Sprintf("items=%d", writers*each),
			fmt.Sprintf("bytes=%d", writers*each*(each-1)/2))
	})
}

// One Update adds, and before it commits another adds to the same counter; the
// first even holds the counter's key, which is no lock on the counter.
func addNeverWaits(ctx context.Context, s kv.Store) error {
	var other chan error
	err := s.Update(ctx, hold("n"), func(tx kv.Tx) error {
		tx.Add(b("n"), 1)
		if other == nil { // fn may be called again
			other = start(func() error {
				return write(ctx, s, func(tx kv.Tx) { tx.Add(b("n"), 10) })
			})
		}
		select {
		case err := <-other:
			other <- nil
			return err
		case <-ctx.Done():
			return errors.New("an add waits for an update that adds to the same counter")
		}
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error { return wantSum(r, "n=11") })
}

func counterIsNotAPair(ctx context.Context, s kv.Store) error {
	err := write(ctx, s, func(tx kv.Tx) {
		tx.Set(b("a"), b("1"))
		tx.Add(b("b"), 1)
		tx.Set(b("c"), b("3"))
	})
	if err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		return errors.Join(wantScan(r, kv.Range{}, "a=1", "c=3"), wantSum(r, "b=1"))
	})
}

func viewSeesItsCounters(ctx context.Context, s kv.Store) error {
	add := func(delta int64) error {
		return write(ctx, s, func(tx kv.Tx) {
			tx.Add(b("n"), delta)
			tx.Set(b("k"), fmt.Append(nil, delta))
		})
	}
	if err := add(1); err != nil {
		return err
	}
	err := s.View(ctx, func(r kv.Reader) error {
		first := errors.Join(wantGet(r, "k=1"), wantSum(r, "n=1"))
		if first != nil {
			return first
		}
		if err := <-start(func() error { return errors.Join(add(10), deleteAll(ctx, s), add(100)) }); err != nil {
			return err
		}
		return errors.Join(wantSum(r, "n=1"), wantGet(r, "k=1"))
	})
	return errors.Join(err, s.View(ctx, func(r kv.Reader) error {
		return errors.Join(wantSum(r, "n=100"), wantGet(r, "k=100"))
	}))
}

func deleteAll(ctx context.Context, s kv.Store) error {
	return write(ctx, s, func(tx kv.Tx) { tx.DeleteRange(nil, nil) })
}
