package kvtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

// A tooth breaks a promise of a good store; the check of that name must fail.
type tooth struct {
	breaks string
	how    string
	store  func(kv.Store) kv.Store
}

var teeth = []tooth{
	{"get returns values in the order of keys", "get sorts its keys", reading(func(r *reader) {
		r.get = func(keys ...[]byte) ([][]byte, error) {
			sorted := slices.Clone(keys)
			slices.SortFunc(sorted, bytes.Compare)
			return r.Reader.Get(sorted...)
		}
	})},
	{"get tells absent from empty", "get makes nil of empty", reading(func(r *reader) {
		r.get = func(keys ...[]byte) ([][]byte, error) {
			values, err := r.Reader.Get(keys...)
			for i, v := range values {
				values[i] = append([]byte(nil), v...)
			}
			return values, err
		}
	})},
	{"get tells absent from empty", "setting nil deletes", writing(func(ops []op) []op {
		for i := range ops {
			if ops[i].kind == set_ && ops[i].value == nil {
				ops[i].kind = delete_
			}
		}
		return ops
	})},
	{"scan walks in bytewise order", "short keys first", scanning(func(_ kv.Range, pairs []kv.Pair) []kv.Pair {
		slices.SortStableFunc(pairs, func(a, b kv.Pair) int { return len(a.Key) - len(b.Key) })
		return pairs
	})},
	{"scan keeps to its bounds", "the end is included", ranging(func(r kv.Range) kv.Range {
		if r.End != nil {
			r.End = append(bytes.Clone(r.End), 0)
		}
		return r
	})},
	{"scan keeps to its bounds", "an empty end is none", ranging(func(r kv.Range) kv.Range {
		if len(r.End) == 0 {
			r.End = nil
		}
		return r
	})},
	{"scan keeps to its bounds", "never in reverse", ranging(func(r kv.Range) kv.Range {
		r.Reverse = false
		return r
	})},
	{"the limit of a scan is a hint", "the limit ends the walk", scanning(func(r kv.Range, pairs []kv.Pair) []kv.Pair {
		if r.Limit > 0 && len(pairs) > r.Limit {
			return pairs[:r.Limit]
		}
		return pairs
	})},
	{"breaking a scan frees it", "a broken walk stays open", leakWalks},
	{"scans nest", "one walk at a time", reading(func(r *reader) {
		open := false
		r.scan = func(rng kv.Range) iter.Seq2[kv.Pair, error] {
			return func(yield func(kv.Pair, error) bool) {
				if open {
					yield(kv.Pair{}, errors.New("busy"))
					return
				}
				open = true
				defer func() { open = false }()
				r.Reader.Scan(rng)(yield)
			}
		}
	})},
	{"values may be large", "values are cut at 1 MB", writing(func(ops []op) []op {
		for i := range ops {
			ops[i].value = ops[i].value[:min(len(ops[i].value), 1<<20)]
		}
		return ops
	})},

	{"a commit is visible to those who come later", "a commit comes with the next", commitLate},
	{"an update that fails writes nothing", "failure commits", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) (failure error) {
			err := s.Update(ctx, locks, func(tx kv.Tx) error { failure = fn(tx); return nil })
			return errors.Join(failure, err)
		})
	}},
	{"an update that fails writes nothing", "failure is not told", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			_ = s.Update(ctx, locks, fn)
			return nil
		})
	}},
	{"a tx does not see its own writes", "get sees what was set", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, locks, func(tx kv.Tx) error { return fn(&ownReader{tx, map[string][]byte{}}) })
		})
	}},
	{"the last write of a tx wins", "the first write wins", writing(func(ops []op) []op {
		slices.Reverse(ops)
		return ops
	})},
	{"delete range deletes pairs and counters", "counters stay", func(s kv.Store) kv.Store {
		return &counterKeeper{Store: s, totals: map[string]int64{}}
	}},
	{"delete range spares the writes of its own update", "range deletes come last", writing(func(ops []op) []op {
		for _, o := range ops {
			if o.kind == deleteRange_ {
				ops = slices.DeleteFunc(ops, func(w op) bool {
					return bytes.Compare(w.key, o.key) >= 0 && bytes.Compare(w.key, o.value) < 0 && w.kind != deleteRange_
				})
			}
		}
		return ops
	})},
	{"keys and values given are not changed", "the version is written behind the log's name", writing(func(ops []op) []op {
		for _, o := range ops {
			if o.kind == append_ {
				_ = append(o.key, "version!"...)
			}
		}
		return ops
	})},
	{"concurrent updates without locks all commit", "concurrent updates conflict", func(s kv.Store) kv.Store {
		var running atomic.Int32
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			defer running.Add(-1)
			if running.Add(1) > 1 {
				return kv.ErrConflict
			}
			return s.Update(ctx, locks, func(tx kv.Tx) error { pause(); return fn(tx) })
		})
	}},

	{"a view is one state", "each read is a view", func(s kv.Store) kv.Store {
		return viewing(s, func(ctx context.Context, fn func(kv.Reader) error) error { return fn(&views{ctx, s}) })
	}},
	{"a view sees commits whole", "each write is a commit", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			var t tape
			err := s.Update(ctx, locks, func(tx kv.Tx) error { t = tape{Reader: tx}; return fn(&t) })
			for _, o := range t.ops {
				err = errors.Join(err, write(ctx, s, o.do))
				pause()
			}
			return err
		})
	}},
	{"values stay valid until the view returns", "get uses its memory again", reading(func(r *reader) {
		var buf []byte
		r.get = func(keys ...[]byte) ([][]byte, error) {
			values, err := r.Reader.Get(keys...)
			buf = buf[:0]
			for _, v := range values {
				buf = append(buf, v...)
			}
			for i, rest := 0, buf; i < len(values); i++ {
				n := len(values[i])
				values[i], rest = rest[:n:n], rest[n:]
			}
			return values, err
		}
	})},
	{"stable values stay valid for ever", "values are wiped when the view returns", func(s kv.Store) kv.Store {
		return stable{viewing(s, func(ctx context.Context, fn func(kv.Reader) error) error {
			var given [][]byte
			defer func() {
				for _, v := range given {
					clear(v)
				}
			}()
			return s.View(ctx, func(rd kv.Reader) error {
				r := newReader(rd)
				r.get = func(keys ...[]byte) ([][]byte, error) {
					values, err := rd.Get(keys...)
					for i, v := range values {
						values[i] = bytes.Clone(v)
					}
					given = append(given, values...)
					return values, err
				}
				return fn(r)
			})
		})}
	}},

	{"held keys lose no update", "no locks", locking(func(kv.Locks) kv.Locks { return kv.Locks{} })},
	{"locks cover keys that are absent", "no locks", locking(func(kv.Locks) kv.Locks { return kv.Locks{} })},
	{"versions grow in commit order", "no locks", locking(func(kv.Locks) kv.Locks { return kv.Locks{} })},
	{"locks may be named twice and in any order", "only the first lock counts", locking(func(l kv.Locks) kv.Locks {
		return kv.Locks{Hold: l.Hold[:min(1, len(l.Hold))]}
	})},
	{"locks may be named twice and in any order", "each is locked when named", func(s kv.Store) kv.Store { return &naive{Store: s} }},
	{"locks in any order do not deadlock", "each is locked when named", func(s kv.Store) kv.Store { return &naive{Store: s} }},
	{"hold excludes share", "shares are forgotten", locking(func(l kv.Locks) kv.Locks { return kv.Locks{Hold: l.Hold} })},
	{"share excludes hold", "shares are forgotten", locking(func(l kv.Locks) kv.Locks { return kv.Locks{Hold: l.Hold} })},
	{"share admits share", "shares are held", locking(func(l kv.Locks) kv.Locks {
		return kv.Locks{Hold: slices.Concat(l.Hold, l.Share)}
	})},
	{"readers do not wait for locks", "views wait for updates", func(s kv.Store) kv.Store {
		busy := make(chan struct{}, 1)
		enter := func(ctx context.Context) error {
			select {
			case busy <- struct{}{}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return &broken{
			s,
			func(ctx context.Context, fn func(kv.Reader) error) error {
				if err := enter(ctx); err != nil {
					return err
				}
				defer func() { <-busy }()
				return s.View(ctx, fn)
			},
			func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
				if err := enter(ctx); err != nil {
					return err
				}
				defer func() { <-busy }()
				return s.Update(ctx, locks, fn)
			},
		}
	}},
	{"a cancelled context writes nothing", "the context is ignored", ignoreContext},
	{"waiting for a lock ends with the context", "the context is ignored", ignoreContext},

	{"append adds a version to the log's name", "a byte too many", versioning(func(log []byte, n uint64) []byte {
		return binary.BigEndian.AppendUint64(append(bytes.Clone(log), 0), n)
	})},
	{"versions grow with each commit", "the wrong byte order", versioning(func(log []byte, n uint64) []byte {
		return binary.LittleEndian.AppendUint64(bytes.Clone(log), n)
	})},
	{"a reader never finds a lower version later", "versions are chosen before the commit", versioning(func(log []byte, n uint64) []byte {
		return binary.BigEndian.AppendUint64(bytes.Clone(log), n)
	})},
	{"appends of one update keep their order", "the last append comes first", writing(func(ops []op) []op {
		slices.Reverse(ops)
		return ops
	})},
	{"versions grow after the log is emptied", "the version is one more than the last in the log", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, locks, func(tx kv.Tx) error {
				return recording(tx, fn, func(o op) {
					if o.kind == append_ {
						found, _ := readLog(tx, string(o.key), "")
						o.kind, o.key = set_, binary.BigEndian.AppendUint64(bytes.Clone(o.key), uint64(len(found.values)+1))
					}
					o.do(tx)
				})
			})
		})
	}},

	{"sum returns totals in the order of keys", "sum sorts its keys", reading(func(r *reader) {
		r.sum = func(keys ...[]byte) ([]int64, error) {
			sorted := slices.Clone(keys)
			slices.SortFunc(sorted, bytes.Compare)
			return r.Reader.Sum(sorted...)
		}
	})},
	{"concurrent adds all count", "a counter is read and written without a lock", func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			totals := map[string]int64{}
			return s.Update(ctx, locks, func(tx kv.Tx) error {
				return recording(tx, fn, func(o op) {
					if o.kind == add_ {
						sum, _ := tx.Sum(o.key)
						totals[string(o.key)] += o.delta
						pause()
						now, _ := tx.Sum(o.key)
						o.delta += sum[0] - now[0] // what others added meanwhile is lost
					}
					o.do(tx)
				})
			})
		})
	}},
	{"add never waits", "who adds keeps others from adding", func(s kv.Store) kv.Store {
		adding := make(chan struct{}, 1)
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, locks, func(tx kv.Tx) error {
				a := &adder{Tx: tx, ctx: ctx, adding: adding}
				defer a.done()
				return fn(a)
			})
		})
	}},
	{"a counter is not a pair", "a counter is a pair", writing(func(ops []op) []op {
		for _, o := range ops {
			if o.kind == add_ {
				ops = append(ops, op{kind: set_, key: o.key, value: []byte{byte(o.delta)}})
			}
		}
		return ops
	})},

	{"keys may be long", "a key is cut off", writing(func(ops []op) []op {
		for i := range ops {
			ops[i].key = ops[i].key[:min(len(ops[i].key), 5000)]
		}
		return ops
	})},
	{"a view sees the counters of its state", "counters are as they are now", func(s kv.Store) kv.Store {
		return viewing(s, func(ctx context.Context, fn func(kv.Reader) error) error {
			return s.View(ctx, func(rd kv.Reader) error {
				r := newReader(rd)
				r.sum = (&views{ctx, s}).Sum
				return fn(r)
			})
		})
	}},
	{"calls after close are refused", "close does nothing", func(s kv.Store) kv.Store { return &neverClosed{s} }},
	{"close waits for a running view", "close does nothing", func(s kv.Store) kv.Store { return &neverClosed{s} }},
	{"close waits for a running update", "close does nothing", func(s kv.Store) kv.Store { return &neverClosed{s} }},
	{"metrics have well formed names", "a name with a space", func(s kv.Store) kv.Store { return misnamed{s} }},
	{"random updates agree with a map", "an update of twenty writes loses one", writing(func(ops []op) []op {
		return ops[min(len(ops)/20, 1):]
	})},
	{"a view stays as it is under random updates", "each read is a view", func(s kv.Store) kv.Store {
		return viewing(s, func(ctx context.Context, fn func(kv.Reader) error) error { return fn(&views{ctx, s}) })
	}},
}

