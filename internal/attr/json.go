package attr

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/statordb/stator/internal/awsjson"
)

var (
	shapeItem     = awsjson.MapOf("AttributeValue")
	shapeMember   = awsjson.Member("AttributeValue")
	shapeElement  = awsjson.Element("AttributeValue")
	decoderBuffer = sync.Pool{New: func() any { return new(decoder) }}
)

// DecodeItem reads a map from names to attribute values; ok is false when it
// is null. An error is about the types of JSON only; a value that may not
// stand in a request makes the item one that has a Fault. The item is the
// caller's.
func DecodeItem(d *awsjson.Decoder) (item Item, ok bool, err error) {
	return decodeTop(d, func(dec *decoder) (Item, bool, error) {
		ok, err := dec.entries(0)
		if !ok || err != nil {
			return nil, false, err
		}
		if dec.fault != nil {
			return dec.faulty(), true, nil
		}
		return ItemOf(dec.buf), true, nil
	})
}

// DecodeValue reads one attribute value that is a member of a structure, as
// DecodeItem reads an item.
func DecodeValue(d *awsjson.Decoder) (v Value, ok bool, err error) {
	return decodeLone(d, &shapeMember)
}

// DecodeElement reads one attribute value that stands in a list.
func DecodeElement(d *awsjson.Decoder) (v Value, ok bool, err error) {
	return decodeLone(d, &shapeElement)
}

func decodeLone(d *awsjson.Decoder, shape *awsjson.Shape) (v Value, ok bool, err error) {
	return decodeTop(d, func(dec *decoder) (Value, bool, error) {
		ok, err := dec.value(shape, 0)
		if !ok || err != nil {
			return nil, false, err
		}
		if dec.fault != nil {
			return dec.faulty(), true, nil
		}
		return bytes.Clone(dec.buf), true, nil
	})
}

func decodeTop[T any](d *awsjson.Decoder, read func(*decoder) (T, bool, error)) (T, bool, error) {
	dec := decoderBuffer.Get().(*decoder)
	dec.Decoder, dec.buf, dec.parts, dec.name = d, dec.buf[:0], dec.parts[:0], dec.name[:0]
	dec.fault, dec.first, dec.deepest = nil, nil, 0
	v, ok, err := read(dec)
	dec.Decoder = nil
	if cap(dec.buf) <= 1<<20 {
		decoderBuffer.Put(dec)
	}
	return v, ok, err
}

// A decoder writes the canonical encoding of what it reads to buf. It goes on
// after a fault, for the errors about types, but no longer keeps what it reads:
// what is then in buf means nothing.
type decoder struct {
	*awsjson.Decoder
	buf     []byte
	scratch []byte
	parts   []span // of the containers that are open, the innermost last
	fault   *Fault
	first   *Fault // as in Fault
	name    []byte // of the top-level attribute being read
	deepest int
}

// A span is an entry of a map or a member of a set, where it stands in buf.
// Its key is what it is sorted by.
type span struct{ start, keyStart, keyEnd, end int }

// blame keeps the fault that is to be reported.
func (d *decoder) blame(kind FaultKind, sent ...string) {
	f := &Fault{Kind: kind, Name: string(d.name), Sent: sent}
	if d.first == nil && (kind == TooDeep || f.Unconvertible()) {
		d.first = f
	}
	if d.fault == nil || kind >= NestedEmptyName && kind > d.fault.Kind {
		d.fault = f
	}
}

// faulty returns what stands for the item or value that has a fault.
func (d *decoder) faulty() []byte {
	f := *d.fault
	f.Depth, f.First = d.deepest, d.first
	return f.encode()
}

