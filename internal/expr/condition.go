package expr

import (
	"strconv"

	"github.com/statordb/stator/internal/attr"
)

// A Condition is a condition or filter expression of one request. It is for
// any number of goroutines.
type Condition struct {
	root node
	env  env
	// many says that it does not pay to look for each attribute in all of the
	// item.
	many bool
}

// Condition parses src and binds it. The kind is ConditionExpression or
// FilterExpression and shows in errors only.
func (b *Binder) Condition(kind Kind, src string) (*Condition, error) {
	c := &Condition{}
	t, err := b.bindCondition(kind, src, &c.env)
	if err != nil {
		return nil, kind.blame(err)
	}
	c.root = t.condition
	return c, nil
}

// bindCondition parses an expression with the grammar of conditions and binds
// it to e.
func (b *Binder) bindCondition(kind Kind, src string, e *env) (*tree, error) {
	t, err := read(conditions, kind, src)
	if err != nil {
		return nil, err
	}
	bound := b.bind(t, e)
	if err := bound.condition(t.condition); err != nil {
		return nil, err
	}
	return t, t.tooManyOperators()
}

// read returns the tree of src if it is not empty and not too long.
func read(c *Cache[tree], kind Kind, src string) (*tree, error) {
	if src == "" {
		return nil, problem("The expression can not be empty;")
	}
	if len(src) <= maxSize {
		return c.Get(src)
	}
	const tooLarge = "Expression size has exceeded the maximum allowed size;"
	if kind == UpdateExpression { // which does not say how large
		return nil, problem(tooLarge)
	}
	return nil, problem(tooLarge + " expression size: " + strconv.Itoa(len(src)))
}

// Matches reports whether the condition holds for item; nil is an item that is
// not there. A nil Condition always holds.
func (c *Condition) Matches(item attr.Item) bool {
	if c == nil {
		return true
	}
	if c.many {
		e := c.env
		e.attributes = make(map[string]attr.Value, item.Len())
		for name, v := range item.All() {
			e.attributes[string(name)] = v
		}
		return e.holds(c.root, item)
	}
	return c.env.holds(c.root, item)
}

// Attributes returns the names of the attributes that the condition refers
// to, in order, some perhaps more than once.
func (c *Condition) Attributes() []string {
	if c == nil {
		return nil
	}
	var names []string
	visit(c.root, func(p *path) { names = append(names, c.env.name(&p.elements[0])) })
	return names
}

// Entered returns the names of the attributes that the condition refers to a
// part of, in order, some perhaps more than once.
func (c *Condition) Entered() []string {
	if c == nil {
		return nil
	}
	var names []string
	visit(c.root, func(p *path) {
		if len(p.elements) > 1 {
			names = append(names, c.env.name(&p.elements[0]))
		}
	})
	return names
}

// visit calls fn for the paths in n, from left to right.
func visit(n node, fn func(*path)) {
	switch n := n.(type) {
	case *path:
		fn(n)
	case *call:
		visitAll(fn, n.args...)
	case *and:
		visitAll(fn, n.list...)
	case *or:
		visitAll(fn, n.list...)
	case *not:
		visit(n.x, fn)
	case *compare:
		visitAll(fn, n.left, n.right)
	case *between:
		visitAll(fn, n.x, n.low, n.high)
	case *in:
		visit(n.x, fn)
		visitAll(fn, n.list...)
	}
}

func visitAll(fn func(*path), list ...node) {
	for _, n := range list {
		visit(n, fn)
	}
}

// holds evaluates a condition.
func (e *env) holds(n node, item attr.Item) bool {
	switch n := n.(type) {
	case *compare:
		return compareValues(n.op, e.operand(n.left, item), e.operand(n.right, item))
	case *and:
		for _, part := range n.list {
			if !e.holds(part, item) {
				return false
			}
		}
		return true
	case *or:
		for _, part := range n.list {
			if e.holds(part, item) {
				return true
			}
		}
		return false
	case *not:
		return !e.holds(n.x, item)
	case *call:
		return n.fn.holds(e, n, item)
	case *between:
		return e.holdsBetween(n, item)
	case *in:
		return e.holdsIn(n, item)
	}
	return false
}

// compareValues compares two operands. One that is not there is different from
// everything and has no order; neither have values of different types.
func compareValues(op tokenKind, v, w attr.Value) bool {
	switch op {
	case tokenEqual:
		return v != nil && v.Equal(w)
	case tokenNotEqual:
		return v == nil || !v.Equal(w)
	}
	if !sameKind(v, w) || v.Kind() > attr.B {
		return false
	}
	c := attr.Compare(v, w)
	switch op {
	case tokenLess:
		return c < 0
	case tokenLessEqual:
		return c <= 0
	case tokenGreater:
		return c > 0
	default:
		return c >= 0
	}
}

func (e *env) holdsBetween(n *between, item attr.Item) bool {
	v := e.operand(n.x, item)
	return compareValues(tokenGreaterEqual, v, e.operand(n.low, item)) &&
		compareValues(tokenLessEqual, v, e.operand(n.high, item))
}

func (e *env) holdsIn(n *in, item attr.Item) bool {
	v := e.operand(n.x, item)
	for _, one := range n.list {
		if compareValues(tokenEqual, v, e.operand(one, item)) {
			return true
		}
	}
	return false
}

// operand evaluates an operand of a condition; nil is one that is not there.
func (e *env) operand(n node, item attr.Item) attr.Value {
	switch n := n.(type) {
	case *path:
		return e.follow(n, item)
	case *value:
		return e.values[n.ref]
	case *call: // size is the only function that is an operand
		return sizeOf(e.operand(n.args[0], item))
	}
	return nil
}

// follow returns what p leads to, or nil.
func (e *env) follow(p *path, item attr.Item) attr.Value {
	v := e.attribute(e.name(&p.elements[0]), item)
	for i := 1; i < len(p.elements) && v != nil; i++ {
		v = e.step(&p.elements[i], v)
	}
	return v
}

func (e *env) attribute(name string, item attr.Item) attr.Value {
	if e.attributes != nil {
		return e.attributes[name]
	}
	return item.Get(name)
}

func (e *env) step(el *element, v attr.Value) attr.Value {
	switch {
	case el.isIndex() && v.Kind() == attr.L:
		return v.Index(el.index)
	case !el.isIndex() && v.Kind() == attr.M:
		return v.Field(e.name(el))
	default:
		return nil
	}
}
