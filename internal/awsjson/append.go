package awsjson

import (
	"encoding/base64"

	"github.com/go-faster/jx"
)

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	w := jx.Writer{Buf: dst}
	if b, ok := any(s).([]byte); ok {
		w.ByteStr(b)
	} else {
		w.Str(any(s).(string))
	}
	return w.Buf
}

// AppendBlob appends b as a JSON string of base64.
func AppendBlob(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}