// entries reads a map's entries into buf, as a value of kind M. Depth is how
// many containers of the item stand around it.
func (d *decoder) entries(depth int) (ok bool, err error) {
	o, ok, err := d.Object(&shapeItem)
	if !ok || err != nil {
		return false, err
	}
	start, first := len(d.buf), len(d.parts)
	d.buf = append(d.buf, byte(M))
	body := len(d.buf)
	sorted := true
	for o.Next() {
		key := o.Key()
		if depth == 0 {
			d.name = append(d.name[:0], key...)
		}
		if len(key) == 0 {
			d.blameEmptyName(depth)
		}
		p := span{start: len(d.buf)}
		d.buf = binary.AppendUvarint(d.buf, uint64(len(key)))
		p.keyStart = len(d.buf)
		d.buf = append(d.buf, key...)
		p.keyEnd = len(d.buf)
		ok, err := d.part(func() (bool, error) { return d.value(&shapeElement, depth) })
		if err != nil {
			return false, err
		}
		if !ok {
			d.blame(NoType)
		}
		p.end = len(d.buf)
		if d.fault != nil {
			d.buf, d.parts = d.buf[:start], d.parts[:first]
			start, body, p = len(d.buf), len(d.buf), span{}
			continue
		}
		if n := len(d.parts); n > first && bytes.Compare(d.key(d.parts[n-1]), d.key(p)) >= 0 {
			sorted = false
		}
		d.parts = append(d.parts, p)
	}
	if err := o.Err(); err != nil {
		return false, err
	}
	if d.fault == nil {
		d.close(body, first, sorted, bytes.Compare)
	}
	return true, nil
}

func (d *decoder) blameEmptyName(depth int) {
	if depth == 0 {
		d.blame(EmptyName)
	} else {
		d.blame(NestedEmptyName)
	}
}

func (d *decoder) key(p span) []byte { return d.buf[p.keyStart:p.keyEnd] }

// part reads a value and puts its length before it.
func (d *decoder) part(read func() (bool, error)) (ok bool, err error) {
	start := len(d.buf)
	d.buf = append(d.buf, 0)
	ok, err = read()
	if !ok || err != nil || d.fault != nil {
		return ok, err
	}
	d.setLength(start)
	return true, nil
}

