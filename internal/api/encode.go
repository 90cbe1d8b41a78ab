package api

import (
	"bytes"
	"math"
	"strconv"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/awsjson"
)

// name appends the name of a member of an object whose members begin at start.
func name(dst []byte, start int, quoted string) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return append(dst, quoted...)
}

func appendString(v *string, dst []byte) []byte { return awsjson.AppendString(dst, *v) }

func appendBool(v *bool, dst []byte) []byte { return strconv.AppendBool(dst, *v) }

func appendInt(v *int64, dst []byte) []byte { return strconv.AppendInt(dst, *v, 10) }

// appendDouble writes 1 as 1.0, as Java does; some clients show the difference.
func appendDouble(v *float64, dst []byte) []byte {
	start := len(dst)
	format := byte('f')
	if a := math.Abs(*v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, *v, format, -1, 64)
	if format == 'f' && bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendTimestamp writes seconds since 1970, to the millisecond.
func appendTimestamp(v *float64, dst []byte) []byte {
	return strconv.AppendFloat(dst, math.Round(*v*1000)/1000, 'f', -1, 64)
}

// An item or value that came in a request may be null or have a fault, when
// it is printed in a complaint.

func appendItem(v *attr.Item, dst []byte) []byte {
	if *v == nil || v.Fault() != nil {
		return append(dst, "null"...)
	}
	return v.AppendJSON(dst)
}

func appendValue(v *attr.Value, dst []byte) []byte { //nolint:unused // for a response with a value in it, once there is one
	if *v == nil || v.Fault() != nil {
		return append(dst, "null"...)
	}
	return v.AppendJSON(dst)
}

func appendItems(v *Items, dst []byte) []byte {
	dst = append(dst, '[')
	dst = append(dst, v.json...)
	return append(dst, ']')
}

func appendList[T any](dst []byte, list []T, element func(*T, []byte) []byte) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element(&list[i], dst)
	}
	return append(dst, ']')
}

func appendMap[T any](dst []byte, m Map[T], value func(*T, []byte) []byte) []byte {
	dst = append(dst, '{')
	for i := range m {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(awsjson.AppendString(dst, m[i].Key), ':')
		dst = value(&m[i].Value, dst)
	}
	return append(dst, '}')
}

// appendStrings leaves the order of names to the map, which has none.
func appendStrings(m *map[string]string, dst []byte) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for k, v := range *m {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(awsjson.AppendString(dst, k), ':')
		dst = awsjson.AppendString(dst, v)
	}
	return append(dst, '}')
}
