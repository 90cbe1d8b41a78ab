package pgkv

import (
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
	"github.com/statordb/stator/internal/kv/pgtest"
)

// modes are the ways in which processes keep out of each other's way, by what
// the URL says.
var modes = map[string]string{
	"locks":        "",
	"serializable": "&isolation=serializable",
}

func mustOpen(tb testing.TB, url string) *store {
	tb.Helper()
	s, err := open(tb.Context(), url, Options{}, migrations)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

func TestPromises(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kvtest.Run(t, func(t *testing.T) kv.Store { return mustOpen(t, pgtest.URL(t)+mode) })
		})
	}
}
