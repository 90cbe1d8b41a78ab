package kvtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/statordb/stator/internal/kv"
)

var lockChecks = []check{
	{"held keys lose no update", holdLosesNoUpdate},
	{"locks may be named twice and in any order", locksMayRepeat},
	{"hold excludes share", holdExcludesShare},
	{"share excludes hold", shareExcludesHold},
	{"share admits share", shareAdmitsShare},
	{"locks cover keys that are absent", locksCoverAbsentKeys},
	{"locks in any order do not deadlock", locksDoNotDeadlock},
	{"readers do not wait for locks", readersDoNotWait},
	{"a cancelled context writes nothing", cancelledWritesNothing},
	{"waiting for a lock ends with the context", waitingEndsWithContext},
}

// increment adds one to the number at key, by reading it and writing it.
func increment(ctx context.Context, s kv.Store, locks kv.Locks, key string) error {
	return s.Update(ctx, locks, func(tx kv.Tx) error {
		n, err := number(tx, key)
		if err != nil {
			return err
		}
		pause()
		tx.Set(b(key), []byte(strconv.Itoa(n+1)))
		return nil
	})
}

// number reads a number that increment wrote; an absent one is 0.
func number(r kv.Reader, key string) (int, error) {
	values, err := r.Get(b(key))
	if err != nil || values[0] == nil {
		return 0, err
	}
	return strconv.Atoi(string(values[0]))
}

func wantNumber(ctx context.Context, s kv.Store, key string, want int) error {
	return s.View(ctx, func(r kv.Reader) error {
		got, err := number(r, key)
		if err == nil && got != want {
			err = fmt.Errorf("%d increments of %s left %d", want, key, got)
		}
		return err
	})
}

