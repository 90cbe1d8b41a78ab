package dynamodb

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/partiql"
	"github.com/statordb/stator/internal/table"
)

// errDuplicate says that an INSERT met an item.
var errDuplicate = errors.New("dynamodb: item exists")

// A statement is one of PartiQL, joined with its parameters.
type statement struct {
	partiql.Bound
	table string
}

// statement reads a statement as far as that can be done without its table.
func (s *Service) statement(src string, parameters []attr.Value) (*statement, error) {
	parsed, err := partiql.Parse(src)
	if err != nil {
		return nil, err
	}
	bound, err := parsed.Bind(parameters)
	if err != nil {
		return nil, err
	}
	if bound.Item != nil && bound.Item.Size() > attr.MaxItemSize {
		return nil, invalid(itemTooLarge)
	}
	return &statement{bound, s.tableOf(bound.Table)}, nil
}

// kind returns what faults take the statement for.
func (st *statement) kind() fault.Kind {
	if st.Kind.IsRead() {
		return fault.Read
	}
	return fault.Write
}

// reach returns where the items are that the statement is about.
func (st *statement) reach(keys table.Keys) (*expr.Reach, error) {
	var hash expr.KeyAttr
	if len(keys.Hash) > 0 {
		hash = expr.KeyAttr{Name: keys.Hash[0].Name, Kind: keys.Hash[0].Kind}
	}
	r := st.Where.Reach(hash, keyAttrs(keys.Range))
	if r.Wrong != "" {
		return nil, wrongKey(r.Wrong)
	}
	return r, nil
}

// wrongKey reports a key attribute of another type than the table's.
func wrongKey(name string) error {
	return &table.Misfit{Reason: table.WrongKey, Message: "Key attribute's data type should match its data type in table's schema: Key " + name}
}

// errNoKey says that the WHERE of a write does not name one item.
var errNoKey = invalid("Where clause does not contain a mandatory equality on all key attributes")

// errExistsAlone says that EXISTS stands outside a transaction.
var errExistsAlone = invalid("EXISTS can only be used in ExecuteTransaction write requests.")

// errExists says that an EXISTS is not about one item and something of it.
var errExists = invalid("EXISTS() must contain a single item read with additional condition")

// key returns the key of the only item that the statement is about, and what
// else WHERE says of it. Without a key it returns missing.
func (st *statement) key(t *table.Table, missing error) (attr.Item, *expr.Condition, error) {
	keys := t.Keys()
	r, err := st.reach(keys)
	if err != nil {
		return nil, nil, err
	}
	if !r.Exact(len(keys.Range) > 0) {
		return nil, nil, missing
	}
	return keyOf(keys, r), r.Rest, nil
}

// keyOf returns the key that an exact r names.
func keyOf(keys table.Keys, r *expr.Reach) attr.Item {
	var buf [2]attr.Field
	fields := append(buf[:0], attr.Field{Name: []byte(keys.Hash[0].Name), Value: r.Hash[0]})
	if len(keys.Range) > 0 {
		fields = append(fields, attr.Field{Name: []byte(keys.Range[0].Name), Value: r.Plan.Range[0]})
	}
	return attr.NewItem(fields)
}

// action returns the write that the statement is, or the look at an item that
// EXISTS is.
func (st *statement) action() *action {
	if st.Kind == partiql.Insert {
		return insert(st.table, st.Item)
	}
	a := &action{table: st.table}
	var key attr.Item
	a.locate = func(t *table.Table) ([]byte, error) {
		var err error
		if key, a.condition, err = st.key(t, errNoKey); err != nil {
			return nil, err
		}
		a.about = key
		return t.Key(key)
	}
	switch st.Kind {
	case partiql.Exists:
		locate := a.locate
		a.locate = func(t *table.Table) ([]byte, error) {
			key, err := locate(t)
			if errors.Is(err, errNoKey) || err == nil && a.condition == nil {
				err = errExists
			}
			return key, err
		}
		a.admit = mustExist
	case partiql.Delete:
		a.lenient = true
		a.change = func(*table.Table, attr.Item) (attr.Item, error) { return nil, nil }
	case partiql.Update:
		a.admit = mustExist // it never makes an item
		a.change = func(t *table.Table, old attr.Item) (attr.Item, error) { return updated(t, key, st.Update, old) }
	}
	return a
}

// mustExist lets nothing be done where there is no item.
func mustExist(old attr.Item) error {
	if old == nil {
		return &conditionError{}
	}
	return nil
}

