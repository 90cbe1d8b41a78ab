package pgkv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/pgtest"
)

// count adds one to the number at key and returns it. It is what survives what
// the tests here do to the database: an Update that returned nil counts.
func count(ctx context.Context, s kv.Store, key string) (n int, err error) {
	k := []byte(key)
	err = s.Update(ctx, kv.Locks{Hold: [][]byte{k}}, func(tx kv.Tx) error {
		values, err := tx.Get(k)
		if err != nil {
			return err
		}
		n = len(values[0]) + 1
		tx.Set(k, append(values[0], '.'))
		tx.Append([]byte("log/"), values[0])
		return nil
	})
	return n, err
}

// While writers write, a disturber disturbs. What was acknowledged is there.
func TestAcknowledgedUpdatesOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	for _, c := range []struct {
		name    string
		disturb func(tb testing.TB)
	}{
		{"connections are killed", server.KillConnections},
		{"the database crashes", func(tb testing.TB) { server.Crash(tb); server.Restart(tb) }},
		{"the database is restarted", func(tb testing.TB) { server.Stop(tb); server.Restart(tb) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := mustOpen(t, server.URL(t))
			var stop atomic.Bool
			var wg sync.WaitGroup
			acknowledged, doubtful := make([]int, 6), make([]int, 6)
			for i := range acknowledged {
				wg.Go(func() {
					for !stop.Load() {
						switch _, err := count(t.Context(), s, fmt.Sprint(i)); {
						case err == nil:
							acknowledged[i]++
						case errors.Is(err, kv.ErrUnavailable): // broken in the middle of a commit
							doubtful[i]++
						default:
							t.Error(err)
							return
						}
					}
				})
			}
			for range 4 {
				before := s.pool.Stat().AcquireCount()
				for s.pool.Stat().AcquireCount() < before+50 && !t.Failed() {
					if _, err := count(t.Context(), s, "other"); err != nil && !errors.Is(err, kv.ErrUnavailable) {
						t.Fatal(err)
					}
				}
				c.disturb(t)
			}
			stop.Store(true)
			wg.Wait()
			for i, n := range acknowledged {
				got := len(value(t, s, fmt.Sprint(i)))
				if got < n || got > n+doubtful[i] {
					t.Errorf("%d updates were acknowledged and %d are in doubt, %d are there", n, doubtful[i], got)
				}
				if n == 0 {
					t.Error("nothing was acknowledged")
				}
			}
		})
	}
}

func TestAnOutageIsLoggedOnceAndEndsByItself(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	var log bytes.Buffer
	s, err := open(t.Context(), server.URL(t), Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, migrations)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := count(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, err := count(t.Context(), s, "a")
			if !errors.Is(err, kv.ErrUnavailable) || !strings.Contains(err.Error(), "see to it that it runs and can be reached") {
				t.Errorf("without a database: %v", err)
			}
		})
	}
	wg.Wait()
	server.Restart(t)
	if n, err := count(t.Context(), s, "a"); n != 2 || err != nil {
		t.Errorf("afterwards: %d, %v", n, err)
	}
	for _, line := range []string{"the database is out of order", "the database works again"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%q is logged %d times:\n%s", line, n, &log)
		}
	}
}

// A database that does not answer keeps nobody longer than the caller's
// patience.
func TestAHungDatabaseIsGivenUpWithTheContext(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := mustOpen(t, server.URL(t))
	put(t, s, "a", "1")
	resume := server.Pause(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := count(ctx, s, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("update: %v", err)
	}
	err := s.View(ctx, func(r kv.Reader) error { _, err := r.Get([]byte("a")); return err })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("view: %v", err)
	}
	resume()
	if got := value(t, s, "a"); got != "1" {
		t.Errorf("afterwards: %q", got)
	}
}

// Two Updates that write the same pairs without a lock, and in different order,
// must not fail for a deadlock.
func TestBlindWritesInAnyOrder(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, pgtest.URL(t))
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			for range 20 {
				err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
					for j := range 10 {
						k := fmt.Append(nil, (j*(2*(i%2)-1)+10)%10)
						if j%3 == 0 {
							tx.Delete(k)
						} else {
							tx.Set(k, k)
						}
						tx.Add(append([]byte("#"), k...), 1)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// The second read of a View finds that the first is out of date: it begins
// again, once.
func TestAViewBeginsAgainWithASnapshot(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, pgtest.URL(t))
	put(t, s, "a", "1")
	calls := 0
	err := s.View(t.Context(), func(r kv.Reader) error {
		calls++
		first, err := r.Get([]byte("a"))
		if err != nil {
			return err
		}
		put(t, s, "a", fmt.Sprint(calls+1))
		put(t, s, "b", fmt.Sprint(calls+1))
		second, err := r.Get([]byte("a"), []byte("b"))
		if err == nil && string(first[0]) != string(second[0]) {
			t.Errorf("a was %s, then %s", first[0], second[0])
		}
		return err
	})
	if err != nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
