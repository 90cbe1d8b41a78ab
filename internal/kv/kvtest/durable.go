package kvtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/statordb/stator/internal/kv"
)

// RunDurable checks what an engine promises that keeps its store in a directory:
// all of it is there when the directory is opened again.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) kv.Store) {
	for _, c := range durableChecks {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			dir := t.TempDir()
			if err := c.run(ctx, func() kv.Store { return open(t, dir) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// A durableCheck is one promise. It opens a store several times, and has
// closed it each time before it opens it again.
type durableCheck struct {
	name string
	run  func(ctx context.Context, open func() kv.Store) error
}

var durableChecks = []durableCheck{
	{"pairs and counters outlive a close", everythingOutlivesClose},
	{"versions grow after a reopen", versionsGrowAfterReopen},
	{"range deletes outlive a close", rangeDeletesOutliveClose},
}

// session opens the store, runs fn, and closes it.
func session(open func() kv.Store, fn func(s kv.Store) error) error {
	s := open()
	return errors.Join(fn(s), s.Close())
}

func everythingOutlivesClose(ctx context.Context, open func() kv.Store) error {
	for i := range 4 {
		err := session(open, func(s kv.Store) error {
			err := s.View(ctx, func(r kv.Reader) error {
				var pairs []string
				for j := range i {
					pairs = append(pairs, fmt.Sprintf("%d=old", j))
				}
				return errors.Join(
					wantScan(r, kv.Range{}, pairs...),
					wantSum(r, fmt.Sprintf("n=%d", 10*i)))
			})
			return errors.Join(err, write(ctx, s, func(tx kv.Tx) {
				tx.Set(b(fmt.Sprint(i)), b("old"))
				tx.Set(b("deleted"), b("x"))
				tx.Add(b("n"), 10)
			}), write(ctx, s, func(tx kv.Tx) {
				tx.Delete(b("deleted"))
			}))
		})
		if err != nil {
			return fmt.Errorf("session %d: %w", i, err)
		}
	}
	return nil
}

// The log is emptied before each close: what is in it does not tell what a
// reader has seen.
func versionsGrowAfterReopen(ctx context.Context, open func() kv.Store) error {
	last := ""
	for i := range 4 {
		err := session(open, func(s kv.Store) error {
			for j := range 3 {
				record := fmt.Sprint(i, "/", j)
				if err := appendTo(ctx, s, "log/", record); err != nil {
					return err
				}
				found, err := viewLog(ctx, s, "log/", last)
				if err != nil {
					return err
				}
				if err := want("new records", found.values, []string{record}); err != nil {
					return err
				}
				last = found.last
			}
			return write(ctx, s, func(tx kv.Tx) { tx.DeleteRange(b("log/"), kv.After(b("log/"))) })
		})
		if err != nil {
			return fmt.Errorf("session %d: %w", i, err)
		}
	}
	return nil
}

func rangeDeletesOutliveClose(ctx context.Context, open func() kv.Store) error {
	return inOrder(
		func() error {
			return session(open, func(s kv.Store) error {
				return write(ctx, s, func(tx kv.Tx) {
					tx.Set(b("a"), b("old"))
					tx.Set(b("b"), b("old"))
					tx.Add(b("n"), 1)
				})
			})
		},
		func() error {
			return session(open, func(s kv.Store) error {
				return write(ctx, s, func(tx kv.Tx) {
					tx.Set(b("b"), b("new"))
					tx.DeleteRange(b("a"), b("z"))
					tx.Add(b("n"), 5)
				})
			})
		},
		func() error {
			return session(open, func(s kv.Store) error {
				return s.View(ctx, func(r kv.Reader) error {
					return errors.Join(wantScan(r, kv.Range{}, "b=new"), wantSum(r, "n=5"))
				})
			})
		},
	)
}
