package expr

import (
	"errors"
	"strconv"

	"github.com/statordb/stator/internal/attr"
)

// What can go wrong when an update meets an item.
var (
	errPath     = &Error{"The document path provided in the update expression is invalid for update"}
	errOperand  = &Error{"An operand in the update expression has an incorrect data type"}
	errMismatch = &Error{"Type mismatch for attribute to update"} // of AttributeUpdates
	errMissing  = &Error{"The provided expression refers to an attribute that does not exist in the item"}
	errNesting  = &Error{attr.Nesting}
)

// An Update is an update expression of one request. It is for any number of
// goroutines.
type Update struct {
	clauses []clause
	env     env
	root    branch
	legacy  bool // whether it comes from AttributeUpdates
	// statement says that it comes from PartiQL, where a SET is told that its path
	// leads nowhere before what is wrong with its operand.
	statement bool
}

// Update parses src and binds it.
func (b *Binder) Update(src string) (*Update, error) {
	u, err := b.bindUpdate(src)
	return u, UpdateExpression.blame(err)
}

func (b *Binder) bindUpdate(src string) (*Update, error) {
	t, err := read(updates, UpdateExpression, src)
	if err != nil {
		return nil, err
	}
	u := &Update{clauses: t.clauses}
	bound := b.bind(t, &u.env)
	u.root, err = bound.plant(len(t.clauses), func(i int) *path { return t.clauses[i].target })
	if err != nil {
		return nil, err
	}
	// The service goes from the last clause to the first here, too.
	for i := len(t.clauses) - 1; i >= 0; i-- {
		if err := bound.clause(&t.clauses[i]); err != nil {
			return nil, err
		}
	}
	return u, t.tooManyOperators()
}

// clause binds and checks the operand of a clause.
func (b *binding) clause(c *clause) error {
	if err := b.operand(c.operand); err != nil {
		return err
	}
	if c.action != tokenAdd && c.action != tokenDelete {
		return nil
	}
	k := b.env.kind(c.operand)
	if k.IsSet() || k == attr.N && c.action == tokenAdd {
		return nil
	}
	return problem("Incorrect operand type for operator or function; operator: " + c.action.String() +
		", operand type: " + kindWords[k] + ", typeSet: ALLOWED_FOR_" + c.action.String() + "_OPERAND")
}

// kindWords are the types that ADD and DELETE refuse, as they call them.
var kindWords = map[attr.Kind]string{
	attr.S: "STRING", attr.N: "NUMBER", attr.B: "BINARY", attr.M: "MAP", attr.L: "LIST",
	attr.NULL: "NULL", attr.BOOL: "BOOLEAN",
}

// Touched returns the names of the attributes that the update writes or
// writes into, each once, in byte order.
func (u *Update) Touched() []string { return u.root.names() }

// Changed returns those parts of item that the update writes: fed with the old
// item they are UPDATED_OLD, with the new one UPDATED_NEW. It is nil when there
// are none.
func (u *Update) Changed(item attr.Item) attr.Item {
	if item == nil {
		return nil
	}
	parts := u.root.project(item)
	if parts.Len() == 0 {
		return nil
	}
	return parts
}

// Apply returns the item that the update makes of old, or of key alone when
// old is nil. All clauses see the item as it was before.
func (u *Update) Apply(old, key attr.Item) (attr.Item, error) {
	if old == nil {
		old = key
	}
	if old == nil {
		old = attr.NewItem(nil)
	}
	var buf [8]attr.Value
	c := change{Update: u, operands: buf[:0]}
	for i := range u.clauses {
		v, err := u.env.compute(u.clauses[i].operand, old)
		if err != nil {
			return nil, u.first(i, old, err)
		}
		c.operands = append(c.operands, v)
	}
	var fields [16]attr.Field
	all, err := c.entries(fields[:0], old.Map(), u.root.kids)
	if err != nil {
		return nil, c.first(old, err)
	}
	return attr.NewItem(all), nil
}

// first returns what is told when the operand of clause i cannot be computed. A
// path of an earlier SET that leads nowhere comes before it, and all paths and
// operands before a result that is no number the service stores.
func (u *Update) first(i int, old attr.Item, err error) error {
	before := u.clauses[:i]
	if u.statement {
		before = u.clauses[:i+1]
	}
	if !aboutOperand(err) {
		for j := i + 1; j < len(u.clauses); j++ {
			if _, later := u.env.compute(u.clauses[j].operand, old); aboutOperand(later) {
				return u.first(j, old, later)
			}
		}
		before = u.clauses
	}
	for _, c := range before {
		if c.action == tokenSet && !u.env.reaches(c.target, old) {
			return errPath
		}
	}
	return err
}

// aboutOperand reports whether err is about an operand, rather than what becomes
// of it.
func aboutOperand(err error) bool { return errors.Is(err, errMissing) || errors.Is(err, errOperand) }

