package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// A Mover makes the changes of asynchronous tables in their replicas. Of all
// Movers of a store one should work at a time; if two do, they only get into
// each other's way. It belongs to one goroutine.
type Mover struct {
	Store kv.Store
	Now   func() time.Time
	Delay Delay

	// passed is how far links have come past their stored cursors, where there
	// was nothing for them.
	passed map[Link]passed
}

type passed struct {
	stored  []byte
	cursor  cursor
	records int
}

// A batch is how many changes of a link are made in one commit at most, and how
// many records are passed without a word.
const (
	batch     = 64
	overlook  = 512
	lookAhead = batch + 1
)

// Arrange brings all groups where they are to be, and returns those that are
// asynchronous then. What is wrong with some does not keep it from the others,
// which it returns with the error.
func (m *Mover) Arrange(ctx context.Context) (groups [][]*table.Table, err error) {
	for {
		var wrong []error
		groups, err = m.groups(ctx, &wrong)
		if err != nil {
			return nil, fmt.Errorf("look for replicas: %w", err)
		}
		changed := false
		for _, group := range groups {
			is, err := m.tend(ctx, group)
			stale := errors.Is(err, ErrStale)
			if err != nil && !stale {
				wrong = append(wrong, fmt.Errorf("tend the replicas of %s: %w", group[0].ARN(), err))
			}
			changed = changed || is || stale
		}
		if !changed || ctx.Err() != nil {
			return slices.DeleteFunc(groups, func(g []*table.Table) bool { return g[0].Async == nil }), errors.Join(wrong...)
		}
	}
}

// groups reads all groups that are asynchronous, or are to be. wrong gets what
// keeps some of them from being read.
func (m *Mover) groups(ctx context.Context, wrong *[]error) (groups [][]*table.Table, err error) {
	err = m.Store.View(ctx, func(r kv.Reader) error {
		groups, *wrong = nil, nil
		control, _, err := ReadControl(r)
		if err != nil {
			return err
		}
		want := table.Asynchronous
		if m.async(control) {
			want = table.MayHaveReplicas
		}
		var keys [][]byte
		for pair, err := range r.Scan(table.AllDescriptors()) {
			if err != nil {
				return err
			}
			if want(pair.Value) {
				keys = append(keys, bytes.Clone(pair.Key))
			}
		}
		for _, key := range keys {
			group, err := load(r, key)
			if err != nil {
				*wrong = append(*wrong, fmt.Errorf("%s: %w", key, err))
			}
			if group != nil && !group[0].Strong && bytes.Equal(key, group[0].DescriptorKey()) { // once
				groups = append(groups, group)
			}
		}
		return nil
	})
	m.passed = nil
	return groups, err
}

// async reports whether replication is to go through the log.
func (m *Mover) async(c Control) bool { return !m.Delay.IsZero() || !c.Free() }

// Renewal is how often a group begins anew with version vectors, if nothing is
// on its way then. Deleted items leave theirs behind until then.
const Renewal = time.Hour

// tend brings a group where it is to be: it becomes asynchronous, or stops being
// it, or begins anew. It reports whether it has changed the group.
func (m *Mover) tend(ctx context.Context, group []*table.Table) (changed bool, err error) {
	var control Control
	err = m.Store.View(ctx, func(r kv.Reader) error {
		control, _, err = ReadControl(r)
		return err
	})
	filling := func(t *table.Table) bool { return t.Filling != nil }
	silent := func(t *table.Table) bool { return t.Stream == nil || !t.Stream.Enabled }
	if err != nil || slices.ContainsFunc(group, filling) {
		return false, err
	}
	is, want, now := group[0].Async != nil, m.async(control), m.Now()
	switch {
	case !is && (!want || slices.ContainsFunc(group, silent)):
		return false, nil
	case is && want && !group[0].Async.Since.After(now) && now.Before(group[0].Async.Since.Add(Renewal)):
		return false, nil
	case is && !control.Free(): // later
		return false, nil
	}
	err = alter(ctx, m.Store, group, func(tx kv.Tx, group []*table.Table) error {
		if is {
			if _, err := Settle(tx, group, now); err != nil {
				return err
			}
			Disband(tx, group)
		}
		if !want {
			return nil
		}
		return Unite(tx, group, now)
	})
	if errors.Is(err, ErrBehind) || errors.Is(err, ErrHeldUp) {
		return false, nil
	}
	return err == nil, err
}

// Deliver makes the next changes that are due on a link of an asynchronous
// group, all that there are if hurry says so. It returns how many it made, and
// when the next one is due, zero if none is on its way. More may be due. The
// error is ErrStale if the tables are to be read again.
func (m *Mover) Deliver(ctx context.Context, l Link, hurry bool) (n int, due time.Time, err error) {
	d := &delivery{Mover: m, Link: l, hurry: hurry, now: m.Now()}
	if err = m.Store.View(ctx, d.look); err != nil || d.to.generation == 0 {
		return 0, d.due, err
	}
	if len(d.arrivals) == 0 && d.overlooked < overlook && d.to.generation == d.from {
		if m.passed == nil {
			m.passed = map[Link]passed{}
		}
		m.passed[l] = passed{d.stored, d.to, d.overlooked}
		return 0, d.due, nil
	}
	if err := d.make(ctx); err != nil {
		return 0, time.Time{}, err
	}
	if d.more {
		d.due = d.now
	}
	return len(d.arrivals), d.due, nil
}