// setLength writes the length of what follows the byte kept free at start.
func (d *decoder) setLength(start int) {
	length := len(d.buf) - start - 1
	if length < 0x80 {
		d.buf[start] = byte(length)
		return
	}
	var prefix [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(prefix[:], uint64(length))
	d.buf = slices.Insert(d.buf, start, prefix[:n-1]...)
	copy(d.buf[start:], prefix[:n])
}

// close finishes a container whose parts, from first on, stand in buf from
// body on: it sorts them if need be, keeps the last of those with equal keys,
// and puts their number before them.
func (d *decoder) close(body, first int, sorted bool, compare func(a, b []byte) int) {
	parts := d.parts[first:]
	if !sorted {
		slices.SortStableFunc(parts, func(a, b span) int { return compare(d.key(a), d.key(b)) })
		d.scratch = d.scratch[:0]
		kept := 0
		for i, p := range parts {
			if i+1 < len(parts) && compare(d.key(p), d.key(parts[i+1])) == 0 {
				continue
			}
			d.scratch = append(d.scratch, d.buf[p.start:p.end]...)
			kept++
		}
		d.buf = append(d.buf[:body], d.scratch...)
		parts = parts[:kept]
	}
	var count [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(count[:], uint64(len(parts)))
	d.buf = slices.Insert(d.buf, body, count[:n]...)
	d.parts = d.parts[:first]
}

// value reads one attribute value into buf. Depth is how many containers of
// the item stand around it. ok is false for a null.
func (d *decoder) value(shape *awsjson.Shape, depth int) (ok bool, err error) {
	o, ok, err := d.Object(shape)
	if !ok || err != nil {
		return false, err
	}
	start, types := len(d.buf), 0
	for o.Next() {
		mark := len(d.buf)
		ok, err := d.typed(KindOf(string(o.Key())), depth)
		switch {
		case err != nil:
			return false, err
		case ok:
			types++
		default:
			d.buf = d.buf[:mark]
		}
		if d.fault != nil {
			d.buf = d.buf[:start]
		}
	}
	if err := o.Err(); err != nil {
		return false, err
	}
	switch {
	case types == 0:
		d.blame(NoType)
	case types > 1:
		d.blame(TwoTypes)
	}
	return true, nil
}

// typed reads what stands beside a type's name. ok is false when that is null
// or the type is unknown.
func (d *decoder) typed(kind Kind, depth int) (ok bool, err error) {
	switch kind {
	case S:
		s, ok, err := d.StrBytes()
		d.buf = append(append(d.buf, byte(S)), s...)
		return ok, err
	case N:
		lit, ok, err := d.StrBytes()
		if ok {
			d.buf = append(d.buf, byte(N))
			d.number(lit)
		}
		return ok, err
	case B:
		d.buf = append(d.buf, byte(B))
		d.buf, ok, err = d.Blob(d.buf)
		return ok, err
	case BOOL:
		v, ok, err := d.Bool()
		d.buf = append(d.buf, Bool(v)...)
		return ok, err
	case NULL:
		v, ok, err := d.Bool()
		if ok && !v {
			d.blame(NullFalse)
		}
		d.buf = append(d.buf, byte(NULL))
		return ok, err
	case M:
		if d.deepen(depth + 1); depth+1 >= maxDepth {
			d.blame(TooDeep)
		}
		return d.entries(depth + 1)
	case L:
		if d.deepen(depth + 1); depth+1 >= maxDepth {
			d.blame(TooDeep)
		}
		return d.list(depth + 1)
	case SS, NS, BS:
		return d.set(kind)
	default:
		return false, d.Skip()
	}
}

func (d *decoder) deepen(depth int) { d.deepest = max(d.deepest, depth) }

func (d *decoder) number(lit []byte) {
	var kind FaultKind
	if d.buf, kind = appendNumber(d.buf, lit); kind != 0 {
		d.blame(kind, string(lit))
	}
}

func (d *decoder) list(depth int) (ok bool, err error) {
	a, ok, err := d.Array(&awsjson.List)
	if !ok || err != nil {
		return false, err
	}
	start, count := len(d.buf), 0
	d.buf = append(d.buf, byte(L))
	body := len(d.buf)
	for a.Next() {
		ok, err := d.part(func() (bool, error) { return d.value(&shapeElement, depth) })
		if err != nil {
			return false, err
		}
		if !ok {
			d.blame(NoType)
		}
		if d.fault != nil {
			d.buf = d.buf[:start]
			body = start
			continue
		}
		count++
	}
	if err := a.Err(); err != nil {
		return false, err
	}
	if d.fault == nil {
		var n [binary.MaxVarintLen64]byte
		d.buf = slices.Insert(d.buf, body, n[:binary.PutUvarint(n[:], uint64(count))]...)
	}
	return true, nil
}

// set reads a set's members.
func (d *decoder) set(kind Kind) (ok bool, err error) {
	a, ok, err := d.Array(&awsjson.List)
	if !ok || err != nil {
		return false, err
	}
	start, first := len(d.buf), len(d.parts)
	d.buf = append(d.buf, byte(kind))
	body := len(d.buf)
	compare := func(a, b []byte) int { return compareMembers(kind, a, b) }
	sorted := true
	for a.Next() {
		p := span{start: len(d.buf)}
		d.buf = append(d.buf, 0)
		ok, err := d.member(kind.member())
		if err != nil {
			return false, err
		}
		if !ok {
			d.blame(NoType)
		}
		if d.fault != nil {
			d.buf, d.parts = d.buf[:start], d.parts[:first]
			body = start
			continue
		}
		length := len(d.buf) - p.start - 1
		d.setLength(p.start)
		p.end = len(d.buf)
		p.keyStart, p.keyEnd = p.end-length, p.end
		if n := len(d.parts); n > first && compare(d.key(d.parts[n-1]), d.key(p)) >= 0 {
			sorted = false
		}
		d.parts = append(d.parts, p)
	}
	if err := a.Err(); err != nil || d.fault != nil {
		return true, err
	}
	if len(d.parts) == first {
		d.blame(EmptySet, emptySet[kind])
		return true, nil
	}
	if !sorted && d.repeats(first, compare) {
		d.blame(DuplicateMembers, d.sent(kind, first)...)
		return true, nil
	}
	d.close(body, first, sorted, compare)
	return true, nil
}

// repeats reports whether two of the parts from first on have equal keys.
func (d *decoder) repeats(first int, compare func(a, b []byte) int) bool {
	parts := slices.Clone(d.parts[first:])
	slices.SortFunc(parts, func(a, b span) int { return compare(d.key(a), d.key(b)) })
	for i := 1; i < len(parts); i++ {
		if compare(d.key(parts[i-1]), d.key(parts[i])) == 0 {
			return true
		}
	}
	return false
}

// sent returns a set's type and its members in the order in which they came.
func (d *decoder) sent(kind Kind, first int) []string {
	sent := []string{kind.String()}
	for _, p := range d.parts[first:] {
		if kind == BS {
			sent = append(sent, base64.StdEncoding.EncodeToString(d.key(p)))
		} else {
			sent = append(sent, string(d.key(p)))
		}
	}
	return sent
}

// The doubled space and the missing article are AWS's own.
var emptySet = map[Kind]string{
	SS: "An string set  may not be empty",
	NS: "An number set  may not be empty",
	BS: "Binary sets should not be empty",
}

// member appends one member of a set.
func (d *decoder) member(kind Kind) (ok bool, err error) {
	if kind == B {
		d.buf, ok, err = d.Blob(d.buf)
		return ok, err
	}
	s, ok, err := d.StrBytes()
	if !ok || err != nil {
		return ok, err
	}
	if kind == N {
		d.number(s)
	} else {
		d.buf = append(d.buf, s...)
	}
	return true, nil
}

// AppendJSON appends i as the wire has it: {"name":{"S":"…"},…}.
func (i Item) AppendJSON(dst []byte) []byte { return appendEntries(dst, i.Map()) }

// AppendJSON appends v as the wire has it: {"S":"…"}.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind() {
	case S:
		dst = append(dst, `{"S":`...)
		dst = awsjson.AppendString(dst, v[1:])
	case N:
		dst = append(dst, `{"N":"`...)
		dst = append(dst, v[1:]...)
		dst = append(dst, '"')
	case B:
		dst = append(dst, `{"B":`...)
		dst = awsjson.AppendBlob(dst, v[1:])
	case BOOL:
		if v.Bool() {
			return append(dst, `{"BOOL":true}`...)
		}
		return append(dst, `{"BOOL":false}`...)
	case NULL:
		return append(dst, `{"NULL":true}`...)
	case M:
		dst = append(dst, `{"M":`...)
		dst = appendEntries(dst, v)
	case L:
		dst = append(dst, `{"L":`...)
		dst = appendElements(dst, v, Value.AppendJSON)
	case SS:
		dst = append(dst, `{"SS":`...)
		dst = appendElements(dst, v, func(m Value, dst []byte) []byte { return awsjson.AppendString(dst, m) })
	case NS:
		dst = append(dst, `{"NS":`...)
		dst = appendElements(dst, v, func(m Value, dst []byte) []byte { return awsjson.AppendString(dst, m) })
	case BS:
		dst = append(dst, `{"BS":`...)
		dst = appendElements(dst, v, func(m Value, dst []byte) []byte { return awsjson.AppendBlob(dst, m) })
	}
	return append(dst, '}')
}

