package check

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// replicas checks that the tables of a global table name each other, and that
// each item of this one is in the next: in a ring of them all items are in all.
func (w *walk) replicas() error {
	values, err := w.Get(w.t.ReplicaKeys()...)
	if err != nil {
		return err
	}
	var others []*table.Table
	for i, m := range w.t.Replicas {
		r, err := table.Decode(bytes.Clone(values[i]))
		switch {
		case values[i] == nil || err == nil && r.ID != m.ID:
			w.found(w.finding(LoneReplica, nil, w.t.DescriptorKey(), "it names a replica in %s, which is not there", m.Region))
		case err != nil: // which is told of
		case !slices.ContainsFunc(r.Replicas, func(m table.Replica) bool { return m.ID == w.t.ID }):
			w.found(w.finding(LoneReplica, nil, w.t.DescriptorKey(), "it names the table in %s as a replica, which does not name it", m.Region))
		default:
			others = append(others, r)
		}
	}
	next := w.next(others)
	if next == nil || w.t.Filling != nil || next.Filling != nil {
		return nil
	}
	if w.t.Async != nil {
		if equal, err := w.arrived(append(others, w.t)); err != nil || !equal {
			return err
		}
	}
	return w.twins(next)
}

// arrived reports whether all changes have reached all replicas, so that these
// are to be equal. What a link cannot tell is found.
func (w *walk) arrived(group []*table.Table) (bool, error) {
	if slices.ContainsFunc(group, func(t *table.Table) bool { return t.Async == nil }) {
		w.found(w.finding(LoneReplica, nil, w.t.DescriptorKey(), "some replicas are asynchronous and some are not"))
		return false, nil
	}
	behind, err := replica.Behind(w, replica.Links(group), 1)
	if errors.Is(err, replica.ErrCursor) {
		w.found(w.finding(LoneReplica, nil, w.t.DescriptorKey(), "%v", err))
		return false, nil
	}
	return !slices.ContainsFunc(behind, func(b replica.Backlog) bool { return b.Changes > 0 }), err
}

// next returns the first of some replicas whose region comes after that of the
// table, or the first of all; nil if there is none.
func (w *walk) next(others []*table.Table) *table.Table {
	slices.SortFunc(others, func(a, b *table.Table) int { return cmp.Compare(a.Region, b.Region) })
	for _, r := range others {
		if r.Region > w.t.Region {
			return r
		}
	}
	if len(others) == 0 {
		return nil
	}
	return others[0]
}

func (w *walk) twins(of *table.Table) error {
	twin := func(key, _ []byte) []byte { return of.Twin(key) }
	return w.lookUp(w.t.Whole(nil), twin, func(with kv.Pair, key, value []byte) {
		it := attr.Item(with.Value)
		switch {
		case bytes.Equal(with.Value, value):
		case it.Check() != nil: // which is told of
		case value == nil:
			w.found(w.about(DifferentReplica, nil, it, "the replica in %s does not have the item", of.Region))
		default:
			w.found(w.about(DifferentReplica, nil, it, "the replica in %s has another item", of.Region))
		}
	})
}
