package dynamodb

import (
	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

// A picker says which attributes of an item are returned. Its zero value
// returns all.
type picker struct{ projection choice }

// A choice makes what is returned of an item.
type choice interface {
	Apply(attr.Item) attr.Item
	// Attributes returns the names of the attributes that are needed.
	Attributes() []string
}

func (p picker) apply(i attr.Item) attr.Item {
	if p.projection == nil {
		return i
	}
	return p.projection.Apply(i)
}

// pick returns the picker of a read that has no other expression.
func pick(legacy []string, projection api.Opt[string], names map[string]string) (picker, error) {
	if err := checkMixed(
		[]parameter{{"AttributesToGet", legacy != nil}},
		[]parameter{{"ProjectionExpression", projection.Set}}); err != nil {
		return picker{}, err
	}
	b, err := binder(names, nil, projection.Set, checkValues)
	if err != nil {
		return picker{}, err
	}
	p, err := bindPicker(b, legacy, projection)
	if err != nil {
		return picker{}, err
	}
	return p, b.Unused()
}

// bindPicker returns the picker of a read that may have other expressions too.
func bindPicker(b *expr.Binder, legacy []string, projection api.Opt[string]) (picker, error) {
	switch {
	case projection.Set:
		p, err := b.Projection(projection.V)
		return picker{p}, err
	case legacy != nil:
		p, err := expr.FromAttributesToGet(legacy)
		return picker{p}, err
	default:
		return picker{}, nil
	}
}