func appendEntries(dst []byte, m Value) []byte {
	dst = append(dst, '{')
	for c := m.cursor(); c.left > 0; c.left-- {
		dst = awsjson.AppendString(dst, c.part())
		dst = append(dst, ':')
		dst = Value(c.part()).AppendJSON(dst)
		if c.left > 1 {
			dst = append(dst, ',')
		}
	}
	return append(dst, '}')
}

func appendElements(dst []byte, v Value, appendOne func(Value, []byte) []byte) []byte {
	dst = append(dst, '[')
	for c := v.cursor(); c.left > 0; c.left-- {
		dst = appendOne(c.part(), dst)
		if c.left > 1 {
			dst = append(dst, ',')
		}
	}
	return append(dst, ']')
}

// String returns v as the wire has it, for messages and tests.
func (v Value) String() string {
	if v == nil {
		return "absent"
	}
	if f := v.Fault(); f != nil {
		return "invalid: " + f.Message(Current)
	}
	return string(v.AppendJSON(nil))
}

// String returns i as the wire has it, for messages and tests.
func (i Item) String() string {
	if i == nil {
		return "absent"
	}
	if f := i.Fault(); f != nil {
		return "invalid: " + f.Message(Current)
	}
	return string(i.AppendJSON(nil))
}

// Parse reads a value written as the wire has it, for tests and tools.
func Parse(json string) (Value, error) {
	var d awsjson.Decoder
	d.Reset([]byte(json))
	v, _, err := DecodeValue(&d)
	return v, err
}

// ParseItem reads an item written as the wire has it, for tests and tools.
func ParseItem(json string) (Item, error) {
	var d awsjson.Decoder
	d.Reset([]byte(strings.TrimSpace(json)))
	i, _, err := DecodeItem(&d)
	return i, err
}
