package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// ErrStale is returned when tables are not what they were taken for: they are to
// be read again.
var ErrStale = errors.New("replica: tables have changed")

// ErrBehind is returned when more changes are on their way than can be made at
// once: they are to be delivered first.
var ErrBehind = errors.New("replica: changes are on their way")

// ErrHeldUp is returned when the changes that are on their way are held up.
var ErrHeldUp = errors.New("replica: changes are held up")

// What may be on its way when a group is settled.
const (
	settledChanges = 1000
	settledBytes   = 4 << 20
)

// Settle makes all changes that are on their way between the tables of a group,
// which are asynchronous. Nobody else uses any of them: the caller holds their
// descriptors. It returns how many changes these were; tx does not see them.
func Settle(tx kv.Tx, group []*table.Table, now time.Time) (n int, err error) {
	control, _, err := ReadControl(tx)
	if err != nil {
		return 0, err
	}
	links := Links(group)
	if slices.ContainsFunc(links, func(l Link) bool { return control.Blocks(l.From.Region, l.To.Region) }) {
		return 0, ErrHeldUp
	}
	from, _, err := cursors(tx, links)
	if err != nil {
		return 0, err
	}
	left, size := settledChanges, settledBytes
	for _, to := range group {
		m := &merging{table: to, now: now}
		var arrivals []arrival
		for i, l := range links {
			if l.To != to {
				continue
			}
			err := l.walk(tx, &from[i], left, func(own bool, raw stream.Raw) error {
				if !own {
					return nil
				}
				left, size = left-1, size-len(raw.Value)
				if left < 0 || size < 0 {
					return ErrBehind
				}
				a, err := l.arrive(raw.Value)
				arrivals = append(arrivals, a)
				return err
			})
			if err != nil {
				return 0, err
			}
		}
		if err := m.all(tx, arrivals); err != nil {
			return 0, err
		}
	}
	return settledChanges - left, nil
}

// all has changes arrive, of different items or not, and writes what becomes of
// them.
func (m *merging) all(tx kv.Tx, arrivals []arrival) error {
	keys := make([][]byte, 0, len(arrivals))
	for _, a := range arrivals {
		keys = append(keys, a.key)
	}
	slices.SortFunc(keys, bytes.Compare)
	if err := m.read(tx, slices.CompactFunc(keys, bytes.Equal)); err != nil {
		return err
	}
	for _, a := range arrivals {
		m.merge(a)
	}
	return m.write(tx)
}

// Disband ends the replication through the log between the tables of a group,
// which is settled. Nobody uses any of them.
func Disband(tx kv.Tx, group []*table.Table) {
	for _, t := range group {
		if grave := t.StopVersions(); grave != nil {
			tx.Set(grave, nil)
		}
	}
	for _, l := range Links(group) {
		tx.Delete(l.key())
	}
}

// Unite begins with the replication through the log between tables that are
// replicas of each other, and have the same items. Nobody uses any of them.
func Unite(tx kv.Tx, group []*table.Table, now time.Time) error {
	for _, t := range group {
		t.StartVersions(now)
		if t.Raw() == nil { // it is used before it is stored
			if _, err := t.Encode(); err != nil {
				return err
			}
		}
	}
	for _, l := range Links(group) {
		c, err := end(tx, l.From)
		if err != nil {
			return err
		}
		tx.Set(l.key(), c.encode())
	}
	return nil
}

// Behind returns, for the tables of an asynchronous group, how many changes are
// on their way on each of their Links, counting to most, and when the first of
// them was made.
func Behind(r kv.Reader, links []Link, most int) (behind []Backlog, err error) {
	from, _, err := cursors(r, links)
	if err != nil {
		return nil, err
	}
	for i, l := range links {
		b := Backlog{Link: l}
		err := l.walk(r, &from[i], 100, func(own bool, raw stream.Raw) error {
			if !own {
				return nil
			}
			if b.Changes == most {
				return errStop
			}
			at, _, err := stream.Peek(raw.Value)
			if b.Changes++; b.Changes == 1 || at.Before(b.Oldest) {
				b.Oldest = at
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		behind = append(behind, b)
	}
	return behind, nil
}

// A Backlog is the changes that are on their way on a link.
type Backlog struct {
	Link
	Changes int
	Oldest  time.Time // zero if there are none
}

// Passed returns what of the logs of t all its replicas have passed: all of the
// generations before one, and of each shard of that one all up to a version.
func Passed(r kv.Reader, t *table.Table) (first uint32, passed []stream.Version, err error) {
	keys := make([][]byte, 0, len(t.Replicas))
	for _, m := range t.Replicas {
		to, err := m.Short()
		if err != nil {
			return 0, nil, err
		}
		keys = append(keys, table.CursorKey(t.Short(), to))
	}
	values, err := r.Get(keys...)
	if err != nil {
		return 0, nil, err
	}
	for i, raw := range values {
		c, err := parseCursor(raw)
		if err != nil {
			return 0, nil, fmt.Errorf("of %s in %s: %w", t.ARN(), t.Replicas[i].Region, err)
		}
		switch {
		case i == 0 || c.generation < first:
			first, passed = c.generation, c.after
		case c.generation == first && len(c.after) == len(passed):
			for s, v := range c.after {
				passed[s] = min(passed[s], v)
			}
		}
	}
	return first, passed, nil
}

// load reads the group of the table whose descriptor is at key, in the order of
// their regions; nil if it has no replicas.
func load(r kv.Reader, key []byte) ([]*table.Table, error) {
	values, err := r.Get(key)
	if err != nil || values[0] == nil {
		return nil, err
	}
	t, err := table.Decode(bytes.Clone(values[0]))
	if err != nil || !t.Replicated() {
		return nil, err
	}
	if values, err = r.Get(t.ReplicaKeys()...); err != nil {
		return nil, err
	}
	group := []*table.Table{t}
	for i, raw := range values {
		if raw == nil {
			return nil, fmt.Errorf("%s has no replica in %s", t.ARN(), t.Replicas[i].Region)
		}
		m, err := table.Decode(bytes.Clone(raw))
		if err != nil {
			return nil, err
		}
		group = append(group, m)
	}
	slices.SortFunc(group, func(a, b *table.Table) int { return bytes.Compare(a.DescriptorKey(), b.DescriptorKey()) })
	return group, nil
}

func descriptors(group []*table.Table) [][]byte {
	keys := make([][]byte, len(group))
	for i, t := range group {
		keys[i] = t.DescriptorKey()
	}
	return keys
}

// alter calls fn with copies of the tables of a group, which it may change, while
// nobody uses them. The error is ErrStale if they are not what they were.
func alter(ctx context.Context, store kv.Store, group []*table.Table, fn func(tx kv.Tx, group []*table.Table) error) error {
	keys := descriptors(group)
	return store.Update(ctx, kv.Locks{Hold: keys}, func(tx kv.Tx) error {
		if err := same(tx, group); err != nil {
			return err
		}
		var changed []*table.Table
		for _, t := range group {
			changed = append(changed, t.Clone())
		}
		if err := fn(tx, changed); err != nil {
			return err
		}
		for i, t := range changed {
			raw, err := t.Encode()
			if err != nil {
				return err
			}
			tx.Set(keys[i], raw)
		}
		return nil
	})
}

// same returns ErrStale if tables are not as they are stored.
func same(r kv.Reader, ts []*table.Table) error {
	values, err := r.Get(descriptors(ts)...)
	if err != nil {
		return err
	}
	for i, t := range ts {
		if !bytes.Equal(values[i], t.Raw()) {
			return ErrStale
		}
	}
	return nil
}
