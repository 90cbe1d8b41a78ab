package kvtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/statordb/stator/internal/kv"
)

var modelChecks = []check{
	{"random updates agree with a map", agreesWithModel},
	{"a view stays as it is under random updates", viewOutlastsUpdates},
}

// agreesWithModel makes random updates in a store and in a model of it, one
// after the other, and compares what can be read.
func agreesWithModel(ctx context.Context, s kv.Store) error {
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 0))
		m := &model{pairs: map[string]string{}, counters: map[string]int64{}}
		empty := func(tx kv.Tx) { tx.DeleteRange(nil, nil) }
		if err := write(ctx, s, empty); err != nil {
			return err
		}
		for step := range 60 {
			update := randomUpdate(r)
			err := inOrder(
				func() error { return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { update(tx); return nil }) },
				func() error { m.apply(update); return nil },
				func() error { return s.View(ctx, func(rd kv.Reader) error { return m.compare(rd, r) }) },
			)
			if err != nil {
				return fmt.Errorf("seed %d, step %d: %w", seed, step, err)
			}
		}
	}
	return nil
}

// viewOutlastsUpdates makes updates of a map of some size inside Views, which
// must not see them. Engines that share parts between states are put to the
// test by it.
func viewOutlastsUpdates(ctx context.Context, s kv.Store) error {
	const keys = 3000
	r := rand.New(rand.NewPCG(1, 0))
	key := func(i int) []byte { return fmt.Appendf(nil, "%04d", i) }
	m := &model{pairs: map[string]string{}, counters: map[string]int64{}}
	update := func(w writer) {
		for i := range keys {
			w.Set(key(i), nil)
		}
	}
	for round := range 8 {
		before := m.scan("", "~")
		err := s.View(ctx, func(rd kv.Reader) error {
			for _, err := range rd.Scan(kv.Range{}) { // one pair, if there is one
				if err != nil {
					return err
				}
				break
			}
			if err := write(ctx, s, func(tx kv.Tx) { update(tx) }); err != nil {
				return err
			}
			return wantScan(rd, kv.Range{}, before...)
		})
		m.apply(update)
		if err := errors.Join(err, wantAll(ctx, s, m.scan("", "~")...)); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		start, width, random := r.IntN(keys), r.IntN(keys/2), r.Perm(keys)
		update = func(w writer) {
			w.DeleteRange(key(start), key(start+width))
			for i, k := range random[:keys/10] {
				if i%2 == 0 {
					w.Delete(key(k))
				} else {
					w.Set(key(k), key(i))
				}
			}
		}
	}
	return nil
}

// randomUpdate returns a function that makes the same writes each time.
func randomUpdate(r *rand.Rand) func(writer) {
	seed := r.Uint64()
	return func(w writer) {
		r := rand.New(rand.NewPCG(seed, 0))
		for range r.IntN(30) {
			switch r.IntN(12) {
			case 0, 1:
				w.Delete(b(randomKey(r)))
			case 2, 3:
				w.Add(b("#"+randomKey(r)), r.Int64N(100)-50)
			case 4:
				if start := randomKey(r); r.IntN(3) == 0 {
					w.DeleteRange(b(start), b(randomKey(r)))
				} else {
					w.DeleteRange(b("#"+start), b("#"+start+"9"))
				}
			default:
				w.Set(b(randomKey(r)), fmt.Appendf(nil, "%d", r.IntN(1000)))
			}
		}
	}
}

func randomKey(r *rand.Rand) string { return fmt.Sprintf("%03d", r.IntN(250)) }

// A writer is the part of a kv.Tx that the model has, too.
type writer interface {
	Set(key, value []byte)
	Delete(key []byte)
	DeleteRange(start, end []byte)
	Add(key []byte, delta int64)
}

// A model is what a store should be.
type model struct {
	pairs    map[string]string
	counters map[string]int64
	later    []func() // all writes of an update except range deletes
}

func (m *model) apply(update func(writer)) {
	update(m)
	for _, write := range m.later {
		write()
	}
	m.later = nil
}

func (m *model) Set(key, value []byte) {
	m.later = append(m.later, func() { m.pairs[string(key)] = string(value) })
}

func (m *model) Delete(key []byte) {
	m.later = append(m.later, func() { delete(m.pairs, string(key)) })
}

func (m *model) Add(key []byte, delta int64) {
	m.later = append(m.later, func() { m.counters[string(key)] += delta })
}

func (m *model) DeleteRange(start, end []byte) {
	in := func(k string) bool { return string(start) <= k && k < string(end) }
	maps.DeleteFunc(m.pairs, func(k, _ string) bool { return in(k) })
	maps.DeleteFunc(m.counters, func(k string, _ int64) bool { return in(k) })
}

// compare reads everything, and some ranges and keys that r chooses.
func (m *model) compare(rd kv.Reader, r *rand.Rand) error {
	err := wantScan(rd, kv.Range{}, m.scan("", "~")...)
	for range 3 {
		start, end := randomKey(r), randomKey(r)
		forward := m.scan(start, end)
		backward := slices.Clone(forward)
		slices.Reverse(backward)
		err = errors.Join(err,
			wantScan(rd, within(start, end), forward...),
			wantScan(rd, reversed(within(start, end)), backward...))
	}
	for range 5 {
		key, counter := randomKey(r), "#"+randomKey(r)
		pair := key
		if v, ok := m.pairs[key]; ok {
			pair += "=" + v
		}
		err = errors.Join(err,
			wantGet(rd, pair),
			wantSum(rd, fmt.Sprintf("%s=%d", counter, m.counters[counter])))
	}
	return err
}

func (m *model) scan(start, end string) []string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m.pairs)) {
		if start <= k && k < end {
			pairs = append(pairs, k+"="+m.pairs[k])
		}
	}
	return pairs
}
