package expr

import (
	"strconv"
	"strings"
)

// A tree is a parsed expression. It belongs to no request and never changes,
// so all requests with the same source text share it.
type tree struct {
	condition node     // of a condition, filter or key condition expression
	clauses   []clause // of an update expression
	paths     []*path  // of a projection expression

	names, values []string // the placeholders, each once: "#pk", ":v"
	operators     int      // how many operators and functions there are
}

// String returns the expression with only the parentheses it needs.
func (t *tree) String() string {
	switch {
	case t.clauses != nil:
		var s strings.Builder
		for i, c := range t.clauses {
			if i > 0 && c.opens {
				s.WriteByte(' ')
			}
			s.WriteString(c.String())
		}
		return s.String()
	case t.paths != nil:
		return join(t.paths, ", ")
	default:
		return t.condition.String()
	}
}

// A node is a part of a tree: a condition or an operand.
type node interface {
	String() string
}

// A path leads to an attribute or into one: a.#b[0].
type path struct {
	elements []element
}

func (p *path) String() string {
	var s strings.Builder
	for i, e := range p.elements {
		if e.isIndex() {
			s.WriteString("[" + strconv.Itoa(e.index) + "]")
			continue
		}
		if i > 0 {
			s.WriteByte('.')
		}
		s.WriteString(e.name)
	}
	return s.String()
}

// An element is one step of a path: a name, a placeholder for a name, or the
// index of an element of a list.
type element struct {
	name  string // as written; "" of an index
	ref   int    // of a placeholder, which one; else -1
	index int    // -1 of a name
}

func (e element) isIndex() bool { return e.index >= 0 }

// A value is a placeholder for a value: :v.
type value struct {
	name string
	ref  int
}

func (v *value) String() string { return v.name }

// A call is a function and its operands, as many as were written.
type call struct {
	name string
	fn   *function // nil when there is no such function
	args []node
}

func (c *call) String() string { return c.name + "(" + join(c.args, ", ") + ")" }

// A compare is one of the six comparisons.
type compare struct {
	op          tokenKind
	left, right node
}

func (c *compare) String() string {
	return c.left.String() + " " + c.op.String() + " " + c.right.String()
}

// A between is x BETWEEN low AND high.
type between struct {
	x, low, high node
}

func (b *between) String() string {
	return b.x.String() + " BETWEEN " + b.low.String() + " AND " + b.high.String()
}

// An in is x IN (a, b, …).
type in struct {
	x    node
	list []node
}

func (i *in) String() string { return i.x.String() + " IN (" + join(i.list, ", ") + ")" }

// An and holds when all of its conditions do.
type and struct {
	list []node
}

func (a *and) String() string {
	parts := make([]string, len(a.list))
	for i, n := range a.list {
		parts[i] = tight(n)
	}
	return strings.Join(parts, " AND ")
}

// An or holds when one of its conditions does.
type or struct {
	list []node
}

func (o *or) String() string {
	parts := make([]string, len(o.list))
	for i, n := range o.list {
		parts[i] = n.String()
		if _, ok := n.(*or); ok {
			parts[i] = tight(n)
		}
	}
	return strings.Join(parts, " OR ")
}

// A not holds when its condition does not.
type not struct {
	x node
}

func (n *not) String() string { return "NOT " + tight(n.x) }

// An arithmetic is x + y or x - y in an update expression.
type arithmetic struct {
	op          tokenKind
	left, right node
}

func (a *arithmetic) String() string {
	return a.left.String() + " " + a.op.String() + " " + a.right.String()
}

// A clause is one action of an update expression. The section it stands in
// says which: tokenSet, tokenRemove, tokenAdd or tokenDelete.
type clause struct {
	action  tokenKind
	opens   bool // whether it is the first of its section
	target  *path
	operand node // nil for REMOVE
}

func (c *clause) String() string {
	s := ", "
	if c.opens {
		s = c.action.String() + " "
	}
	s += c.target.String()
	switch c.action {
	case tokenRemove:
		return s
	case tokenSet:
		s += " ="
	}
	return s + " " + c.operand.String()
}

// tight returns n so that it can be an operand of AND and NOT.
func tight(n node) string {
	switch n.(type) {
	case *and, *or:
		return "(" + n.String() + ")"
	}
	return n.String()
}

func join[N node](list []N, sep string) string {
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = n.String()
	}
	return strings.Join(parts, sep)
}
