package kvtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/statordb/stator/internal/kv"
)

// The words that checks are written in. Pairs are written "key=value", and a
// key that is absent is written alone.

func b(s string) []byte { return []byte(s) }

func hold(keys ...string) kv.Locks  { return kv.Locks{Hold: all(keys)} }
func share(keys ...string) kv.Locks { return kv.Locks{Share: all(keys)} }

func all(keys []string) [][]byte {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		out[i] = b(k)
	}
	return out
}

// within returns the range from start to end; "" is no bound.
func within(start, end string) kv.Range {
	var r kv.Range
	if start != "" {
		r.Start = b(start)
	}
	if end != "" {
		r.End = b(end)
	}
	return r
}

func reversed(r kv.Range) kv.Range {
	r.Reverse = true
	return r
}

// write runs one Update that takes no locks and reads nothing.
func write(ctx context.Context, s kv.Store, fn func(kv.Tx)) error {
	return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
		fn(tx)
		return nil
	})
}

// set commits pairs.
func set(ctx context.Context, s kv.Store, pairs ...string) error {
	return write(ctx, s, func(tx kv.Tx) {
		for _, p := range pairs {
			k, v, _ := strings.Cut(p, "=")
			tx.Set(b(k), b(v))
		}
	})
}

// wantGet reads the keys of pairs in one Get.
func wantGet(r kv.Reader, pairs ...string) error {
	keys := make([][]byte, len(pairs))
	for i, p := range pairs {
		k, _, _ := strings.Cut(p, "=")
		keys[i] = b(k)
	}
	values, err := r.Get(keys...)
	if err != nil {
		return fmt.Errorf("get %q: %w", keys, err)
	}
	if len(values) != len(keys) {
		return fmt.Errorf("get %q returned %d values", keys, len(values))
	}
	got := make([]string, len(keys))
	for i, v := range values {
		got[i] = string(keys[i])
		if v != nil {
			got[i] += "=" + string(v)
		}
	}
	return want("get", got, pairs)
}

// wantScan walks r to its end.
func wantScan(rd kv.Reader, r kv.Range, pairs ...string) error {
	got, err := scan(rd, r)
	if err != nil {
		return err
	}
	return want(fmt.Sprintf("scan from %q to %q, reverse %v", r.Start, r.End, r.Reverse), got, pairs)
}

func scan(rd kv.Reader, r kv.Range) ([]string, error) {
	var pairs []string
	for p, err := range rd.Scan(r) {
		if err != nil {
			return pairs, fmt.Errorf("scan from %q to %q: %w", r.Start, r.End, err)
		}
		pairs = append(pairs, text(p))
	}
	return pairs, nil
}

func text(p kv.Pair) string { return string(p.Key) + "=" + string(p.Value) }

// wantSum reads counters, each written "key=total", in one Sum.
func wantSum(r kv.Reader, counters ...string) error {
	keys := make([][]byte, len(counters))
	for i, c := range counters {
		k, _, _ := strings.Cut(c, "=")
		keys[i] = b(k)
	}
	totals, err := r.Sum(keys...)
	if err != nil {
		return fmt.Errorf("sum %q: %w", keys, err)
	}
	got := make([]string, len(totals))
	for i, n := range totals {
		got[i] = fmt.Sprintf("%s=%d", keys[i], n)
	}
	return want("sum", got, counters)
}

// wantAll looks at all pairs in a View of its own.
func wantAll(ctx context.Context, s kv.Store, pairs ...string) error {
	return s.View(ctx, func(r kv.Reader) error {
		return wantScan(r, kv.Range{}, pairs...)
	})
}

func want(what string, got, want []string) error {
	if slices.Equal(got, want) {
		return nil
	}
	const enough = 20
	if n := len(got) + len(want); n > enough {
		return fmt.Errorf("%s: got %d pairs that differ from the %d wanted", what, len(got), len(want))
	}
	return fmt.Errorf("%s: got %q, want %q", what, got, want)
}

func wantError(what string, err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return fmt.Errorf("%s: got error %w, want %w", what, err, target)
}

// inOrder runs steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// together runs n calls of fn at once and waits for all of them.
func together(n int, fn func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// start runs fn in a goroutine of its own. The caller must wait for its result.
func start(fn func() error) (result chan error) {
	result = make(chan error, 1)
	go func() { result <- fn() }()
	return result
}

// pause gives the others time to do what they should not be able to do. It
// stands between a read and the write that depends on it.
func pause() {
	for range 30 {
		runtime.Gosched()
	}
}

// pauseFor pauses until result has come, but not for long. It puts what it
// found back.
func pauseFor(result chan error) (came bool) {
	for range 100 {
		if len(result) > 0 {
			return true
		}
		pause()
	}
	return false
}

// pull returns the next pair of a walk as text, or "" at its end.
func pull(next func() (kv.Pair, error, bool)) (string, error) {
	p, err, ok := next()
	if err != nil || !ok {
		return "", err
	}
	return text(p), nil
}

// walk begins a walk that is continued by calls.
func walk(rd kv.Reader, r kv.Range) (next func() (string, error), stop func()) {
	n, stop := iter.Pull2(rd.Scan(r))
	return func() (string, error) { return pull(n) }, stop
}
