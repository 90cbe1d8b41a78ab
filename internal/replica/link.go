package replica

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// A Link is the way of the changes that one replica's clients make to another
// one. Every replica is linked to every other.
type Link struct{ From, To *table.Table }

// Links returns the links between tables that are replicas of each other.
func Links(group []*table.Table) (links []Link) {
	for _, from := range group {
		for _, to := range group {
			if from != to {
				links = append(links, Link{from, to})
			}
		}
	}
	return links
}

func (l Link) key() []byte { return table.CursorKey(l.From.Short(), l.To.Short()) }

// A cursor is how far a link has come: the generation of the stream that it
// reads, and the last record that it has passed in each of its shards.
type cursor struct {
	generation uint32
	after      []stream.Version
}

// ErrCursor is returned for a link of which it is not known how far it has come.
var ErrCursor = errors.New("replica: damaged cursor")

func parseCursor(b []byte) (c cursor, err error) {
	if len(b) < 4 || len(b)%8 != 4 {
		return c, ErrCursor
	}
	c.generation = binary.BigEndian.Uint32(b)
	for b = b[4:]; len(b) > 0; b = b[8:] {
		c.after = append(c.after, stream.Version(binary.BigEndian.Uint64(b)))
	}
	return c, nil
}

// CheckCursor reports whether b is how far a link has come.
func CheckCursor(b []byte) error {
	_, err := parseCursor(b)
	return err
}

func (c cursor) encode() []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+8*len(c.after)), c.generation)
	for _, v := range c.after {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}

func (c cursor) clone() cursor { return cursor{c.generation, slices.Clone(c.after)} }

// beginning returns the cursor that is before all records of a generation.
func beginning(t *table.Table, generation uint32) cursor {
	return cursor{generation, make([]stream.Version, t.StreamOf(generation).Shards)}
}

// end returns the cursor that is after all records of t. Nobody writes any
// meanwhile.
func end(r kv.Reader, t *table.Table) (cursor, error) {
	c := beginning(t, t.Stream.Number)
	for i := range c.after {
		last, err := stream.Last(r, t.Records(c.generation, i))
		if err != nil {
			return c, err
		}
		c.after[i] = last
	}
	return c, nil
}

// after returns the generation of the streams of t that follows one, 0 if none
// does.
func after(t *table.Table, generation uint32) uint32 {
	for _, s := range t.Known() {
		for _, g := range s.Generations() {
			if g.Number > generation {
				return g.Number
			}
		}
	}
	return 0
}

// errStop ends a walk.
var errStop = errors.New("replica: stop")

// walk calls fn with the records of From from a cursor on, those of each item in
// their order; own says whether a client of From made the change. The cursor is
// moved behind each record that fn was called with. It ends without an error when
// fn returns errStop; to go on in another shard, it returns errSkip.
func (l Link) walk(r kv.Reader, c *cursor, limit int, fn func(own bool, raw stream.Raw) error) error {
	for {
		skipped := false
		for shard := range c.after {
			for raw, err := range stream.After(r, l.From.Records(c.generation, shard), c.after[shard], limit) {
				if err == nil {
					err = l.visit(raw, fn)
				}
				switch {
				case errors.Is(err, errSkip):
					skipped = true
				case errors.Is(err, errStop):
					return nil
				case err != nil:
					return fmt.Errorf("record %d of shard %d of stream %d of %s: %w", raw.Version, shard, c.generation, l.From.ARN(), err)
				}
				if err != nil {
					break
				}
				c.after[shard] = raw.Version
			}
		}
		next := after(l.From, c.generation)
		if next == 0 || skipped {
			return nil
		}
		*c = beginning(l.From, next)
	}
}

var errSkip = errors.New("replica: skip")

func (l Link) visit(raw stream.Raw, fn func(bool, stream.Raw) error) error {
	_, versions, err := stream.Peek(raw.Value)
	if err != nil {
		return err
	}
	return fn(string(originOf(versions)) == l.From.Region, raw)
}

