package kvtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/statordb/stator/internal/kv"
)

var viewChecks = []check{
	{"a view is one state", viewIsOneState},
	{"a view sees commits whole", viewSeesCommitsWhole},
	{"values stay valid until the view returns", valuesStayValid},
	{"stable values stay valid for ever", stableValuesStayValid},
}

func viewIsOneState(ctx context.Context, s kv.Store) error {
	old := []string{"a=old", "b=old", "c=old"}
	if err := set(ctx, s, old...); err != nil {
		return err
	}
	err := s.View(ctx, func(r kv.Reader) error {
		next, stop := walk(r, kv.Range{})
		defer stop()
		first, err := next()
		if err != nil {
			return err
		}
		err = <-start(func() error {
			return write(ctx, s, func(tx kv.Tx) {
				tx.Set(b("aa"), b("new"))
				tx.Set(b("b"), b("new"))
				tx.DeleteRange(b("c"), b("d"))
				tx.Set(b("d"), b("new"))
			})
		})
		if err != nil {
			return err
		}
		walked := []string{first}
		for p, err := next(); p != ""; p, err = next() {
			if err != nil {
				return err
			}
			walked = append(walked, p)
		}
		return errors.Join(
			want("a walk that began before a commit", walked, old),
			wantScan(r, kv.Range{}, old...),
			wantScan(r, reversed(kv.Range{}), "c=old", "b=old", "a=old"),
			wantGet(r, "d", "c=old", "b=old", "aa"),
		)
	})
	return errors.Join(err, wantAll(ctx, s, "a=old", "aa=new", "b=new", "d=new"))
}

func viewSeesCommitsWhole(ctx context.Context, s kv.Store) error {
	keys := strings.Fields("a b c d e f g h")
	commit := func(value string) error {
		return write(ctx, s, func(tx kv.Tx) {
			for _, k := range keys {
				tx.Set(b(k), b(value))
			}
		})
	}
	look := func(r kv.Reader) error {
		values, err := r.Get(b("a"))
		if err != nil {
			return err
		}
		pause()
		for p, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			if string(p.Value) != string(values[0]) {
				return fmt.Errorf("one view sees a=%s and %s", values[0], text(p))
			}
		}
		return nil
	}
	if err := commit("first"); err != nil {
		return err
	}
	var writing atomic.Int32
	writing.Add(2)
	return together(4, func(i int) error {
		if i >= 2 {
			for writing.Load() > 0 {
				if err := s.View(ctx, look); err != nil {
					return err
				}
			}
			return nil
		}
		defer writing.Add(-1)
		for j := range 50 {
			if err := commit(fmt.Sprint(i, "/", j)); err != nil {
				return err
			}
			pause()
		}
		return nil
	})
}

func valuesStayValid(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=old", "b=old", "c=new"); err != nil {
		return err
	}
	read := func(r kv.Reader) error {
		first, err := r.Get(b("a"), b("b"))
		if err != nil {
			return err
		}
		found := []string{string(first[0]), string(first[1])}
		for range 20 {
			// In a goroutine of its own: this one may be inside an Update.
			if err := <-start(func() error { return set(ctx, s, "a=xxx", "b=xxx") }); err != nil {
				return err
			}
		}
		if err := wantGet(r, "c=new"); err != nil {
			return err
		}
		return want("values read before", []string{string(first[0]), string(first[1])}, found)
	}
	return inOrder(
		func() error { return s.View(ctx, read) },
		func() error { return set(ctx, s, "a=old", "b=old") },
		func() error { return s.Update(ctx, hold("c"), func(tx kv.Tx) error { return read(tx) }) },
	)
}

func stableValuesStayValid(ctx context.Context, s kv.Store) error {
	if _, ok := s.(kv.Stable); !ok {
		return nil
	}
	if err := set(ctx, s, "a=old"); err != nil {
		return err
	}
	var kept [][]byte
	keep := func(r kv.Reader) error {
		values, err := r.Get(b("a"))
		if err != nil {
			return err
		}
		kept = append(kept, values...)
		for p, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			kept = append(kept, p.Value)
		}
		return nil
	}
	err := inOrder(
		func() error { return s.View(ctx, keep) },
		func() error { return s.Update(ctx, hold("a"), func(tx kv.Tx) error { return keep(tx) }) },
		func() error { return set(ctx, s, "a=xxx") },
		func() error { return wantAll(ctx, s, "a=xxx") },
		func() error { return s.Close() },
	)
	for _, v := range kept {
		if string(v) != "old" {
			err = errors.Join(err, fmt.Errorf("a kept value became %q", v))
		}
	}
	return err
}
