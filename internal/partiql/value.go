package partiql

import (
	"strings"

	"github.com/statordb/stator/internal/attr"
)

// A value is a literal, a parameter, or a list, map or set with such in it.
type value struct {
	constant  attr.Value // of a literal
	parameter int        // which one, from 1; 0 is none
	shape     attr.Kind  // of L, M and SS, which is any set; else Invalid
	parts     []*value
	names     []string // of M
}

// hasParameters reports whether v is another thing for other parameters.
func (v *value) hasParameters() bool {
	if v.parameter > 0 {
		return true
	}
	for _, part := range v.parts {
		if part.hasParameters() {
			return true
		}
	}
	return false
}

// build returns what v is with the parameters of a request.
func (v *value) build(parameters []attr.Value) (attr.Value, error) {
	switch {
	case v.parameter > 0:
		return parameters[v.parameter-1], nil
	case v.shape == attr.Invalid:
		return v.constant, nil
	}
	parts := make([]attr.Value, len(v.parts))
	for i, part := range v.parts {
		var err error
		if parts[i], err = part.build(parameters); err != nil {
			return nil, err
		}
	}
	switch v.shape {
	case attr.L:
		return attr.NewList(parts), nil
	case attr.M:
		fields := make([]attr.Field, len(parts))
		for i := range parts {
			fields[i] = attr.Field{Name: []byte(v.names[i]), Value: parts[i]}
		}
		return attr.NewMap(fields), nil
	default:
		return bag(parts)
	}
}

// bag returns a set.
func bag(members []attr.Value) (attr.Value, error) {
	if len(members) == 0 {
		return nil, &Error{"Empty bags are not supported"}
	}
	var shown []string
	for _, m := range members {
		k := m.Kind()
		if k != attr.S && k != attr.N || k != members[0].Kind() {
			return nil, &Error{"Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"}
		}
		shown = append(shown, string(m.Bytes()))
	}
	set, ok := attr.NewSet(members)
	switch {
	case !ok && members[0].Kind() == attr.N:
		return nil, &Error{"Input collection contains duplicates"}
	case !ok:
		return nil, &Error{"One or more parameter values were invalid: Input collection [" + strings.Join(shown, ", ") + "] contains duplicates."}
	}
	return set, nil
}

// number returns the value of a number, which stands at where.
func number(text, where string) (attr.Value, error) {
	v, fault := attr.ParseNumber(text)
	if fault != nil {
		return nil, &Error{fault.Message(attr.Older) + " under " + where}
	}
	return v, nil
}
