package item

import (
	"bytes"
	"fmt"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// PageSize is how many bytes of items a page of a query or scan reads at most,
// but for the last item, which may cross it. They are counted before the
// filter and the projection.
const PageSize = 1 << 20

// A Read walks items of a table, or entries of an index, in key order.
type Read struct {
	Table   *table.Table
	Index   *table.Index // nil is the table itself
	Range   kv.Range
	Start   []byte // go on after this key; nil from the beginning
	Reverse bool
	Limit   int  // how many to read at most; 0 is no limit
	Whole   bool // read each entry's item instead of the entry
	// Filter decides which are wanted; nil wants all.
	Filter func(attr.Item) bool
	// Visit is given each that is wanted. It must not keep the item.
	Visit func(attr.Item)
}

// A Page is what a Read did.
type Page struct {
	Count   int       // how many were wanted
	Scanned int       // how many were read
	Last    attr.Item // the key to go on after; nil if all were read
	Units   ReadUnits
}

// ReadUnits is what a Read took, in bytes read.
type ReadUnits struct {
	Bytes   int   // of the items, or of the entries of an index
	Fetched []int // of each item that was read beside its entry
}

// Do walks until the range, Limit or PageSize ends. Page.Last is nil only in
// the first case.
func (r *Read) Do(reader kv.Reader) (Page, error) {
	var page Page
	for pair, err := range reader.Scan(r.walk()) {
		if err != nil {
			return page, fmt.Errorf("read %s: %w", r.Table.Name, err)
		}
		it := attr.Item(pair.Value)
		page.Scanned++
		page.Units.Bytes += it.Size()
		full := page.Scanned == r.Limit || page.Units.Bytes >= PageSize
		if full {
			page.Last = bytes.Clone(it.Project(r.Table.KeyAttributes(r.Index)))
		}
		whole, err := r.fetch(reader, it, &page)
		if err != nil {
			return page, err
		}
		if r.Filter == nil || r.Filter(whole) {
			page.Count++
			if r.Visit != nil {
				r.Visit(whole)
			}
		}
		if full {
			break
		}
	}
	return page, nil
}

func (r *Read) walk() kv.Range {
	walk := r.Range
	walk.Reverse, walk.Limit = r.Reverse, r.Limit
	switch {
	case r.Start == nil:
	case r.Reverse:
		walk.End = r.Start
	default:
		walk.Start = append(r.Start[:len(r.Start):len(r.Start)], 0)
	}
	return walk
}

// fetch returns the item of an entry, if the read is to give whole items.
func (r *Read) fetch(reader kv.Reader, entry attr.Item, page *Page) (attr.Item, error) {
	if !r.Whole {
		return entry, nil
	}
	key, err := r.Table.ItemKey(entry)
	if err != nil {
		return nil, fmt.Errorf("entry of index %s: %w", r.Index.Name, err)
	}
	values, err := reader.Get(key)
	if err != nil {
		return nil, fmt.Errorf("read item of an entry of %s: %w", r.Index.Name, err)
	}
	if values[0] == nil {
		return nil, fmt.Errorf("index %s of table %s has an entry without an item", r.Index.Name, r.Table.Name)
	}
	whole := attr.Item(values[0])
	page.Units.Fetched = append(page.Units.Fetched, whole.Size())
	return whole, nil
}

// Of returns the capacity that reading size bytes takes: half a unit for each
// 4 kilobytes begun, a whole one if the read is consistent.
func Of(size int, consistent bool) float64 {
	units := float64(max(1, (size+4095)/4096))
	if !consistent {
		units /= 2
	}
	return units
}

// Capacity returns the capacity that a page of a read took.
func (r *Read) Capacity(p Page, consistent bool) Units {
	if r.Index == nil {
		return Units{Table: Of(p.Units.Bytes, consistent)}
	}
	u := Units{}
	for _, size := range p.Units.Fetched {
		u.Table += Of(size, consistent)
	}
	u.addIndex(r.Index, Of(p.Units.Bytes, consistent))
	return u
}
