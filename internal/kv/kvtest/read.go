package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/statordb/stator/internal/kv"
)

var readChecks = []check{
	{"get returns values in the order of keys", getKeepsOrder},
	{"get tells absent from empty", getTellsAbsentFromEmpty},
	{"scan walks in bytewise order", scanIsOrdered},
	{"scan keeps to its bounds", scanKeepsToBounds},
	{"the limit of a scan is a hint", limitIsAHint},
	{"breaking a scan frees it", breakFrees},
	{"scans nest", scansNest},
	{"values may be large", valuesMayBeLarge},
	{"keys may be long", keysMayBeLong},
}

func getKeepsOrder(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1", "b=2", "c=3"); err != nil {
		return err
	}
	read := func(r kv.Reader) error {
		return errors.Join(wantGet(r, "c=3", "x", "a=1", "b=2", "a=1", "y"), wantGet(r))
	}
	return errors.Join(
		s.View(ctx, read),
		s.Update(ctx, hold("a"), func(tx kv.Tx) error { return read(tx) }),
	)
}

func getTellsAbsentFromEmpty(ctx context.Context, s kv.Store) error {
	err := write(ctx, s, func(tx kv.Tx) {
		tx.Set(b("empty"), []byte{})
		tx.Set(b("nil"), nil)
		tx.Append(b("log"), nil)
	})
	if err != nil {
		return err
	}
	read := func(r kv.Reader) error {
		for p, err := range r.Scan(kv.Range{}) {
			if err != nil || p.Value == nil {
				return fmt.Errorf("scan: value of %q is nil (error %w)", p.Key, err)
			}
		}
		return wantGet(r, "empty=", "absent", "nil=")
	}
	return errors.Join(
		s.View(ctx, read),
		s.Update(ctx, hold("a"), func(tx kv.Tx) error { return read(tx) }),
	)
}

func scanIsOrdered(ctx context.Context, s kv.Store) error {
	pairs := []string{"\x00=", "\x00\x00=", "A=", "a=", "a\x00=", "a\x00b=", "aa=", "a\xff=", "b=", "\xff=", "\xff\xff="}
	scrambled := slices.Clone(pairs)
	slices.SortFunc(scrambled, func(x, y string) int { return len(x) - len(y) })
	if err := set(ctx, s, scrambled...); err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		forward := wantScan(r, kv.Range{}, pairs...)
		slices.Reverse(pairs)
		return errors.Join(forward, wantScan(r, reversed(kv.Range{}), pairs...))
	})
}

func scanKeepsToBounds(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1", "b=2", "c=3", "d=4"); err != nil {
		return err
	}
	cases := []struct {
		r     kv.Range
		pairs string
	}{
		{within("", ""), "a=1 b=2 c=3 d=4"},
		{within("b", "d"), "b=2 c=3"},
		{within("b", ""), "b=2 c=3 d=4"},
		{within("", "c"), "a=1 b=2"},
		{within("aa", "cc"), "b=2 c=3"},
		{within("b", "b\x00"), "b=2"},
		{within("b", "b"), ""},
		{within("c", "b"), ""},
		{within("", "a"), ""},
		{within("e", ""), ""},
		{kv.Range{End: []byte{}}, ""}, // before the first key, not after the last
		{kv.Prefix(b("c")), "c=3"},
	}
	read := func(r kv.Reader) error {
		for _, c := range cases {
			pairs := strings.Fields(c.pairs)
			forward := wantScan(r, c.r, pairs...)
			slices.Reverse(pairs)
			if err := errors.Join(forward, wantScan(r, reversed(c.r), pairs...)); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.Join(
		s.View(ctx, read),
		s.Update(ctx, hold("a"), func(tx kv.Tx) error { return read(tx) }),
	)
}

// Who expects to read two pairs may still need a third.
func limitIsAHint(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1", "b=2", "c=3", "d=4"); err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		return errors.Join(
			wantScan(r, kv.Range{Limit: 2}, "a=1", "b=2", "c=3", "d=4"),
			wantScan(r, kv.Range{Limit: 2, Reverse: true}, "d=4", "c=3", "b=2", "a=1"),
			wantScan(r, kv.Range{Limit: 100, End: b("b")}, "a=1"),
		)
	})
}

