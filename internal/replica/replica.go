// Package replica makes each write of a global table in all its regions: in the
// commit of the write itself, or later, through the change log. Then replicas can
// differ for a while, and writes of one item in two regions can be in conflict:
// each item has a version vector, the last writer wins, and replicas that all
// changes have reached are the same. See docs/adr/0013.
package replica

import (
	"bytes"
	"iter"
	"maps"
	"slices"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Set is the replicas of the tables that an access writes to. A nil Set is
// none. It belongs to one access at a time.
type Set struct {
	of     map[table.ID][]*table.Table // the replicas of each table
	tables []*table.Table
	async  map[table.ID]*table.Table
	also   [][]byte          // keys of what is read besides the items
	found  map[string][]byte // what is stored there
}

// Add adds the replicas of t to s, of which there are none if t is asynchronous.
func (s *Set) Add(t *table.Table, replicas []*table.Table) {
	if t.Async != nil {
		if s.async == nil {
			s.async = map[table.ID]*table.Table{}
		}
		s.async[t.Short()] = t
		return
	}
	if s.of == nil {
		s.of = map[table.ID][]*table.Table{}
	}
	if _, again := s.of[t.Short()]; !again {
		s.of[t.Short()] = replicas
		s.tables = append(s.tables, replicas...)
	}
}

// Tables returns all replicas that are written in the same commit.
func (s *Set) Tables() []*table.Table {
	if s == nil {
		return nil
	}
	return s.tables
}

// Async returns the tables whose changes are made in their replicas later.
func (s *Set) Async() iter.Seq2[table.ID, *table.Table] {
	if s == nil {
		return maps.All(map[table.ID]*table.Table(nil))
	}
	return maps.All(s.async)
}

// Keys returns what a write of the items stored at keys, which may have others
// among them, needs to read besides them: the same items in the replicas, which
// are to be locked as well, and version vectors, which have their items' locks.
func (s *Set) Keys(keys [][]byte) (twins, vectors [][]byte) {
	if s == nil {
		return nil, nil
	}
	for _, key := range keys {
		p, ok := table.Locate(key)
		if !ok || p.Space != table.InItems {
			continue
		}
		for _, r := range s.of[p.ID] {
			twins = append(twins, r.Twin(key))
		}
		if t := s.async[p.ID]; t != nil {
			vectors = append(vectors, t.VersionKey(key))
		}
	}
	s.also = slices.Concat(twins, vectors)
	return twins, vectors
}

// Found tells s what is stored at the keys that Keys returned, in their order.
func (s *Set) Found(values [][]byte) {
	if s == nil {
		return
	}
	s.found = make(map[string][]byte, len(values))
	for i, key := range s.also {
		s.found[string(key)] = values[i]
	}
}

// Write does w, and the same in the replicas of its table. The caller holds the
// locks of the items that Twins named. Who made the change is told only where it
// was made. In a global table of the version of 2017 the item gets a stamp, which
// w.New has then.
func (s *Set) Write(tx kv.Tx, w *item.Write) error {
	if w.Table.Global != nil {
		stamp(w)
	}
	if s != nil && s.async[w.Table.Short()] != nil && !bytes.Equal(w.Old, w.New) {
		if err := s.version(tx, w); err != nil {
			return err
		}
	}
	if err := w.Do(tx); err != nil || s == nil {
		return err
	}
	for _, r := range s.of[w.Table.Short()] {
		key := r.Twin(w.Key)
		twin := item.Write{Table: r, Key: key, Old: s.found[string(key)], New: w.New, Now: w.Now}
		if err := twin.Do(tx); err != nil {
			return err
		}
	}
	return nil
}

// version gives the item that w writes its version vector.
func (s *Set) version(tx kv.Tx, w *item.Write) error {
	key := w.Table.VersionKey(w.Key)
	v, err := ParseVector(s.found[string(key)])
	if err != nil {
		return err
	}
	w.Versions = v.next(w.Now, w.Table.Region).encode()
	tx.Set(key, w.Versions)
	return nil
}
