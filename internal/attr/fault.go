package attr

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
)

// A Fault is why a value may not stand in a request. Faults are found while a
// request is read but reported only when its operation asks, because other
// complaints go first; until then the value or item that has one is nothing
// but its Fault.
type Fault struct {
	Kind FaultKind
	Name string   // the top-level attribute that has it; empty for a lone value
	Sent []string // a number or the members of a set as they were sent; base64 for BS
	// Depth is how many maps and lists stand around the deepest leaf of the
	// item or value, whatever its fault is.
	Depth int
	// First is the first fault in the order of the request that stops a reader
	// as that of PartiQL's parameters is: TooDeep, or an Unconvertible one. It
	// is nil if there is none.
	First *Fault
}

// A FaultKind says what is wrong.
type FaultKind byte

// The kinds of faults. The values are ranked: of several faults in one item
// the highest is reported, and of equal ones the first.
const (
	NotNumeric FaultKind = iota + 1
	NumberOverflow
	NumberWrapped // an exponent of 2147483647: two answers, see Message
	NumberUnderflow
	NumberPrecision
	DuplicateMembers
	EmptySet
	NullFalse
	NoType
	TwoTypes
	NestedEmptyName
	TooDeep
	EmptyName
)

// A Layer is one of the two bodies of code in the service that check values,
// each with its own words. Observed on AWS, October 2026.
type Layer bool

// Current is the layer of PutItem, UpdateItem, DeleteItem, GetItem,
// BatchGetItem, Query and the transactions; Older that of BatchWriteItem and
// Scan.
const (
	Current Layer = false
	Older   Layer = true
)

const (
	overflow  = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	underflow = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	invalid   = "One or more parameter values were invalid: "

	// Precision is the text for a number of more than 38 significant digits.
	Precision = "Attempting to store more than 38 significant digits in a Number"
	// Overflow is the text for a number of 1E126 or more.
	Overflow = overflow
	// Underflow is the text for a number nearer to 0 than 1E-130.
	Underflow = underflow
	// Nesting is the text for a value of more than 32 levels.
	Nesting = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)

// Message returns the service's text.
func (f *Fault) Message(layer Layer) string {
	switch f.Kind {
	case NotNumeric:
		if layer == Older && f.Sent[0] == "" {
			return "The parameter cannot be converted to a numeric value"
		}
		return "The parameter cannot be converted to a numeric value: " + f.Sent[0]
	case NumberOverflow:
		return overflow
	case NumberWrapped:
		if layer == Older {
			return underflow
		}
		return overflow
	case NumberUnderflow:
		return underflow
	case NumberPrecision:
		return Precision
	case DuplicateMembers:
		return f.duplicates(layer)
	case EmptySet:
		return invalid + f.Sent[0]
	case NullFalse:
		return invalid + "Null attribute value types must have the value of true"
	case NoType:
		return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	case TwoTypes:
		return "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	case TooDeep:
		return Nesting
	default:
		return "Empty attribute name"
	}
}

// duplicates renders a set with a repeated member. Sent[0] is the set's type.
func (f *Fault) duplicates(layer Layer) string {
	kind, members := f.Sent[0], f.Sent[1:]
	of := " contains duplicates."
	if kind == "BS" {
		of = "of type BS contains duplicates."
	}
	switch {
	case kind == "NS" && layer == Older:
		return "Input collection contains duplicates"
	case kind == "NS":
		return invalid + "Input collection contains duplicates."
	case layer == Older:
		return invalid + "Input collection [" + strings.Join(members, ", ") + "]" + of
	case kind == "BS":
		return invalid + "Input collection [" + quoted(upToRepeat(members, decodeBase64), ",") + "]" + of
	default:
		return invalid + "Input collection [" + quoted(upToRepeat(members, strings.Clone), ", ") + "]" + of
	}
}

// upToRepeat puts members in the order in which the current layer prints them:
// the distinct ones before the first repeat in byte order, the repeat, and the
// others as sent.
func upToRepeat(members []string, bytesOf func(string) string) []string {
	seen := map[string]bool{}
	for i, m := range members {
		if seen[m] {
			out := slices.Clone(members)
			slices.SortFunc(out[:i], func(a, b string) int { return strings.Compare(bytesOf(a), bytesOf(b)) })
			return out
		}
		seen[m] = true
	}
	return members
}

func decodeBase64(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return string(b)
}

func quoted(members []string, sep string) string {
	return `"` + strings.Join(members, `"`+sep+`"`) + `"`
}

// Fault returns what is wrong with v, or nil.
func (v Value) Fault() *Fault {
	if v == nil || v.Kind() != Invalid {
		return nil
	}
	return decodeFault(v[1:])
}

// Fault returns what is wrong with i, or nil.
func (i Item) Fault() *Fault {
	if i == nil || i[0] != byte(Invalid) {
		return nil
	}
	return decodeFault(i[1:])
}

// encode writes f so that it can stand in place of a Value or an Item.
func (f *Fault) encode() []byte {
	b := []byte{byte(Invalid), byte(f.Kind)}
	b = binary.AppendUvarint(b, uint64(f.Depth))
	b = appendPart(b, []byte(f.Name))
	var first []byte
	if f.First != nil {
		first = f.First.encode()
	}
	b = appendPart(b, first)
	for _, s := range f.Sent {
		b = appendPart(b, []byte(s))
	}
	return b
}

func decodeFault(b []byte) *Fault {
	f := &Fault{Kind: FaultKind(b[0])}
	depth, w := binary.Uvarint(b[1:])
	f.Depth = int(depth)
	c := cursor{rest: b[1+w:]}
	f.Name = string(c.part())
	if first := c.part(); len(first) > 0 {
		f.First = decodeFault(first[1:])
	}
	for len(c.rest) > 0 {
		f.Sent = append(f.Sent, string(c.part()))
	}
	return f
}

// Unconvertible reports whether the fault is in a number that is none to a
// reader that keeps its exponent and its scale in 32 bits, as that of
// PartiQL's parameters does. Observed on AWS, October 2026.
func (f *Fault) Unconvertible() bool {
	switch f.Kind {
	case NotNumeric:
		return true
	case NumberOverflow, NumberUnderflow, NumberWrapped, NumberPrecision:
	default:
		return false
	}
	if len(f.Sent) != 1 {
		return false
	}
	d, _ := cut([]byte(f.Sent[0]))
	scale := int64(len(d.frac)) - d.exponent
	return d.exponent != int64(int32(d.exponent)) || scale != int64(int32(scale))
}