// cursors reads how far links have come, and the stored values.
func cursors(r kv.Reader, links []Link) (cs []cursor, raw [][]byte, err error) {
	keys := make([][]byte, len(links))
	for i, l := range links {
		keys[i] = l.key()
	}
	raw, err = r.Get(keys...)
	if err != nil {
		return nil, nil, err
	}
	for i, l := range links {
		c, err := parseCursor(raw[i])
		if err == nil && (l.From.StreamOf(c.generation) == nil || l.From.StreamOf(c.generation).Shards != len(c.after)) {
			err = fmt.Errorf("%w: generation %d, %d shards", ErrCursor, c.generation, len(c.after))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("from %s to %s: %w", l.From.ARN(), l.To.Region, err)
		}
		cs = append(cs, c)
		raw[i] = bytes.Clone(raw[i])
	}
	return cs, raw, nil
}

// An arrival is a change as it arrives at a replica.
type arrival struct {
	key    []byte // where the item is stored there
	origin state
	record *stream.Record
}

// arrive returns what a record of From is to To.
func (l Link) arrive(value []byte) (a arrival, err error) {
	a.record, err = stream.Decode(bytes.Clone(value))
	if err != nil {
		return a, err
	}
	if a.key, err = l.To.Key(a.record.Key); err != nil {
		return a, err
	}
	a.origin.item = a.record.New
	a.origin.vector, err = ParseVector(a.record.Versions)
	return a, err
}

// A merging is the items of one replica that changes have arrived for.
type merging struct {
	table *table.Table
	now   time.Time
	keys  [][]byte // of the items, in the order in which they were first met
	items map[string]*merged
}

type merged struct {
	before, after state
	conflicts     []Conflict
}

// read reads what a replica has at keys, which are different ones.
func (m *merging) read(tx kv.Reader, keys [][]byte) error {
	if m.items == nil {
		m.items = map[string]*merged{}
	}
	all := slices.Clip(keys)
	for _, key := range keys {
		all = append(all, m.table.VersionKey(key))
	}
	values, err := tx.Get(all...)
	if err != nil {
		return err
	}
	for i, key := range keys {
		vector, err := ParseVector(values[len(keys)+i])
		if err != nil {
			return err
		}
		s := state{bytes.Clone(values[i]), vector}
		m.keys = append(m.keys, key)
		m.items[string(key)] = &merged{before: s, after: s}
	}
	return nil
}

// merge has a change arrive. The item has been read.
func (m *merging) merge(a arrival) {
	it := m.items[string(a.key)]
	before := it.after
	var conflicting bool
	it.after, conflicting = before.meet(a.origin)
	if conflicting {
		it.conflicts = append(it.conflicts, conflictOf(m.table, m.now, a.record.Key, before, a.origin))
	}
}

// write makes in tx what the items have become. The caller holds their locks, or
// nobody else uses the table.
func (m *merging) write(tx kv.Tx) error {
	for _, key := range m.keys {
		it := m.items[string(key)]
		if it.before.equal(it.after) {
			continue
		}
		versions := it.after.vector.encode()
		tx.Set(m.table.VersionKey(key), versions)
		for _, c := range it.conflicts {
			if err := c.store(tx); err != nil {
				return err
			}
		}
		if bytes.Equal(it.before.item, it.after.item) {
			continue
		}
		w := item.Write{Table: m.table, Key: key, Old: it.before.item, New: it.after.item, Now: m.now, Versions: versions}
		if err := w.Do(tx); err != nil {
			return err
		}
	}
	return nil
}

// fraction returns a number from 0 to 1 that belongs to a record on its way.
func (l Link) fraction(v stream.Version) float64 {
	b := append(l.key(), 0, 0, 0, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint64(b[len(b)-8:], uint64(v))
	return float64(xxhash.Sum64(b)>>11) / (1 << 53)
}