// A delivery is some changes on a link.
type delivery struct {
	*Mover
	Link
	hurry bool
	now   time.Time

	control, stored []byte // as stored
	from            uint32 // the generation that the stored cursor is in
	to              cursor // after them
	arrivals        []arrival
	overlooked      int       // records of others
	more            bool      // may be due
	due             time.Time // when the first of the others is
}

// look finds the changes that are due.
func (d *delivery) look(r kv.Reader) error {
	*d = delivery{Mover: d.Mover, Link: d.Link, hurry: d.hurry, now: d.now}
	if err := same(r, []*table.Table{d.From, d.To}); err != nil {
		return err
	}
	control, raw, err := ReadControl(r)
	if err != nil || control.Blocks(d.From.Region, d.To.Region) {
		return err
	}
	from, stored, err := cursors(r, []Link{d.Link})
	if err != nil {
		return err
	}
	d.control, d.stored, d.from, d.to = raw, stored[0], from[0].generation, from[0]
	if p, ok := d.passed[d.Link]; ok && bytes.Equal(p.stored, d.stored) {
		d.to, d.overlooked = p.cursor.clone(), p.records
	}
	met := map[string]bool{}
	return d.walk(r, &d.to, lookAhead, func(own bool, raw stream.Raw) error {
		if !own {
			d.overlooked++
			return nil
		}
		if at, err := d.dueAt(raw); err != nil {
			return err
		} else if at.After(d.now) {
			if d.due.IsZero() || at.Before(d.due) {
				d.due = at
			}
			return errSkip
		}
		if len(d.arrivals) == batch {
			d.more = true
			return errStop
		}
		a, err := d.arrive(raw.Value)
		if err != nil {
			return err
		}
		if met[string(a.key)] { // each change is a record there, too
			d.more = true
			return errSkip
		}
		met[string(a.key)] = true
		d.arrivals = append(d.arrivals, a)
		return nil
	})
}

// dueAt returns when a record is due. One of the future, by a clock that has been
// set back, is due at once.
func (d *delivery) dueAt(raw stream.Raw) (time.Time, error) {
	at, _, err := stream.Peek(raw.Value)
	if err != nil || d.hurry || d.Delay.IsZero() || at.After(d.now) {
		return d.now, err
	}
	return at.Add(d.Delay.at(d.fraction(raw.Version))), nil
}

// make makes the changes in the replica, under the locks of their items, in one
// commit with the cursor.
func (d *delivery) make(ctx context.Context) error {
	locks := kv.Locks{Hold: [][]byte{d.key()}, Share: [][]byte{d.To.DescriptorKey(), table.ControlKey()}}
	for _, a := range d.arrivals {
		locks.Hold = append(locks.Hold, a.key)
	}
	return d.Store.Update(ctx, locks, func(tx kv.Tx) error {
		values, err := tx.Get(d.To.DescriptorKey(), table.ControlKey(), d.key())
		if err != nil {
			return err
		}
		for i, want := range [][]byte{d.To.Raw(), d.control, d.stored} {
			if !bytes.Equal(values[i], want) {
				return ErrStale
			}
		}
		tx.Set(d.key(), d.to.encode())
		return (&merging{table: d.To, now: d.now}).all(tx, d.arrivals)
	})
}

// drain makes all changes on the links of a group, as far as they are not held
// up, up to a moment at which there were few.
func (m *Mover) drain(ctx context.Context, group []*table.Table) error {
	for _, l := range Links(group) {
		for {
			n, due, err := m.Deliver(ctx, l, true)
			if err != nil {
				return err
			}
			if n == 0 && due.IsZero() {
				break
			}
		}
	}
	return nil
}

// Copy gives a new replica those of the items stored at keys in another one that
// it does not have. What has changed since it joined is on its way to it, or
// there. The caller holds the locks of the items in both, and shares both
// descriptors.
func Copy(tx kv.Tx, from, to *table.Table, keys [][]byte, now time.Time) error {
	n := len(keys)
	read := slices.Clone(keys)
	for _, key := range keys {
		read = append(read, to.Twin(key))
	}
	for i := 0; from.Async != nil && to.Async != nil && i < n; i++ {
		read = append(read, from.VersionKey(read[i]), to.VersionKey(read[n+i]))
	}
	values, err := tx.Get(read...)
	if err != nil {
		return err
	}
	for i, it := range values[:n] {
		if it == nil || values[n+i] != nil {
			continue
		}
		if versions := values[2*n:]; len(versions) > 0 && (versions[2*i] != nil || versions[2*i+1] != nil) {
			continue
		}
		w := item.Write{Table: to, Key: read[n+i], New: bytes.Clone(it), Now: now, Unlogged: true}
		if err := w.Do(tx); err != nil {
			return err
		}
	}
	return nil
}