// reaches reports whether the place that p leads to, where there need not be
// anything, is in a map or list of the item.
func (e *env) reaches(p *path, item attr.Item) bool {
	last := len(p.elements) - 1
	if last == 0 {
		return true
	}
	kind := attr.M
	if p.elements[last].isIndex() {
		kind = attr.L
	}
	in := e.follow(&path{elements: p.elements[:last]}, item)
	return in != nil && in.Kind() == kind
}

// A change is an update being applied.
type change struct {
	*Update
	operands []attr.Value // of the clauses, computed
}

// entries appends the entries of a map, the item's or another, after the
// change.
func (c *change) entries(dst []attr.Field, old attr.Value, branches []branch) ([]attr.Field, error) {
	for name, v := range old.Fields() {
		for len(branches) > 0 && branches[0].name < string(name) {
			added, err := c.branch(&branches[0], nil)
			if err != nil {
				return nil, err
			}
			dst = appendField(dst, branches[0].name, added)
			branches = branches[1:]
		}
		if len(branches) > 0 && branches[0].name == string(name) {
			var err error
			if v, err = c.branch(&branches[0], v); err != nil {
				return nil, err
			}
			branches = branches[1:]
		}
		if v != nil {
			dst = append(dst, attr.Field{Name: name, Value: v})
		}
	}
	for i := range branches {
		added, err := c.branch(&branches[i], nil)
		if err != nil {
			return nil, err
		}
		dst = appendField(dst, branches[i].name, added)
	}
	return dst, nil
}

// appendField appends an entry that was not there before, if it is now.
func appendField(dst []attr.Field, name string, v attr.Value) []attr.Field {
	if v == nil {
		return dst
	}
	return append(dst, attr.Field{Name: []byte(name), Value: v})
}

// branch returns what stands at b after the change; nil is nothing.
func (c *change) branch(b *branch, old attr.Value) (attr.Value, error) {
	switch {
	case b.leaf >= 0:
		return c.clause(b.leaf, old)
	case old == nil:
		return nil, errPath
	case b.kids[0].index < 0 && old.Kind() == attr.M:
		fields, err := c.entries(make([]attr.Field, 0, old.Len()+len(b.kids)), old, b.kids)
		if err != nil {
			return nil, err
		}
		return attr.NewMap(fields), nil
	case b.kids[0].index >= 0 && old.Kind() == attr.L:
		return c.elements(old, b.kids)
	default:
		return nil, errPath
	}
}

// first returns what is told when the change cannot be made because of err, which
// is about the first attribute by name: the first SET, then REMOVE, ADD and DELETE,
// that leads nowhere or meets a value of another type. A result that is no number
// the service stores comes after all of these.
func (c *change) first(old attr.Item, err error) error {
	for _, action := range []tokenKind{tokenSet, tokenRemove, tokenAdd, tokenDelete} {
		for i := range c.clauses {
			target := c.clauses[i].target
			if c.clauses[i].action != action {
				continue
			}
			if !c.env.reaches(target, old) {
				return errPath
			}
			if _, met := c.clause(i, c.env.follow(target, old)); errors.Is(met, c.mismatch()) {
				return met
			}
		}
	}
	return err
}

// elements returns a list after the change. An element beyond the end goes to
// the end.
func (c *change) elements(old attr.Value, branches []branch) (attr.Value, error) {
	list := make([]attr.Value, 0, old.Len()+len(branches))
	i := 0
	for v := range old.Elements() {
		if len(branches) > 0 && branches[0].index == i {
			var err error
			if v, err = c.branch(&branches[0], v); err != nil {
				return nil, err
			}
			branches = branches[1:]
		}
		if v != nil {
			list = append(list, v)
		}
		i++
	}
	for i := range branches {
		v, err := c.branch(&branches[i], nil)
		if err != nil {
			return nil, err
		}
		if v != nil {
			list = append(list, v)
		}
	}
	return attr.NewList(list), nil
}

// clause does what clause i says to the value that is there.
func (c *change) clause(i int, old attr.Value) (attr.Value, error) {
	operand := c.operands[i]
	switch c.clauses[i].action {
	case tokenSet:
		return operand, fits(operand, c.clauses[i].target)
	case tokenAdd:
		return c.add(old, operand)
	case tokenDelete:
		return c.subtract(old, operand)
	default:
		return nil, nil
	}
}

// maxDepth is how many maps and lists may stand around a value in an item.
const maxDepth = 31

// fits reports whether v may stand at p.
func fits(v attr.Value, p *path) error {
	if len(p.elements)-1+v.Depth() > maxDepth {
		return errNesting
	}
	return nil
}

func (c *change) add(old, v attr.Value) (attr.Value, error) {
	switch {
	case old == nil:
		return v, nil
	case old.Kind() != v.Kind():
		return nil, c.mismatch()
	case v.Kind() == attr.N:
		return checked(attr.Add(old, v))
	case v.Kind() == attr.L: // in AttributeUpdates only
		return attr.Concat(old, v), nil
	default:
		return attr.Union(old, v), nil
	}
}

