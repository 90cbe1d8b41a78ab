package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// Expire deletes the items of all tables that have expired and returns how many
// it deleted. It may be called at any time, several times at once, and while
// Runners of this and other processes work on the store: whoever deletes an item
// counts it, and nobody else does. If it cannot go on with one table it goes on
// with the next, and returns what was wrong.
//
// A table whose time to live was just enabled is looked through first, so that
// nobody has to wait until a Runner has done that.
func Expire(ctx context.Context, store kv.Store, now func() time.Time) (int, error) {
	r := New(store, now, slog.New(slog.DiscardHandler), Config{})
	return r.expire(ctx)
}

// ErrNothingExpires is returned for a table that is not there, or whose time to
// live is not enabled.
var ErrNothingExpires = errors.New("there is no such table, or its time to live is not enabled")

// ExpireTable is Expire for one table. If its changes reach replicas later and
// what expires is deleted in another region, it does so there. With dry it deletes
// nothing and returns how many items it would have deleted.
func ExpireTable(ctx context.Context, store kv.Store, now func() time.Time, account, region, name string, dry bool) (int, error) {
	r := New(store, now, slog.New(slog.DiscardHandler), Config{})
	t, err := r.load(ctx, table.DescriptorKey(account, region, name))
	if err != nil {
		return 0, err
	}
	if t == nil || t.Gone(now()) || t.Expiring() == nil {
		return 0, ErrNothingExpires
	}
	return r.expireTable(ctx, table.DescriptorKey(account, t.ExpiresIn(), name), dry)
}

// expireInTime deletes what has expired if the time for that has come.
func (r *Runner) expireInTime(ctx context.Context) error {
	if r.every == 0 || r.now().Before(r.expiry) {
		return nil
	}
	n, err := r.expire(ctx)
	if err == nil {
		r.expiry = r.now().Add(r.every)
	}
	if n > 0 {
		r.log.Debug("items have expired", "deleted", n)
	}
	return err
}

// untilExpiry returns how long to wait before looking whether it is time to
// delete what has expired, after an attempt that ended with err. A clock that
// was set back does not make it wait for longer than it always does.
func (r *Runner) untilExpiry(err error) time.Duration {
	left := r.expiry.Sub(r.now())
	switch {
	case err != nil:
		return soon
	case r.every == 0:
		return someday
	case left > r.every:
		r.expiry = r.now().Add(r.every)
		left = r.every
	}
	return min(max(left, 0), someday)
}

// expire deletes what has expired, of one table after another.
func (r *Runner) expire(ctx context.Context) (n int, err error) {
	tables, err := r.keys(ctx, table.AllDescriptors(), func(p kv.Pair) bool { return table.MayExpire(p.Value) })
	if err != nil {
		return 0, fmt.Errorf("look for tables with a time to live: %w", err)
	}
	var wrong []error
	for _, key := range tables {
		of, err := r.expireTable(ctx, key, false)
		n += of
		if err != nil {
			wrong = append(wrong, fmt.Errorf("delete expired items, %s: %w", key, err))
		}
		if ctx.Err() != nil || errors.Is(err, errLeaseLost) {
			break
		}
	}
	return n, errors.Join(wrong...)
}

// expiring reports whether items of t are to be deleted when they expire.
func (r *Runner) expiring(t *table.Table) bool {
	if t == nil || t.Expiring() == nil || t.ExpiresIn() != t.Region || t.TTL.StatusAt(r.now()) == table.Enabling {
		return false
	}
	status := t.StatusAt(r.now())
	return status != table.Creating && status != table.Deleting
}

// A slice of a queue is deleted in one commit. Its items may be large.
const expireBatch = 25

// countBatch is how many places in a queue are counted at a time.
const countBatch = 1000

// expireTable deletes what has expired of the table whose descriptor's key is
// given, or counts it if dry is set.
func (r *Runner) expireTable(ctx context.Context, key []byte, dry bool) (n int, err error) {
	for tries := 0; ; tries++ {
		of, err := r.expireOnce(ctx, key, dry)
		n += of
		if !errors.Is(err, errReplicas) || tries == 3 {
			return n, err
		}
	}
}