func holdLosesNoUpdate(ctx context.Context, s kv.Store) error {
	const writers, each = 8, 25
	err := together(writers, func(int) error {
		for range each {
			if err := increment(ctx, s, hold("a"), "a"); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, wantNumber(ctx, s, "a", writers*each))
}

func locksMayRepeat(ctx context.Context, s kv.Store) error {
	each := []kv.Locks{
		hold("a", "a"),
		hold("x", "a", "b", "a"),
		hold("b", "x", "a"),
		{Hold: all([]string{"a", "y"}), Share: all([]string{"b", "a", "a"})},
	}
	err := together(8, func(i int) error {
		for j := range 10 {
			if err := increment(ctx, s, each[(i+j)%len(each)], "a"); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, wantNumber(ctx, s, "a", 80))
}

func holdExcludesShare(ctx context.Context, s kv.Store) error {
	return excludes(ctx, s, hold("k"), share("k"))
}

func shareExcludesHold(ctx context.Context, s kv.Store) error {
	return excludes(ctx, s, share("k"), hold("k"))
}

// excludes sees that an Update with the locks outer reads the same value of k
// twice, although another with the locks inner tries to set it in between.
func excludes(ctx context.Context, s kv.Store, outer, inner kv.Locks) error {
	for i := range 10 {
		var other chan error
		err := s.Update(ctx, outer, func(tx kv.Tx) error {
			first, err := number(tx, "k")
			if err != nil {
				return err
			}
			if other == nil { // fn may be called again
				other = start(func() error {
					return s.Update(ctx, inner, func(tx kv.Tx) error {
						tx.Set(b("k"), []byte(strconv.Itoa(i+1)))
						return nil
					})
				})
			}
			pauseFor(other)
			second, err := number(tx, "k")
			if err == nil && first != second {
				err = fmt.Errorf("k was %d, then %d, in one update", first, second)
			}
			return err
		})
		if other != nil {
			err = errors.Join(err, <-other)
		}
		if err != nil {
			return err
		}
	}
	return wantNumber(ctx, s, "k", 10)
}

// Two that share meet: each waits inside its Update for the other to come.
func shareAdmitsShare(ctx context.Context, s kv.Store) error {
	a, b := make(chan struct{}, 1), make(chan struct{}, 1)
	meet := func(mine, other chan struct{}) error {
		return s.Update(ctx, share("k"), func(kv.Tx) error {
			mine <- struct{}{}
			select {
			case <-other:
				return nil
			case <-ctx.Done():
				return errors.New("two that share a key do not run at once")
			}
		})
	}
	return together(2, func(i int) error {
		if i == 0 {
			return meet(a, b)
		}
		return meet(b, a)
	})
}

// Write skew: each takes the one key only if the other is absent. Both look
// at keys that do not exist, so there is nothing there to lock.
func locksCoverAbsentKeys(ctx context.Context, s kv.Store) error {
	for i := range 20 {
		pair := [2]string{fmt.Sprint("x", i), fmt.Sprint("y", i)}
		err := together(2, func(i int) error {
			mine, other := pair[i], pair[1-i]
			return s.Update(ctx, hold(mine, other), func(tx kv.Tx) error {
				values, err := tx.Get(b(other))
				if err != nil || values[0] != nil {
					return err
				}
				pause()
				tx.Set(b(mine), b("taken"))
				return nil
			})
		})
		if err != nil {
			return err
		}
		err = s.View(ctx, func(r kv.Reader) error {
			values, err := r.Get(b(pair[0]), b(pair[1]))
			if err == nil && (values[0] == nil) == (values[1] == nil) {
				err = fmt.Errorf("%s is %q and %s is %q: one of them had to be taken", pair[0], values[0], pair[1], values[1])
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func locksDoNotDeadlock(ctx context.Context, s kv.Store) error {
	keys := []string{"a", "b", "c", "d", "e", "f"}
	return together(8, func(i int) error {
		r := rand.New(rand.NewPCG(uint64(i), 0))
		for range 40 {
			order := r.Perm(len(keys))
			var locks kv.Locks
			for j, k := range order[:2+r.IntN(3)] {
				if j%3 == 2 {
					locks.Share = append(locks.Share, b(keys[k]))
				} else {
					locks.Hold = append(locks.Hold, b(keys[k]))
				}
			}
			err := s.Update(ctx, locks, func(kv.Tx) error {
				pause()
				return nil
			})
			if err != nil {
				return fmt.Errorf("locks in the order %v: %w", order, err)
			}
		}
		return nil
	})
}

// A View sees the last commit while an Update that holds the key is running.
func readersDoNotWait(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "k=old"); err != nil {
		return err
	}
	return s.Update(ctx, hold("k"), func(tx kv.Tx) error {
		tx.Set(b("k"), b("new"))
		return <-start(func() error { return wantAll(ctx, s, "k=old") })
	})
}

func cancelledWritesNothing(ctx context.Context, s kv.Store) error {
	if err := write(ctx, s, before); err != nil {
		return err
	}
	cancelled, cancel := context.WithCancel(ctx)
	duringErr := s.Update(cancelled, hold("a"), func(tx kv.Tx) error {
		everything(tx)
		cancel()
		return nil
	})
	beforeErr := s.Update(cancelled, hold("a"), func(tx kv.Tx) error {
		everything(tx)
		return nil
	})
	viewErr := s.View(cancelled, func(kv.Reader) error { return nil })
	return errors.Join(
		wantError("update cancelled while it runs", duringErr, context.Canceled),
		wantError("update cancelled before", beforeErr, context.Canceled),
		wantError("view cancelled before", viewErr, context.Canceled),
		s.View(ctx, unchanged),
	)
}

func waitingEndsWithContext(ctx context.Context, s kv.Store) error {
	for _, locks := range []kv.Locks{hold("k"), share("k"), hold("j", "k")} {
		err := s.Update(ctx, hold("k"), func(kv.Tx) error {
			waiting, cancel := context.WithCancel(ctx)
			defer cancel()
			other := start(func() error {
				return s.Update(waiting, locks, func(tx kv.Tx) error {
					tx.Set(b("k"), b("written without the lock"))
					return nil
				})
			})
			pause()
			cancel()
			select {
			case err := <-other:
				return wantError("a cancelled waiter", err, context.Canceled)
			case <-ctx.Done():
				return errors.New("a cancelled waiter still waits")
			}
		})
		if err != nil {
			return err
		}
	}
	// Whoever gave up has not kept or taken any lock.
	return errors.Join(
		s.Update(ctx, hold("j", "k"), func(kv.Tx) error { return nil }),
		wantAll(ctx, s),
	)
}
