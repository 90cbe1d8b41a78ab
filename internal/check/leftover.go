package check

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A catalogue is which tables there are, and what was deleted and is still to
// be cleared away.
type catalogue struct {
	tables map[table.ID]*owner
	graves map[grave]bool
	// unread is set if a table is there that nobody can read, so that it is not
	// known what belongs to it.
	unread bool
}

// An owner is a table: what tells whether something is its own.
type owner struct {
	arn     string
	leaving bool
	deleted bool // only its streams are left
	indexes []uint32
	queue   uint32         // 0 if there is none
	vectors uint32         // where version vectors are; 0 if there are none
	from    [][]byte       // the keys of its cursors
	shards  map[uint32]int // of each generation of its streams
	// Generations that it does not know any more have numbers above trimmed and
	// below oldest, and are still to be cleared away.
	trimmed, oldest uint32
}

// A grave is of an index or a queue, or of a whole table if number is 0.
type grave struct {
	id     table.ID
	number uint32
}

// leftovers finds what belongs to no table, and what is stored beside tables.
// It goes from one table's part of a space to the next without reading it.
func (v *view) leftovers() error {
	v.of = ""
	known, err := v.catalogue()
	if err != nil {
		return err
	}
	if err := v.tokens(); err != nil {
		return err
	}
	in := kv.Range{}
	for {
		pair, err := v.first(in)
		if err != nil || pair.Key == nil {
			return err
		}
		if err := v.tick(); err != nil {
			return err
		}
		if in.Start = v.place(known, pair.Key); in.Start == nil {
			return nil
		}
	}
}