// short is how long a check may hang before the test believes that it does.
const short = 300 * time.Millisecond

func TestEachBrokenPromiseIsNoticed(t *testing.T) {
	byName := map[string]check{}
	for _, c := range checks() {
		byName[c.name] = c
	}
	for _, b := range teeth {
		c, ok := byName[b.breaks]
		if !ok {
			t.Fatalf("no check is named %q", b.breaks)
		}
		t.Run(b.breaks+"/"+b.how, func(t *testing.T) {
			t.Parallel()
			if !fails(c, b.store) {
				t.Error("the check did not notice")
			}
		})
	}
	for _, b := range teeth {
		delete(byName, b.breaks)
	}
	for name := range byName {
		t.Errorf("nothing shows that this check can fail: %s", name)
	}
}

// fails tries a few times: some checks need two goroutines to meet, and are
// not sure to notice every time.
func fails(c check, store func(kv.Store) kv.Store) bool {
	for range 10 {
		ctx, cancel := context.WithTimeout(context.Background(), short)
		err := c.against(ctx, store(memkv.Open()))
		cancel()
		if err != nil {
			return true
		}
	}
	return false
}

// The wrappers themselves break nothing.
func TestWrappersAreHarmless(t *testing.T) {
	Run(t, func(*testing.T) kv.Store {
		s := memkv.Open()
		s = reading(func(*reader) {})(s)
		s = writing(func(ops []op) []op { return ops })(s)
		return locking(func(l kv.Locks) kv.Locks { return l })(s)
	})
}

