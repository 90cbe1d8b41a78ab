package snapshot

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A change is what becomes of the tables of a store when others take their
// place.
type change struct {
	now     time.Time
	come    []*table.Table
	leave   []*table.Table          // that are replaced
	stay    map[string]*table.Table // replicas of those that are replaced, by key
	remains []*table.Table          // of deleted tables
	// forget leaves nothing of streams.
	forget bool
	found  map[string][]byte // what was stored at all keys, when it was planned
}

// planChange looks which tables give way to those that come.
func planChange(r kv.Reader, opts Options, come []*table.Table) (*change, error) {
	c := &change{now: opts.Now, come: come, stay: map[string]*table.Table{}, found: map[string][]byte{}}
	for _, t := range come {
		c.found[string(t.DescriptorKey())] = nil
		if err := c.addRemains(r, table.RemainsOf(t.Account, t.Region, t.Name)); err != nil {
			return nil, err
		}
	}
	if opts.Merge == Overwrite {
		for pair, err := range r.Scan(table.AllDescriptors()) {
			if err != nil {
				return nil, err
			}
			c.found[string(pair.Key)] = bytes.Clone(pair.Value)
		}
	} else if err := c.read(r, slices.Collect(maps.Keys(c.found))); err != nil {
		return nil, err
	}
	for key, raw := range c.found {
		if raw == nil || table.AreRemains([]byte(key)) {
			continue
		}
		t, err := table.Decode(raw)
		if err != nil {
			return nil, err
		}
		c.leave = append(c.leave, t)
	}
	if opts.Empty && len(c.leave) > 0 {
		return nil, ErrNotEmpty
	}
	slices.SortFunc(c.leave, func(a, b *table.Table) int { return bytes.Compare(a.DescriptorKey(), b.DescriptorKey()) })
	var more []string
	for _, t := range c.leave {
		for _, key := range t.ReplicaKeys() {
			if _, ok := c.found[string(key)]; !ok {
				more = append(more, string(key))
			}
		}
	}
	if err := c.read(r, more); err != nil {
		return nil, err
	}
	for _, key := range more {
		if c.found[key] == nil {
			continue
		}
		t, err := table.Decode(c.found[key])
		if err != nil {
			return nil, err
		}
		c.stay[key] = t
	}
	return c, nil
}

func (c *change) addRemains(r kv.Reader, in kv.Range) error {
	for pair, err := range r.Scan(in) {
		if err != nil {
			return err
		}
		raw := bytes.Clone(pair.Value)
		t, err := table.Decode(raw)
		if err != nil {
			return err
		}
		c.found[string(pair.Key)] = raw
		c.remains = append(c.remains, t)
	}
	return nil
}

// read finds what is stored at some keys.
func (c *change) read(r kv.Reader, keys []string) error {
	values, err := r.Get(asBytes(keys)...)
	if err != nil {
		return err
	}
	for i, key := range keys {
		c.found[key] = bytes.Clone(values[i])
	}
	return nil
}

func asBytes(keys []string) [][]byte {
	list := make([][]byte, len(keys))
	for i, key := range keys {
		list[i] = []byte(key)
	}
	return list
}

// keys returns the keys of all that the change depends on.
func (c *change) keys() [][]byte { return asBytes(slices.Sorted(maps.Keys(c.found))) }

func (c *change) replaced() []Name {
	list := []Name{}
	for _, t := range c.leave {
		list = append(list, Name{t.Account, t.Region, t.Name})
	}
	return list
}

// apply makes the change, or returns errChanged if it was not planned for this
// state. The caller holds keys.
func (c *change) apply(tx kv.Tx) error {
	keys := c.keys()
	values, err := tx.Get(keys...)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if was := c.found[string(key)]; !bytes.Equal(values[i], was) || (values[i] == nil) != (was == nil) {
			return errChanged
		}
	}
	stay := map[string]*table.Table{}
	for key, t := range c.stay {
		stay[key] = t.Clone()
	}
	labels := map[string][]string{} // of streams that come, by the names of their tables
	for _, t := range c.come {
		labels[string(t.DescriptorKey())] = t.Labels()
	}
	for _, t := range c.leave {
		for _, key := range t.ReplicaKeys() {
			if r := stay[string(key)]; r != nil {
				part(tx, t.Clone(), r)
			}
		}
		tx.Delete(t.DescriptorKey())
		if t.State.Status == table.Deleting { // its items are being cleared away
			continue
		}
		if err := c.bury(tx, t, labels[string(t.DescriptorKey())]); err != nil {
			return err
		}
	}
	for _, left := range c.remains {
		if err := c.strip(tx, left, labels[string(left.DescriptorKey())]); err != nil {
			return err
		}
	}
	for _, t := range stay {
		raw, err := t.Encode()
		if err != nil {
			return err
		}
		tx.Set(t.DescriptorKey(), raw)
	}
	for _, t := range c.come {
		tx.Set(t.DescriptorKey(), t.Raw())
	}
	return nil
}

// part has other stay while its replica t leaves, with what is on its way from
// there.
func part(tx kv.Tx, t, other *table.Table) {
	tx.Delete(table.CursorKey(t.Short(), other.Short()))
	async := other.Clone()
	t.Part([]*table.Table{other})
	if grave := async.StopVersions(); grave != nil && !other.Replicated() {
		tx.Set(grave, nil)
	}
}

// bury leaves what t has to be cleared away, but for those of its streams that
// can be read for a while: a stream with one of the labels has come back as it
// was.
func (c *change) bury(tx kv.Tx, t *table.Table, labels []string) error {
	left := t.Remains(c.now)
	if left != nil {
		if _, err := left.Encode(); err != nil {
			return err
		}
		left = left.Without(labels)
	}
	if left == nil || c.forget {
		tx.Set(table.BuryAll(t.Short()).Key, []byte(t.Name))
		return nil
	}
	raw, err := left.Encode()
	tx.Set(left.RemainsKey(), raw)
	tx.Set(t.Bury(nil).Key, []byte(t.Name))
	return err
}

// strip takes those streams out of what remains of a deleted table that have
// come back as they were.
func (c *change) strip(tx kv.Tx, left *table.Table, labels []string) error {
	rest := left.Without(labels)
	if rest == nil || c.forget {
		tx.Delete(left.RemainsKey())
		tx.Set(table.BuryAll(left.Short()).Key, []byte(left.Name))
		return nil
	}
	raw, err := rest.Encode()
	if err == nil && !bytes.Equal(raw, left.Raw()) {
		tx.Set(left.RemainsKey(), raw)
	}
	return err
}

// Reset takes all tables of all accounts and regions out of store, their streams
// and those of deleted tables, client request tokens, and conflicts of replicas. What it was is cleared
// away in the background. It returns the names of the tables.
func Reset(ctx context.Context, store kv.Store, now time.Time) ([]Name, error) {
	for {
		var c *change
		err := store.View(ctx, func(r kv.Reader) (err error) {
			if c, err = planChange(r, Options{Merge: Overwrite, Now: now}, nil); err != nil {
				return err
			}
			c.forget = true
			return c.addRemains(r, table.AllRemains())
		})
		if err != nil {
			return nil, err
		}
		err = store.Update(ctx, kv.Locks{Hold: c.keys()}, func(tx kv.Tx) error {
			if err := c.apply(tx); err != nil {
				return err
			}
			for _, in := range []kv.Range{table.Tokens(), kv.Prefix(table.AllConflicts())} {
				tx.DeleteRange(in.Start, in.End)
			}
			return nil
		})
		if !errors.Is(err, errChanged) {
			return c.replaced(), err
		}
	}
}
