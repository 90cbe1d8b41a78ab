package table

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// Global is what a table has that is one of a global table of the version of
// 2017. Such a global table is made of tables, which come and go as they are
// and keep their own settings; it may have one only.
type Global struct {
	Created time.Time // the global table
	Place   int       // among its tables, by which they are listed
	State   State     // of the global table, the same for all of its tables
}

// Alike reports whether two tables have the same key and the same indexes, as
// those of one global table of the version of 2017 must when they come to it.
func (t *Table) Alike(u *Table) bool {
	if !slices.Equal(t.Schema, u.Schema) || !t.sameTypes(t.Schema, u) || len(t.Indexes) != len(u.Indexes) {
		return false
	}
	return !slices.ContainsFunc(t.Indexes, func(ix *Index) bool {
		jx := u.Index(ix.Name)
		return jx == nil || ix.Local != jx.Local || !slices.Equal(ix.Schema, jx.Schema) || !t.sameTypes(ix.Schema, u) || !ix.Projection.equal(jx.Projection)
	})
}

func (t *Table) sameTypes(schema []KeyElement, u *Table) bool {
	return !slices.ContainsFunc(schema, func(e KeyElement) bool { return t.TypeOf(e.Name) != u.TypeOf(e.Name) })
}

// equal reports whether two projections have the same attributes.
func (p Projection) equal(q Projection) bool {
	return p.Type == q.Type && slices.Equal(slices.Sorted(slices.Values(p.NonKey)), slices.Sorted(slices.Values(q.NonKey)))
}

// Gather makes t one of the tables of a global table of the version of 2017,
// members being those that it has. A table that is no new one keeps what it has.
func (t *Table) Gather(members []*Table, g Global) {
	if len(members) > 0 {
		t.Join(members[0], members[1:])
	}
	for _, m := range members {
		g.Place = max(g.Place, m.Global.Place+1)
	}
	t.Global = &g
}

// Members returns those of some tables that are in a global table of the version
// of 2017, in its order.
func Members(ts []*Table) []*Table {
	members := slices.DeleteFunc(slices.Clone(ts), func(t *Table) bool { return t.Global == nil })
	slices.SortFunc(members, func(a, b *Table) int { return cmp.Compare(a.Global.Place, b.Global.Place) })
	return members
}

var global = []byte(`"Global":{`)

// InGlobal reports whether the table whose descriptor is raw may be in a global
// table of the version of 2017. It does not decode raw.
func InGlobal(raw []byte) bool { return bytes.Contains(raw, global) }
