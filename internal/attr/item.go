package attr

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"
)

// An Item is a map from names to values as it stands in a request, in the
// store and in a response: attributes of an item, a key, or the values of an
// expression. It is a byte for the version of the format, the item's size, and
// a Value of kind M. A nil Item is one that is not there, which is not the
// same as an empty one. Items must not be changed.
type Item []byte

const itemVersion = 1

// MaxItemSize is the largest size an item may have, names included.
const MaxItemSize = 400 * 1024

// Map returns the attributes as one value of kind M. It is part of i.
func (i Item) Map() Value {
	if i[1] < 0x80 {
		return Value(i[2:])
	}
	_, w := binary.Uvarint(i[1:])
	return Value(i[1+w:])
}

// Size returns the item's size in bytes as DynamoDB counts it, without walking
// the item.
func (i Item) Size() int {
	n, _ := binary.Uvarint(i[1:])
	return int(n)
}

// Len returns the number of attributes.
func (i Item) Len() int {
	if i == nil {
		return 0
	}
	return i.Map().Len()
}

// Get returns the attribute called name, or nil when there is none.
func (i Item) Get(name string) Value {
	if i == nil {
		return nil
	}
	return i.Map().Field(name)
}

// All returns the attributes in the byte order of their names. Both name and
// value are parts of i.
func (i Item) All() iter.Seq2[[]byte, Value] {
	if i == nil {
		return func(func([]byte, Value) bool) {}
	}
	return i.Map().Fields()
}

// A Field is a name and its value, for building items and maps.
type Field struct {
	Name  []byte
	Value Value
}

// NewItem returns an item of fields, whose names must differ. It sorts fields
// and copies what they refer to.
func NewItem(fields []Field) Item {
	sortFields(fields)
	size, length := 0, 0
	for _, f := range fields {
		size += len(f.Name) + f.Value.Size()
		length += uvarintLen(len(f.Name)) + len(f.Name) + uvarintLen(len(f.Value)) + len(f.Value)
	}
	item := make(Item, 0, 2+uvarintLen(size)+uvarintLen(len(fields))+length)
	item = append(item, itemVersion)
	item = binary.AppendUvarint(item, uint64(size))
	return appendMap(item, fields)
}

// ItemOf returns the item whose attributes are the entries of m, a map.
func ItemOf(m Value) Item {
	size := 0
	for name, v := range m.Fields() {
		size += len(name) + v.Size()
	}
	item := make(Item, 0, 1+uvarintLen(size)+len(m))
	item = append(item, itemVersion)
	item = binary.AppendUvarint(item, uint64(size))
	return append(item, m...)
}

// Project returns an item of those attributes of i that are among names. It
// returns i itself when that is all of them.
func (i Item) Project(names []string) Item {
	fields := make([]Field, 0, len(names))
	for name, v := range i.All() {
		for _, want := range names {
			if string(name) == want {
				fields = append(fields, Field{name, v})
				break
			}
		}
	}
	if len(fields) == i.Len() {
		return i
	}
	return NewItem(fields)
}

var errCorrupt = errors.New("attr: damaged item")

// Check reports whether i is a well-formed, canonical encoding of what a request
// may have. The other methods rely on it and may panic on bytes that fail it, so
// bytes from anywhere but this package's own output must pass Check first.
func (i Item) Check() error {
	if len(i) < 2 || i[0] != itemVersion {
		return errCorrupt
	}
	size, w := binary.Uvarint(i[1:])
	if w <= 0 {
		return errCorrupt
	}
	m := Value(i[1+w:])
	if err := m.check(0); err != nil {
		return err
	}
	if m.Kind() != M {
		return errCorrupt
	}
	if again := ItemOf(m); uint64(again.Size()) != size || len(again) != len(i) {
		return fmt.Errorf("attr: item says its size is %d, it is %d", size, again.Size())
	}
	return nil
}

// Check reports whether v is a well-formed, canonical encoding of what a
// request may have as an attribute.
func (v Value) Check() error { return v.check(1) }

// check checks v, which stands in depth maps and lists, the item included.
func (v Value) check(depth int) error {
	if len(v) == 0 {
		return errCorrupt
	}
	switch v.Kind() {
	case S:
		return okIf(utf8.Valid(v.Bytes()))
	case B:
		return nil
	case N:
		return checkNumber(v.Bytes())
	case NULL:
		return okIf(len(v) == 1)
	case BOOL:
		return okIf(len(v) == 2 && v[1] <= 1)
	case SS, NS, BS:
		return v.checkSet()
	case L, M:
		if depth >= maxDepth {
			return errCorrupt
		}
		return v.checkEntries(depth)
	default:
		return errCorrupt
	}
}

// checkEntries checks a list or a map, whose names are in order.
func (v Value) checkEntries(depth int) error {
	if v.Kind() == L {
		return v.checkParts(1, func(_, e []byte) error { return Value(e).check(depth + 1) })
	}
	var last []byte
	return v.checkParts(2, func(name, e []byte) error {
		if string(last) >= string(name) || !utf8.Valid(name) { // no name is empty
			return errCorrupt
		}
		last = name
		return Value(e).check(depth + 1)
	})
}

func (v Value) checkSet() error {
	var last []byte
	if err := v.checkParts(1, func(_, m []byte) error {
		if err := checkMember(v.Kind(), m); err != nil {
			return err
		}
		if last != nil && compareMembers(v.Kind(), last, m) >= 0 {
			return errCorrupt
		}
		last = m
		return nil
	}); err != nil {
		return err
	}
	return okIf(last != nil)
}

func checkMember(set Kind, m []byte) error {
	switch set {
	case SS:
		return okIf(utf8.Valid(m))
	case NS:
		return checkNumber(m)
	default:
		return nil
	}
}

// checkParts checks the frame of a container and calls fn for each entry; a
// part before the value is given only when there are two to an entry.
func (v Value) checkParts(each int, fn func(name, value []byte) error) error {
	rest := []byte(v[1:])
	n, w := binary.Uvarint(rest)
	if w <= 0 || w != uvarintLen(int(n)) || n > uint64(len(rest)) {
		return errCorrupt
	}
	rest = rest[w:]
	for ; n > 0; n-- {
		var parts [2][]byte
		for p := 2 - each; p < 2; p++ {
			size, w := binary.Uvarint(rest)
			if w <= 0 || w != uvarintLen(int(size)) || size > uint64(len(rest)-w) {
				return errCorrupt
			}
			parts[p] = rest[w : w+int(size)]
			rest = rest[w+int(size):]
		}
		if err := fn(parts[0], parts[1]); err != nil {
			return err
		}
	}
	return okIf(len(rest) == 0)
}

func okIf(ok bool) error {
	if ok {
		return nil
	}
	return errCorrupt
}
