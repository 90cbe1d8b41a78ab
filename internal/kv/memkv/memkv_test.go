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

// A full store refuses what needs more room and does all else; when there is
// room again it goes on.
func TestAFullStoreTakesWhatMakesRoom(t *testing.T) {
	const limit = 64 << 10
	s := memkv.OpenWithin(limit)
	update := func(fn func(kv.Tx)) error {
		return s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error { fn(tx); return nil })
	}
	value := make([]byte, 1000)
	n := 0
	for ; n < 100; n++ {
		err := update(func(tx kv.Tx) { tx.Set([]byte{byte(n)}, value) })
		if errors.Is(err, kv.ErrUnavailable) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 50 || n > 64 {
		t.Errorf("%d KB went into %d KB", n, limit>>10)
	}
	for _, c := range []struct {
		what string
		do   func(kv.Tx)
		full bool
	}{
		{"a longer value", func(tx kv.Tx) { tx.Set([]byte{0}, make([]byte, 3000)) }, true},
		{"a record", func(tx kv.Tx) { tx.Append([]byte("log"), value) }, true},
		{"as long a value", func(tx kv.Tx) { tx.Set([]byte{0}, value) }, false},
		{"a counter", func(tx kv.Tx) { tx.Add([]byte("n"), 1) }, false},
		{"one for another", func(tx kv.Tx) { tx.Delete([]byte{0}); tx.Set([]byte{100}, value) }, false},
		{"a deletion", func(tx kv.Tx) { tx.Delete([]byte{1}) }, false},
		{"what has room now", func(tx kv.Tx) { tx.Set([]byte{1}, value) }, false},
		{"a deleted range", func(tx kv.Tx) { tx.DeleteRange([]byte{2}, []byte{9}) }, false},
		{"what has room then", func(tx kv.Tx) { tx.Set([]byte{2}, make([]byte, 5000)) }, false},
	} {
		if err := update(c.do); errors.Is(err, kv.ErrUnavailable) != c.full || err != nil && !c.full {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if err := update(func(tx kv.Tx) { tx.DeleteRange(nil, nil) }); err != nil {
		t.Error(err)
	}
	if got := s.(kv.Metricser).Metrics()["bytes"]; got != 0 {
		t.Errorf("an empty store takes %v bytes", got)
	}
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