func TestEachBrokenDurabilityIsNoticed(t *testing.T) {
	for _, c := range []struct {
		breaks string
		forget func(disk kv.Store) kv.Store // what is found when the disk is opened again
	}{
		{"pairs and counters outlive a close", func(kv.Store) kv.Store { return memkv.Open() }},
		{"pairs and counters outlive a close", func(disk kv.Store) kv.Store { return copyOf(disk) }}, // no counters
		{"versions grow after a reopen", func(disk kv.Store) kv.Store { return copyOf(disk) }},
		{"range deletes outlive a close", func(disk kv.Store) kv.Store {
			_ = write(context.Background(), disk, func(tx kv.Tx) { tx.Set(b("a"), b("old")) })
			return disk
		}},
	} {
		disk := memkv.Open()
		open := func() kv.Store {
			disk = c.forget(disk)
			return &neverClosed{disk}
		}
		i := slices.IndexFunc(durableChecks, func(d durableCheck) bool { return d.name == c.breaks })
		if err := durableChecks[i].run(t.Context(), open); err == nil {
			t.Errorf("%q did not notice", c.breaks)
		}
	}
	disk := &neverClosed{memkv.Open()}
	for _, c := range durableChecks {
		_ = write(t.Context(), disk, func(tx kv.Tx) { tx.DeleteRange(nil, nil) })
		if err := c.run(t.Context(), func() kv.Store { return disk }); err != nil {
			t.Errorf("a store that forgets nothing: %v", err)
		}
	}
}

