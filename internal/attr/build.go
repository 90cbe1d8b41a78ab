package attr

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// String returns a value of kind S.
func String(s string) Value { return append(Value{byte(S)}, s...) }

// Binary returns a value of kind B holding a copy of b.
func Binary(b []byte) Value { return append(Value{byte(B)}, b...) }

// Bool returns a value of kind BOOL.
func Bool(b bool) Value {
	if b {
		return Value{byte(BOOL), 1}
	}
	return Value{byte(BOOL), 0}
}

// Null returns the value of kind NULL.
func Null() Value { return Value{byte(NULL)} }

// NewList returns a list of elements.
func NewList(elements []Value) Value {
	length := 0
	for _, e := range elements {
		length += uvarintLen(len(e)) + len(e)
	}
	v := make(Value, 0, 1+uvarintLen(len(elements))+length)
	v = append(v, byte(L))
	v = binary.AppendUvarint(v, uint64(len(elements)))
	for _, e := range elements {
		v = appendPart(v, e)
	}
	return v
}

// NewMap returns a map of fields, whose names must differ. It sorts fields.
func NewMap(fields []Field) Value {
	sortFields(fields)
	return appendMap[Value](nil, fields)
}

// Concat returns the elements of the list v followed by those of the list w.
func Concat(v, w Value) Value {
	a, b := v.cursor(), w.cursor()
	out := make(Value, 0, len(v)+len(w)+1)
	out = append(out, byte(L))
	out = binary.AppendUvarint(out, uint64(a.left+b.left))
	out = append(out, a.rest...)
	return append(out, b.rest...)
}

// Union returns the set of all members of v and w, which must be sets of the
// same kind. It returns v itself when w adds nothing.
func Union(v, w Value) Value {
	members := make([]Value, 0, v.Len()+w.Len())
	for m := range v.Elements() {
		members = append(members, m)
	}
	for m := range w.Elements() {
		if !v.Has(m) {
			members = append(members, m)
		}
	}
	if len(members) == v.Len() {
		return v
	}
	return newSet(v.Kind(), members)
}

// Subtract returns the set of those members of v that are not in w, or nil
// when none is left. It returns v itself when w takes nothing away.
func Subtract(v, w Value) Value {
	var members []Value
	for m := range v.Elements() {
		if !w.Has(m) {
			members = append(members, m)
		}
	}
	switch len(members) {
	case 0:
		return nil
	case v.Len():
		return v
	default:
		return newSet(v.Kind(), members)
	}
}

// newSet returns a set of kind k. It sorts members, which must differ and be
// in canonical form.
func newSet(k Kind, members []Value) Value {
	slices.SortFunc(members, func(a, b Value) int { return compareMembers(k, a, b) })
	v := binary.AppendUvarint(Value{byte(k)}, uint64(len(members)))
	for _, m := range members {
		v = appendPart(v, m)
	}
	return v
}

func compareMembers(k Kind, a, b []byte) int {
	if k == NS {
		return compareNumbers(a, b)
	}
	return bytes.Compare(a, b)
}

func sortFields(fields []Field) {
	slices.SortFunc(fields, func(a, b Field) int { return bytes.Compare(a.Name, b.Name) })
}

func appendMap[T ~[]byte](dst T, fields []Field) T {
	dst = append(dst, byte(M))
	dst = binary.AppendUvarint(dst, uint64(len(fields)))
	for _, f := range fields {
		dst = appendPart(dst, f.Name)
		dst = appendPart(dst, f.Value)
	}
	return dst
}

func appendPart[T, P ~[]byte](dst T, part P) T {
	dst = binary.AppendUvarint(dst, uint64(len(part)))
	return append(dst, part...)
}

func uvarintLen(n int) int {
	length := 1
	for u := uint(n); u >= 0x80; u >>= 7 {
		length++
	}
	return length
}
