package expr

import (
	"slices"

	"github.com/statordb/stator/internal/attr"
)

// A Reach is where in a table or index the items can be that meet a condition
// which, unlike a key condition, may be any.
type Reach struct {
	// Hash are the hash keys that items can have, each once; nil is any.
	Hash []attr.Value
	// Plan narrows the range keys below each of them. Its Hash is not used.
	Plan Plan
	// Rest is what is left to be looked at in each item; nil is nothing.
	Rest *Condition
	// Keyed says that the hash keys stand in a condition that always counts,
	// not only in the branches of an OR.
	Keyed bool
	// listed says that the hash keys stand in an IN, even if it is but one.
	listed bool
	// Wrong is the name of a key attribute that is compared with a value of
	// another type; empty if there is none.
	Wrong string

	one [2]attr.Value // the hash and the range of an item, where there is but one
}

// Exact reports whether one item at most can meet the condition, given whether
// its table has a range key.
func (r *Reach) Exact(ranged bool) bool {
	return r.Keyed && !r.listed && len(r.Hash) == 1 && (len(r.Plan.Range) == 1) == ranged
}

// Reach joins c, which may be nil, with the key of a table or index: a hash
// attribute and perhaps a range attribute.
func (c *Condition) Reach(hash KeyAttr, rng []KeyAttr) *Reach {
	r := &Reach{}
	if c == nil {
		return r
	}
	var buf [8]node
	parts := conjuncts(buf[:0], c.root)
	first, second := r.takeHash(&c.env, parts, hash), -1
	if r.Hash != nil && len(rng) > 0 {
		second = r.takeRange(&c.env, parts, rng[0])
	}
	var rest []node
	for i, n := range parts {
		if i != first && i != second {
			rest = append(rest, n)
		}
	}
	switch len(rest) {
	case 0:
	case 1:
		r.Rest = c.part(rest[0])
	default:
		r.Rest = c.part(&and{rest})
	}
	return r
}

func (c *Condition) part(n node) *Condition {
	return &Condition{root: n, env: c.env, many: c.many}
}

// Always returns the names of the attributes that c looks at whatever the
// item, which those in an OR are not.
func (c *Condition) Always() []string {
	if c == nil {
		return nil
	}
	var names []string
	for _, n := range conjuncts(nil, c.root) {
		if _, ok := n.(*or); !ok {
			names = append(names, c.part(n).Attributes()...)
		}
	}
	return names
}

// mentions reports whether c looks at the attribute called name.
func (c *Condition) mentions(name string) bool { return slices.Contains(c.Attributes(), name) }

// conjuncts appends the conditions all of which must hold for n to hold.
func conjuncts(dst []node, n node) []node {
	a, ok := n.(*and)
	if !ok {
		return append(dst, n)
	}
	for _, part := range a.list {
		dst = conjuncts(dst, part)
	}
	return dst
}

// takeHash finds the hash keys and returns which of parts says no more than
// that, or -1.
func (r *Reach) takeHash(e *env, parts []node, hash KeyAttr) int {
	for i, n := range parts {
		if c, ok := e.condition(n); ok && c.op == Equal && c.name == hash.Name {
			r.set([]attr.Value{c.low}, hash)
			return i
		}
	}
	for i, n := range parts {
		if list := e.listed(n, hash.Name); list != nil {
			r.set(list, hash)
			r.listed = true
			return i
		}
	}
	for _, n := range parts {
		if list := e.hashes(n, hash.Name); list != nil {
			r.set(list, hash)
			r.Keyed = false
			break
		}
	}
	return -1
}

func (r *Reach) set(list []attr.Value, hash KeyAttr) {
	r.Keyed = true
	if len(list) == 1 {
		r.Hash = r.one[:0:1]
	}
	for _, v := range list {
		if v.Kind() != hash.Kind {
			r.Wrong = hash.Name
		}
		if !slices.ContainsFunc(r.Hash, v.Equal) {
			r.Hash = append(r.Hash, v)
		}
	}
}

// takeRange finds what narrows the range key and returns which of parts says
// so, or -1. Equality narrows most.
func (r *Reach) takeRange(e *env, parts []node, rng KeyAttr) int {
	at := -1
	var best keyCondition
	for i, n := range parts {
		c, ok := e.condition(n)
		if ok && c.name == rng.Name && (at < 0 || c.op == Equal && best.op != Equal) {
			at, best = i, c
		}
	}
	if at < 0 {
		return -1
	}
	if best.low.Kind() != rng.Kind || best.high.Kind() != rng.Kind {
		if r.Wrong == "" {
			r.Wrong = rng.Name
		}
		return -1
	}
	switch best.op {
	case Equal:
		r.Plan.Range = append(r.one[1:1], best.low)
	case Between:
		r.Plan.Op, r.Plan.Low, r.Plan.High = best.op, best.low, best.high
	default:
		r.Plan.Op, r.Plan.Low = best.op, best.low
	}
	return at
}

// condition returns n as a condition on one attribute, if a key can have it.
func (e *env) condition(n node) (keyCondition, bool) {
	switch n := n.(type) {
	case *compare, *between:
	case *call:
		if n.name != "begins_with" {
			return keyCondition{}, false
		}
	default:
		return keyCondition{}, false
	}
	c, err := e.keyCondition(n)
	return c, err == nil && c.low != nil
}

// listed returns the values of n if it is IN of the attribute called name.
func (e *env) listed(n node, name string) []attr.Value {
	i, ok := n.(*in)
	if !ok || !isAttribute(i.x, name) {
		return nil
	}
	var list []attr.Value
	for _, one := range i.list {
		v, ok := one.(*value)
		if !ok {
			return nil
		}
		list = append(list, e.values[v.ref])
	}
	return list
}

func isAttribute(n node, name string) bool {
	p, ok := n.(*path)
	return ok && len(p.elements) == 1 && p.elements[0].name == name
}

// hashes returns the values that the attribute called name has wherever n
// holds, or nil if it can have any.
func (e *env) hashes(n node, name string) []attr.Value {
	switch n := n.(type) {
	case *compare:
		if c, ok := e.condition(n); ok && c.op == Equal && c.name == name {
			return []attr.Value{c.low}
		}
	case *in:
		return e.listed(n, name)
	case *and:
		for _, part := range n.list {
			if list := e.hashes(part, name); list != nil {
				return list
			}
		}
	case *or:
		var all []attr.Value
		for _, part := range n.list {
			list := e.hashes(part, name)
			if list == nil {
				return nil
			}
			all = append(all, list...)
		}
		return all
	}
	return nil
}

// Overlaps reports whether c is an OR of which two branches name the same hash
// key, and one narrows the range key while the other looks at anything but keys.
func (c *Condition) Overlaps(hash, rng string) bool {
	if c == nil {
		return false
	}
	o, ok := c.root.(*or)
	if !ok {
		return false
	}
	type branch struct {
		hash                     attr.Value
		narrows, opposed, filter bool
	}
	var branches []branch
	for _, n := range o.list {
		var b branch
		for _, part := range conjuncts(nil, n) {
			k, ok := c.env.condition(part)
			switch {
			case ok && k.op == Equal && k.name == hash:
				b.hash = k.low
			case ok && k.name == rng:
				b.narrows = true
			case c.part(part).mentions(rng):
				b.opposed = true
			default:
				b.filter = true
			}
		}
		for _, a := range branches {
			same := a.hash != nil && b.hash != nil && a.hash.Equal(b.hash)
			if same && !a.opposed && !b.opposed && (a.narrows && b.filter || b.narrows && a.filter) {
				return true
			}
		}
		branches = append(branches, b)
	}
	return false
}
