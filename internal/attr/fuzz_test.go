package attr

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
)

// FuzzNumber checks the number codec against a package for arithmetic: what is
// accepted has the value that was written, in a form of its own; two numbers
// compare, and their keys do, as their values.
func FuzzNumber(f *testing.F) {
	for _, pair := range [][2]string{
		{"0", "-0"},
		{"1e125", "9.9e125"},
		{"-1E-130", "1e-130"},
		{"+.5", "5."},
		{"00012.3400", "12.34"},
		{"99999999999999999999999999999999999999", "1e37"},
		{"0.00000000000000000000000000000000000001", "-10"},
		{"1e2147483647", "1e2147483648"},
		{"1e-9223372036854775808", "0e126"},
		{"1_0", "Infinity"},
		{"-100.5", "-100.05"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		v, w := number(t, a), number(t, b)
		if v == nil || w == nil {
			return
		}
		if got, want := Compare(v, w), toDecimal(v).Cmp(toDecimal(w)); got < 0 != (want < 0) || got == 0 != (want == 0) {
			t.Errorf("%s against %s: %d, want %d", v, w, got, want)
		}
		if v.Equal(w) != (Compare(v, w) == 0) {
			t.Errorf("%s and %s are equal and are not", v, w)
		}
		keysOrderAsValues(t, v, w)
		for _, op := range []func(v, w Value) (Value, *Fault){Add, Sub} {
			if got, fault := op(v, w); fault == nil && got.Check() != nil {
				t.Errorf("%s and %s make %q", v, w, got)
			}
		}
	})
}

// number returns s as a value, nil if it is none, after comparing it with what
// package apd takes it for.
func number(t *testing.T, s string) Value {
	v, fault := ParseNumber(s)
	if fault != nil {
		if fault.Message(Current) == "" || fault.Message(Older) == "" {
			t.Errorf("%q is refused without a word", s)
		}
		return nil
	}
	if err := v.Check(); err != nil {
		t.Fatalf("%q is %q: %v", s, v, err)
	}
	again, fault := ParseNumber(string(v.Bytes()))
	if fault != nil || !again.Equal(v) {
		t.Errorf("%q is %s, and that is %s (%v)", s, v, again, fault)
	}
	want, _, err := apd.NewFromString(s)
	if err != nil || want.Cmp(toDecimal(v)) != 0 {
		t.Errorf("%q is %s, want %v (%v)", s, v, want, err)
	}
	if size := v.Size(); size < 1 || size > 21 {
		t.Errorf("%s has size %d", v, size)
	}
	return v
}

// FuzzKeyOrder checks that parts of keys order as their values, and that one
// after another they order as pairs do; no part is the beginning of another.
func FuzzKeyOrder(f *testing.F) {
	f.Add([]byte(""), []byte("\x00"), []byte("a"), []byte("b"))
	f.Add([]byte("\x00\xff"), []byte("\x00"), []byte("\x01"), []byte(""))
	f.Add([]byte("a"), []byte("a\x00\x01"), []byte(""), []byte("b"))
	f.Fuzz(func(t *testing.T, a, b, c, d []byte) {
		v, w, x, y := Binary(a), Binary(b), Binary(c), Binary(d)
		keysOrderAsValues(t, v, w)
		want := Compare(v, w)
		if want == 0 {
			want = Compare(x, y)
		}
		if got := bytes.Compare(AppendKey(AppendKey(nil, v), x), AppendKey(AppendKey(nil, w), y)); got != want {
			t.Errorf("%q, %q against %q, %q: %d, want %d", a, c, b, d, got, want)
		}
		prefix := AppendKeyPrefix(nil, a)
		if got, want := bytes.HasPrefix(AppendKey(nil, w), prefix), bytes.HasPrefix(b, a); got != want {
			t.Errorf("%q begins with %q: %v, want %v", b, a, got, want)
		}
		kv, kw := AppendKey(nil, v), AppendKey(nil, w)
		if !bytes.Equal(kv, kw) && (bytes.HasPrefix(kv, kw) || bytes.HasPrefix(kw, kv)) {
			t.Errorf("one of the keys of %q and %q is the beginning of the other", a, b)
		}
	})
}

// FuzzItem checks the item codec both ways: JSON that is accepted becomes an
// item that passes Check, and back again without loss; bytes that pass Check
// are such an item.
func FuzzItem(f *testing.F) {
	for _, json := range []string{
		sample, `{}`, `{"a":{"S":""},"b":{"NS":["1","-2.50"]},"c":{"BS":["AA==",""]}}`, `{"a":{"M":{"":{"L":[]}}}}`, `{"a":{"SS":["x","x"]}}`, `{"":{"S":"x"}}`,
		`{"a":{"S":"x","N":"1"}}`, `{"a":null,"a":{"NULL":true}}`, `{"a":{"L":[{"L":[{"BOOL":false}]}]}}`, `{"k":{"S":"` + strings.Repeat("x", 200) + `"}}`, `{"a":{"N":"1e126"}}`,
	} {
		f.Add([]byte(json))
		if i, err := ParseItem(json); err == nil {
			f.Add([]byte(i))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if i := Item(data); i.Check() == nil {
			roundTrip(t, i)
		}
		_ = Value(data).Check() // must not panic
		i, err := ParseItem(string(data))
		if err != nil || i == nil || !utf8.Valid(data) { // which Decoder.Begin says
			return
		}
		if fault := i.Fault(); fault != nil {
			if fault.Message(Current) == "" || fault.Message(Older) == "" {
				t.Errorf("%s is refused without a word", data)
			}
			return
		}
		if err := i.Check(); err != nil {
			t.Fatalf("%s is %q: %v", data, i, err)
		}
		roundTrip(t, i)
	})
}

// roundTrip checks that i comes back from JSON as it was, and says its size.
func roundTrip(t *testing.T, i Item) {
	t.Helper()
	json := i.AppendJSON(nil)
	again, err := ParseItem(string(json))
	if err != nil || !bytes.Equal(again, i) {
		t.Fatalf("%q is %s, and that is %q (%v)", i, json, again, err)
	}
	size := 0
	for name, v := range i.All() {
		size += len(name) + v.Size()
		if !v.Equal(i.Get(string(name))) {
			t.Errorf("%q of %s is not itself", name, json)
		}
	}
	if size != i.Size() {
		t.Errorf("%s has size %d, and says %d", json, size, i.Size())
	}
}