// insert returns an action that stores it unless there is an item.
func insert(name string, it attr.Item) *action {
	a := put(name, it)
	locate := a.locate
	a.locate = func(t *table.Table) ([]byte, error) {
		for _, k := range t.Keys().All() {
			v := it.Get(k.Name)
			if v == nil {
				return nil, &table.Misfit{Reason: table.WrongKey, Message: "Key attribute should be present in the item: Key " + k.Name}
			}
			if v.Kind() != k.Kind {
				return nil, wrongKey(k.Name)
			}
		}
		return locate(t)
	}
	a.admit = func(old attr.Item) error {
		if old != nil {
			return errDuplicate
		}
		return nil
	}
	return a
}

// returns is what the statement's RETURNING asks for of a write.
func (st *statement) returns(w *item.Write) attr.Item {
	switch st.Returning {
	case "ALL OLD":
		return w.Old
	case "ALL NEW":
		return w.New
	case "MODIFIED OLD":
		return st.Update.Changed(w.Old)
	case "MODIFIED NEW":
		return st.Update.Changed(w.New)
	default:
		return nil
	}
}

// A statementRead is a SELECT on its way.
type statementRead struct {
	*Service
	*statement
	selection
	src        string
	parameters []attr.Value
	from       position
	// single is what is said if the statement is about anything but an item
	// that only its key names; nil allows all.
	single error

	// What follows is planned anew for each attempt.
	t     *table.Table
	ix    *table.Index
	reach *expr.Reach
	key   attr.Item // of the only item; nil if there may be more
	out   result
	found attr.Item // instead of out.items if single is set
	next  *position // nil after the last page
}

// A position is where a SELECT goes on.
type position struct {
	collection int       // which of those that it reads
	after      attr.Item // the key; nil is the beginning
}

func (s *Service) newRead(st *statement, consistent bool, capacity api.Opt[string]) *statementRead {
	r := &statementRead{Service: s, statement: st}
	r.selection = selection{table: st.table, consistent: consistent, capacity: capacity, statement: true, taken: s.tally}
	if st.Index != "" {
		r.index = api.Some(st.Index)
	}
	if st.Columns != nil {
		r.pick = picker{st.Columns}
	}
	return r
}

// run reads one page.
func (r *statementRead) run(ctx context.Context) error {
	return r.read(ctx, []string{r.statement.table}, r.plan, func(_ []*table.Table, values [][]byte, reader kv.Reader) error {
		r.out, r.found, r.next = result{}, nil, nil
		r.out.items.Present = true
		if r.key != nil {
			r.get(values[0])
			return nil
		}
		return r.collect(reader)
	})
}

// plan decides how the items are found.
func (r *statementRead) plan(ts []*table.Table) (hold, share [][]byte, err error) {
	r.t, r.key = ts[0], nil
	if r.ix, err = r.resolve(r.t, r.statusOf); err != nil {
		return nil, nil, err
	}
	keys := r.t.Keys()
	if r.ix != nil {
		keys = r.ix.Keys()
	}
	if len(keys.Hash) > 1 || len(keys.Range) > 1 {
		return nil, nil, invalid("PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.")
	}
	if r.Late != nil {
		return nil, nil, r.Late
	}
	if len(keys.Range) > 0 && r.Where.Overlaps(keys.Hash[0].Name, keys.Range[0].Name) {
		return nil, nil, invalid("Overlapping conditions with range keys are not supported in where clause")
	}
	if r.reach, err = r.statement.reach(keys); err != nil {
		return nil, nil, err
	}
	if r.single != nil && (r.ix != nil || !r.reach.Exact(len(keys.Range) > 0) || r.reach.Rest != nil) {
		return nil, nil, r.single
	}
	if err := r.order(keys); err != nil {
		return nil, nil, err
	}
	r.filter = r.reach.Rest
	if r.ix != nil {
		return nil, nil, r.checkFilter()
	}
	if !r.reach.Exact(len(keys.Range) > 0) {
		return nil, nil, nil
	}
	r.key = keyOf(keys, r.reach)
	key, err := r.t.Key(r.key)
	return [][]byte{key}, nil, err
}

