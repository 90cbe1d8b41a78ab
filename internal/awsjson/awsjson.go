// Package awsjson reads the bodies of the AWS JSON 1.0 protocol. Its decoder
// pulls one value at a time and, where the JSON is of another type than the
// caller asks for, answers in the service's own words. It knows JSON and those
// words; which members a request has is decided by its callers.
//
// The texts are recorded from AWS: they name Java types, because the service
// does.
package awsjson

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// Error is a SerializationException: the body is not JSON, and then Message is
// empty as it is on AWS, or a value in it has the wrong JSON type.
type Error struct{ Message string }

func (e *Error) Error() string {
	if e.Message == "" {
		return "awsjson: not JSON"
	}
	return "awsjson: " + e.Message
}

// A Decoder reads one body. Its zero value is an empty body; Reset makes it
// ready for another one, so Decoders can be pooled.
type Decoder struct {
	jx   jx.Decoder
	body []byte
}

// Reset makes d read body from its start. The body must not change while d
// reads it; nothing d returns refers to it, except where a method says so.
func (d *Decoder) Reset(body []byte) {
	d.body = body
	d.jx.ResetBytes(body)
}

// Begin reports whether the body can be JSON text at all: it must be UTF-8.
func (d *Decoder) Begin() error {
	if !utf8.Valid(d.body) {
		return &Error{}
	}
	return nil
}

// End reports whether nothing but white space is left.
func (d *Decoder) End() error {
	if !atEnd(&d.jx) {
		return &Error{}
	}
	return nil
}

// atEnd reports whether d has nothing left to read. Skip alone does not tell:
// its error is the same where a value that has begun breaks off.
func atEnd(d *jx.Decoder) bool {
	return d.Next() == jx.Invalid && errors.Is(d.Skip(), io.EOF)
}

// wellFormed reports whether body is exactly one JSON value.
func wellFormed(body []byte) bool {
	d := jx.DecodeBytes(body)
	return utf8.Valid(body) && d.Skip() == nil && atEnd(d)
}

// fail returns the error for a value of the wrong type. A body that breaks off
// later is not JSON in the first place, and the service says only that.
func (d *Decoder) fail(message string) error {
	if !wellFormed(d.body) {
		return &Error{}
	}
	return &Error{Message: message}
}

// broken returns the error for a body that is not JSON. A reader's own limits,
// such as on depth, count as that too.
func (d *Decoder) broken() error { return &Error{} }

const (
	unexpectedStructure = "Start of structure or map found where not expected"
	unexpectedField     = "Unexpected field type"
	unexpectedElement   = "Unexpected value type in payload"
)

// class is a Java class as the texts name it.
func class(name string) string { return "class com.amazonaws.dynamodb.v20120810." + name }

// null reads a null, if that is next, and reports whether it did. The service
// treats a null member as one that is not there.
func (d *Decoder) null() (bool, error) {
	if d.jx.Next() != jx.Null {
		return false, nil
	}
	if d.jx.Null() != nil {
		return false, d.broken()
	}
	return true, nil
}

// wrongScalar is the error for a value that was to be of the Java type to.
func (d *Decoder) wrongScalar(to, javaClass string) error {
	switch d.jx.Next() {
	case jx.Object:
		return d.fail(unexpectedStructure)
	case jx.Array:
		return d.fail("Unrecognized collection type class " + javaClass)
	case jx.String:
		return d.fail("STRING_VALUE cannot be converted to " + to)
	case jx.Bool:
		v, err := d.jx.Bool()
		if err != nil {
			return d.broken()
		}
		if v {
			return d.fail("TRUE_VALUE cannot be converted to " + to)
		}
		return d.fail("FALSE_VALUE cannot be converted to " + to)
	case jx.Number:
		raw, err := d.jx.Raw()
		if err != nil {
			return d.broken()
		}
		if isDecimal(raw) {
			return d.fail("DECIMAL_VALUE cannot be converted to " + to)
		}
		return d.fail("NUMBER_VALUE cannot be converted to " + to)
	default:
		return d.broken()
	}
}

func isDecimal(number []byte) bool { return bytes.ContainsAny(number, ".eE") }

