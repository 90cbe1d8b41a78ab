package expr

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/statordb/stator/internal/attr"
)

// maxShown is how many bytes of a value are shown.
const maxShown = 100

// String returns the condition for people: with the names and values that its
// placeholders stand for, these as PartiQL writes them and long ones cut. It is
// empty for a nil Condition.
func (c *Condition) String() string {
	if c == nil {
		return ""
	}
	return c.env.shown(c.root).String()
}

// Shown returns the plan as a condition on the attributes of its key, as
// Condition.String has it. More values than hash attributes are those that one
// attribute can have.
func (p *Plan) Shown(hash, rng []KeyAttr) string {
	var parts []node
	if len(hash) == 1 && len(p.Hash) > 1 {
		parts = append(parts, &in{shownName(hash[0].Name), shownValues(p.Hash)})
	} else {
		for i, v := range p.Hash {
			parts = append(parts, &compare{tokenEqual, shownName(hash[i].Name), shownValue(v)})
		}
	}
	for i, v := range p.Range {
		parts = append(parts, &compare{tokenEqual, shownName(rng[i].Name), shownValue(v)})
	}
	if p.Op != NoOp {
		parts = append(parts, p.shownRange(shownName(rng[len(p.Range)].Name)))
	}
	return (&and{parts}).String()
}

func (p *Plan) shownRange(name *path) node {
	low := shownValue(p.Low)
	switch p.Op {
	case Between:
		return &between{name, low, shownValue(p.High)}
	case BeginsWith:
		return &call{"begins_with", nil, []node{name, low}}
	}
	for token, ops := range keyOps {
		if ops.straight == p.Op {
			return &compare{token, name, low}
		}
	}
	panic("expr: no operator of a key: " + strconv.Itoa(int(p.Op)))
}

// shown returns a copy of n that has names and values in place of what stands
// for them.
func (e *env) shown(n node) node {
	switch n := n.(type) {
	case *path:
		p := &path{slices.Clone(n.elements)}
		for i := range p.elements {
			if el := &p.elements[i]; !el.isIndex() {
				el.name = quoted(e.name(el))
			}
		}
		return p
	case *value:
		return shownValue(e.values[n.ref])
	case *call:
		return &call{n.name, n.fn, e.shownAll(n.args)}
	case *and:
		return &and{e.shownAll(n.list)}
	case *or:
		return &or{e.shownAll(n.list)}
	case *not:
		return &not{e.shown(n.x)}
	case *compare:
		return &compare{n.op, e.shown(n.left), e.shown(n.right)}
	case *between:
		return &between{e.shown(n.x), e.shown(n.low), e.shown(n.high)}
	case *in:
		return &in{e.shown(n.x), e.shownAll(n.list)}
	}
	return n
}

func (e *env) shownAll(list []node) []node {
	out := make([]node, len(list))
	for i, n := range list {
		out[i] = e.shown(n)
	}
	return out
}

func shownName(name string) *path { return attribute(quoted(name)) }

func shownValues(list []attr.Value) []node {
	out := make([]node, len(list))
	for i, v := range list {
		out[i] = shownValue(v)
	}
	return out
}

func shownValue(v attr.Value) *value {
	switch v.Kind() {
	case attr.S:
		return &value{name: "'" + strings.ReplaceAll(Cut(string(v.Bytes()), maxShown), "'", "''") + "'"}
	case attr.N:
		return &value{name: string(v.Bytes())}
	case attr.BOOL:
		return &value{name: strconv.FormatBool(v.Bool())}
	case attr.NULL:
		return &value{name: "null"}
	default:
		return &value{name: Cut(v.String(), maxShown)}
	}
}

// quoted returns the name of an attribute so that nobody takes it for more than
// a name.
func quoted(name string) string {
	if name != "" && strings.IndexFunc(name, isNoWord) < 0 {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Cut returns at most n bytes of s, and … in place of the others.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// Bounds returns how c restricts a key attribute wherever it holds: as a key
// condition could, of which Equal is preferred, or NoOp.
func (c *Condition) Bounds(a KeyAttr) KeyOp {
	if c == nil {
		return NoOp
	}
	op := NoOp
	for _, n := range conjuncts(nil, c.root) {
		k, ok := c.env.condition(n)
		if ok && k.name == a.Name && k.low.Kind() == a.Kind && k.high.Kind() == a.Kind && (op == NoOp || k.op == Equal) {
			op = k.op
		}
	}
	return op
}
