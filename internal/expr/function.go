package expr

import (
	"bytes"

	"github.com/statordb/stator/internal/attr"
)

// A place is the sort of expression that a function belongs in.
type place string

const (
	inCondition place = "a condition expression"
	inUpdate    place = "an update expression"
)

// A function is one that expressions can call. The functions of update
// expressions, and size, are evaluated where operands are.
type function struct {
	name     string
	place    place
	operands int
	path     bool      // whether the first operand must be a path
	distinct bool      // whether no other operand may be the same path as the first
	result   attr.Kind // of an operand, if it is always the same

	// check looks at the operands' types, as far as they are known.
	check func(e *env, c *call) error
	// holds evaluates a function that is a condition.
	holds func(e *env, c *call, item attr.Item) bool
}

func (f *function) isCondition() bool { return f.holds != nil }

var (
	size = &function{name: "size", place: inCondition, operands: 1, result: attr.N, check: checkSize}

	ifNotExists = &function{name: "if_not_exists", place: inUpdate, operands: 2, path: true, distinct: true}
	listAppend  = &function{name: "list_append", place: inUpdate, operands: 2, check: checkListAppend}
)

var functions = func() map[string]*function {
	all := map[string]*function{}
	for _, f := range []*function{
		size, ifNotExists, listAppend,
		{name: "attribute_exists", operands: 1, path: true, holds: exists},
		{name: "attribute_not_exists", operands: 1, path: true, holds: notExists},
		{name: "attribute_type", operands: 2, distinct: true, check: checkType, holds: hasType},
		{name: "begins_with", operands: 2, distinct: true, check: checkBeginsWith, holds: beginsWith},
		{name: "contains", operands: 2, distinct: true, holds: contains},
	} {
		if f.place == "" {
			f.place = inCondition
		}
		all[f.name] = f
	}
	return all
}()

func exists(e *env, c *call, item attr.Item) bool    { return e.operand(c.args[0], item) != nil }
func notExists(e *env, c *call, item attr.Item) bool { return e.operand(c.args[0], item) == nil }

func hasType(e *env, c *call, item attr.Item) bool {
	v, name := e.operand(c.args[0], item), e.operand(c.args[1], item)
	return v != nil && v.Kind().String() == string(name.Bytes())
}

func beginsWith(e *env, c *call, item attr.Item) bool {
	v, prefix := e.operand(c.args[0], item), e.operand(c.args[1], item)
	return sameKind(v, prefix) && (v.Kind() == attr.S || v.Kind() == attr.B) &&
		bytes.HasPrefix(v.Bytes(), prefix.Bytes())
}

// contains looks for a part of a string or binary, a member of a set, or an
// element of a list.
func contains(e *env, c *call, item attr.Item) bool {
	v, part := e.operand(c.args[0], item), e.operand(c.args[1], item)
	if v == nil || part == nil {
		return false
	}
	switch k := v.Kind(); k {
	case attr.S, attr.B:
		return k == part.Kind() && bytes.Contains(v.Bytes(), part.Bytes())
	case attr.SS, attr.NS, attr.BS:
		return memberKind(k) == part.Kind() && v.Has(part.Bytes())
	case attr.L:
		for element := range v.Elements() {
			if element.Equal(part) {
				return true
			}
		}
	}
	return false
}

// memberKind returns the kind of the members of a set of kind k.
func memberKind(k attr.Kind) attr.Kind {
	switch k {
	case attr.SS:
		return attr.S
	case attr.NS:
		return attr.N
	default:
		return attr.B
	}
}

// sizeOf returns what size() of v is, or nil for what has no size. A string's
// is its length in UTF-16, as the service is written in Java.
func sizeOf(v attr.Value) attr.Value {
	if v == nil {
		return nil
	}
	switch v.Kind() {
	case attr.S:
		return attr.Int(int64(attr.UTF16Len(v.Bytes())))
	case attr.B:
		return attr.Int(int64(len(v.Bytes())))
	case attr.SS, attr.NS, attr.BS, attr.L, attr.M:
		return attr.Int(int64(v.Len()))
	default:
		return nil
	}
}

func sameKind(v, w attr.Value) bool {
	return v != nil && w != nil && v.Kind() == w.Kind()
}

func checkSize(e *env, c *call) error {
	switch k := e.kind(c.args[0]); k {
	case attr.N, attr.BOOL, attr.NULL:
		return wrongType(c.name, k.String())
	}
	return nil
}

func checkBeginsWith(e *env, c *call) error {
	for _, arg := range c.args {
		switch k := e.kind(arg); k {
		case attr.Invalid, attr.S, attr.B:
		default:
			return wrongType(c.name, k.String())
		}
	}
	return nil
}

// checkType wants the name of a type as a value. What is said about a path
// there is DynamoDB Local's list of all types it has inside.
func checkType(e *env, c *call) error {
	const anyType = "{FLOAT,INT,INTSET,L,HDS,N,FS,HD,M,DOUBLE,S,NULL,SS,NS,DICT,B,DOUBLESET,BS,DECIMALSET,DECIMAL,BOOL}"
	switch k := e.kind(c.args[1]); k {
	case attr.Invalid:
		return wrongType(c.name, anyType)
	case attr.S:
	default:
		return wrongType(c.name, k.String())
	}
	name := string(e.operand(c.args[1], nil).Bytes())
	if attr.KindOf(name) == attr.Invalid {
		return problem("Invalid attribute type name found; type: " + name +
			", valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}")
	}
	return nil
}

func checkListAppend(e *env, c *call) error {
	for _, arg := range c.args {
		if k := e.kind(arg); k != attr.Invalid && k != attr.L {
			return wrongType(c.name, k.String())
		}
	}
	return nil
}

// wrongType reports an operand of a type that a function or operator cannot
// take.
func wrongType(operator, kind string) error {
	return problem("Incorrect operand type for operator or function; operator or function: " + operator +
		", operand type: " + kind)
}
