package dynamodb

import (
	"bytes"
	"slices"
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A selection is what Query and Scan have in common: which index is read, how
// far, which items are wanted and what of them is returned.
type selection struct {
	table      string
	index      api.Opt[string]
	mode       string // Select; empty is the default
	limit      int
	consistent bool
	start      attr.Item
	capacity   api.Opt[string]

	filter *expr.Condition
	pick   picker
	// statement says that it is one of PartiQL, which has words of its own.
	statement bool
	explain   *Explanation // nil for most
	taken     *item.Tally  // is told what the read takes
}

// checkSelect checks Select against the projection, which may be given in
// either of two ways.
func checkSelect(mode api.Opt[string], legacy []string, projection, index api.Opt[string]) error {
	parameter := ""
	switch {
	case projection.Set:
		parameter = "ProjectionExpression"
	case legacy != nil:
		parameter = "AttributesToGet"
	}
	if parameter != "" {
		switch mode.V {
		case "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES":
			return invalid("Cannot specify the %s when choosing to get %s", parameter, mode.V)
		case "COUNT":
			return invalid("Cannot specify the %s when choosing to get only the Count", parameter)
		}
	}
	switch {
	case mode.V == "SPECIFIC_ATTRIBUTES" && parameter == "":
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case mode.V == "ALL_PROJECTED_ATTRIBUTES" && !index.Set:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// resolve returns the index that is read, nil for the table itself.
func (sel *selection) resolve(t *table.Table, now func(*table.Index) table.Status) (*table.Index, error) {
	if !sel.index.Set {
		return nil, nil
	}
	ix := t.Index(sel.index.V)
	if ix == nil {
		return nil, sel.noIndex()
	}
	switch status := now(ix); {
	case status == table.Creating && ix.Backfilling:
		return nil, invalid("Cannot read from backfilling global secondary index: %s", ix.Name)
	case status != table.Active:
		return nil, sel.noIndex()
	case sel.consistent && !ix.Local && sel.statement:
		return nil, invalid("Strongly consistent read is not supported on Global Secondary Indexes")
	case sel.consistent && !ix.Local:
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	}
	return ix, nil
}

func (sel *selection) noIndex() error {
	const message = "The table does not have the specified index"
	if sel.statement {
		return invalid(message)
	}
	return invalid(message+": %s", sel.index.V)
}

// checkScalars refuses a filter that goes into a key, which has nothing inside.
func (sel *selection) checkScalars(t *table.Table, ix *table.Index) error {
	for _, name := range sel.filter.Entered() {
		kind := ""
		switch {
		case slices.Contains(t.KeyAttributes(nil), name):
			kind = "Key"
		case ix != nil && slices.Contains(t.KeyAttributes(ix), name):
			kind = "IndexKey"
		default:
			continue
		}
		return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: %s: %s", kind, name)
	}
	return nil
}

// whole reports whether the items themselves must be read, because the index
// does not have all that is returned. A global index is never left for the
// table.
func (sel *selection) whole(ix *table.Index) (bool, error) {
	if ix == nil || ix.Projection.Type == "ALL" {
		return false, nil
	}
	if sel.mode == "ALL_ATTRIBUTES" {
		if ix.Local {
			return true, nil
		}
		return false, invalid("%sSelect type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", invalidValues, ix.Name)
	}
	if sel.pick.projection == nil {
		return false, nil
	}
	missing := unprojected(ix, sel.pick.projection.Attributes())
	if missing == "" || ix.Local {
		return missing != "", nil
	}
	return false, invalid("%sGlobal secondary index %s does not project [%s]", invalidValues, ix.Name, missing)
}

// unprojected lists those of names that entries of ix do not have, each once;
// the table itself, which is nil, has all.
func unprojected(ix *table.Index, names []string) string {
	if ix == nil {
		return ""
	}
	var missing []string
	for _, name := range names {
		if !ix.Projects(name) && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return strings.Join(missing, ", ")
}

// A result is what a selection read.
type result struct {
	items    api.Items
	page     item.Page
	units    item.Units // if they were asked for
	capacity *api.ConsumedCapacity
}

// errStart is what is said of an ExclusiveStartKey that is not a key.
var errStart = invalid("The provided starting key is invalid")

// run reads one page of r, which has its range, and encodes what is returned.
// outside is the error for an ExclusiveStartKey that is not in the range.
func (sel *selection) run(r *item.Read, reader kv.Reader, outside error) (*result, error) {
	out := &result{}
	if err := sel.extend(out, r, reader, outside); err != nil {
		return nil, err
	}
	if sel.capacity.Set {
		out.capacity = consumed(sel.capacity, r.Table, out.units)
	}
	return out, nil
}

// extend reads one page of r and adds what is returned to out, of whose page it
// is the last.
func (sel *selection) extend(out *result, r *item.Read, reader kv.Reader, outside error) error {
	var err error
	if r.Start, err = sel.startKey(r); err != nil {
		return err
	}
	if r.Start != nil && !within(r.Range, r.Start) {
		return outside
	}
	if r.Whole, err = sel.whole(r.Index); err != nil {
		return err
	}
	r.Limit = sel.limit
	if sel.filter != nil {
		r.Filter = sel.filter.Matches
	}
	if sel.mode != "COUNT" {
		out.items.Present = true
		r.Visit = func(i attr.Item) { out.items.Append(sel.pick.apply(i)) }
	}
	sel.explain.watch(r, sel.pick)
	if out.page, err = r.Do(reader); err != nil {
		return err
	}
	sel.explain.page(r, out.page, sel.consistent)
	sel.taken.Page(r, out.page, sel.consistent)
	if sel.capacity.Set {
		out.units.Add(r.Capacity(out.page, sel.consistent))
	}
	return nil
}

func (sel *selection) startKey(r *item.Read) ([]byte, error) {
	if sel.start == nil {
		return nil, nil
	}
	key, ok := r.Table.StartKey(r.Index, sel.start)
	if !ok {
		return nil, errStart
	}
	return key, nil
}

func within(r kv.Range, key []byte) bool {
	return bytes.Compare(key, r.Start) >= 0 && (r.End == nil || bytes.Compare(key, r.End) < 0)
}

// keyAttrs returns keys as expressions know them.
func keyAttrs(keys []table.Key) []expr.KeyAttr {
	out := make([]expr.KeyAttr, len(keys))
	for i, k := range keys {
		out[i] = expr.KeyAttr{Name: k.Name, Kind: k.Kind}
	}
	return out
}
