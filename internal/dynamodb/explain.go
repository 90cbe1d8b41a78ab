package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/table"
)

// An Explanation is how a read was carried out and what it took. A call has one
// if its client asks for it. All methods that the reads fill it with do nothing
// for nil.
type Explanation struct {
	Operation string `json:"operation"` // that it came down to; empty if there is nothing to explain
	Table     string `json:"table,omitempty"`
	Index     string `json:"index,omitempty"`
	// KeyCondition is what decides what is read, and Filter what is looked at
	// after that in each item.
	KeyCondition string `json:"keyCondition,omitempty"`
	Filter       string `json:"filter,omitempty"`
	// Partitions is how many values of the partition key were asked for, or found
	// by a scan.
	Partitions int    `json:"partitions"`
	Read       Amount `json:"read"`              // before the filter; of an index, its entries
	Fetched    int    `json:"fetched,omitempty"` // how many items were read beside their entries
	Matched    int    `json:"matched"`           // how many the filter let through
	Returned   Amount `json:"returned"`
	Units      Prices `json:"units"`
	// Planning is the time until the read began, and Execution that until the
	// answer was written.
	Planning  int64    `json:"planningMicroseconds"`
	Execution int64    `json:"executionMicroseconds"`
	Advice    []Advice `json:"advice"`

	scans            bool
	partitions       map[string]bool
	started, planned time.Time // by the machine's clock: the service's may stand still
}

// An Amount is how many items, and how many bytes these have as the service counts
// them.
type Amount struct {
	Items int `json:"items"`
	Bytes int `json:"bytes"`
}

func (a *Amount) add(i attr.Item) {
	a.Items++
	a.Bytes += i.Size()
}

// Prices are the units that a read took, and that it takes each way. 0 is a way
// that there is not.
type Prices struct {
	Consumed      float64 `json:"consumed"`
	Eventual      float64 `json:"eventual"`
	Strong        float64 `json:"strong,omitempty"`
	Transactional float64 `json:"transactional,omitempty"`
}

// An Advice is what could be better. The codes stay as they are.
type Advice struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// The codes.
const (
	adviceQuery    = "query-instead-of-scan"
	adviceIndex    = "query-other-index"
	adviceScans    = "statement-scans"
	adviceDrops    = "filter-drops-most"
	adviceFetches  = "index-reads-items"
	adviceProjects = "index-projects-some"
)

// dropsFrom is how many items a filter must have seen before it is said to drop
// most.
const dropsFrom = 10

func (e *Explanation) advise(code, format string, args ...any) {
	e.Advice = append(e.Advice, Advice{code, fmt.Sprintf(format, args...)})
}

// Shorten cuts the texts to at most n bytes each.
func (e *Explanation) Shorten(n int) {
	e.KeyCondition, e.Filter = expr.Cut(e.KeyCondition, n), expr.Cut(e.Filter, n)
	for i := range e.Advice {
		e.Advice[i].Text = expr.Cut(e.Advice[i].Text, n)
	}
}

// start begins the time of planning, which ends when ready is called last.
func (e *Explanation) start() {
	if e != nil {
		*e = Explanation{started: time.Now()}
	}
}

func (e *Explanation) ready() {
	if e != nil {
		e.planned = time.Now()
	}
}

// finish is called when the answer is written.
func (e *Explanation) finish() {
	if e == nil || e.Operation == "" {
		return
	}
	e.Planning, e.Execution = e.planned.Sub(e.started).Microseconds(), time.Since(e.planned).Microseconds()
	if e.partitions != nil {
		e.Partitions = len(e.partitions)
	}
	if e.Filter != "" && e.Read.Items >= dropsFrom && e.Matched*10 < e.Read.Items {
		e.advise(adviceDrops, "The filter drops %d of %d items that were read: units are taken for all of them.", e.Read.Items-e.Matched, e.Read.Items)
	}
	if e.Fetched > 0 {
		e.advise(adviceFetches, "Index %s does not project all that is asked for. Items read from the table besides: %d, each of which takes units.", e.Index, e.Fetched)
	}
}

// begin forgets what an earlier attempt has told.
func (e *Explanation) begin(operation string, ts ...*table.Table) {
	if e == nil {
		return
	}
	*e = Explanation{Operation: operation, started: e.started, planned: e.planned, Advice: []Advice{}}
	if len(ts) == 1 {
		e.Table = ts[0].Name
	}
}

