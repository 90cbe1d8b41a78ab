package expr

import "github.com/statordb/stator/internal/attr"

// A Projection is a projection expression of one request. It is for any
// number of goroutines.
type Projection struct {
	root branch
}

// Projection parses src and binds it.
func (b *Binder) Projection(src string) (*Projection, error) {
	p, err := b.bindProjection(src)
	return p, ProjectionExpression.blame(err)
}

func (b *Binder) bindProjection(src string) (*Projection, error) {
	t, err := read(projections, ProjectionExpression, src)
	if err != nil {
		return nil, err
	}
	bound := b.bind(t, &env{})
	root, err := bound.plant(len(t.paths), func(i int) *path { return t.paths[i] })
	if err != nil {
		return nil, err
	}
	return &Projection{root}, nil
}

// Apply returns an item of the attributes, and parts of attributes, that the
// expression names. Parts of one attribute stay together; elements of a list
// move up. The result of a nil item is nil; it is empty when nothing of item
// is named.
func (p *Projection) Apply(item attr.Item) attr.Item {
	if item == nil {
		return nil
	}
	return p.root.project(item)
}

// Attributes returns the names of the attributes that the expression names or
// leads into, each once, in byte order.
func (p *Projection) Attributes() []string { return p.root.names() }
