package awsjson

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// A reading is one thing that can be read of a body; what it returns is what
// was read, nil for a null.
type reading func(d *Decoder) (any, error)

var (
	testMember  = Member("Thing")
	testElement = Element("Thing")
	testMap     = MapOf("Thing")
	testStrings = MapOf("")
	testLists   = MapOfLists("Thing")
)

var readings = map[string]reading{
	"String":  read((*Decoder).Str),
	"Boolean": read((*Decoder).Bool),
	"Integer": read((*Decoder).Int),
	"Long":    read((*Decoder).Long),
	"Double":  read((*Decoder).Double),
	"Blob": read(func(d *Decoder) (string, bool, error) {
		b, ok, err := d.Blob(nil)
		return string(b), ok, err
	}),
	"List":       array(&List),
	"structure":  object(&testMember),
	"element":    object(&testElement),
	"Map":        object(&testMap),
	"StringMap":  object(&testStrings),
	"MapOfLists": object(&testLists),
}

func read[T any](get func(*Decoder) (T, bool, error)) reading {
	return func(d *Decoder) (any, error) {
		v, ok, err := get(d)
		if !ok || err != nil {
			return nil, err
		}
		return v, nil
	}
}

func array(s *Shape) reading {
	return func(d *Decoder) (any, error) {
		a, ok, err := d.Array(s)
		if !ok || err != nil {
			return nil, err
		}
		n := 0
		for ; a.Next(); n++ {
			if err := d.Skip(); err != nil {
				return nil, err
			}
		}
		return n, a.Err()
	}
}

func object(s *Shape) reading {
	return func(d *Decoder) (any, error) {
		o, ok, err := d.Object(s)
		if !ok || err != nil {
			return nil, err
		}
		var keys []string
		for o.Next() {
			keys = append(keys, string(o.Key()))
			if err := d.Skip(); err != nil {
				return nil, err
			}
		}
		return strings.Join(keys, ","), o.Err()
	}
}

// from reads a whole body.
func from(body string, r reading) (any, error) {
	var d Decoder
	d.Reset([]byte(body))
	if err := d.Begin(); err != nil {
		return nil, err
	}
	v, err := r(&d)
	if err != nil {
		return nil, err
	}
	return v, d.End()
}

func TestValuesAreRead(t *testing.T) {
	for _, c := range []struct {
		kind, body string
		want       any
	}{
		{"String", `"a\n\"é\u00e9\ud83d\ude00"`, "a\n\"éé😀"},
		{"String", `""`, ""},
		{"String", ` null `, nil},
		{"Boolean", `true`, true},
		{"Boolean", `false`, false},
		{"Boolean", `null`, nil},
		{"Integer", `5`, int64(5)},
		{"Integer", `-2147483648`, int64(-2147483648)},
		{"Integer", `5.9`, int64(5)},
		{"Integer", `1e3`, int64(1000)},
		{"Integer", `null`, nil},
		{"Long", `9223372036854775807`, int64(9223372036854775807)},
		{"Double", `1.5e2`, 150.0},
		{"Double", `null`, nil},
		{"Blob", `"AAH/"`, "\x00\x01\xff"},
		{"Blob", `""`, ""},
		{"Blob", `"AA\u003d\u003d"`, "\x00"},
		{"Blob", `null`, nil},
		{"List", `[1, "a", {}]`, 3},
		{"List", `[]`, 0},
		{"List", `null`, nil},
		{"structure", `{"a": 1, "b": [2]}`, "a,b"},
		{"Map", `{}`, ""},
		{"Map", `null`, nil},
	} {
		if got, err := from(c.body, readings[c.kind]); err != nil || got != c.want {
			t.Errorf("%s of %s: %v (%v), want %v", c.kind, c.body, got, err, c.want)
		}
	}
}