// Str reads a string; ok is false when it is null.
func (d *Decoder) Str() (s string, ok bool, err error) {
	b, ok, err := d.StrBytes()
	return string(b), ok, err
}

// StrBytes is Str for a caller that copies: the bytes are valid until the next
// call.
func (d *Decoder) StrBytes() (s []byte, ok bool, err error) {
	if d.jx.Next() != jx.String {
		if null, err := d.null(); null || err != nil {
			return nil, false, err
		}
		return nil, false, d.wrongScalar("String", "java.lang.String")
	}
	b, err := d.jx.StrBytes()
	if err != nil {
		return nil, false, d.broken()
	}
	return b, true, nil
}

// Bool reads a boolean; ok is false when it is null.
func (d *Decoder) Bool() (v, ok bool, err error) {
	switch d.jx.Next() {
	case jx.Bool:
		v, err := d.jx.Bool()
		if err != nil {
			return false, false, d.broken()
		}
		return v, true, nil
	case jx.String:
		return false, false, d.fail("Unexpected token received from parser")
	}
	if null, err := d.null(); null || err != nil {
		return false, false, err
	}
	return false, false, d.wrongScalar("Boolean", "java.lang.Boolean")
}

// Int reads an Integer, which is of 32 bits; ok is false when it is null.
func (d *Decoder) Int() (v int64, ok bool, err error) {
	return d.integer("Integer", "java.lang.Integer", 32)
}

// Long reads a Long, which is of 64 bits; ok is false when it is null.
func (d *Decoder) Long() (v int64, ok bool, err error) {
	return d.integer("Long", "java.lang.Long", 64)
}

// A decimal is cut to its integer part, and an integer that is too long keeps
// its low bits, as Java's conversions do.
func (d *Decoder) integer(to, javaClass string, bits uint) (int64, bool, error) {
	if d.jx.Next() != jx.Number {
		if null, err := d.null(); null || err != nil {
			return 0, false, err
		}
		return 0, false, d.wrongScalar(to, javaClass)
	}
	raw, err := d.jx.Raw()
	if err != nil {
		return 0, false, d.broken()
	}
	v, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(string(raw), 64)
		if ferr != nil || f >= 1<<63 || f < -1<<63 {
			return 0, false, d.fail("NUMBER_VALUE cannot be converted to " + to)
		}
		v = int64(f)
	}
	if bits == 32 && v != int64(int32(v)) {
		return 0, false, d.fail("NUMBER_VALUE cannot be converted to " + to)
	}
	return v, true, nil
}

// Double reads a floating-point number; ok is false when it is null.
func (d *Decoder) Double() (v float64, ok bool, err error) {
	if d.jx.Next() != jx.Number {
		if null, err := d.null(); null || err != nil {
			return 0, false, err
		}
		return 0, false, d.wrongScalar("Double", "java.lang.Double")
	}
	raw, err := d.jx.Raw()
	if err != nil {
		return 0, false, d.broken()
	}
	v, err = strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, false, d.fail("NUMBER_VALUE cannot be converted to Double")
	}
	return v, true, nil
}

// Blob reads base64 and appends the bytes to dst; ok is false when it is null.
func (d *Decoder) Blob(dst []byte) (b []byte, ok bool, err error) {
	switch d.jx.Next() {
	case jx.String:
	case jx.Bool, jx.Number:
		return dst, false, d.fail("only base-64-encoded strings are convertible to bytes")
	default:
		if null, err := d.null(); null || err != nil {
			return dst, false, err
		}
		return dst, false, d.wrongScalar("ByteBuffer", "java.nio.ByteBuffer")
	}
	text, err := d.jx.StrBytes()
	if err != nil {
		return dst, false, d.broken()
	}
	if len(text)%4 != 0 {
		return dst, false, d.fail("Base64 encoded length is expected a multiple of 4 bytes but found: " + strconv.Itoa(len(text)))
	}
	b, err = base64.StdEncoding.AppendDecode(dst, text)
	if err != nil || bytes.ContainsAny(text, "\r\n") {
		return dst, false, d.fail(badBase64(text))
	}
	return b, true, nil
}

