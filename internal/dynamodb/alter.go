package dynamodb

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// An alteration is a change of a table's descriptor, and of those of its
// replicas. They are copies, which may be changed.
type alteration struct {
	kv.Tx
	t        *table.Table
	replicas []*table.Table // in the order in which they joined
	added    []*table.Table // replicas that were not there before
	gone     []*table.Table // which are not stored

	// settled is set once the group has been, late is how many changes were on
	// their way, which the Tx does not see, and async how to go on.
	settled, async bool
	late           int
}

// alter calls fn with the table called name and stores what fn makes of it. The
// descriptors of the table, of its replicas, and of tables of its name in more
// regions are locked: nobody uses any of them meanwhile.
func (s *Service) alter(ctx context.Context, name string, regions []string, fn func(a *alteration) error) error {
	ts, _, err := s.cached(ctx, []string{name})
	for err == nil {
		err = s.store.Update(ctx, s.alterLocks(ts[0], regions), func(tx kv.Tx) error {
			t, err := s.find(tx, name)
			if err != nil {
				return err
			}
			if !slices.Equal(t.Replicas, ts[0].Replicas) {
				return errStale
			}
			replicas, err := s.replicasOf(tx, t)
			if err != nil {
				return err
			}
			a := &alteration{Tx: tx, t: t.Clone()}
			for _, r := range replicas {
				a.replicas = append(a.replicas, r.Clone())
			}
			if err := fn(a); err != nil {
				return err
			}
			if a.settled {
				if err := s.unite(a, a.group(), a.async); err != nil {
					return err
				}
			}
			return a.store()
		})
		switch {
		case errors.Is(err, replica.ErrBehind):
			err = s.catchUp(ctx, ts[0])
		case !errors.Is(err, errStale):
			return heldUp(err)
		}
		if err == nil || errors.Is(err, errStale) {
			ts, err = s.load(ctx, []string{name})
		}
	}
	return err
}

// catchUp makes the changes that are on their way between t and its replicas.
func (s *Service) catchUp(ctx context.Context, t *table.Table) error {
	return (&replica.Mover{Store: s.store, Now: s.now}).Flush(ctx, t.DescriptorKey())
}

// heldUp makes what it means that replication is held up into what a client is
// told whose request has to wait for it.
func heldUp(err error) error {
	if errors.Is(err, replica.ErrHeldUp) {
		return api.NewResourceInUseException(inUse + "Replication between regions is paused, and changes may be on their way.")
	}
	return err
}

// settle makes the changes that are on their way between the tables of the
// alteration, for one of them is about to have other replicas. They are replicated
// in no way until the alteration is stored.
func (s *Service) settle(a *alteration) (err error) {
	if a.settled {
		return nil
	}
	a.settled = true
	a.async = s.cfg.Async || a.t.Async != nil
	a.late, err = s.disband(a, a.all())
	return err
}

func (s *Service) disband(tx kv.Tx, group []*table.Table) (late int, err error) {
	if len(group) < 2 || group[0].Async == nil {
		return 0, nil
	}
	if late, err = replica.Settle(tx, group, s.now()); err == nil {
		replica.Disband(tx, group)
	}
	return late, err
}

// unite begins with replication through the log between tables that are replicas
// of each other by now, if that is how it is to be.
func (s *Service) unite(tx kv.Tx, group []*table.Table, async bool) error {
	if !async || len(group) < 2 || group[0].Strong {
		return nil
	}
	return replica.Unite(tx, group, s.now())
}

// all returns the table and its replicas as they were before the alteration.
func (a *alteration) all() []*table.Table { return append([]*table.Table{a.t}, a.replicas...) }

// group returns the tables that are replicas of each other after the alteration.
func (a *alteration) group() []*table.Table {
	if a.t.Replicated() {
		return append([]*table.Table{a.t}, a.others()...)
	}
	return a.others()
}

func (s *Service) alterLocks(t *table.Table, regions []string) kv.Locks {
	regions = append(slices.Clone(regions), t.Region)
	for _, m := range t.Replicas {
		regions = append(regions, m.Region)
	}
	slices.Sort(regions)
	var locks kv.Locks
	for _, region := range slices.Compact(regions) {
		locks.Hold = append(locks.Hold, table.DescriptorKey(s.account, region, t.Name))
	}
	return locks
}

// store writes the descriptors that have changed.
func (a *alteration) store() error {
	for _, t := range slices.Concat([]*table.Table{a.t}, a.replicas, a.added) {
		if slices.Contains(a.gone, t) {
			continue
		}
		if err := storeTable(a, t, slices.Contains(a.added, t)); err != nil {
			return err
		}
	}
	return nil
}

// storeTable writes the descriptor of t if it is new or has changed.
func storeTable(tx kv.Tx, t *table.Table, added bool) error {
	before := t.Raw()
	raw, err := t.Encode()
	if err == nil && (added || !bytes.Equal(before, raw)) {
		tx.Set(t.DescriptorKey(), raw)
	}
	return err
}

// others returns the replicas that there are after the alteration, in their
// order.
func (a *alteration) others() []*table.Table {
	return slices.DeleteFunc(slices.Concat(a.replicas, a.added), func(t *table.Table) bool { return slices.Contains(a.gone, t) || !t.Replicated() })
}

// complete refuses to change tables while one of them is being added.
func (a *alteration) complete(now time.Time) error {
	for _, r := range a.replicas {
		if r.StatusAt(now) == table.Creating {
			return api.NewResourceInUseException("The resource which you are attempting to change is in use.")
		}
	}
	return nil
}

// together returns the tables that share settings: the table and its replicas. In
// a global table of the version of 2017 each has its own.
func (a *alteration) together() []*table.Table {
	if a.t.Global != nil {
		return []*table.Table{a.t}
	}
	return append([]*table.Table{a.t}, a.replicas...)
}

// follow gives the replicas those settings of the table that all share.
func (a *alteration) follow() {
	for _, r := range a.together()[1:] {
		for _, grave := range r.Follow(a.t) {
			a.Set(grave, nil)
		}
		r.State = a.t.State
	}
}

// part makes t, which is the altered table or one of its replicas, a table of
// its own.
func (a *alteration) part(t *table.Table) {
	all := slices.Concat([]*table.Table{a.t}, a.replicas, a.added)
	t.Part(slices.DeleteFunc(all, func(r *table.Table) bool { return r == t }))
}