// order checks ORDER BY and sorts the collections that are read.
func (r *statementRead) order(keys table.Keys) error {
	if len(r.Order) == 0 {
		return nil
	}
	if r.Where == nil {
		return invalid("Must have WHERE clause in the statement when using ORDER BY clause.")
	}
	if r.reach.Hash == nil {
		return invalid("Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
	}
	for _, by := range r.Order {
		if !slices.ContainsFunc(keys.All(), func(k table.Key) bool { return k.Name == by.Name }) {
			return invalid("Variable reference %s in ORDER BY clause must be part of the primary key", by.Name)
		}
	}
	return nil
}

// descending reports whether the items are wanted in falling order of the key
// called name.
func (r *statementRead) descending(name string) (sorted, descending bool) {
	for _, by := range r.Order {
		if by.Name == name {
			return true, by.Descending
		}
	}
	return false, false
}

// checkFilter refuses columns and then a filter on what the index does not
// have, the filter only if the read does not walk all of it.
func (r *statementRead) checkFilter() error {
	if _, err := r.whole(r.ix); err != nil {
		return err
	}
	if !r.reach.Keyed {
		return nil
	}
	if missing := unprojected(r.ix, r.filter.Always()); missing != "" {
		return invalid("%sSecondary index %s does not project one or more filter attributes: [%s]", invalidValues, r.ix.Name, missing)
	}
	return nil
}

func (r *statementRead) get(value []byte) {
	found := attr.Item(value)
	if r.capacity.Set {
		r.out.units = getUnits(found, r.consistent)
	}
	r.tally.Read(r.t, nil, getUnits(found, r.consistent).Table)
	var returned attr.Item
	if found != nil && r.filter.Matches(found) {
		returned = r.pick.apply(found)
	}
	switch {
	case returned == nil:
	case r.single != nil:
		r.found = r.keep(returned)
	default:
		r.out.items.Append(returned)
	}
	r.explain.begin("GetItem", r.t)
	r.explain.got(r.t, r.key, found, returned, r.consistent)
	r.explain.keyed(r.t, r.key, r.filter)
}

// collect reads the collections one after another until a page is full.
func (r *statementRead) collect(reader kv.Reader) error {
	p := r.reach.Plan
	p.Hash = r.reach.Hash
	r.explained(r.Service, r.t, r.ix, p)
	ranges, backwards := r.ranges()
	left, bytes := r.selection.limit, 0
	at := r.from
	if at.collection >= len(ranges) {
		return errToken
	}
	for ; at.collection < len(ranges); at = (position{collection: at.collection + 1}) {
		if bytes >= item.PageSize {
			r.next = &at
			return nil
		}
		sel := r.selection
		sel.start, sel.limit = at.after, left
		read := &item.Read{Table: r.t, Index: r.ix, Range: ranges[at.collection], Reverse: backwards}
		if err := sel.extend(&r.out, read, reader, errToken); err != nil {
			return err
		}
		bytes += r.out.page.Units.Bytes
		if r.out.page.Last != nil {
			r.next = &position{at.collection, r.out.page.Last}
			return nil
		}
		if left > 0 {
			left -= r.out.page.Scanned
		}
	}
	return nil
}

// ranges returns the collections that are read, and whether each is read from
// its end.
func (r *statementRead) ranges() (ranges []kv.Range, backwards bool) {
	if r.reach.Hash == nil {
		return []kv.Range{r.t.Whole(r.ix)}, false
	}
	keys := r.t.Keys()
	if r.ix != nil {
		keys = r.ix.Keys()
	}
	hashes := r.reach.Hash
	if sorted, down := r.descending(keys.Hash[0].Name); sorted && len(hashes) > 1 {
		hashes = slices.SortedFunc(slices.Values(hashes), attr.Compare)
		if down {
			slices.Reverse(hashes)
		}
	}
	for _, h := range hashes {
		ranges = append(ranges, r.t.Collection(r.ix, []attr.Value{h}, bound(r.reach.Plan)))
	}
	if len(keys.Range) > 0 {
		_, backwards = r.descending(keys.Range[0].Name)
	}
	return ranges, backwards
}

// What is said of a NextToken that is none, or that another statement gave.
var (
	errNoToken = invalid("Invalid NextToken")
	errToken   = invalid("NextToken does not match request")
)

// tokenDigest is how many bytes of the digest of its statement a token has.
const tokenDigest = 16

// digest stands for the statement and its parameters.
func (r *statementRead) digest() []byte {
	sum := sha256.Sum256(appendStatement(nil, r.src, r.parameters))
	return sum[:tokenDigest]
}

// appendStatement appends bytes that are the same for the same statement and
// parameters only.
func appendStatement(b []byte, src string, parameters []attr.Value) []byte {
	parts := []string{src}
	for _, v := range parameters {
		parts = append(parts, string(v))
	}
	return appendParts(b, parts)
}

// token returns where the next page begins, for the client to give back.
func (r *statementRead) token() api.Opt[string] {
	if r.next == nil {
		return api.Opt[string]{}
	}
	b := binary.AppendUvarint(r.digest(), uint64(r.next.collection))
	return api.Some(base64.StdEncoding.EncodeToString(append(b, r.next.after...)))
}

// resume goes on where a token says. Whether its key is in the statement's
// collections is found there.
func (r *statementRead) resume(token string) error {
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) <= tokenDigest {
		return errNoToken
	}
	at, n := binary.Uvarint(b[tokenDigest:])
	if n <= 0 || at > 1<<20 {
		return errNoToken
	}
	r.from.collection = int(at)
	if after := attr.Item(b[tokenDigest+n:]); len(after) > 0 {
		if after.Check() != nil {
			return errNoToken
		}
		r.from.after = after
	}
	if string(b[:tokenDigest]) != string(r.digest()) {
		return errToken
	}
	return nil
}