func (r *Runner) expireOnce(ctx context.Context, key []byte, dry bool) (n int, err error) {
	t, err := r.load(ctx, key)
	if err != nil || !r.expiring(t) {
		return 0, err
	}
	if t.TTL.Backfilling {
		if err := r.fillQueue(ctx, t); err != nil {
			return 0, err
		}
	}
	from := t.TTL.Expired(t, r.now())
	from.Limit = expireBatch
	handle := r.expireItems
	if dry {
		from.Limit = countBatch
		handle = func(_ context.Context, _ *table.Table, at [][]byte) (int, bool, error) { return len(at), true, nil }
	}
	for {
		begin := time.Now()
		at, err := r.next(ctx, from, from.Limit)
		if err != nil || len(at) == 0 {
			return n, err
		}
		handled, goOn, err := handle(ctx, t, at)
		n += handled
		if err != nil || !goOn {
			return n, err
		}
		from.Start = append(at[len(at)-1], 0)
		if err := giveWay(ctx, time.Since(begin)); err != nil {
			return n, err
		}
	}
}

// expireItems deletes those of the items at some places in the queue that have
// expired. It reports false if t has no such queue any more.
func (r *Runner) expireItems(ctx context.Context, t *table.Table, at [][]byte) (n int, goOn bool, err error) {
	keys := make([][]byte, len(at))
	for i, place := range at {
		keys[i] = t.TTL.ItemOf(t, place)
	}
	err = r.withReplicas(ctx, t, keys, func(tx kv.Tx, now *table.Table, items [][]byte, replicas *replica.Set) (err error) {
		n, goOn = 0, now != nil && r.expiring(now) && sameQueue(now, t)
		if !goOn {
			return nil
		}
		for _, w := range item.Expired(now, r.now(), at, keys, items) {
			if err := replicas.Write(tx, w); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		n = 0
	}
	return n, goOn, err
}

func sameQueue(a, b *table.Table) bool {
	return a.ID == b.ID && a.Expiring() != nil && b.Expiring() != nil && a.TTL.Queue == b.TTL.Queue
}

// withItems is an update that holds the items of t at keys. fn is given the
// table as it is now, nil if it is gone, and the items, nil for one that is.
func (r *Runner) withItems(ctx context.Context, t *table.Table, keys [][]byte, fn func(tx kv.Tx, now *table.Table, items [][]byte) error) error {
	locks := kv.Locks{Hold: keys, Share: [][]byte{t.DescriptorKey()}}
	read := slices.Concat([][]byte{t.DescriptorKey()}, keys)
	return r.update(ctx, locks, read, func(tx kv.Tx, values [][]byte) (err error) {
		var now *table.Table
		if values[0] != nil {
			if now, err = table.Decode(bytes.Clone(values[0])); err != nil {
				return err
			}
		}
		return fn(tx, now, values[1:])
	})
}

// fillQueue gives the items that were there before the queue of t their places
// in it.
func (r *Runner) fillQueue(ctx context.Context, t *table.Table) error {
	wanted := func(now *table.Table) bool {
		return now != nil && sameQueue(now, t) && now.TTL.Backfilling && now.State.Status != table.Deleting
	}
	done, err := r.eachBatch(ctx, t, part{t.ID, t.TTL.Queue}, func(keys [][]byte) (goOn bool, err error) {
		err = r.withItems(ctx, t, keys, func(tx kv.Tx, now *table.Table, items [][]byte) error {
			if goOn = wanted(now); goOn {
				item.Queue(tx, now, keys, items)
			}
			return nil
		})
		return goOn, err
	})
	if err != nil || !done {
		return err
	}
	return r.change(ctx, t.DescriptorKey(), func(_ kv.Tx, now *table.Table) bool {
		same := wanted(now)
		if same {
			now.TTL.Backfilling = false
		}
		return same
	})
}