// touch notes the partition that i is in.
func (e *Explanation) touch(t *table.Table, keys table.Keys, i attr.Item) {
	id := []byte(t.ID)
	for _, k := range keys.Hash {
		id = attr.AppendKey(id, i.Get(k.Name))
	}
	if e.partitions == nil {
		e.partitions = map[string]bool{}
	}
	e.partitions[string(id)] = true
}

// got tells of one item that was read by its key and what of it is returned;
// either may be nil.
func (e *Explanation) got(t *table.Table, key, found, returned attr.Item, consistent bool) {
	if e == nil {
		return
	}
	e.touch(t, t.Keys(), key)
	if found != nil {
		e.Read.add(found)
	}
	if returned != nil {
		e.Matched++
		e.Returned.add(returned)
	}
	strong := getUnits(found, true).Total()
	e.Units.Consumed += getUnits(found, consistent).Total()
	e.Units.Eventual += getUnits(found, false).Total()
	e.Units.Strong += strong
	e.Units.Transactional += 2 * strong
}

// keyed shows the condition of a read by one key.
func (e *Explanation) keyed(t *table.Table, key attr.Item, filter *expr.Condition) {
	if e == nil {
		return
	}
	keys := t.Keys()
	var p expr.Plan
	for _, k := range keys.Hash {
		p.Hash = append(p.Hash, key.Get(k.Name))
	}
	for _, k := range keys.Range {
		p.Range = append(p.Range, key.Get(k.Name))
	}
	e.KeyCondition = p.Shown(keyAttrs(keys.Hash), keyAttrs(keys.Range))
	e.Filter = filter.String()
}

// explained tells how the selection is read: all of t or of ix if the plan has no
// hash keys, and otherwise the collections of these.
func (sel *selection) explained(s *Service, t *table.Table, ix *table.Index, p expr.Plan) {
	e := sel.explain
	if e == nil {
		return
	}
	e.ready()
	keys := t.Keys()
	if ix != nil {
		keys = ix.Keys()
	}
	if len(p.Hash) == 0 {
		e.begin("Scan", t)
		e.scans = true
		e.partitions = map[string]bool{}
	} else {
		e.begin("Query", t)
		e.KeyCondition = p.Shown(keyAttrs(keys.Hash), keyAttrs(keys.Range))
	}
	e.Filter = sel.filter.String()
	if e.scans && sel.statement {
		e.advise(adviceScans, "WHERE gives no value of %s, by = or IN, so the statement is a Scan of all items.", keys.Hash[0].Name)
	}
	sel.adviseKey(s, t, ix, keys, p)
	if ix == nil {
		return
	}
	e.Index = ix.Name
	if whole, _ := sel.whole(ix); !whole && ix.Projection.Type != "ALL" && sel.all() {
		e.advise(adviceProjects, "Index %s has only %s: other attributes of the items are not returned.", ix.Name,
			strings.Join(slices.Concat(t.KeyAttributes(ix), ix.Projection.NonKey), ", "))
	}
}

// all reports whether the selection returns all attributes that there are.
func (sel *selection) all() bool { return sel.mode != "COUNT" && sel.pick.projection == nil }

// watch has e see what a read reads and returns.
func (e *Explanation) watch(r *item.Read, pick picker) {
	if e == nil {
		return
	}
	if !e.scans {
		e.Partitions++
	}
	filter, visit := r.Filter, r.Visit
	r.Filter = func(i attr.Item) bool {
		if e.scans {
			keys := r.Table.Keys()
			if r.Index != nil {
				keys = r.Index.Keys()
			}
			e.touch(r.Table, keys, i)
		}
		return filter == nil || filter(i)
	}
	if visit == nil {
		return
	}
	r.Visit = func(i attr.Item) {
		e.Returned.add(pick.apply(i))
		visit(i)
	}
}

