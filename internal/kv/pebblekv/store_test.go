package pebblekv

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
)

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// mustOpen opens a store that the test need not close if it fails.
func mustOpen(tb testing.TB, fs vfs.FS, dir string, opts Options) *store {
	tb.Helper()
	s, err := open(fs, dir, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s.(*store)
}

func TestPromises(t *testing.T) {
	for name, sync := range map[string]Fsync{"always": Always, "never": Never} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kvtest.Run(t, func(t *testing.T) kv.Store {
				return mustOpen(t, vfs.NewMem(), "data", Options{Sync: sync})
			})
		})
	}
}

// The promises hold for what is in tables as for what is in memory: here each
// third commit is flushed, which leads to compactions.
func TestPromisesInTables(t *testing.T) {
	t.Parallel()
	kvtest.Run(t, func(t *testing.T) kv.Store {
		return &flushed{store: mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})}
	})
}

type flushed struct {
	*store
	updates atomic.Int32
}

func (f *flushed) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	err := f.store.Update(ctx, locks, fn)
	if err == nil && f.updates.Add(1)%3 == 0 {
		err = f.db.Flush()
	}
	return err
}

func TestDurablePromises(t *testing.T) {
	for name, sync := range map[string]Fsync{"always": Always, "interval": Interval, "never": Never} {
		t.Run(name, func(t *testing.T) {
			kvtest.RunDurable(t, func(t *testing.T, dir string) kv.Store {
				return mustOpen(t, vfs.Default, dir, Options{Sync: sync})
			})
		})
	}
}

// A View may read any number of pairs, and all stay valid.
func TestAViewOfManyGets(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	key := func(i int) []byte { return fmt.Append(nil, i) }
	err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
		for i := range 3 * mostClosers {
			tx.Set(key(i), key(i))
		}
		return nil
	})
	if err == nil {
		err = s.db.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(t.Context(), func(r kv.Reader) error {
		var all [][]byte
		for i := range 3 * mostClosers {
			values, err := r.Get(key(i))
			if err != nil {
				return err
			}
			all = append(all, values...)
		}
		for i, v := range all {
			if string(v) != string(key(i)) {
				t.Errorf("%d is %q", i, v)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
