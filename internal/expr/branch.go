package expr

import (
	"cmp"
	"slices"

	"github.com/statordb/stator/internal/attr"
)

// A branch is an attribute, an entry of a map or an element of a list that
// some of a set of paths lead to or through. The root stands for the item.
// Both update and projection expressions are applied by walking an item and
// the branches side by side.
type branch struct {
	name  string
	index int      // of an element of a list, else -1
	leaf  int      // which path ends here, or -1
	first int      // the path that was added first of those through here
	kids  []branch // in order of name or of index, never both sorts
}

// plant returns the root of the branches of count paths. The paths are bound
// and added last to first, which shows when several things are wrong.
func (b *binding) plant(count int, pathOf func(int) *path) (branch, error) {
	root := branch{leaf: -1, kids: make([]branch, 0, count)}
	for i := count - 1; i >= 0; i-- {
		p := pathOf(i)
		if err := b.path(p); err != nil {
			return root, err
		}
		if quarrel, with := b.env.add(&root, p, i); quarrel != "" {
			return root, problem("Two document paths " + quarrel +
				" with each other; must remove or rewrite one of these paths; path one: " +
				b.env.resolved(p) + ", path two: " + b.env.resolved(pathOf(with)))
		}
	}
	return root, nil
}

// add adds path i. If it cannot stand beside another it returns why, and which.
func (e *env) add(at *branch, p *path, i int) (quarrel string, with int) {
	for j := range p.elements {
		el := &p.elements[j]
		if at.leaf >= 0 {
			return "overlap", at.leaf
		}
		if len(at.kids) > 0 && (at.kids[0].index >= 0) != el.isIndex() {
			return "conflict", at.first
		}
		at = at.kid(e, el, i)
	}
	if at.leaf >= 0 || len(at.kids) > 0 {
		return "overlap", at.first
	}
	at.leaf = i
	return "", 0
}

// kid returns the branch for el, making it if there is none.
func (b *branch) kid(e *env, el *element, i int) *branch {
	k := branch{index: el.index, leaf: -1, first: i}
	if !el.isIndex() {
		k.name = e.name(el)
	}
	at, found := slices.BinarySearchFunc(b.kids, k, compareBranches)
	if !found {
		b.kids = slices.Insert(b.kids, at, k)
	}
	return &b.kids[at]
}

func compareBranches(a, b branch) int {
	if c := cmp.Compare(a.index, b.index); c != 0 {
		return c
	}
	return cmp.Compare(a.name, b.name)
}

// names returns the names of the branches of the root.
func (b *branch) names() []string {
	names := make([]string, len(b.kids))
	for i := range b.kids {
		names[i] = b.kids[i].name
	}
	return names
}

// pick appends those entries of a map that branches lead to, or the parts of
// them that they lead to.
func pick(dst []attr.Field, branches []branch, m attr.Value) []attr.Field {
	for name, v := range m.Fields() {
		for len(branches) > 0 && branches[0].name < string(name) {
			branches = branches[1:]
		}
		if len(branches) == 0 {
			break
		}
		if branches[0].name != string(name) {
			continue
		}
		if part := branches[0].pick(v); part != nil {
			dst = append(dst, attr.Field{Name: name, Value: part})
		}
	}
	return dst
}

// pick returns v, or the parts of it that b leads to, or nil.
func (b *branch) pick(v attr.Value) attr.Value {
	switch {
	case b.leaf >= 0:
		return v
	case b.kids[0].index < 0 && v.Kind() == attr.M:
		if fields := pick(nil, b.kids, v); fields != nil {
			return attr.NewMap(fields)
		}
	case b.kids[0].index >= 0 && v.Kind() == attr.L:
		return b.pickElements(v)
	}
	return nil
}

// pickElements returns a list of the elements that b leads to, without gaps.
func (b *branch) pickElements(v attr.Value) attr.Value {
	var elements []attr.Value
	kids, i := b.kids, 0
	for element := range v.Elements() {
		if len(kids) == 0 {
			break
		}
		if kids[0].index == i {
			if part := kids[0].pick(element); part != nil {
				elements = append(elements, part)
			}
			kids = kids[1:]
		}
		i++
	}
	if elements == nil {
		return nil
	}
	return attr.NewList(elements)
}

// project returns an item of the parts of item that b, a root, leads to.
func (b *branch) project(item attr.Item) attr.Item {
	var buf [16]attr.Field
	return attr.NewItem(pick(buf[:0], b.kids, item.Map()))
}
