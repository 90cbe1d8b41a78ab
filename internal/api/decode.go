package api

import (
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/awsjson"
)

// notObject is the shape of a whole body, about which the service says
// nothing when it is not an object.
var notObject awsjson.Shape

func decodeBody[T any](d *awsjson.Decoder, v *T, decode func(*T, *awsjson.Decoder, awsjson.Object) error) error {
	if err := d.Begin(); err != nil {
		return err
	}
	o, ok, err := d.Object(&notObject)
	if err != nil {
		return err
	}
	if !ok {
		return &awsjson.Error{}
	}
	if err := decode(v, d, o); err != nil {
		return err
	}
	return d.End()
}

func decodeMember[T any](d *awsjson.Decoder, s *awsjson.Shape, decode func(*T, *awsjson.Decoder, awsjson.Object) error) (*T, error) {
	o, ok, err := d.Object(s)
	if err != nil || !ok {
		return nil, err
	}
	v := new(T)
	return v, decode(v, d, o)
}

// decodeList returns a list that is not nil if it is there at all. An element
// that is null is left at its zero value.
func decodeList[T any](d *awsjson.Decoder, read func(*awsjson.Decoder, *T) error) ([]T, error) {
	a, ok, err := d.Array(&awsjson.List)
	if err != nil || !ok {
		return nil, err
	}
	list := []T{}
	for a.Next() {
		var zero T
		list = append(list, zero)
		if err := read(d, &list[len(list)-1]); err != nil {
			return nil, err
		}
	}
	return list, a.Err()
}

// manyEntries is where searching a Map for a key that comes twice begins to
// cost more than an index.
const manyEntries = 32

// decodeMap returns a map that is not nil if it is there at all. When a key
// comes again its later value takes the earlier one's place.
func decodeMap[T any](d *awsjson.Decoder, s *awsjson.Shape, read func(*awsjson.Decoder, *T) error) (Map[T], error) {
	o, ok, err := d.Object(s)
	if err != nil || !ok {
		return nil, err
	}
	m := Map[T]{}
	var index map[string]int
	for o.Next() {
		var value *T
		if key := string(o.Key()); index != nil {
			if i, ok := index[key]; ok {
				value = &m[i].Value
			}
		} else {
			value = m.Get(key)
		}
		if value == nil {
			m = append(m, Entry[T]{Key: string(o.Key())})
			value = &m[len(m)-1].Value
			index = reindex(index, m)
		}
		var zero T
		*value = zero
		if err := read(d, value); err != nil {
			return nil, err
		}
	}
	return m, o.Err()
}

// reindex adds the newest entry to the index, which exists for long maps only.
func reindex[T any](index map[string]int, m Map[T]) map[string]int {
	if len(m) < manyEntries {
		return nil
	}
	if index == nil {
		index = make(map[string]int)
		for i, e := range m {
			index[e.Key] = i
		}
	}
	index[m[len(m)-1].Key] = len(m) - 1
	return index
}

var shapeStrings = awsjson.MapOf("")

func decodeStrings(d *awsjson.Decoder) (map[string]string, error) {
	o, ok, err := d.Object(&shapeStrings)
	if err != nil || !ok {
		return nil, err
	}
	m := make(map[string]string)
	for o.Next() {
		key := string(o.Key())
		v, ok, err := d.Str()
		if err != nil {
			return nil, err
		}
		if ok {
			m[key] = v
		}
	}
	return m, o.Err()
}

func readString(d *awsjson.Decoder, v *string) (err error) {
	*v, _, err = d.Str()
	return err
}

func readItem(d *awsjson.Decoder, v *attr.Item) (err error) {
	*v, _, err = attr.DecodeItem(d)
	return err
}

func readValue(d *awsjson.Decoder, v *attr.Value) (err error) {
	*v, _, err = attr.DecodeElement(d)
	return err
}

// refuseNull is the error where a required member is null and the request is
// read by a stricter decoder than most. The column is not ours.
func refuseNull(kind string) error {
	expected := "a string"
	switch kind {
	case "integer":
		expected = "i32"
	case "list":
		expected = "a sequence"
	}
	return &awsjson.Error{Message: "invalid type: null, expected " + expected + " at line 1 column 1"}
}
