package attr

import (
	"bytes"
	"encoding/binary"
	"iter"
	"unicode/utf8"
)

// A Kind is the type of an attribute value.
type Kind byte

// The ten types of DynamoDB, and Invalid, which marks a value that a request
// may not contain; see Fault. The numbers are part of the stored format.
const (
	Invalid Kind = iota
	S
	N
	B
	SS
	NS
	BS
	M
	L
	NULL
	BOOL
)

var kindNames = [...]string{"invalid", "S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}

// String returns the type's name on the wire.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// KindOf returns the kind called name on the wire, or Invalid.
func KindOf(name string) Kind {
	for k := S; k <= BOOL; k++ {
		if kindNames[k] == name {
			return k
		}
	}
	return Invalid
}

// IsSet reports whether k is one of the three set types.
func (k Kind) IsSet() bool { return k == SS || k == NS || k == BS }

// member returns the kind of a set's members.
func (k Kind) member() Kind { return k - SS + S }

// A Value is one attribute value in its canonical encoding: a byte for its
// kind, then
//
//	S, B        the bytes
//	N           the number in plain decimal, as DynamoDB writes it
//	BOOL        one byte, 0 or 1
//	NULL        nothing
//	SS, NS, BS  the number of members, then each with its length before it
//	L           the number of elements, then each with its length before it
//	M           the number of entries, then each: length, name, length, value
//
// Counts and lengths are uvarints. Names and members of SS and BS are in byte
// order, those of NS in numeric order. Equal values have equal bytes.
//
// A nil Value is an attribute that is not there. Values must not be changed.
type Value []byte

// Kind returns the type of v, which must not be nil.
func (v Value) Kind() Kind { return Kind(v[0]) }

// Bytes returns what an S, N or B holds. It is part of v.
func (v Value) Bytes() []byte { return v[1:] }

// Bool returns what a BOOL holds.
func (v Value) Bool() bool { return v[1] != 0 }

// Equal reports whether v and w are the same value of the same type.
func (v Value) Equal(w Value) bool { return bytes.Equal(v, w) }

// Len returns the number of members, elements or entries of a set, list or map.
func (v Value) Len() int {
	n, _ := binary.Uvarint(v[1:])
	return int(n)
}

// A cursor walks the parts of a container.
type cursor struct {
	rest []byte
	left int
}

func (v Value) cursor() cursor {
	n, w := binary.Uvarint(v[1:])
	return cursor{rest: v[1+w:], left: int(n)}
}

// part cuts the next length-prefixed part off.
func (c *cursor) part() []byte {
	n, w := uint64(c.rest[0]), 1
	if n >= 0x80 {
		n, w = binary.Uvarint(c.rest)
	}
	end := w + int(n)
	p := c.rest[w:end:end]
	c.rest = c.rest[end:]
	return p
}

// Elements returns the elements of a list, or the members of a set as bare
// bytes: strings, numbers in plain decimal, or binary. They are parts of v.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for c := v.cursor(); c.left > 0; c.left-- {
			if !yield(c.part()) {
				return
			}
		}
	}
}

// Index returns element i of a list, or nil when there is none.
func (v Value) Index(i int) Value {
	c := v.cursor()
	if i < 0 || i >= c.left {
		return nil
	}
	for ; i > 0; i-- {
		c.part()
	}
	return c.part()
}

// Fields returns the entries of a map, in the byte order of their names. Both
// name and value are parts of v.
func (v Value) Fields() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		for c := v.cursor(); c.left > 0; c.left-- {
			if !yield(c.part(), c.part()) {
				return
			}
		}
	}
}

// Field returns the entry of a map called name, or nil when there is none.
func (v Value) Field(name string) Value {
	for c := v.cursor(); c.left > 0; c.left-- {
		got := c.part()
		if len(got) == len(name) && string(got) == name {
			return c.part()
		}
		if len(got) > 0 && len(name) > 0 && got[0] > name[0] {
			return nil // the names are in order
		}
		c.skip()
	}
	return nil
}

// skip passes over the next part.
func (c *cursor) skip() {
	n, w := uint64(c.rest[0]), 1
	if n >= 0x80 {
		n, w = binary.Uvarint(c.rest)
	}
	c.rest = c.rest[w+int(n):]
}

// Has reports whether a set has a member, given as bare bytes in canonical
// form.
func (v Value) Has(member []byte) bool {
	for c := v.cursor(); c.left > 0; c.left-- {
		if bytes.Equal(c.part(), member) {
			return true
		}
	}
	return false
}

// Compare orders two values of the same kind, which must be S, N or B.
func Compare(v, w Value) int {
	if v.Kind() == N {
		return compareNumbers(v.Bytes(), w.Bytes())
	}
	return bytes.Compare(v.Bytes(), w.Bytes())
}

// UTF16Len returns the number of UTF-16 code units in s, which is what size()
// counts in a string: the service is written in Java.
func UTF16Len(s []byte) int {
	n := 0
	for len(s) > 0 {
		if s[0] < utf8.RuneSelf {
			s = s[1:]
			n++
			continue
		}
		r, w := utf8.DecodeRune(s)
		s = s[w:]
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Size returns how many bytes v counts for in an item: see docs of item sizes
// in docs/compatibility.md. Measured on AWS to the byte, August 2026.
func (v Value) Size() int {
	switch v.Kind() {
	case S, B:
		return len(v) - 1
	case N:
		return numberSize(v.Bytes())
	case SS, BS:
		size := 0
		for m := range v.Elements() {
			size += len(m)
		}
		return size
	case NS:
		size := 0
		for m := range v.Elements() {
			size += numberSize(m)
		}
		return size
	case L:
		size := 3
		for e := range v.Elements() {
			size += 1 + e.Size()
		}
		return size
	case M:
		size := 3
		for name, e := range v.Fields() {
			size += 1 + len(name) + e.Size()
		}
		return size
	default: // NULL, BOOL
		return 1
	}
}

// maxDepth is how many levels a value may have, itself included.
const maxDepth = 32

// Depth returns how many maps and lists stand around the deepest leaf of v; an
// empty map or list counts as one around nothing.
func (v Value) Depth() int {
	deepest := 0
	switch v.Kind() {
	case L:
		for e := range v.Elements() {
			deepest = max(deepest, e.Depth())
		}
	case M:
		for _, e := range v.Fields() {
			deepest = max(deepest, e.Depth())
		}
	default:
		return 0
	}
	return deepest + 1
}
