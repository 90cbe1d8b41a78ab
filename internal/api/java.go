package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/attr"
)

// The functions here and their generated companions print a value as Java's
// toString does, which is how the service repeats a list or map in a complaint.

func javaString(v *string, dst []byte) []byte { return append(dst, *v...) }

func javaInt(v *int64, dst []byte) []byte { return strconv.AppendInt(dst, *v, 10) }

func javaBool(v *bool, dst []byte) []byte { return strconv.AppendBool(dst, *v) }

func javaDouble(v *float64, dst []byte) []byte { return appendDouble(v, dst) }

func javaOpt[T any](dst []byte, name string, v *Opt[T], show func(*T, []byte) []byte) []byte {
	if !v.Set {
		return javaField(dst, name, nil, show)
	}
	return javaField(dst, name, &v.V, show)
}

// javaField prints a member of a structure; v is nil when it is absent.
func javaField[T any](dst []byte, name string, v *T, show func(*T, []byte) []byte) []byte {
	if dst[len(dst)-1] != '(' {
		dst = append(dst, ", "...)
	}
	dst = append(append(dst, name...), '=')
	if v == nil {
		return append(dst, "null"...)
	}
	return show(v, dst)
}

func javaList[T any](dst []byte, list []T, show func(*T, []byte) []byte) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = show(&list[i], dst)
	}
	return append(dst, ']')
}

func javaMap[T any](dst []byte, m Map[T], show func(*T, []byte) []byte) []byte {
	if m == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i := range m {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, m[i].Key...), '=')
		dst = show(&m[i].Value, dst)
	}
	return append(dst, '}')
}

func javaStrings(m *map[string]string, dst []byte) []byte { //nolint:unused // for a list or map of maps, once one is repeated
	if *m == nil {
		return append(dst, "null"...)
	}
	var sorted Map[string]
	for k, v := range *m {
		sorted = append(sorted, Entry[string]{k, v})
	}
	slices.SortFunc(sorted, func(a, b Entry[string]) int { return strings.Compare(a.Key, b.Key) })
	return javaMap(dst, sorted, javaString)
}

func javaItem(v *attr.Item, dst []byte) []byte {
	if *v == nil {
		return append(dst, "null"...)
	}
	var m Map[attr.Value]
	if v.Fault() == nil {
		m = Map[attr.Value]{}
		for name, value := range v.All() {
			m = append(m, Entry[attr.Value]{string(name), value})
		}
	}
	return javaMap(dst, m, javaValue)
}

// javaTypes are the members of AttributeValue in the service's own code.
var javaTypes = []struct{ wire, name string }{
	{"S", "s"},
	{"N", "n"},
	{"B", "b"},
	{"", "iNT"},
	{"", "dECIMAL"},
	{"", "dOUBLE"},
	{"SS", "sS"},
	{"NS", "nS"},
	{"BS", "bS"},
	{"", "iNTSET"},
	{"", "dECIMALSET"},
	{"", "dOUBLESET"},
	{"M", "m"},
	{"L", "l"},
	{"NULL", "nULL"},
	{"BOOL", "bOOL"},
}

func javaValue(v *attr.Value, dst []byte) []byte {
	if *v == nil {
		return append(dst, "null"...)
	}
	kind := ""
	if v.Fault() == nil {
		kind = v.Kind().String()
	}
	dst = append(dst, "AttributeValue("...)
	for i, t := range javaTypes {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(dst, t.name...), '=')
		if t.wire == kind && kind != "" {
			dst = javaContent(*v, dst)
		} else {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, ')')
}

func javaContent(v attr.Value, dst []byte) []byte {
	switch v.Kind() {
	case attr.M:
		m := Map[attr.Value]{}
		for name, value := range v.Fields() {
			m = append(m, Entry[attr.Value]{string(name), value})
		}
		return javaMap(dst, m, javaValue)
	case attr.L:
		list := []attr.Value{}
		for e := range v.Elements() {
			list = append(list, e)
		}
		return javaList(dst, list, javaValue)
	case attr.B:
		return javaBytes(len(v.Bytes()), dst)
	case attr.SS, attr.NS, attr.BS:
		list := []attr.Value{}
		for e := range v.Elements() {
			list = append(list, e)
		}
		return javaList(dst, list, func(m *attr.Value, dst []byte) []byte {
			if v.Kind() == attr.BS {
				return javaBytes(len(*m), dst)
			}
			return append(dst, *m...)
		})
	case attr.BOOL:
		return strconv.AppendBool(dst, v.Bool())
	case attr.NULL:
		return append(dst, "true"...)
	default:
		return append(dst, v.Bytes()...)
	}
}

func javaBytes(n int, dst []byte) []byte {
	size := strconv.Itoa(n)
	return append(dst, "java.nio.HeapByteBuffer[pos=0 lim="+size+" cap="+size+"]"...)
}