// copyOf returns a store with the pairs of s, and nothing else.
func copyOf(s kv.Store) kv.Store {
	c, ctx := memkv.Open(), context.Background()
	_ = s.View(ctx, func(r kv.Reader) error {
		return write(ctx, c, func(tx kv.Tx) {
			for p := range r.Scan(kv.Range{}) {
				tx.Set(p.Key, p.Value)
			}
		})
	})
	return c
}

// A broken store runs its calls by way of functions.
type broken struct {
	kv.Store
	view   func(context.Context, func(kv.Reader) error) error
	update func(context.Context, kv.Locks, func(kv.Tx) error) error
}

func (s *broken) View(ctx context.Context, fn func(kv.Reader) error) error { return s.view(ctx, fn) }

func (s *broken) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	return s.update(ctx, locks, fn)
}

func viewing(s kv.Store, view func(context.Context, func(kv.Reader) error) error) kv.Store {
	return &broken{s, view, s.Update}
}

func updating(s kv.Store, update func(context.Context, kv.Locks, func(kv.Tx) error) error) kv.Store {
	return &broken{s, s.View, update}
}

func locking(change func(kv.Locks) kv.Locks) func(kv.Store) kv.Store {
	return func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, change(locks), fn)
		})
	}
}

func ignoreContext(s kv.Store) kv.Store {
	return &broken{
		s,
		func(_ context.Context, fn func(kv.Reader) error) error { return s.View(context.Background(), fn) },
		func(_ context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(context.Background(), locks, fn)
		},
	}
}

// A reader reads by way of functions.
type reader struct {
	kv.Reader
	get  func(...[]byte) ([][]byte, error)
	scan func(kv.Range) iter.Seq2[kv.Pair, error]
	sum  func(...[]byte) ([]int64, error)
}

func newReader(r kv.Reader) *reader { return &reader{r, r.Get, r.Scan, r.Sum} }

