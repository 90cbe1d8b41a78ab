package memkv_test

import (
	"errors"
	"testing"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/kvtest"
	"github.com/statordb/stator/internal/kv/memkv"
)

func TestPromises(t *testing.T) {
	kvtest.Run(t, func(*testing.T) kv.Store { return memkv.Open() })
}

// A commit copies only what somebody is reading, and once.
func TestOnlyOverlappingViewsAreCopied(t *testing.T) {
	l := load(t, 100)
	copies := func() float64 { return l.Store.(kv.Metricser).Metrics()["copies"] }
	for i := range uint64(10) {
		if err := errors.Join(l.Get(i), l.Set(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := copies(); n != 0 {
		t.Errorf("%v copies for views that had ended", n)
	}
	err := l.Store.View(t.Context(), func(kv.Reader) error {
		return errors.Join(l.Set(1), l.Set(2), l.Set(3))
	})
	if n := copies(); err != nil || n != 1 {
		t.Errorf("%v copies for one view (error %v), want 1", n, err)
	}
}
