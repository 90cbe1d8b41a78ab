package memkv

import (
	"bytes"
	"iter"

	"github.com/statordb/stator/internal/kv"
)

// A pinned state is the kv.Reader of a View. It keeps nothing of one View, so
// all that overlap share it.

func (st *state) Get(keys ...[]byte) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if p, ok := st.pairs.Get(kv.Pair{Key: k}); ok {
			values[i] = p.Value
		}
	}
	return values, nil
}

func (st *state) Scan(r kv.Range) iter.Seq2[kv.Pair, error] {
	return func(yield func(kv.Pair, error) bool) {
		if r.Reverse {
			st.descend(r, yield)
		} else {
			st.ascend(r, yield)
		}
	}
}

func (st *state) Sum(keys ...[]byte) ([]int64, error) {
	totals := make([]int64, len(keys))
	for i, k := range keys {
		c, _ := st.counters.Get(counter{key: k})
		totals[i] = c.total
	}
	return totals, nil
}

func (st *state) ascend(r kv.Range, yield func(kv.Pair, error) bool) {
	st.pairs.Ascend(kv.Pair{Key: r.Start}, func(p kv.Pair) bool {
		if r.End != nil && bytes.Compare(p.Key, r.End) >= 0 {
			return false
		}
		return yield(p, nil)
	})
}

func (st *state) descend(r kv.Range, yield func(kv.Pair, error) bool) {
	visit := func(p kv.Pair) bool {
		if bytes.Compare(p.Key, r.Start) < 0 {
			return false
		}
		return yield(p, nil)
	}
	if r.End == nil {
		st.pairs.Reverse(visit)
		return
	}
	st.pairs.Descend(kv.Pair{Key: r.End}, func(p kv.Pair) bool {
		return bytes.Equal(p.Key, r.End) || visit(p)
	})
}
