package table

import (
	"fmt"

	"github.com/statordb/stator/internal/attr"
)

// A Misfit is why an item or a key does not fit its table, in the service's
// words.
type Misfit struct {
	Reason  Reason
	Message string
}

func (m *Misfit) Error() string { return m.Message }

// A Reason says what kind of misfit it is. In a transaction it decides whether
// the whole request is refused or one action gives a reason for cancelling.
type Reason int

// The kinds of misfits.
const (
	WrongKey   Reason = iota // a key attribute is missing, too many, or of another type
	EmptyKey                 // a key attribute is an empty string or binary
	LongKey                  // a key attribute is over its limit
	WrongIndex               // an index key attribute is of another type
	EmptyIndex               // an index key attribute is an empty string or binary
)

// The limits of keys in bytes.
const (
	maxHashKey  = 2048
	maxRangeKey = 1024
)

const (
	invalidValues = "One or more parameter values were invalid: "
	notValid      = "One or more parameter values are not valid. "

	// KeyMismatch is what the service says of a key that does not have exactly
	// the attributes of the schema.
	KeyMismatch = "The provided key element does not match the schema"
)

// ItemKey returns where item, which is to be put, is stored, or a *Misfit.
func (t *Table) ItemKey(item attr.Item) ([]byte, error) {
	for _, k := range t.keys.All() {
		v := item.Get(k.Name)
		switch {
		case v == nil:
			return nil, &Misfit{WrongKey, invalidValues + "Missing the key " + k.Name + " in the item"}
		case v.Kind() != k.Kind:
			return nil, &Misfit{WrongKey, fmt.Sprintf("%sType mismatch for key %s expected: %s actual: %s", invalidValues, k.Name, k.Kind, v.Kind())}
		}
	}
	return t.checkedKey(item)
}

// Key returns where the item with the given key is stored, or a *Misfit.
func (t *Table) Key(key attr.Item) ([]byte, error) {
	for _, k := range t.keys.All() {
		if v := key.Get(k.Name); v == nil || v.Kind() != k.Kind {
			return nil, &Misfit{WrongKey, KeyMismatch}
		}
	}
	if key.Len() != len(t.keys.Hash)+len(t.keys.Range) {
		return nil, &Misfit{WrongKey, KeyMismatch}
	}
	return t.checkedKey(key)
}

// checkedKey checks the values of a key whose attributes are there and of the
// right types.
func (t *Table) checkedKey(item attr.Item) ([]byte, error) {
	for _, k := range t.keys.All() {
		if what := empty(item.Get(k.Name)); what != "" {
			return nil, &Misfit{EmptyKey, notValid + emptyKeyValue(what) + " Key: " + k.Name}
		}
	}
	if err := checkKeySizes(t.keys, item); err != nil {
		return nil, err
	}
	return t.itemKey(item), nil
}

// empty returns what v is if it is an empty string or binary, else "".
func empty(v attr.Value) string {
	if v == nil || len(v) > 1 {
		return ""
	}
	switch v.Kind() {
	case attr.S:
		return "string"
	case attr.B:
		return "binary"
	default:
		return ""
	}
}

func emptyKeyValue(what string) string {
	return "The AttributeValue for a key attribute cannot contain an empty " + what + " value."
}

func checkKeySizes(keys Keys, item attr.Item) error {
	for _, k := range keys.Hash {
		if v := item.Get(k.Name); v != nil && v.Size() > maxHashKey {
			// The missing space is AWS's own.
			return &Misfit{LongKey, invalidValues + "Size of hashkey has exceeded the maximum size limit of2048 bytes"}
		}
	}
	size := 0
	for _, k := range keys.Range {
		if v := item.Get(k.Name); v != nil {
			size += v.Size()
		}
	}
	if size > maxRangeKey {
		return &Misfit{LongKey, invalidValues + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"}
	}
	return nil
}

// CheckIndexKeys checks that the attributes of item that indexes are keyed on
// have the right types and are not empty, or returns a *Misfit. The service
// names the first index by name that has the attribute. Only the attributes
// that changed reports true for are checked; nil means all. An update is told
// of empty values in other words than a put.
func (t *Table) CheckIndexKeys(item attr.Item, changed func(name string) bool) error {
	for _, ix := range t.byName {
		any := false
		for _, k := range ix.keys.All() {
			if changed != nil && !changed(k.Name) {
				continue
			}
			any = true
			if err := checkIndexKey(ix, k, item.Get(k.Name), changed != nil); err != nil {
				return err
			}
		}
		if !any {
			continue
		}
		if err := checkKeySizes(ix.keys, item); err != nil {
			return err
		}
	}
	return nil
}

func checkIndexKey(ix *Index, k Key, v attr.Value, update bool) error {
	if v == nil {
		return nil
	}
	if v.Kind() != k.Kind {
		return &Misfit{WrongIndex, fmt.Sprintf("%sType mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", invalidValues, k.Name, k.Kind, v.Kind(), ix.Name)}
	}
	what := empty(v)
	switch {
	case what == "":
		return nil
	case update:
		return &Misfit{EmptyIndex, notValid + "The update expression attempted to update a secondary index key to a value that is not supported. " + emptyKeyValue(what)}
	default:
		return &Misfit{EmptyIndex, notValid + "A value specified for a secondary index key is not supported. " + emptyKeyValue(what) + " IndexName: " + ix.Name + ", IndexKey: " + k.Name}
	}
}

// StartKey returns the key after which a query or scan of ix, or of t itself if
// it is nil, goes on, given its ExclusiveStartKey. It reports false if that is
// not a key of the index.
func (t *Table) StartKey(ix *Index, start attr.Item) ([]byte, bool) {
	if start.Len() != len(t.KeyAttributes(ix)) {
		return nil, false
	}
	if ix == nil {
		return t.keys.appendKey(t.space(nil, nil), start)
	}
	if _, ok := t.keys.appendKey(nil, start); !ok {
		return nil, false
	}
	key := t.EntryKey(ix, start)
	return key, key != nil
}
