package job

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// errReplicas is returned when a table has got other replicas, or one of them
// other settings, than were planned with.
var errReplicas = errors.New("job: the replicas have changed")

// withReplicas is withItems for a change of the items, which is made in the
// replicas of t, too. The error is errReplicas if t is to be read again.
func (r *Runner) withReplicas(ctx context.Context, t *table.Table, keys [][]byte,
	fn func(tx kv.Tx, now *table.Table, items [][]byte, replicas *replica.Set) error,
) error {
	set, err := r.replicas(ctx, t)
	if err != nil {
		return err
	}
	descriptors := [][]byte{t.DescriptorKey()}
	for _, m := range set.Tables() {
		descriptors = append(descriptors, m.DescriptorKey())
	}
	twins, besides := set.Keys(keys)
	locks := kv.Locks{Hold: slices.Concat(keys, twins), Share: descriptors}
	return r.update(ctx, locks, slices.Concat(descriptors, keys, besides), func(tx kv.Tx, values [][]byte) error {
		if values[0] == nil {
			return fn(tx, nil, nil, nil)
		}
		now, err := table.Decode(bytes.Clone(values[0]))
		if err != nil {
			return err
		}
		if now.ID == t.ID && (!slices.Equal(now.Replicas, t.Replicas) || !sameVersions(now, t)) {
			return errReplicas
		}
		for i, m := range set.Tables() {
			if !bytes.Equal(values[1+i], m.Raw()) {
				return errReplicas
			}
		}
		items := values[len(descriptors):]
		set.Found(items[len(keys):])
		return fn(tx, now, items[:len(keys)], set)
	})
}

func sameVersions(a, b *table.Table) bool {
	if a.Async == nil || b.Async == nil {
		return a.Async == b.Async
	}
	return a.Async.Versions == b.Async.Versions
}

// replicas reads the descriptors of the replicas of t. The error is errReplicas
// if t has others by now.
func (r *Runner) replicas(ctx context.Context, t *table.Table) (set *replica.Set, err error) {
	if !t.Replicated() {
		return nil, nil
	}
	if t.Async != nil {
		set = &replica.Set{}
		set.Add(t, nil)
		return set, nil
	}
	err = r.store.View(ctx, func(v kv.Reader) error {
		set = &replica.Set{}
		values, err := v.Get(t.ReplicaKeys()...)
		if err != nil {
			return err
		}
		var replicas []*table.Table
		for i, raw := range values {
			if raw == nil {
				return errReplicas
			}
			m, err := table.Decode(bytes.Clone(raw))
			if err != nil {
				return err
			}
			if m.ID != t.Replicas[i].ID {
				return errReplicas
			}
			replicas = append(replicas, m)
		}
		set.Add(t, replicas)
		return nil
	})
	return set, err
}

// fillReplica gives a new replica the items that the one it was made from has.
// Writes are made in both since it joined, or are on their way from one to the
// other, so an item that changes meanwhile is right already: each is copied as it
// is at that moment, under its lock.
func (r *Runner) fillReplica(ctx context.Context, t *table.Table) error {
	from, err := r.load(ctx, table.DescriptorKey(t.Account, t.Filling.Region, t.Name))
	if err != nil {
		return err
	}
	if from == nil || !slices.ContainsFunc(from.Replicas, func(m table.Replica) bool { return m.ID == t.ID }) {
		return errors.New("the replica that it is filled from is not there")
	}
	done, err := r.eachBatch(ctx, from, part{table: t.ID}, func(keys [][]byte) (bool, error) { return r.copyItems(ctx, from, t, keys) })
	if err != nil || !done {
		return err
	}
	return r.change(ctx, t.DescriptorKey(), func(_ kv.Tx, now *table.Table) bool {
		if now.ID != t.ID || now.Filling == nil {
			return false
		}
		now.Filling = nil
		return true
	})
}

// copyItems gives t the items of a replica that are stored there at keys, but for
// those that it has. It reports false if t is not to be filled any more.
func (r *Runner) copyItems(ctx context.Context, from, t *table.Table, keys [][]byte) (goOn bool, err error) {
	twins := make([][]byte, len(keys))
	for i, key := range keys {
		twins[i] = t.Twin(key)
	}
	locks := kv.Locks{Hold: slices.Concat(keys, twins), Share: [][]byte{from.DescriptorKey(), t.DescriptorKey()}}
	err = r.update(ctx, locks, locks.Share, func(tx kv.Tx, values [][]byte) error {
		goOn = false
		if values[0] == nil || values[1] == nil {
			return nil
		}
		source, err := table.Decode(bytes.Clone(values[0]))
		if err != nil || source.ID != from.ID {
			return err
		}
		now, err := table.Decode(bytes.Clone(values[1]))
		if err != nil || now.ID != t.ID || now.Filling == nil {
			return err
		}
		goOn = true
		return replica.Copy(tx, source, now, keys, r.now())
	})
	return goOn, err
}