func (c *change) subtract(old, v attr.Value) (attr.Value, error) {
	switch {
	case old == nil:
		return nil, nil
	case old.Kind() != v.Kind():
		return nil, c.mismatch()
	default:
		return attr.Subtract(old, v), nil
	}
}

// mismatch says that ADD or DELETE met a value of another type.
func (c *change) mismatch() error {
	if c.legacy {
		return errMismatch
	}
	return errOperand
}

// checked makes an Error of the Fault of a calculation.
func checked(v attr.Value, fault *attr.Fault) (attr.Value, error) {
	if fault != nil {
		return nil, &Error{fault.Message(attr.Current)}
	}
	return v, nil
}

// compute evaluates an operand of an update.
func (e *env) compute(n node, item attr.Item) (attr.Value, error) {
	switch n := n.(type) {
	case *value:
		return e.values[n.ref], nil
	case *path:
		if v := e.follow(n, item); v != nil {
			return v, nil
		}
		return nil, errMissing
	case *arithmetic:
		return e.calculate(n, item)
	case *call:
		if n.fn == ifNotExists {
			return e.computeDefault(n, item)
		}
		return e.computeAppend(n, item)
	}
	return nil, nil // REMOVE and a legacy DELETE
}

func (e *env) calculate(a *arithmetic, item attr.Item) (attr.Value, error) {
	left, err := e.computeAs(attr.N, a.left, item)
	if err != nil {
		return nil, err
	}
	right, err := e.computeAs(attr.N, a.right, item)
	if err != nil {
		return nil, err
	}
	if a.op == tokenPlus {
		return checked(attr.Add(left, right))
	}
	return checked(attr.Sub(left, right))
}

// computeDefault evaluates if_not_exists.
func (e *env) computeDefault(c *call, item attr.Item) (attr.Value, error) {
	if v := e.operand(c.args[0], item); v != nil {
		return v, nil
	}
	return e.compute(c.args[1], item)
}

// computeAppend evaluates list_append.
func (e *env) computeAppend(c *call, item attr.Item) (attr.Value, error) {
	head, err := e.computeAs(attr.L, c.args[0], item)
	if err != nil {
		return nil, err
	}
	tail, err := e.computeAs(attr.L, c.args[1], item)
	if err != nil {
		return nil, err
	}
	return attr.Concat(head, tail), nil
}

// computeAs evaluates an operand that must be of one kind.
func (e *env) computeAs(k attr.Kind, n node, item attr.Item) (attr.Value, error) {
	v, err := e.compute(n, item)
	if err == nil && v.Kind() != k {
		err = errOperand
	}
	return v, err
}

// Charge returns the size that the service reckons for the update as a
// statement; UpdateItem refuses one of more than attr.MaxItemSize even if the
// item stays small. The old item matters for ADD to a set only. Measured on
// AWS to the byte, October 2026. AttributeUpdates are no statement.
func (u *Update) Charge(old attr.Item) int {
	if u.legacy {
		return 0
	}
	size := 3
	for i := range u.clauses {
		c := &u.clauses[i]
		size += u.env.targetCharge(c.target)
		switch c.action {
		case tokenSet:
			size += 19 + u.env.charge(c.operand)
		case tokenAdd:
			size += 19 + u.addCharge(c, old)
		default:
			size++
		}
	}
	return size
}

// addCharge returns what the operand of ADD counts for: of a set only the
// members that are new.
func (u *Update) addCharge(c *clause, old attr.Item) int {
	v := u.env.values[c.operand.(*value).ref]
	was := u.env.follow(c.target, old)
	if !v.Kind().IsSet() || !sameKind(v, was) {
		return v.Size()
	}
	if added := attr.Subtract(v, was); added != nil {
		return added.Size()
	}
	return 0
}

func (e *env) targetCharge(p *path) int {
	size := e.elementSize(&p.elements[0])
	for i := 1; i < len(p.elements); i++ {
		size += 4 + e.elementSize(&p.elements[i])
	}
	return size
}

func (e *env) charge(n node) int {
	switch n := n.(type) {
	case *value:
		return e.values[n.ref].Size()
	case *path:
		size := 1
		for i := range n.elements {
			size += 14 + e.elementSize(&n.elements[i])
		}
		return size
	case *arithmetic:
		if n.op == tokenPlus {
			return 34 + e.charge(n.left) + e.charge(n.right)
		}
		return 37 + e.charge(n.left) + e.charge(n.right)
	case *call:
		if n.fn == ifNotExists {
			return 39 + e.charge(n.args[0]) + e.charge(n.args[1])
		}
		return 37 + e.charge(n.args[0]) + e.charge(n.args[1])
	}
	return 0
}

// elementSize returns the bytes of a name, or the digits of an index.
func (e *env) elementSize(el *element) int {
	if el.isIndex() {
		return len(strconv.Itoa(el.index))
	}
	return len(e.name(el))
}