func (r *reader) Get(keys ...[]byte) ([][]byte, error)        { return r.get(keys...) }
func (r *reader) Scan(rng kv.Range) iter.Seq2[kv.Pair, error] { return r.scan(rng) }
func (r *reader) Sum(keys ...[]byte) ([]int64, error)         { return r.sum(keys...) }

// reading returns stores whose readers are changed.
func reading(change func(*reader)) func(kv.Store) kv.Store {
	type tx struct {
		*reader
		writer
		appender
	}
	return func(s kv.Store) kv.Store {
		return &broken{
			s,
			func(ctx context.Context, fn func(kv.Reader) error) error {
				return s.View(ctx, func(rd kv.Reader) error {
					r := newReader(rd)
					change(r)
					return fn(r)
				})
			},
			func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
				return s.Update(ctx, locks, func(t kv.Tx) error {
					r := newReader(t)
					change(r)
					return fn(tx{r, t, t})
				})
			},
		}
	}
}

type appender interface{ Append(log, value []byte) }

// ranging changes the ranges of scans, scanning what they find.
func ranging(change func(kv.Range) kv.Range) func(kv.Store) kv.Store {
	return reading(func(r *reader) {
		r.scan = func(rng kv.Range) iter.Seq2[kv.Pair, error] { return r.Reader.Scan(change(rng)) }
	})
}

func scanning(change func(kv.Range, []kv.Pair) []kv.Pair) func(kv.Store) kv.Store {
	return reading(func(r *reader) {
		r.scan = func(rng kv.Range) iter.Seq2[kv.Pair, error] {
			return func(yield func(kv.Pair, error) bool) {
				var pairs []kv.Pair
				for p := range r.Reader.Scan(rng) {
					pairs = append(pairs, p)
				}
				for _, p := range change(rng, pairs) {
					if !yield(p, nil) {
						return
					}
				}
			}
		}
	})
}

// A tape records the writes of an Update.
type tape struct {
	kv.Reader
	ops []op
}

type op struct {
	kind       kind
	key, value []byte // of a deleteRange_, start and end
	delta      int64
}

type kind int

const (
	set_ kind = iota
	delete_
	deleteRange_
	append_
	add_
)

func (t *tape) Set(key, value []byte)         { t.ops = append(t.ops, op{set_, key, value, 0}) }
func (t *tape) Delete(key []byte)             { t.ops = append(t.ops, op{delete_, key, nil, 0}) }
func (t *tape) DeleteRange(start, end []byte) { t.ops = append(t.ops, op{deleteRange_, start, end, 0}) }
func (t *tape) Append(log, value []byte)      { t.ops = append(t.ops, op{append_, log, value, 0}) }
func (t *tape) Add(key []byte, delta int64)   { t.ops = append(t.ops, op{add_, key, nil, delta}) }

func (o op) do(tx kv.Tx) {
	switch o.kind {
	case set_:
		tx.Set(o.key, o.value)
	case delete_:
		tx.Delete(o.key)
	case deleteRange_:
		tx.DeleteRange(o.key, o.value)
	case append_:
		tx.Append(o.key, o.value)
	case add_:
		tx.Add(o.key, o.delta)
	}
}

// recording runs fn, then do with each write it asked for.
func recording(tx kv.Tx, fn func(kv.Tx) error, do func(op)) error {
	t := tape{Reader: tx}
	if err := fn(&t); err != nil {
		return err
	}
	for _, o := range t.ops {
		do(o)
	}
	return nil
}

// writing returns stores whose updates write something else.
func writing(change func([]op) []op) func(kv.Store) kv.Store {
	return func(s kv.Store) kv.Store {
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, locks, func(tx kv.Tx) error {
				t := tape{Reader: tx}
				if err := fn(&t); err != nil {
					return err
				}
				for _, o := range change(t.ops) {
					o.do(tx)
				}
				return nil
			})
		})
	}
}

// versioning returns stores that choose the key of a record when Append is called.
func versioning(key func(log []byte, n uint64) []byte) func(kv.Store) kv.Store {
	return func(s kv.Store) kv.Store {
		var last atomic.Uint64
		return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
			return s.Update(ctx, locks, func(tx kv.Tx) error { return fn(&versioner{tx, &last, key}) })
		})
	}
}

type versioner struct {
	kv.Tx
	last *atomic.Uint64
	key  func(log []byte, n uint64) []byte
}

func (v *versioner) Append(log, value []byte) { v.Set(v.key(log, v.last.Add(1)), value) }

