package job

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// streamLook is how often a Runner looks at streams, if no shards are to be
// rolled over before. What is too old is not read even if it is still there.
const streamLook = time.Minute

// trimSlice is how many records are looked at, and deleted, in one Update at
// most.
const trimSlice = 10_000

// streams replaces shards that have been open for long enough, and deletes
// records that are too old to be read.
func (r *Runner) streams(ctx context.Context) error {
	r.rollover = time.Time{}
	tended := func(p kv.Pair) bool {
		if !table.Streaming(p.Value) {
			return false
		}
		t, err := table.Decode(p.Value)
		if err != nil {
			return true // tending it says so
		}
		if at, ok := t.RolloverAt(); ok && (r.rollover.IsZero() || at.Before(r.rollover)) {
			r.rollover = at
		}
		return r.tends(t)
	}
	for _, in := range []kv.Range{table.AllDescriptors(), table.AllRemains()} {
		keys, err := r.keys(ctx, in, tended)
		if err != nil {
			return fmt.Errorf("look for streams: %w", err)
		}
		for _, key := range keys {
			if err := r.tend(ctx, key); err != nil {
				return fmt.Errorf("tend a stream: %w", err)
			}
		}
	}
	return nil
}

// streamPause returns how long to wait for the next look at streams after one
// that ended with err.
func (r *Runner) streamPause(err error) time.Duration {
	switch {
	case err != nil:
		return soon
	case r.rollover.IsZero():
		return streamLook
	}
	return min(streamLook, max(r.rollover.Sub(r.now()), soon))
}

// tends reports whether there may be something to do for the streams of t.
func (r *Runner) tends(t *table.Table) bool {
	now := r.now()
	if t.State.Status == table.Deleting {
		return false
	}
	at, ok := t.RolloverAt()
	first, end := t.Dead(now)
	return ok && !now.Before(at) || first < end || len(aged(t, now)) > 0
}

// aged returns the shards that may have records that are too old at now, of
// those that can still be read.
func aged(t *table.Table, now time.Time) (shards []table.Shard) {
	for _, s := range t.StreamsAt(now) {
		for _, g := range s.Generations() {
			if g.GoneAt(now) || now.Before(g.Opened.Add(table.StreamRetention)) {
				continue
			}
			for i := range s.Shards {
				shards = append(shards, table.Shard{Generation: g, Index: i})
			}
		}
	}
	return shards
}

// tend does what there is to do for the streams of the table whose descriptor,
// or what remains of which, is at key. Writers compare the descriptor, so nobody writes to a generation
// once another one has taken its place; see docs/adr/0010.
func (r *Runner) tend(ctx context.Context, key []byte) error {
	t, err := r.load(ctx, key)
	if err != nil || t == nil || !r.tends(t) {
		return err
	}
	needed, err := r.needed(ctx, t)
	if err != nil {
		return err
	}
	first, end := t.Dead(r.now())
	end = max(first, min(end, needed.generation))
	if first < end {
		if err := r.deleteRanges(ctx, kv.Locks{}, []kv.Range{t.Logs(first, end)}, func(kv.Tx) {}); err != nil {
			return err
		}
	}
	// The oldest go first, so that what is left leads to the items.
	for _, shard := range aged(t, r.now()) {
		if err := r.trim(ctx, t.Records(shard.Number, shard.Index), needed.before(shard)); err != nil {
			return err
		}
	}
	if at, ok := t.RolloverAt(); first == end && (!ok || r.now().Before(at)) {
		return nil
	}
	return r.change(ctx, key, func(tx kv.Tx, now *table.Table) bool {
		if now.ID != t.ID || now.State.Status == table.Deleting {
			return false
		}
		if first < end {
			now.ForgetStreams(end)
		}
		if table.AreRemains(key) && now.Remains(r.now()) == nil {
			tx.Delete(key)
			return false
		}
		return now.RollOver(r.now()) || first < end
	})
}

// A need is what of the logs of a table is on its way to replicas.
type need struct {
	generation uint32           // the first that is needed
	passed     []stream.Version // by all replicas, in each shard of it
}

// needed returns what is needed of the logs of t.
func (r *Runner) needed(ctx context.Context, t *table.Table) (n need, err error) {
	n.generation = math.MaxUint32
	if t.Async == nil {
		return n, nil
	}
	err = r.store.View(ctx, func(v kv.Reader) error {
		n.generation, n.passed, err = replica.Passed(v, t)
		return err
	})
	return n, err
}

// before returns the version of a shard's log after which nothing can be deleted.
func (n need) before(s table.Shard) stream.Version {
	switch {
	case s.Number < n.generation:
		return math.MaxUint64
	case s.Number == n.generation && s.Index < len(n.passed):
		return n.passed[s.Index]
	default:
		return 0
	}
}

// trim deletes the records of a log that are too old to be read and have been
// passed, but for the last of them, which tells readers that there were some; see
// stream.Read.
func (r *Runner) trim(ctx context.Context, log []byte, passed stream.Version) error {
	most := trimSlice
	if r.slice > 0 {
		most = min(most, r.slice+1) // of which one stays
	}
	for {
		begin := time.Now()
		last, n, err := r.expired(ctx, log, passed, most)
		if err != nil || n < 2 {
			return err
		}
		err = r.update(ctx, kv.Locks{}, nil, func(tx kv.Tx, _ [][]byte) error {
			tx.DeleteRange(log, last)
			return nil
		})
		if err != nil || n < most {
			return err
		}
		if err := giveWay(ctx, time.Since(begin)); err != nil {
			return err
		}
	}
}

// expired returns how many records at the beginning of a log, of so many at
// most, are too old to be read and not after passed, and the key of the last of
// them.
func (r *Runner) expired(ctx context.Context, log []byte, passed stream.Version, most int) (last []byte, n int, err error) {
	in := kv.Prefix(slices.Clip(log))
	in.Limit = most
	now := r.now()
	err = r.store.View(ctx, func(v kv.Reader) error {
		last, n = last[:0], 0
		for pair, err := range v.Scan(in) {
			if err != nil {
				return err
			}
			old, err := stream.Expired(pair.Value, now)
			if err != nil {
				return err
			}
			if at, err := stream.VersionOf(log, pair.Key); err != nil || !old || at > passed {
				return err
			}
			last = append(last[:0], pair.Key...)
			if n++; n == most {
				return nil
			}
		}
		return nil
	})
	return bytes.Clone(last), n, err
}