// The words for a value of another type, as recorded. [1.30] [1.31] [1.32] [1.33]
// [1.34] [1.35] [1.36] [1.37]
func TestWrongTypesAreToldInTheServicesWords(t *testing.T) {
	const (
		structure = "Start of structure or map found where not expected"
		field     = "Unexpected field type"
		value     = "Unexpected value type in payload"
		inPackage = "com.amazonaws.dynamodb.v20120810."
	)
	scalar := func(to, class string) map[string]string {
		return map[string]string{
			`true`: "TRUE_VALUE cannot be converted to " + to, `false`: "FALSE_VALUE cannot be converted to " + to,
			`23`: "NUMBER_VALUE cannot be converted to " + to, `-1.5`: "DECIMAL_VALUE cannot be converted to " + to, `"23"`: "STRING_VALUE cannot be converted to " + to,
			`[]`: "Unrecognized collection type class " + class, `{}`: structure,
		}
	}
	without := func(m map[string]string, bodies ...string) map[string]string {
		for _, b := range bodies {
			delete(m, b)
		}
		return m
	}
	container := func(scalar, array string) map[string]string {
		m := map[string]string{}
		for _, b := range []string{`true`, `false`, `23`, `1.5`, `"23"`} {
			m[b] = scalar
		}
		if array != "" {
			m[`[]`] = "Unrecognized collection type " + array
		}
		return m
	}
	boolean := without(scalar("Boolean", "java.lang.Boolean"), `true`, `false`)
	boolean[`"true"`], boolean[`"23"`] = "Unexpected token received from parser", "Unexpected token received from parser"
	blob := map[string]string{
		`[]`: "Unrecognized collection type class java.nio.ByteBuffer", `{}`: structure,
		`"23456"`: "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
		`"=+/="`:  "Invalid last non-pad Base64 character dectected",
		`"AA=A"`:  "Invalid last non-pad Base64 character dectected",
		`"A?=="`:  "Invalid base 64 character: '?'",
		`"A A="`:  "Invalid base 64 character: ' '",
	}
	for _, b := range []string{`true`, `false`, `23`, `1.5`} {
		blob[b] = "only base-64-encoded strings are convertible to bytes"
	}
	list := container(field, "")
	list[`{}`] = structure
	for kind, cases := range map[string]map[string]string{
		"String":     without(scalar("String", "java.lang.String"), `"23"`),
		"Boolean":    boolean,
		"Integer":    without(scalar("Integer", "java.lang.Integer"), `23`, `-1.5`),
		"Long":       without(scalar("Long", "java.lang.Long"), `23`, `-1.5`),
		"Double":     without(scalar("Double", "java.lang.Double"), `23`, `-1.5`),
		"Blob":       blob,
		"List":       list,
		"Map":        container(field, "java.util.Map<java.lang.String, "+inPackage+"Thing>"),
		"StringMap":  container(field, "java.util.Map<java.lang.String, java.lang.String>"),
		"MapOfLists": container(field, "java.util.Map<java.lang.String, java.util.List<"+inPackage+"Thing>>"),
		"structure":  container(field, "class "+inPackage+"Thing"),
		"element":    container(value, "class "+inPackage+"Thing"),
	} {
		for body, want := range cases {
			var e *Error
			if _, err := from(body, readings[kind]); !errors.As(err, &e) || e.Message != want {
				t.Errorf("%s of %s: %v, want %q", kind, body, err, want)
			}
		}
	}
}

// A body that is no JSON gets no words, even if a type in it is wrong first. [1.17]
func TestBrokenBodiesAreToldNothing(t *testing.T) {
	for _, body := range []string{
		``, ` `, `x`, `"`, `"a`, `"a" "b"`, `"a"{"":`, `{}[1,`, `tru`, `nul`, `5x`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1}}`, `[1,]`, `[1 2]`, `[`, `{"a":1`, `'a'`, "\"\xff\"", "\"\x01\"", `"\x"`, `"\u12"`, `01`, `1.`, `.5`, `+1`, `NaN`,
		strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000),
	} {
		for kind, r := range readings {
			var e *Error
			if _, err := from(body, r); !errors.As(err, &e) || e.Message != "" {
				t.Errorf("%s of %.20s: %v, want no message", kind, body, err)
			}
		}
	}
}

func TestAppendStringIsRead(t *testing.T) {
	for _, s := range []string{"", "plain", `"\`, "\n\r\t\b\f\x00\x1f", "é😀\u2028\u2029", "</script>&", "\x7f"} {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil || got != s {
			t.Errorf("%q comes back as %q (%v)", s, got, err)
		}
	}
	if got := string(AppendBlob([]byte("x"), []byte{0, 255})); got != `x"AP8="` {
		t.Error(got)
	}
}

// FuzzDecoder compares what is JSON, and what strings and numbers are, with
// package encoding/json. The first byte chooses what is read.
func FuzzDecoder(f *testing.F) {
	kinds := slices.Sorted(maps.Keys(readings))
	for i := range kinds {
		for _, body := range []string{`"a\u00e9\ud800"`, `-12.5e+1`, `[1,{"a":null}]`, `{"a":[true,false],"b":{}}`, `nul`, `"AAA="`, `99999999999999999999`} {
			f.Add(byte(i), []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		name := kinds[int(kind)%len(kinds)]
		got, err := from(string(body), readings[name])
		valid := utf8.Valid(body) && json.Valid(body) && depth(body) < 1000
		var e *Error
		switch {
		case err != nil && !errors.As(err, &e):
			t.Fatalf("%v", err)
		case !valid && (err == nil || e.Message != "") && depth(body) < 1000:
			t.Fatalf("%s of %q, which is not JSON: %v (%v)", name, body, got, err)
		case valid && err != nil && e.Message == "":
			t.Fatalf("%s of %q, which is JSON: %v", name, body, err)
		case err != nil || !valid:
			return
		}
		var want any
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		switch want := want.(type) {
		case nil:
			if got != nil {
				t.Errorf("null is %v", got)
			}
		case string:
			if name == "String" && got != want {
				t.Errorf("%s is %q, want %q", body, got, want)
			}
		case float64:
			if n, ok := got.(int64); ok && float64(n) != float64(int64(want)) {
				t.Errorf("%s is %v, want %v", body, got, want)
			}
			if x, ok := got.(float64); ok && x != want {
				t.Errorf("%s is %v, want %v", body, strconv.FormatFloat(x, 'g', -1, 64), want)
			}
		case []any:
			if got != len(want) {
				t.Errorf("%s has %v elements, want %d", body, got, len(want))
			}
		}
	})
}

// depth is how deep body is nested at most.
func depth(body []byte) int {
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
	return deepest
}