// What a broken walk leaves open shows when the store is closed.
func breakFrees(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1", "b=2", "c=3"); err != nil {
		return err
	}
	first := func(r kv.Reader) error {
		for range 100 {
			for p, err := range r.Scan(within("b", "")) {
				if err != nil || text(p) != "b=2" {
					return fmt.Errorf("first pair is %q (error %w), want b=2", text(p), err)
				}
				break
			}
		}
		return nil
	}
	return errors.Join(
		s.View(ctx, first),
		s.Update(ctx, hold("a"), func(tx kv.Tx) error { return first(tx) }),
	)
}

func scansNest(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1", "b=2"); err != nil {
		return err
	}
	return s.View(ctx, func(r kv.Reader) error {
		var got []string
		for outer, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			key := string(outer.Key)
			if err := wantGet(r, "b=2", "a=1"); err != nil {
				return err
			}
			inner, err := scan(r, reversed(kv.Range{}))
			if err != nil {
				return err
			}
			got = append(got, key)
			got = append(got, inner...)
		}
		return want("nested scans", got, []string{"a", "b=2", "a=1", "b", "b=2", "a=1"})
	})
}

func valuesMayBeLarge(ctx context.Context, s kv.Store) error {
	for i, size := range []int{400 << 10, 5 << 20} {
		value := bytes.Repeat([]byte{byte(i + 1)}, size)
		if err := write(ctx, s, func(tx kv.Tx) { tx.Set(b("k"), value) }); err != nil {
			return err
		}
		err := s.View(ctx, func(r kv.Reader) error {
			values, err := r.Get(b("k"))
			if err == nil && !bytes.Equal(values[0], value) {
				err = fmt.Errorf("a value of %d bytes came back different", size)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keysMayBeLong walks keys of up to MaxKey bytes, most of which have long
// beginnings in common, between bounds that are as long.
func keysMayBeLong(ctx context.Context, s kv.Store) error {
	r := rand.New(rand.NewPCG(1, 0))
	m := &model{pairs: map[string]string{}, counters: map[string]int64{}}
	key := func() string {
		k := strings.Repeat("a", []int{1, 1000, 2000, 2500, 3000, 6000, kv.MaxKey - 8}[r.IntN(7)])
		for range r.IntN(8) {
			k += string(rune('`' + r.IntN(3)))
		}
		return k
	}
	for step := range 12 {
		update := func(w writer) {}
		for range 8 {
			k, end, n, earlier := b(key()), b(key()), r.IntN(10), update
			update = func(w writer) {
				earlier(w)
				switch {
				case n == 0:
					w.Delete(k)
				case n == 1 && bytes.Compare(k, end) < 0:
					w.DeleteRange(k, end)
				default:
					w.Set(k, fmt.Append(nil, step))
				}
			}
		}
		if err := write(ctx, s, func(tx kv.Tx) { update(tx) }); err != nil {
			return err
		}
		m.apply(update)
		err := s.View(ctx, func(rd kv.Reader) error {
			errs := []error{wantScan(rd, kv.Range{}, m.scan("", "~")...)}
			for range 6 {
				start, end := key(), key()
				pairs := m.scan(start, end)
				errs = append(errs, wantScan(rd, within(start, end), pairs...))
				slices.Reverse(pairs)
				errs = append(errs, wantScan(rd, reversed(within(start, end)), pairs...))
			}
			for k, v := range m.pairs {
				errs = append(errs, wantGet(rd, k+"="+v, k+"x"))
			}
			return errors.Join(errs...)
		})
		if err != nil {
			return fmt.Errorf("step %d: %.2000s", step, err.Error())
		}
	}
	return nil
}
