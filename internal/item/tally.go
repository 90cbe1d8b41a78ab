package item

import (
	"slices"

	"github.com/statordb/stator/internal/table"
)

// A Tally adds up what a request takes of tables and their indexes, in parts that
// may be carried out again. Its zero value is ready for use, and Reset keeps its
// memory. All methods do nothing for nil.
type Tally struct {
	taken []Taken
	part  int // where the last part begins in taken
}

// Taken is what is taken of a table, or of an index.
type Taken struct {
	Table       *table.Table
	Index       *table.Index // nil is the table itself
	Read, Write float64      // units
	Pages       int          // that a Read read of it
	Records     int          // change records
}

// All returns what was taken. It belongs to the Tally. A table or index may be in
// it more than once.
func (y *Tally) All() []Taken {
	if y == nil {
		return nil
	}
	return y.taken
}

// Reset forgets all.
func (y *Tally) Reset() {
	if y != nil {
		clear(y.taken)
		y.taken, y.part = y.taken[:0], 0
	}
}

// Begin begins a part.
func (y *Tally) Begin() {
	if y != nil {
		y.part = len(y.taken)
	}
}

// Again forgets the part that was begun last: it is carried out again, or has
// failed.
func (y *Tally) Again() {
	if y != nil {
		y.taken = y.taken[:y.part]
	}
}

// of returns what the part at hand takes of t, or of ix if it is not nil.
func (y *Tally) of(t *table.Table, ix *table.Index) *Taken {
	part := y.taken[y.part:]
	if i := slices.IndexFunc(part, func(n Taken) bool { return n.Table == t && n.Index == ix }); i >= 0 {
		return &part[i]
	}
	y.taken = append(y.taken, Taken{Table: t, Index: ix})
	return &y.taken[len(y.taken)-1]
}

// Read adds units of reading.
func (y *Tally) Read(t *table.Table, ix *table.Index, units float64) {
	if y != nil && units > 0 {
		y.of(t, ix).Read += units
	}
}

// Write adds units of writing.
func (y *Tally) Write(t *table.Table, ix *table.Index, units float64) {
	if y != nil && units > 0 {
		y.of(t, ix).Write += units
	}
}

// Page adds a page of a read.
func (y *Tally) Page(r *Read, p Page, consistent bool) {
	if y == nil {
		return
	}
	for _, size := range p.Units.Fetched {
		y.Read(r.Table, nil, Of(size, consistent))
	}
	of := y.of(r.Table, r.Index)
	of.Read += Of(p.Units.Bytes, consistent)
	of.Pages++
}

// record adds a change record.
func (y *Tally) record(t *table.Table) {
	if y != nil {
		y.of(t, nil).Records++
	}
}
