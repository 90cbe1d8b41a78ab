// Package enginetest opens a store of each engine there is, for the tests of
// what stands above them: it has to be right on all.
package enginetest

import (
	"context"
	"errors"
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/kv/pebblekv"
	"github.com/statordb/stator/internal/kv/pgkv"
	"github.com/statordb/stator/internal/kv/pgtest"
)

// All are the engines by name. Each function opens a new and empty store, which
// is the test's to close. "twice" is no engine: it calls everything again, as
// any engine may.
var All = map[string]func(testing.TB) kv.Store{
	"memkv": func(testing.TB) kv.Store { return memkv.Open() },
	"twice": func(testing.TB) kv.Store { return twice{memkv.Open()} },
	"pebblekv": func(tb testing.TB) kv.Store {
		return opened(tb)(pebblekv.Open(tb.TempDir(), pebblekv.Options{Sync: pebblekv.Never}))
	},
	"pgkv": func(tb testing.TB) kv.Store {
		return opened(tb)(pgkv.Open(tb.Context(), pgtest.URL(tb), pgkv.Options{}))
	},
	"pgkv-serializable": func(tb testing.TB) kv.Store {
		return opened(tb)(pgkv.Open(tb.Context(), pgtest.URL(tb)+"&isolation=serializable", pgkv.Options{}))
	},
}

func opened(tb testing.TB) func(kv.Store, error) kv.Store {
	return func(store kv.Store, err error) kv.Store {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return store
	}
}

type twice struct{ kv.Store }

func (s twice) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, func(r kv.Reader) error {
		_ = fn(r)
		return fn(r)
	})
}

func (s twice) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	lost := errors.New("lost to another")
	err := s.Store.Update(ctx, locks, func(tx kv.Tx) error {
		_ = fn(tx)
		return lost
	})
	if !errors.Is(err, lost) {
		return err
	}
	return s.Store.Update(ctx, locks, fn)
}
