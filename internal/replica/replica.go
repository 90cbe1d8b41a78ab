// Package replica makes each write of a global table in all its regions: in the
// commit of the write itself, or later, through the change log. Then replicas can
// differ for a while, and writes of one item in two regions can be in conflict:
// each item has a version vector, the last writer wins, and replicas that all
// changes have reached are the same. See docs/adr/0013.
package replica

import (
	"bytes"

	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Set is the replicas of the tables that an access writes to. A nil Set is
// none. It belongs to one access at a time.
type Set struct {
	groups []group
	tables []*table.Table // all that are written in the same commit
	// What is read besides the items: those of an item follow each other.
	twins, vectors []beside
	index          map[string][2]int // of the first of each item, if there are many
}

// A group is a table with its replicas, or an asynchronous table alone.
type group struct {
	table    *table.Table
	replicas []*table.Table
}

// A beside is what is read besides an item.
type beside struct {
	of    []byte // where the item is stored
	table *table.Table
	key   []byte
	value []byte // if it is read
}

// filling reports whether the replica may not have what the others have.
func (b *beside) filling() bool { return b.table.Filling != nil }

// Add adds the replicas of t to s, of which there are none if t is asynchronous.
func (s *Set) Add(t *table.Table, replicas []*table.Table) {
	if s.group(t.Short()) != nil {
		return
	}
	if t.Async != nil {
		replicas = nil
	}
	s.groups = append(s.groups, group{t, replicas})
	s.tables = append(s.tables, replicas...)
}

func (s *Set) group(id table.ID) *group {
	for i := range s.groups {
		if s.groups[i].table.Short() == id {
			return &s.groups[i]
		}
	}
	return nil
}

// Tables returns all replicas that are written in the same commit.
func (s *Set) Tables() []*table.Table {
	if s == nil {
		return nil
	}
	return s.tables
}

// Async calls fn with the tables whose changes are made in their replicas later.
func (s *Set) Async(fn func(*table.Table)) {
	if s == nil {
		return
	}
	for _, g := range s.groups {
		if g.table.Async != nil {
			fn(g.table)
		}
	}
}

// Keys returns what a write of the items stored at keys, which may have others
// among them, needs besides them: what is to be locked, which are the same items
// in the replicas, and what is to be read. A replica has the same as the table,
// unless it is new and still being filled. Version vectors have their items' locks.
func (s *Set) Keys(keys [][]byte) (locks, reads [][]byte) {
	if s == nil {
		return nil, nil
	}
	s.twins, s.vectors, s.index = s.twins[:0], s.vectors[:0], nil
	for _, key := range keys {
		p, ok := table.Locate(key)
		if !ok || p.Space != table.InItems {
			continue
		}
		g := s.group(p.ID)
		if g == nil {
			continue
		}
		if g.table.Async != nil {
			s.vectors = append(s.vectors, beside{of: key, table: g.table, key: g.table.VersionKey(key)})
		}
		for _, r := range g.replicas {
			s.twins = append(s.twins, beside{of: key, table: r, key: r.Twin(key)})
		}
	}
	if len(s.twins) > 0 {
		locks = make([][]byte, 0, len(s.twins))
	}
	for i := range s.twins {
		locks = append(locks, s.twins[i].key)
		if s.twins[i].filling() {
			reads = append(reads, s.twins[i].key)
		}
	}
	for i := range s.vectors {
		reads = append(reads, s.vectors[i].key)
	}
	return locks, reads
}

// Found tells s what is stored at the keys that Keys said to read, in their order.
func (s *Set) Found(values [][]byte) {
	if s == nil {
		return
	}
	for i := range s.twins {
		if s.twins[i].filling() {
			s.twins[i].value, values = values[0], values[1:]
		}
	}
	for i := range s.vectors {
		s.vectors[i].value = values[i]
	}
	if s.index != nil || len(s.twins)+len(s.vectors) <= few {
		return
	}
	s.index = map[string][2]int{}
	for i := len(s.twins) - 1; i >= 0; i-- {
		s.index[string(s.twins[i].of)] = [2]int{i, 0}
	}
	for i := len(s.vectors) - 1; i >= 0; i-- {
		s.index[string(s.vectors[i].of)] = [2]int{0, i}
	}
}

// few is how many keys are looked through.
const few = 8

// besides returns those of a list, 0 for twins and 1 for vectors, that are of the
// item stored at key.
func (s *Set) besides(which int, key []byte) []beside {
	list := [2][]beside{s.twins, s.vectors}[which]
	first := 0
	if s.index != nil {
		first = s.index[string(key)][which]
	}
	for first < len(list) && !bytes.Equal(list[first].of, key) {
		first++
	}
	end := first
	for end < len(list) && bytes.Equal(list[end].of, key) {
		end++
	}
	return list[first:end]
}

// Write does w, and the same in the replicas of its table. The caller holds the
// locks that Keys named. Who made the change is told only where it
// was made. In a global table of the version of 2017 the item gets a stamp, which
// w.New has then.
func (s *Set) Write(tx kv.Tx, w *item.Write) error {
	if w.Table.Global != nil {
		stamp(w)
	}
	if s != nil && w.Table.Async != nil && !bytes.Equal(w.Old, w.New) {
		if err := s.version(tx, w); err != nil {
			return err
		}
	}
	if err := w.Do(tx); err != nil || s == nil {
		return err
	}
	for _, b := range s.besides(0, w.Key) {
		twin := item.Write{Table: b.table, Key: b.key, Old: w.Old, New: w.New, Now: w.Now}
		if b.filling() {
			twin.Old = b.value
		}
		if err := twin.Do(tx); err != nil {
			return err
		}
	}
	return nil
}

// version gives the item that w writes its version vector.
func (s *Set) version(tx kv.Tx, w *item.Write) error {
	found := s.besides(1, w.Key)
	if len(found) == 0 {
		return errVector
	}
	var err error
	if w.Versions, err = nextVersions(found[0].value, w.Now, w.Table.Region); err != nil {
		return err
	}
	tx.Set(found[0].key, w.Versions)
	return nil
}
