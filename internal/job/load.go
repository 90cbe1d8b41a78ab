package job

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// loadPatience is how long a load of tables may make no progress before it is
// taken to have been killed. One that goes on later finds that out and fails.
const loadPatience = time.Minute

// A loadSeen is the note of a load, and when it was first seen like that.
type loadSeen struct {
	raw   []byte
	since time.Time
}

// endLoads leaves what loads that have been killed have written to be cleared
// away. No clocks are compared; see lease.
func (r *Runner) endLoads(ctx context.Context) error {
	now := map[string]loadSeen{}
	err := r.store.View(ctx, func(v kv.Reader) error {
		clear(now)
		for pair, err := range v.Scan(table.Loads()) {
			if err != nil {
				return err
			}
			seen, ok := r.loads[string(pair.Key)]
			if !ok || !bytes.Equal(seen.raw, pair.Value) {
				seen = loadSeen{bytes.Clone(pair.Value), time.Now()}
			}
			now[string(pair.Key)] = seen
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for loads: %w", err)
	}
	r.loads = now
	for key, seen := range now {
		if time.Since(seen.since) < loadPatience {
			continue
		}
		if err := r.endLoad(ctx, []byte(key), seen.raw); err != nil {
			return fmt.Errorf("end a load: %w", err)
		}
	}
	return nil
}

func (r *Runner) endLoad(ctx context.Context, key, raw []byte) error {
	keys := [][]byte{key}
	return r.update(ctx, kv.Locks{Hold: keys}, keys, func(tx kv.Tx, values [][]byte) error {
		if !bytes.Equal(values[0], raw) {
			return nil
		}
		load, _ := table.DecodeLoad(raw) // of what is no note, nothing is known
		for _, id := range load.IDs {
			tx.Set(table.BuryAll(id).Key, nil)
		}
		tx.Delete(key)
		return nil
	})
}