// badBase64 tells the two complaints of the service's decoder apart.
func badBase64(text []byte) string {
	for i, c := range text {
		last := i >= len(text)-2
		if c == '=' && !last || c != '=' && !isBase64(c) {
			if c == '=' {
				return "Invalid last non-pad Base64 character dectected" // sic
			}
			return "Invalid base 64 character: '" + string(rune(c)) + "'"
		}
	}
	return "Invalid last non-pad Base64 character dectected"
}

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

// A Shape is a structure, map or list that a caller is about to read, as far
// as the words for finding something else in its place depend on it.
type Shape struct{ scalar, array, object string }

// Member is a structure that stands as a member of another.
func Member(name string) Shape {
	return Shape{scalar: unexpectedField, array: "Unrecognized collection type " + class(name)}
}

// Element is a structure that stands in a list or as a map's value.
func Element(name string) Shape {
	return Shape{scalar: unexpectedElement, array: "Unrecognized collection type " + class(name)}
}

// MapOf is a map from strings to structures called name, or to Java's String
// when name is empty.
func MapOf(name string) Shape {
	value := "java.lang.String"
	if name != "" {
		value = "com.amazonaws.dynamodb.v20120810." + name
	}
	return Shape{scalar: unexpectedField, array: "Unrecognized collection type java.util.Map<java.lang.String, " + value + ">"}
}

// MapOfLists is a map from strings to lists of structures called name.
func MapOfLists(name string) Shape {
	return Shape{scalar: unexpectedField, array: "Unrecognized collection type java.util.Map<java.lang.String, java.util.List<com.amazonaws.dynamodb.v20120810." + name + ">>"}
}

// List is any list.
var List = Shape{scalar: unexpectedField, object: unexpectedStructure}

// Object enters a structure or map; ok is false when it is null. The caller
// calls Next until it returns false, reading or skipping a value after each.
func (d *Decoder) Object(s *Shape) (o Object, ok bool, err error) {
	if d.jx.Next() != jx.Object {
		if null, err := d.null(); null || err != nil {
			return Object{}, false, err
		}
		return Object{}, false, d.wrongContainer(s)
	}
	it, err := d.jx.ObjIter()
	if err != nil {
		return Object{}, false, d.broken()
	}
	return Object{it: it}, true, nil
}

// Array enters a list, as Object does a structure.
func (d *Decoder) Array(s *Shape) (a Array, ok bool, err error) {
	if d.jx.Next() != jx.Array {
		if null, err := d.null(); null || err != nil {
			return Array{}, false, err
		}
		return Array{}, false, d.wrongContainer(s)
	}
	it, err := d.jx.ArrIter()
	if err != nil {
		return Array{}, false, d.broken()
	}
	return Array{it: it}, true, nil
}

func (d *Decoder) wrongContainer(s *Shape) error {
	switch d.jx.Next() {
	case jx.Object:
		return d.fail(s.object)
	case jx.Array:
		return d.fail(s.array)
	case jx.Invalid:
		return d.broken()
	default:
		return d.fail(s.scalar)
	}
}

// Skip passes over the next value, whatever it is.
func (d *Decoder) Skip() error {
	if d.jx.Skip() != nil {
		return d.broken()
	}
	return nil
}

// An Object walks the members of a structure or map.
type Object struct{ it jx.ObjIter }

// Next reads the next key, and reports whether there is one.
func (o *Object) Next() bool { return o.it.Next() }

// Key returns the key that Next read. It is valid until the value is read.
func (o *Object) Key() []byte { return o.it.Key() }

// Err returns what ended the walk, if that was not the object's end.
func (o *Object) Err() error {
	if o.it.Err() != nil {
		return &Error{}
	}
	return nil
}

// An Array walks the elements of a list.
type Array struct{ it jx.ArrIter }

// Next moves to the next element, and reports whether there is one.
func (a *Array) Next() bool { return a.it.Next() }

// Err returns what ended the walk, if that was not the list's end.
func (a *Array) Err() error {
	if a.it.Err() != nil {
		return &Error{}
	}
	return nil
}
