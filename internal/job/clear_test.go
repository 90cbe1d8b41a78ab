package job_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A sliced store deletes little in one Update.
type sliced struct {
	faulty
	w    *world
	t    *testing.T
	most int // that was deleted in one
}

const slice = 7

func (s *sliced) Slice() int { return slice }

func (s *sliced) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	before := s.w.keys(s.t)
	err := s.faulty.Update(ctx, locks, fn)
	s.most = max(s.most, before-s.w.keys(s.t))
	return err
}

// Wherever clearing away is stopped, it can be gone on with, and nobody waits
// for more than a slice and the grave.
func TestClearingInSlices(t *testing.T) {
	each(t, dynamodb.Config{}, func(t *testing.T, w *world) {
		for _, stop := range []int{0, 1, 4, 5, 1000} {
			w.do(t, "CreateTable", createTable)
			w.fill(t, 20)
			w.do(t, "UpdateTable", addIndex)
			if err := w.once(w.store); err != nil {
				t.Fatal(err)
			}
			tab := w.tables(t)[0]
			records := len(w.records(t))
			pairs := w.keys(t) - records - 1 // without the descriptor
			w.do(t, "DeleteTable", deleteTable)
			store := &sliced{faulty: faulty{w.store, stop}, w: w, t: t}
			if err := w.once(store); (err == nil) != (stop == 1000) || err != nil && !errors.Is(err, errStopped) {
				t.Fatal(err)
			}
			if want := max(0, pairs-stop*slice) + 1 + records + 1; stop < 1000 && w.keys(t) != want {
				t.Errorf("%d pairs after %d slices, want %d", w.keys(t), stop, want)
			}
			store.left = 1000
			if err := w.once(store); err != nil {
				t.Fatal(err)
			}
			if n := w.keys(t); n != records+1 {
				t.Errorf("%d pairs are left, of which %d are records", n, records)
			}
			w.advance(table.StreamRetention)
			if err := w.once(store); err != nil {
				t.Fatal(err)
			}
			if n := w.keys(t); n != 0 || store.most > slice+1 {
				t.Errorf("%d pairs are left; up to %d were deleted at once", n, store.most)
			}
			w.view(t, func(r kv.Reader) error {
				sums, err := r.Sum(tab.Counter(nil, 'c'), tab.Counter(tab.Indexes[1], 'b'))
				if err != nil || fmt.Sprint(sums) != "[0 0]" {
					t.Errorf("counters are left: %v, %v", sums, err)
				}
				return nil
			})
		}
	})
}
