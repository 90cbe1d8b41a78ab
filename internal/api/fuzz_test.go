package api

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzDecode compares what DecodeRequest takes for JSON with what
// encoding/json does. The first byte chooses the operation.
func FuzzDecode(f *testing.F) {
	for i, o := range Operations {
		for _, body := range []string{`{}`, `{"TableName":"t","Unknown":[{}, 1.5e3, "\u00e9", null]}`, `[]`, `{"a":}`} {
			f.Add(byte(i), []byte(body))
		}
		for _, test := range checkTests {
			if test.operation == o.Name && len(test.body) < 1000 {
				f.Add(byte(i), []byte(test.body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, operation byte, body []byte) {
		in := Operations[int(operation)%len(Operations)].New()
		err := DecodeRequest(body, in)
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.Type != SerializationException):
			t.Fatalf("%v", err)
		case !json.Valid(body) && (err == nil || e.Message != ""):
			t.Fatalf("not JSON, and the answer is %v", err)
		case err != nil && e.Message == "" && decodable(body):
			t.Fatalf("JSON, and the answer is %v", err)
		}
		if err != nil {
			return
		}
		var c *Error
		if err := in.Check(); err != nil && !errors.As(err, &c) {
			t.Fatalf("Check: %v", err)
		}
	})
}

// decodable reports whether body is an object that no reader can call broken.
// Readers differ about depth, and encoding/json mends text that is not UTF-8.
func decodable(body []byte) bool {
	depth, deepest := 0, 0
	for _, c := range body {
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		deepest = max(deepest, depth)
	}
	var object map[string]any
	return utf8.Valid(body) && deepest < 100 && json.Unmarshal(body, &object) == nil && object != nil
}
