package expr

import (
	"errors"
	"slices"
	"strconv"

	"github.com/statordb/stator/internal/attr"
)

// A statement of PartiQL has another grammar than expressions, but what it
// means is the same: its parser builds these nodes instead of writing text.

// A Node is a condition or an operand. It belongs to no request and never
// changes. Its values are numbered slots, which Bind fills.
type Node struct{ n node }

// A Step is one step of a path: a name, or the index of an element of a list
// if the name is empty.
type Step struct {
	Name  string
	Index int
}

// A Path leads to an attribute or into one.
type Path struct{ p *path }

// NewPath returns the path of at least one step.
func NewPath(steps ...Step) Path {
	p := &path{elements: make([]element, len(steps))}
	for i, s := range steps {
		p.elements[i] = element{name: s.Name, ref: -1, index: -1}
		if s.Name == "" {
			p.elements[i].index = s.Index
		}
	}
	return Path{p}
}

// Node returns the path as an operand.
func (p Path) Node() Node { return Node{p.p} }

// Equal reports whether both paths lead to the same place.
func (p Path) Equal(q Path) bool { return slices.Equal(p.p.elements, q.p.elements) }

// Slot returns an operand that is value number i.
func Slot(i int) Node { return Node{&value{ref: i}} }

// Call returns a function of conditions and its operands; ok is false if there
// is no such function. Whether the operands suit it is found by Bind.
func Call(name string, args ...Node) (call Node, ok bool) {
	fn := functions[name]
	if fn == nil || fn.place != inCondition {
		return Node{}, false
	}
	return Node{newCall(fn, args)}, true
}

func newCall(fn *function, args []Node) *call { return &call{fn.name, fn, nodes(args)} }

func nodes(list []Node) []node {
	out := make([]node, len(list))
	for i, n := range list {
		out[i] = n.n
	}
	return out
}

// IfNotExists returns the operand of an update that is the value at a path, or
// def if there is none.
func IfNotExists(args ...Node) Node { return Node{newCall(ifNotExists, args)} }

// ListAppend returns the operand of an update that is two lists in one.
func ListAppend(args ...Node) Node { return Node{newCall(listAppend, args)} }

// Calculate returns x + y, or x - y, as an operand of an update.
func Calculate(x Node, minus bool, y Node) Node {
	if minus {
		return Node{&arithmetic{tokenMinus, x.n, y.n}}
	}
	return Node{&arithmetic{tokenPlus, x.n, y.n}}
}

// Compare returns a comparison; op is one of = <> < <= > >=.
func Compare(op string, x, y Node) Node {
	for k := tokenEqual; k <= tokenGreaterEqual; k++ {
		if tokenWords[k] == op {
			return Node{&compare{k, x.n, y.n}}
		}
	}
	panic("expr: no comparison: " + op)
}

// Within returns x BETWEEN low AND high.
func Within(x, low, high Node) Node { return Node{&between{x.n, low.n, high.n}} }

// OneOf returns x IN (list).
func OneOf(x Node, list []Node) Node { return Node{&in{x.n, nodes(list)}} }

// All returns a condition that holds when all of list do.
func All(list ...Node) Node {
	if len(list) == 1 {
		return list[0]
	}
	return Node{&and{nodes(list)}}
}

// Any returns a condition that holds when one of list does.
func Any(list ...Node) Node {
	if len(list) == 1 {
		return list[0]
	}
	return Node{&or{nodes(list)}}
}

// Opposite returns the condition that holds when x does not.
func Opposite(x Node) Node { return Node{&not{x.n}} }

// Bind returns the condition with its slots filled and its operands checked.
// Errors do not say in which parameter the condition stands, as it stands in
// none. The caller keeps values as they are.
func (n Node) Bind(values []attr.Value) (*Condition, error) {
	c := &Condition{root: n.n, env: env{values: values}, many: len(values) > manyComparisons}
	b := binding{nil, &c.env} // it has no placeholders to look up
	if err := b.condition(n.n); err != nil {
		return nil, bare(err)
	}
	return c, nil
}

// bare makes an Error of a problem that stands in no parameter.
func bare(err error) error {
	if p := problem(""); errors.As(err, &p) {
		return &Error{string(p)}
	}
	return err
}

// A Change is one action of an update.
type Change struct {
	Action  Action
	Target  Path
	Operand Node // the zero Node for Remove
}

// An Action is what a Change does.
type Action byte

// The actions. AddTo and DeleteFrom take sets only when they are built.
const (
	Set Action = iota
	Remove
	AddTo
	DeleteFrom
)

// BindChanges returns the update that changes make, with their slots filled
// and their operands checked.
func BindChanges(changes []Change, values []attr.Value) (*Update, error) {
	u := &Update{clauses: make([]clause, len(changes)), env: env{values: values}, statement: true}
	for i, c := range changes {
		u.clauses[i] = clause{action: tokenSet + tokenKind(c.Action), target: c.Target.p, operand: c.Operand.n}
	}
	b := binding{nil, &u.env}
	var err error
	u.root, err = b.plant(len(changes), func(i int) *path { return u.clauses[i].target })
	if err != nil {
		return nil, bare(err)
	}
	for i := len(changes) - 1; i >= 0; i-- {
		if err := b.clause(&u.clauses[i]); err != nil {
			return nil, bare(err)
		}
	}
	return u, nil
}

// Columns are the paths that a SELECT returns. Unlike a projection they give
// what they lead to as attributes of their own, named after the last step.
type Columns struct {
	paths []*path
	names []string
}

// NewColumns returns the columns of paths.
func NewColumns(paths []Path) *Columns {
	c := &Columns{}
	for _, p := range paths {
		last := p.p.elements[len(p.p.elements)-1]
		name := last.name
		for i := len(p.p.elements) - 1; i >= 0 && last.isIndex(); i-- { // l[0] is called l[0]
			e := p.p.elements[i]
			if !e.isIndex() {
				name = e.name + name
				break
			}
			name = "[" + strconv.Itoa(e.index) + "]" + name
		}
		c.paths, c.names = append(c.paths, p.p), append(c.names, name)
	}
	return c
}

// Apply returns an item of the columns of item. The result of a nil item is
// nil; it is empty when item has none of them. Of two columns with one name
// the first that is there counts.
func (c *Columns) Apply(item attr.Item) attr.Item {
	if item == nil {
		return nil
	}
	var none env
	var buf [16]attr.Field
	fields := buf[:0]
	for i, p := range c.paths {
		v := none.follow(p, item)
		if v == nil || slices.ContainsFunc(fields, func(f attr.Field) bool { return string(f.Name) == c.names[i] }) {
			continue
		}
		fields = append(fields, attr.Field{Name: []byte(c.names[i]), Value: v})
	}
	return attr.NewItem(fields)
}

// Attributes returns the names of the attributes that the columns lead to or
// into, in their order.
func (c *Columns) Attributes() []string {
	var names []string
	for _, p := range c.paths {
		names = append(names, p.elements[0].name)
	}
	return names
}
