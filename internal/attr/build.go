package attr

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Binary returns a value of kind B holding a copy of b.
func Binary(b []byte) Value { return append(Value{byte(B)}, b...) }

// Bool returns a value of kind BOOL.
func Bool(b bool) Value {
	if b {
		return Value{byte(BOOL), 1}
	}
	return Value{byte(BOOL), 0}
}

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
	return merge(v, w, func(inV, inW bool) bool { return true })
}

// Subtract returns the set of those members of v that are not in w, or nil
// when none is left. It returns v itself when w takes nothing away.
func Subtract(v, w Value) Value {
	return merge(v, w, func(inV, inW bool) bool { return inV && !inW })
}

// merge walks two sets of the same kind side by side, as their members are in
// order, and returns the set of those members that keep wants, nil if that is
// none, and v itself if it is all of v.
func merge(v, w Value, keep func(inV, inW bool) bool) Value {
	kind, a, b := v.Kind(), v.cursor(), w.cursor()
	had, count := a.left, 0
	body := make([]byte, 0, len(v)+len(w))
	x, y := a.next(), b.next()
	for x != nil || y != nil {
		c := -1
		switch {
		case x == nil:
			c = 1
		case y != nil:
			c = compareMembers(kind, x, y)
		}
		member := x
		if c > 0 {
			member = y
		}
		if keep(c <= 0, c >= 0) {
			body = appendPart(body, member)
			count++
		}
		if c <= 0 {
			x = a.next()
		}
		if c >= 0 {
			y = b.next()
		}
	}
	switch {
	case count == 0:
		return nil
	case count == had: // what keep wants has all of v or is part of it
		return v
	}
	set := make(Value, 0, 1+uvarintLen(count)+len(body))
	set = binary.AppendUvarint(append(set, byte(kind)), uint64(count))
	return append(set, body...)
}

// next cuts the next part off; nil is the end.
func (c *cursor) next() []byte {
	if c.left == 0 {
		return nil
	}
	c.left--
	return c.part()
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

// String returns a value of kind S.
func String(s string) Value { return append(Value{byte(S)}, s...) }

// NewSet returns the set of members, which must be of one kind, S, N or B, and
// at least one. It sorts members; ok is false if two of them are equal.
func NewSet(members []Value) (set Value, ok bool) {
	kind := members[0].Kind()
	slices.SortFunc(members, Compare)
	v := binary.AppendUvarint(Value{byte(SS + kind - S)}, uint64(len(members)))
	for i, m := range members {
		if i > 0 && m.Equal(members[i-1]) {
			return nil, false
		}
		v = appendPart(v, m.Bytes())
	}
	return v, true
}