// catalogue reads all descriptors and graves.
func (v *view) catalogue() (*catalogue, error) {
	c := &catalogue{tables: map[table.ID]*owner{}, graves: map[grave]bool{}}
	err := v.each(table.Graves(), func(key, _ []byte) error {
		if p, ok := table.Locate(key); ok {
			c.graves[grave{p.ID, p.Number}] = true
		} else {
			v.unknown(key)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = v.each(table.Loads(), func(key, value []byte) error { // which are not done
		load, ok := table.DecodeLoad(value)
		if !ok {
			v.unknown(key)
		}
		for _, id := range load.IDs {
			c.graves[grave{id, 0}] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = v.each(table.AllDescriptors(), func(_, value []byte) error {
		t, err := table.Decode(slices.Clone(value))
		if err != nil {
			c.unread = true
			return nil // which has been told
		}
		return v.lostCounters(c, t, c.add(t))
	})
	if err != nil {
		return nil, err
	}
	return c, v.each(table.AllRemains(), func(_, value []byte) error {
		t, err := table.Decode(slices.Clone(value))
		if err != nil {
			c.unread = true
			return nil
		}
		c.add(t).deleted = true
		return nil
	})
}

func (c *catalogue) add(t *table.Table) *owner {
	o := &owner{arn: t.ARN(), shards: map[uint32]int{}, trimmed: t.Trimmed, oldest: t.NextStream + 1}
	o.leaving = t.State.Status == table.Deleting || c.graves[grave{t.Short(), 0}]
	for _, ix := range t.Indexes {
		o.indexes = append(o.indexes, ix.ID)
	}
	if t.Expiring() != nil {
		o.queue = t.TTL.Queue
	}
	if t.Async != nil {
		o.vectors = t.Async.Versions
		for _, m := range t.Replicas {
			if from, err := m.Short(); err == nil {
				o.from = append(o.from, table.CursorKey(from, t.Short()))
			}
		}
	}
	for _, s := range t.Known() {
		for _, g := range s.Generations() {
			o.shards[g.Number] = s.Shards
			o.oldest = min(o.oldest, g.Number)
		}
	}
	c.tables[t.Short()] = o
	return o
}

// has reports whether the table, which is o's, has what is at a place, or had
// it and it is known that it is to be cleared away.
func (c *catalogue) has(o *owner, p table.Place, key []byte) bool {
	switch p.Space {
	case table.InVersions:
		return p.Number == o.vectors || c.graves[grave{p.ID, p.Number}]
	case table.InCursors:
		return slices.ContainsFunc(o.from, func(k []byte) bool { return bytes.Equal(k, key) })
	case table.InEntries:
		return slices.Contains(o.indexes, p.Number) || c.graves[grave{p.ID, p.Number}]
	case table.InQueues:
		return p.Number == o.queue || c.graves[grave{p.ID, p.Number}]
	case table.InRecords:
		return p.Number > o.trimmed && (p.Number < o.oldest || p.Shard < o.shards[p.Number])
	default:
		return true
	}
}

// lostCounters finds counters of indexes that t had. Counters cannot be walked,
// so those of tables that are not there are not found.
func (v *view) lostCounters(known *catalogue, t *table.Table, o *owner) error {
	for id := uint32(1); id <= t.NextIndex && !o.leaving; id++ {
		if slices.Contains(o.indexes, id) || known.graves[grave{t.Short(), id}] {
			continue
		}
		lost := &table.Index{ID: id}
		totals, err := v.Sum(t.Counter(lost, table.Items), t.Counter(lost, table.Bytes))
		if err != nil {
			return err
		}
		if totals[0] != 0 || totals[1] != 0 {
			v.found(Finding{Kind: Leftover, Table: o.arn, Detail: fmt.Sprintf("counters of index %d, which is not there", id)})
		}
	}
	return nil
}

func (v *view) tokens() error {
	return v.each(table.Tokens(), func(key, value []byte) error {
		if err := item.Token(value).Check(); err != nil {
			v.found(Finding{Kind: DamagedToken, Key: string(key), Detail: err.Error()})
		}
		return nil
	})
}

func (v *view) unknown(key []byte) {
	v.found(Finding{Kind: UnknownKey, Key: hex.EncodeToString(key), Detail: "nothing has such a key"})
}

// place checks that there may be something where key is, and returns the key to
// go on from, or nil at the end.
func (v *view) place(known *catalogue, key []byte) (next []byte) {
	p, ok := table.Locate(key)
	if !ok {
		v.unknown(key)
		return append(key, 0)
	}
	switch p.Space {
	case table.InDescriptors, table.InRemains, table.InTokens, table.InLeases, table.InLoads, table.InGraves, table.InConflicts: // which have been read, or may be anything
		return p.Range().End
	}
	o := known.tables[p.ID]
	switch {
	case known.graves[grave{p.ID, 0}], o != nil && o.leaving:
		return p.Table().End
	case o == nil && known.unread:
		return p.Table().End
	case o == nil, o.deleted && p.Space != table.InRecords:
		v.leftover("", p.Table(), "%s of a table that is not there", p.Space)
		return p.Table().End
	case known.has(o, p, key) && p.Space == table.InCursors:
		return append(key, 0)
	case known.has(o, p, key):
	case p.Space == table.InEntries:
		v.leftover(o.arn, p.Range(), "%s of index %d, which is not there", p.Space, p.Number)
	case p.Space == table.InCursors:
		v.leftover(o.arn, kv.Prefix(key), "a cursor of a replica that is not there")
		return append(key, 0)
	case p.Space == table.InQueues, p.Space == table.InVersions:
		v.leftover(o.arn, p.Range(), "%s %d, which is not there", p.Space, p.Number)
	default:
		v.leftover(o.arn, p.Range(), "%s of shard %d of stream %d, which is not there", p.Space, p.Shard, p.Number)
	}
	return p.Range().End
}

// leftover tells of a range that nobody owns.
func (v *view) leftover(of string, in kv.Range, detail string, args ...any) {
	v.found(Finding{Kind: Leftover, Table: of, Key: hex.EncodeToString(in.Start), Detail: fmt.Sprintf(detail, args...)})
}
