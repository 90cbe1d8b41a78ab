// Package replica makes each write of a global table in all its regions, in the
// commit of the write itself.
package replica

import (
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Set is the replicas of the tables that an access writes to. A nil Set is
// none. It belongs to one access at a time.
type Set struct {
	of     map[table.ID][]*table.Table // the replicas of each table
	tables []*table.Table
	twins  [][]byte          // keys of replicas' items
	found  map[string][]byte // what is stored there
}

// Add adds the replicas of t to s.
func (s *Set) Add(t *table.Table, replicas []*table.Table) {
	if s.of == nil {
		s.of = map[table.ID][]*table.Table{}
	}
	if _, again := s.of[t.Short()]; !again {
		s.of[t.Short()] = replicas
		s.tables = append(s.tables, replicas...)
	}
}

// Tables returns all replicas.
func (s *Set) Tables() []*table.Table {
	if s == nil {
		return nil
	}
	return s.tables
}

// Twins returns where the replicas have the items of their tables that are
// stored at keys, which may have others among them.
func (s *Set) Twins(keys [][]byte) [][]byte {
	if s == nil {
		return nil
	}
	s.twins = nil
	for _, key := range keys {
		if p, ok := table.Locate(key); ok && p.Space == table.InItems {
			for _, r := range s.of[p.ID] {
				s.twins = append(s.twins, r.Twin(key))
			}
		}
	}
	return s.twins
}

// Found tells s what is stored where Twins says.
func (s *Set) Found(values [][]byte) {
	if s == nil {
		return
	}
	s.found = make(map[string][]byte, len(values))
	for i, key := range s.twins {
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
