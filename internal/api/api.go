// Package api is the wire: the requests and responses of DynamoDB and DynamoDB
// Streams, their JSON, the constraints that the service model puts on their
// members, and the exceptions. Most of it is generated from the model in
// model, which is ours to edit.
//
// It knows what a request looks like and not what it means. Attribute values
// stay in the encoding of package attr from decoding to encoding.
package api

//go:generate go run ./gen

import (
	"errors"
	"slices"
	"sync"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/awsjson"
)

// An Operation is one line of the service's list.
type Operation struct {
	Name   string
	Target string // the prefix of X-Amz-Target, without the dot
	New    func() Input
}

// Input is a request.
type Input interface {
	// Decode reads the request; an error is an *awsjson.Error, or an *Error
	// where the service has other words.
	Decode(d *awsjson.Decoder) error
	// Check returns an *Error that tells of the broken constraints of the
	// model, or nil. It allocates only then.
	Check() error
}

// Output is a response.
type Output interface {
	AppendJSON(dst []byte) []byte
}

// Opt is a member that may be absent.
type Opt[T any] struct {
	V   T
	Set bool
}

// Some returns a member that is there.
func Some[T any](v T) Opt[T] { return Opt[T]{V: v, Set: true} }

// Or returns the member, or def where it is absent.
func (o Opt[T]) Or(def T) T {
	if o.Set {
		return o.V
	}
	return def
}

// A Map is a map from strings in the order in which it was sent or filled. It
// is nil when absent.
type Map[T any] []Entry[T]

// Entry is one entry of a Map.
type Entry[T any] struct {
	Key   string
	Value T
}

// Get returns the value of a key, or nil. It looks at the entries one by one.
func (m Map[T]) Get(key string) *T {
	if i := slices.IndexFunc(m, func(e Entry[T]) bool { return e.Key == key }); i >= 0 {
		return &m[i].Value
	}
	return nil
}

// Items are the items of a response. They are encoded as they are appended, so
// that none has to be kept.
type Items struct {
	Present bool // an absent list and one of no items differ
	json    []byte
	n       int
}

// Append adds an item at the end and makes the list present.
func (s *Items) Append(item attr.Item) {
	if s.n > 0 {
		s.json = append(s.json, ',')
	}
	s.json = item.AppendJSON(s.json)
	s.n++
	s.Present = true
}

// Len returns the number of items.
func (s *Items) Len() int { return s.n }

// Grow makes room for n more bytes of JSON.
func (s *Items) Grow(n int) { s.json = slices.Grow(s.json, n) }

var decoders = sync.Pool{New: func() any { return new(awsjson.Decoder) }}

// DecodeRequest reads a whole body into in. An error is an *Error: what
// package awsjson finds wrong becomes a SerializationException.
func DecodeRequest(body []byte, in Input) error {
	d := decoders.Get().(*awsjson.Decoder)
	d.Reset(body)
	err := in.Decode(d)
	d.Reset(nil)
	decoders.Put(d)
	if e := (*awsjson.Error)(nil); errors.As(err, &e) {
		return NewSerializationException(e.Message)
	}
	return err
}