// leakWalks counts walks that were not walked to their end.
func leakWalks(s kv.Store) kv.Store {
	l := &leaky{}
	l.Store = reading(func(r *reader) {
		r.scan = func(rng kv.Range) iter.Seq2[kv.Pair, error] {
			return func(yield func(kv.Pair, error) bool) {
				for p, err := range r.Reader.Scan(rng) {
					if !yield(p, err) {
						l.walks.Add(1)
						return
					}
				}
			}
		}
	})(s)
	return l
}

type leaky struct {
	kv.Store
	walks atomic.Int32
}

func (l *leaky) Close() error {
	if l.walks.Load() > 0 {
		return errors.New("leaked walks")
	}
	return l.Store.Close()
}

// commitLate commits the writes of an update with those of the next.
func commitLate(s kv.Store) kv.Store {
	var pending []op
	return updating(s, func(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
		return s.Update(ctx, locks, func(tx kv.Tx) error {
			for _, o := range pending {
				o.do(tx)
			}
			t := tape{Reader: tx}
			err := fn(&t)
			pending = t.ops
			return err
		})
	})
}

// An ownReader sees what its Update has set.
type ownReader struct {
	kv.Tx
	own map[string][]byte
}

func (o *ownReader) Set(key, value []byte) {
	o.own[string(key)] = value
	o.Tx.Set(key, value)
}

func (o *ownReader) Get(keys ...[]byte) ([][]byte, error) {
	values, err := o.Tx.Get(keys...)
	for i, k := range keys {
		if v, ok := o.own[string(k)]; ok {
			values[i] = v
		}
	}
	return values, err
}

// A counterKeeper has counters that range deletes do not reach.
type counterKeeper struct {
	kv.Store
	mu     sync.Mutex
	totals map[string]int64
}

func (s *counterKeeper) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	return s.Store.Update(ctx, locks, func(tx kv.Tx) error {
		return recording(tx, fn, func(o op) {
			if o.kind == add_ {
				s.mu.Lock()
				s.totals[string(o.key)] += o.delta
				s.mu.Unlock()
				return
			}
			o.do(tx)
		})
	})
}

func (s *counterKeeper) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.Store.View(ctx, func(rd kv.Reader) error {
		r := newReader(rd)
		r.sum = func(keys ...[]byte) ([]int64, error) {
			var totals []int64
			for _, k := range keys {
				totals = append(totals, s.totals[string(k)])
			}
			return totals, nil
		}
		return fn(r)
	})
}

// A naive store locks each key when it is named, and those named twice twice.
type naive struct {
	kv.Store
	locks sync.Map // of chan struct{}
}

func (s *naive) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	for _, k := range slices.Concat(locks.Hold, locks.Share) {
		l, _ := s.locks.LoadOrStore(string(k), make(chan struct{}, 1))
		select {
		case l.(chan struct{}) <- struct{}{}:
			defer func() { <-l.(chan struct{}) }()
		case <-ctx.Done():
			return ctx.Err()
		}
		pause()
	}
	return s.Store.Update(ctx, kv.Locks{}, fn)
}

// views reads each time in a View of its own.
type views struct {
	ctx context.Context
	s   kv.Store
}

func (v *views) Get(keys ...[]byte) (values [][]byte, err error) {
	err = v.s.View(v.ctx, func(r kv.Reader) error { values, err = r.Get(keys...); return err })
	return values, err
}

func (v *views) Sum(keys ...[]byte) (totals []int64, err error) {
	err = v.s.View(v.ctx, func(r kv.Reader) error { totals, err = r.Sum(keys...); return err })
	return totals, err
}

func (v *views) Scan(rng kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		_ = v.s.View(v.ctx, func(r kv.Reader) error {
			r.Scan(rng)(yield)
			return nil
		})
	}
}

// An adder takes its turn at the first Add, and keeps it until it is done.
type adder struct {
	kv.Tx
	ctx    context.Context
	adding chan struct{}
	turn   bool
}

func (a *adder) Add(key []byte, delta int64) {
	if !a.turn {
		select {
		case a.adding <- struct{}{}:
			a.turn = true
		case <-a.ctx.Done():
		}
	}
	a.Tx.Add(key, delta)
}

func (a *adder) done() {
	if a.turn {
		<-a.adding
	}
}

type stable struct{ kv.Store }

func (stable) StableValues() {}

type neverClosed struct{ kv.Store }

func (s *neverClosed) Close() error { return nil }

type misnamed struct{ kv.Store }

func (misnamed) Metrics() map[string]float64 { return map[string]float64{"Cache hits": 1} }
