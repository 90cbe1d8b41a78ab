package pgkv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
	"github.com/statordb/stator/internal/kv/pgtest"
)

// A several is a store that is open several times, as by so many processes:
// every call is made by another of them.
type several struct {
	stores []*store
	calls  atomic.Uint64
}

func (s *several) next() *store { return s.stores[s.calls.Add(1)%uint64(len(s.stores))] }

func (s *several) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.next().View(ctx, fn)
}

func (s *several) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	return s.next().Update(ctx, locks, fn)
}

func (s *several) Close() error {
	var errs []error
	for _, s := range s.stores {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// All promises hold between processes, since what keeps them is the database's.
func TestPromisesBetweenProcesses(t *testing.T) {
	t.Parallel()
	kvtest.Run(t, func(t *testing.T) kv.Store {
		url := pgtest.URL(t)
		return &several{stores: []*store{mustOpen(t, url), mustOpen(t, url), mustOpen(t, url)}}
	})
}

// Where the database finds conflicts only at the commit, an Update that could
// have kept others waiting runs again: what is promised of the outcome holds.
func TestSerializableProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t) + modes["serializable"]
	s := &several{stores: []*store{mustOpen(t, url), mustOpen(t, url)}}
	const writers, each = 6, 30
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range each {
				err := s.Update(t.Context(), kv.Locks{Hold: [][]byte{[]byte("n")}}, func(tx kv.Tx) error {
					values, err := tx.Get([]byte("n"))
					if err != nil {
						return err
					}
					tx.Set([]byte("n"), append(values[0], '.'))
					tx.Append([]byte("log/"), values[0])
					tx.Add([]byte("counter"), 1)
					return nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	err := s.View(t.Context(), func(r kv.Reader) error {
		values, err := r.Get([]byte("n"))
		if err != nil || len(values[0]) != writers*each {
			return fmt.Errorf("%d of %d updates are left: %w", len(values[0]), writers*each, err)
		}
		records := 0
		for p, err := range r.Scan(kv.Prefix([]byte("log/"))) {
			if err != nil || len(p.Value) != records { // the log is in the order of commits
				return fmt.Errorf("record %d is that of update %d: %w", records, len(p.Value), err)
			}
			records++
		}
		sums, err := r.Sum([]byte("counter"))
		if err != nil || records != writers*each || sums[0] != writers*each {
			return fmt.Errorf("%d records, counted %d: %w", records, sums[0], err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestManyProcessesSetUpAtOnce(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			url := pgtest.URL(t) + mode
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					s, err := open(t.Context(), url, Options{}, migrations)
					if err != nil {
						t.Error(err)
						return
					}
					defer s.Close()
					if s.serializable != (mode != "") {
						t.Errorf("serializable: %v", s.serializable)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestUpgradeIsDoneOnceAndKept(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	old := mustOpen(t, url)
	put(t, old, "a", "1")
	newer := append(migrations[:len(migrations):len(migrations)],
		"CREATE TABLE stator_newer (n int)", "INSERT INTO stator_newer VALUES (1)")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := open(t.Context(), url, Options{}, newer)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if got := value(t, s, "a"); got != "1" {
				t.Errorf("after the upgrade: %q", got)
			}
		})
	}
	wg.Wait()
	if _, err := open(t.Context(), url, Options{}, migrations); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("an older version: %v", err)
	}
	// A process of the older version that still runs finds out when it connects.
	old.pool.Reset()
	err := old.View(t.Context(), func(r kv.Reader) error { _, err := r.Get([]byte("a")); return err })
	if !errors.Is(err, ErrNewerFormat) {
		t.Errorf("an older version that runs: %v", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	mustOpen(t, url)
	elsewhere := strings.Replace(url, "/postgres?", "/nowhere?", 1)
	for _, c := range []struct{ url, want string }{
		{"postgres://stator@127.0.0.1:1/x", "PostgreSQL at 127.0.0.1:1, database x cannot be opened (dial tcp 127.0.0.1:1: connect: connection refused)"},
		{elsewhere, `database "nowhere" does not exist`},
		{strings.Replace(url, "search_path=", "search_path=not_", 1), "the schema in search_path is not there: create it first"},
		{url + "&isolation=serializable", "was made without isolation=serializable: leave it out"},
		{url + "&isolation=chaos", "isolation=chaos is not isolation=serializable"},
		{"postgres://%zz", "the URL of the database"},
	} {
		s, err := Open(t.Context(), c.url, Options{})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.url, err, c.want)
		}
	}
}

func put(tb testing.TB, s kv.Store, key, value string) {
	tb.Helper()
	err := s.Update(tb.Context(), kv.Locks{}, func(tx kv.Tx) error { tx.Set([]byte(key), []byte(value)); return nil })
	if err != nil {
		tb.Fatal(err)
	}
}

func value(tb testing.TB, s kv.Store, key string) (value string) {
	tb.Helper()
	err := s.View(tb.Context(), func(r kv.Reader) error {
		values, err := r.Get([]byte(key))
		if err == nil {
			value = string(values[0])
		}
		return err
	})
	if err != nil {
		tb.Error(err)
	}
	return value
}

func TestAStoreThatMustExistIsNotMade(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for range 2 { // it is not there the second time either
		if _, err := Open(t.Context(), url, Options{Existing: true}); !errors.Is(err, kv.ErrNoStore) {
			t.Errorf("got %v, want ErrNoStore", err)
		}
	}
	mustOpen(t, url)
	s, err := Open(t.Context(), url, Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	newer := append(migrations[:len(migrations):len(migrations)], "CREATE TABLE stator_newer (n int)")
	if _, err := open(t.Context(), url, Options{Existing: true}, newer); !errors.Is(err, kv.ErrNoStore) {
		t.Errorf("a store to be upgraded: got %v, want ErrNoStore", err)
	}
}
