package job

import (
	"context"
	"fmt"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// clear deletes what deleted tables and indexes leave.
func (r *Runner) clear(ctx context.Context) error {
	graves, err := r.keys(ctx, table.Graves(), func(kv.Pair) bool { return true })
	if err != nil {
		return fmt.Errorf("look for deleted tables: %w", err)
	}
	for _, key := range graves {
		grave, ok := table.Exhume(key)
		if !ok {
			continue
		}
		if err := r.empty(ctx, grave); err != nil {
			return fmt.Errorf("clear away a deleted table: %w", err)
		}
	}
	return nil
}

// empty deletes what a grave has, and the grave with the last slice. Nobody
// writes there any more.
func (r *Runner) empty(ctx context.Context, grave table.Grave) error {
	return r.deleteRanges(ctx, kv.Locks{Hold: [][]byte{grave.Key}}, grave.Ranges, func(tx kv.Tx) { tx.Delete(grave.Key) })
}

// deleteRanges deletes what is in left, a slice at a time if the engine wants it
// so, and calls last in the Update that deletes the last slice.
func (r *Runner) deleteRanges(ctx context.Context, locks kv.Locks, left []kv.Range, last func(kv.Tx)) error {
	for len(left) > 0 {
		now, later, err := r.cut(ctx, left)
		if err != nil {
			return err
		}
		err = r.update(ctx, locks, nil, func(tx kv.Tx, _ [][]byte) error {
			for _, space := range now {
				tx.DeleteRange(space.Start, space.End)
			}
			if len(later) == 0 {
				last(tx)
			}
			return nil
		})
		if err != nil {
			return err
		}
		left = later
	}
	return nil
}

// cut divides ranges into those that have as many pairs as fit into a slice,
// and the rest. Counters do not count.
func (r *Runner) cut(ctx context.Context, ranges []kv.Range) (now, later []kv.Range, err error) {
	if r.slice == 0 {
		return ranges, nil, nil
	}
	err = r.store.View(ctx, func(v kv.Reader) error {
		now, later = nil, nil
		room := r.slice
		for i, space := range ranges {
			space.Limit = room
			for pair, err := range v.Scan(space) {
				if err != nil {
					return err
				}
				if room--; room > 0 {
					continue
				}
				after := append(append([]byte(nil), pair.Key...), 0)
				now = append(now, kv.Range{Start: space.Start, End: after})
				later = append([]kv.Range{{Start: after, End: space.End}}, ranges[i+1:]...)
				return nil
			}
			now = append(now, space)
		}
		return nil
	})
	return now, later, err
}