// page adds what a read did.
func (e *Explanation) page(r *item.Read, p item.Page, consistent bool) {
	if e == nil {
		return
	}
	e.Read.Items += p.Scanned
	e.Read.Bytes += p.Units.Bytes
	for _, size := range p.Units.Fetched {
		e.Read.Bytes += size
	}
	e.Fetched += len(p.Units.Fetched)
	e.Matched += p.Count
	price := func(consistent bool) float64 {
		u := r.Capacity(p, consistent)
		return u.Total()
	}
	e.Units.Consumed += price(consistent)
	e.Units.Eventual += price(false)
	if r.Index == nil || r.Index.Local {
		e.Units.Strong += price(true)
	}
}

// A restriction tells how an attribute of a key is restricted.
type restriction func(table.Key) expr.KeyOp

// planned returns how a plan restricts the attributes of its key.
func planned(keys table.Keys, p expr.Plan) restriction {
	return func(k table.Key) expr.KeyOp {
		i := slices.Index(keys.Range, k)
		switch {
		case len(p.Hash) > 0 && slices.Contains(keys.Hash, k), i >= 0 && i < len(p.Range):
			return expr.Equal
		case i >= 0 && i == len(p.Range):
			return p.Op
		default:
			return expr.NoOp
		}
	}
}

// narrows returns how far r narrows what is read by a key; 0 is not at all.
func (r restriction) narrows(keys table.Keys) int {
	for _, k := range keys.Hash {
		if r(k) != expr.Equal {
			return 0
		}
	}
	n := 1
	for _, k := range keys.Range {
		switch r(k) {
		case expr.NoOp:
			return n
		case expr.Equal:
			n += 2
		default:
			return n + 1
		}
	}
	return n
}

// adviseKey tells of the key by which least would be read, if the filter
// restricts more of it than the plan does of the key that is used.
func (sel *selection) adviseKey(s *Service, t *table.Table, ix *table.Index, keys table.Keys, p expr.Plan) {
	if sel.filter == nil || len(p.Hash) > len(keys.Hash) {
		return
	}
	plan := planned(keys, p)
	all := restriction(func(k table.Key) expr.KeyOp {
		if op := plan(k); op == expr.Equal {
			return op
		}
		if op := sel.filter.Bounds(expr.KeyAttr{Name: k.Name, Kind: k.Kind}); op != expr.NoOp {
			return op
		}
		return plan(k)
	})
	var (
		best table.Keys
		of   *table.Index
		most = plan.narrows(keys)
	)
	for _, other := range sel.others(s, t, ix) {
		theirs := t.Keys()
		if other != nil {
			theirs = other.Keys()
		}
		if n := all.narrows(theirs); n > most {
			best, of, most = theirs, other, n
		}
	}
	if best.Hash == nil {
		return
	}
	var restricted, absent []string
	for _, k := range best.All() {
		switch {
		case plan(k) == expr.NoOp && all(k) != expr.NoOp:
			restricted = append(restricted, k.Name)
		case all(k) == expr.NoOp && ix == nil && !slices.Contains(t.KeyAttributes(nil), k.Name):
			absent = append(absent, k.Name)
		}
	}
	code, name, how, without := adviceQuery, "the table", "a Query of it reads those items alone", ""
	if p.Hash != nil {
		code = adviceIndex
	}
	if of != nil {
		name = "index " + of.Name
	}
	if of != nil && sel.statement {
		how = fmt.Sprintf("FROM %q.%q reads those items alone", t.Name, of.Name)
	}
	if absent != nil {
		without = fmt.Sprintf(" Items without %s are not in it.", strings.Join(absent, ", "))
	}
	sel.explain.advise(code, "The filter restricts %s, which the key of %s has: %s.%s", strings.Join(restricted, ", "), name, how, without)
}

// others returns what else could be read, nil being the table, to find the same
// items: an index has not all of them, so only what it has can take its place.
func (sel *selection) others(s *Service, t *table.Table, ix *table.Index) []*table.Index {
	if ix != nil {
		return []*table.Index{ix}
	}
	others := []*table.Index{nil}
	for _, other := range t.Indexes {
		switch {
		case s.statusOf(other) != table.Active, sel.consistent && !other.Local:
		case sel.all() && other.Projection.Type != "ALL":
		case unprojected(other, sel.filter.Attributes()) != "":
		case sel.pick.projection != nil && unprojected(other, sel.pick.projection.Attributes()) != "":
		default:
			others = append(others, other)
		}
	}
	return others
}
