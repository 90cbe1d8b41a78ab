package attr

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/awsjson"
)

func parse(t testing.TB, json string) Value {
	t.Helper()
	v, err := Parse(json)
	if err != nil {
		t.Fatalf("Parse(%s): %v", json, err)
	}
	return v
}

func TestNumbersAreNormalised(t *testing.T) {
	for in, want := range map[string]string{
		"+5": "5", "+1.5": "1.5", "+0": "0", "-0": "0", "+0.0": "0", "+1e2": "100", "1e+2": "100",
		"1.5E+3": "1500", "+.5": "0.5", ".5": "0.5", "5.": "5", "1.e5": "100000", "00042": "42",
		"+1e-2": "0.01", "1.23E10": "12300000000", "1.500": "1.5", "0e125": "0", "0042.1200": "42.12",
		"1E-38": "0." + strings.Repeat("0", 37) + "1", "-0.50": "-0.5", "100e-2": "1",
		"12345678901234567890123456789012345678":       "12345678901234567890123456789012345678",
		"9.9999999999999999999999999999999999999E+125": strings.Repeat("9", 38) + strings.Repeat("0", 88),
		"1E-130": "0." + strings.Repeat("0", 129) + "1",
	} {
		v, fault := ParseNumber(in)
		if fault != nil || string(v.Bytes()) != want {
			t.Errorf("%q is %v (%v), want %s", in, v, fault, want)
		}
	}
}

func TestNumbersThatAreRefused(t *testing.T) {
	const notNumeric = "The parameter cannot be converted to a numeric value: "
	for in, want := range map[string]string{
		"1E+126": overflow, "-1e126": overflow, "0e126": overflow, "1e2147483648": overflow, "-1e99999999999": overflow,
		"1e2147483647": overflow, "1E-131": underflow, "0e-131": underflow, "1e-99999999999": underflow,
		strings.Repeat("1", 39): Precision, "1." + strings.Repeat("1", 38): Precision,
		"1e9223372036854775808": notNumeric + "1e9223372036854775808",
	} {
		if _, fault := ParseNumber(in); fault == nil || fault.Message(Current) != want {
			t.Errorf("%q: %v, want %q", in, fault, want)
		}
	}
	for _, in := range []string{
		"", " 5", "5 ", "1 5", "+", "-", ".", "++5", "+-5", "-+5", "+1+2", "1+2", "+1.2.3", "1.2e3.4",
		"+e2", "e2", "1e", "1e+", "0x5", "1_000", "1e1_0", "NaN", "Infinity", "abc",
	} {
		if _, fault := ParseNumber(in); fault == nil || fault.Message(Current) != notNumeric+in {
			t.Errorf("%q: %v, want %q", in, fault, notNumeric+in)
		}
	}
}

func TestOlderLayerHasItsOwnWords(t *testing.T) {
	for json, want := range map[string]string{
		`{"N":""}`:                      "The parameter cannot be converted to a numeric value",
		`{"N":"1e2147483647"}`:          underflow,
		`{"SS":["b","a","b"]}`:          "One or more parameter values were invalid: Input collection [b, a, b] contains duplicates.",
		`{"BS":["/w==","AA==","AA=="]}`: "One or more parameter values were invalid: Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
		`{"NS":["2","1","2"]}`:          "Input collection contains duplicates",
	} {
		if got := parse(t, json).Fault().Message(Older); got != want {
			t.Errorf("%s: %q, want %q", json, got, want)
		}
	}
	for json, want := range map[string]string{
		`{"SS":["b","a","b"]}`:          `One or more parameter values were invalid: Input collection ["a", "b", "b"] contains duplicates.`,
		`{"BS":["/w==","AA==","AA=="]}`: `One or more parameter values were invalid: Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.`,
		`{"NS":["2","1","2.0"]}`:        "One or more parameter values were invalid: Input collection contains duplicates.",
	} {
		if got := parse(t, json).Fault().Message(Current); got != want {
			t.Errorf("%s: %q, want %q", json, got, want)
		}
	}
}

func TestNumberSizes(t *testing.T) {
	for in, want := range map[string]int{
		"0": 1, "1": 2, "12": 2, "123": 3, "1234": 3, "123456": 4, "1.5": 3, "-42": 3, "0042": 2, "100": 2, "1010": 3,
		"0.0000001": 2, "1E125": 2, "1E-100": 2, "15": 2, "-0": 1, "1.2": 3, "1.200": 3, "1.234": 4, "3.14159": 5,
		"100.5": 4, "0.15": 2, strings.Repeat("1", 38): 20,
	} {
		v, _ := ParseNumber(in)
		if got := v.Size(); got != want {
			t.Errorf("%s counts for %d bytes, want %d", in, got, want)
		}
	}
}

func TestItemSizes(t *testing.T) {
	for json, want := range map[string]int{
		`{}`:                                   0,
		`{"pk":{"S":"é"}}`:                     4,
		`{"a":{"L":[{"S":"xy"},{"N":"1"}]}}`:   1 + 3 + 1 + 2 + 1 + 2,
		`{"a":{"M":{"k":{"BOOL":true}}}}`:      1 + 3 + 1 + 1 + 1,
		`{"a":{"SS":["x","yy"]}}`:              1 + 3,
		`{"a":{"NS":["1","22"]}}`:              1 + 4,
		`{"a":{"B":"AAAA"},"n":{"NULL":true}}`: 1 + 3 + 1 + 1,
	} {
		i, err := ParseItem(json)
		if err != nil || i.Size() != want {
			t.Errorf("%s: size %d, want %d (%v)", json, i.Size(), want, err)
		}
	}
}

func TestEncodingIsCanonical(t *testing.T) {
	for _, pair := range [][2]string{
		{`{"b":{"N":"1.0"},"a":{"SS":["y","x"]}}`, `{"a":{"SS":["x","y"]},"b":{"N":"1"}}`},
		{`{"a":{"NS":["10","9","-1"]}}`, `{"a":{"NS":["-1","9","10"]}}`},
		{`{"a":{"S":"1"},"a":{"S":"2"}}`, `{"a":{"S":"2"}}`},
		{`{"m":{"M":{"z":{"L":[]},"y":{"S":null,"N":"1"}}}}`, `{"m":{"M":{"y":{"N":"1"},"z":{"L":[]}}}}`},
		{`{"a":{"BS":["/w==","AA=="]}}`, `{"a":{"BS":["AA==","/w=="]}}`},
		{
			`{"long":{"S":"` + strings.Repeat("x", 300) + `"},"l":{"L":[{"M":{"q":{"S":"` + strings.Repeat("y", 200) + `"}}}]}}`,
			`{"l":{"L":[{"M":{"q":{"S":"` + strings.Repeat("y", 200) + `"}}}]},"long":{"S":"` + strings.Repeat("x", 300) + `"}}`,
		},
	} {
		i, err := ParseItem(pair[0])
		if err != nil || i.String() != pair[1] {
			t.Errorf("%s\nis   %s\nwant %s (%v)", pair[0], i, pair[1], err)
		}
		if err := i.Check(); err != nil {
			t.Errorf("%s: %v", pair[0], err)
		}
		again, err := ParseItem(pair[1])
		if err != nil || !bytes.Equal(again, i) {
			t.Errorf("%s and %s have different bytes", pair[0], pair[1])
		}
	}
}

func nested(depth int) string {
	return strings.Repeat(`{"M":{"k":`, depth) + `{"S":"x"}` + strings.Repeat(`}}`, depth)
}

func TestFaultsAreRanked(t *testing.T) {
	for json, want := range map[string]string{
		`{"a":` + nested(31) + `}`:                          "",
		`{"a":` + nested(32) + `}`:                          Nesting,
		`{"a":{"N":"x"},"b":` + nested(40) + `}`:            Nesting,
		`{"a":` + nested(100) + `,"":{"S":"x"}}`:            "Empty attribute name",
		`{"":{"S":"x"},"a":` + nested(100) + `}`:            "Empty attribute name",
		`{"m":{"M":{"":{"S":"x"}}},"a":` + nested(40) + `}`: Nesting,
		`{"a":{"SS":[]}}`:                                   "One or more parameter values were invalid: An string set  may not be empty",
		`{"a":{"NS":[]}}`:                                   "One or more parameter values were invalid: An number set  may not be empty",
		`{"a":{"M":{"x":{"BS":[]}}}}`:                       "One or more parameter values were invalid: Binary sets should not be empty",
		`{"a":{"NULL":false}}`:                              "One or more parameter values were invalid: Null attribute value types must have the value of true",
		`{"a":{}}`:                                          "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"a":{"X":"y"}}`:                                   "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
		`{"a":{"S":"y","N":"1"}}`:                           "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
		`{"a":{"SS":["",""]}}`:                              `One or more parameter values were invalid: Input collection ["", ""] contains duplicates.`,
		`{"a":{"S":""},"b":{"B":""},"c":{"SS":[""]}}`:       "",
	} {
		i, err := ParseItem(json)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if f := i.Fault(); f != nil {
			got = f.Message(Current)
		}
		if got != want {
			t.Errorf("%.80s: %q, want %q", json, got, want)
		}
	}
	i, _ := ParseItem(`{":ok":{"S":"x"},":v":{"L":[{"N":"x"}]}}`)
	if f := i.Fault(); f.Name != ":v" || f.Depth != 1 {
		t.Errorf("fault is at %q, depth %d", f.Name, f.Depth)
	}
}

func TestSetsAndLists(t *testing.T) {
	a, b := parse(t, `{"SS":["a","c"]}`), parse(t, `{"SS":["b","c"]}`)
	if got := Union(a, b).String(); got != `{"SS":["a","b","c"]}` {
		t.Error(got)
	}
	if got := Subtract(a, b).String(); got != `{"SS":["a"]}` {
		t.Error(got)
	}
	if Subtract(a, a) != nil {
		t.Error("a set less itself should be nothing")
	}
	l := parse(t, `{"L":[{"S":"x"}]}`)
	if got := Concat(l, l); got.String() != `{"L":[{"S":"x"},{"S":"x"}]}` || got.Index(1).String() != `{"S":"x"}` || got.Index(2) != nil {
		t.Error(got)
	}
	if n := UTF16Len([]byte("a€😀")); n != 4 {
		t.Error(n)
	}
}

func TestArithmetic(t *testing.T) {
	for _, c := range [][3]string{
		{"1", "2", "3"}, {"0.1", "0.2", "0.3"}, {"-5", "5", "0"}, {"1e20", "1e-10", "100000000000000000000.0000000001"},
	} {
		x, _ := ParseNumber(c[0])
		y, _ := ParseNumber(c[1])
		got, fault := Add(x, y)
		if fault != nil || string(got.Bytes()) != c[2] {
			t.Errorf("%s + %s = %v (%v), want %s", c[0], c[1], got, fault, c[2])
		}
	}
	big, _ := ParseNumber("9e125")
	if _, fault := Add(big, big); fault == nil || fault.Message(Current) != overflow {
		t.Errorf("9e125 + 9e125: %v", fault)
	}
	small, _ := ParseNumber("1e-130")
	if _, fault := Add(big, small); fault == nil || fault.Message(Current) != Precision {
		t.Errorf("9e125 + 1e-130: %v", fault)
	}
}

// Small integers take a short cut, which must not show.
func TestSmallArithmetic(t *testing.T) {
	edges := []string{"0", "1", "-1", "9", "-10", "0.5", "-0.5", "1.50", "999999999999999999", "-99999999999999999", "-999999999999999999", "1000000000000000000", "9223372036854775807", "12345678901234567890123456789012345678"}
	for _, a := range edges {
		for _, b := range edges {
			x, _ := ParseNumber(a)
			y, _ := ParseNumber(b)
			sum, f1 := Add(x, y)
			want, f2 := calculate(x, y, arithmetic.Add)
			if !sum.Equal(want) || (f1 == nil) != (f2 == nil) {
				t.Errorf("%s + %s = %v, want %v", a, b, sum, want)
			}
			diff, f1 := Sub(x, y)
			want, f2 = calculate(x, y, arithmetic.Sub)
			if !diff.Equal(want) || (f1 == nil) != (f2 == nil) {
				t.Errorf("%s - %s = %v, want %v", a, b, diff, want)
			}
		}
	}
}

func randomNumber(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(2) == 0 {
		b.WriteByte('-')
	}
	for range 1 + r.IntN(5) {
		fmt.Fprint(&b, r.IntN(10))
	}
	if r.IntN(2) == 0 {
		b.WriteByte('.')
		for range 1 + r.IntN(5) {
			fmt.Fprint(&b, r.IntN(10))
		}
	}
	if r.IntN(3) == 0 {
		fmt.Fprintf(&b, "e%d", r.IntN(20)-10)
	}
	return b.String()
}

// keysOrderAsValues is the promise of the key codec.
func keysOrderAsValues(t *testing.T, v, w Value) {
	t.Helper()
	kv, kw := AppendKey(nil, v), AppendKey(nil, w)
	if got, want := bytes.Compare(kv, kw), Compare(v, w); got != want && (got < 0) != (want < 0) || (got == 0) != (want == 0) {
		t.Errorf("%s and %s compare as %d, their keys %x and %x as %d", v, w, want, kv, kw, got)
	}
}

func TestKeysOrderAsValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		v, f1 := ParseNumber(randomNumber(r))
		w, f2 := ParseNumber(randomNumber(r))
		if f1 != nil || f2 != nil {
			t.Fatal(f1, f2)
		}
		x, y := toDecimal(v), toDecimal(w)
		if got, want := Compare(v, w), x.Cmp(y); got < 0 != (want < 0) || got == 0 != (want == 0) {
			t.Fatalf("%s against %s: %d, want %d", v, w, got, want)
		}
		keysOrderAsValues(t, v, w)
	}
	parts := []string{"", "\x00", "\x00\x00", "\x00\x01", "\x00\xff", "\x01", "a", "a\x00", "a\x00b", "ab", "\xff"}
	for _, p := range parts {
		for _, q := range parts {
			keysOrderAsValues(t, Binary([]byte(p)), Binary([]byte(q)))
		}
	}
}

const sample = `{"pk":{"S":"customer#0001"},"sk":{"S":"order#2026-11-22T10:00:00Z"},"status":{"S":"shipped"},` +
	`"total":{"N":"129.95"},"paid":{"BOOL":true},"note":{"NULL":true},"tags":{"SS":["gift","express"]},"scores":{"NS":["1","2.5","10"]},` +
	`"blob":{"B":"AAECAwQFBgcICQ=="},"address":{"M":{"street":{"S":"1 Long Street"},"city":{"S":"Cape Town"},"geo":{"L":[{"N":"-33.92"},{"N":"18.42"}]}}},` +
	`"lines":{"L":[{"M":{"sku":{"S":"A-1"},"n":{"N":"2"}}},{"M":{"sku":{"S":"B-2"},"n":{"N":"1"}}}]},"gsi":{"S":"region-7"},"pad":{"S":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}`

func TestHotPathsDoNotAllocate(t *testing.T) {
	i, err := ParseItem(sample)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	body := []byte(sample)
	var d awsjson.Decoder
	for name, c := range map[string]struct {
		most float64
		f    func()
	}{
		"decode": {2, func() { d.Reset(body); _, _, err = DecodeItem(&d) }},
		"encode": {0, func() { buf = i.AppendJSON(buf[:0]) }},
		"get":    {0, func() { _ = i.Get("total") }},
		"size":   {0, func() { _ = i.Size(); _ = i.Map().Size() }},
	} {
		if got := testing.AllocsPerRun(200, c.f); got > c.most {
			t.Errorf("%s: %v allocations, want at most %v", name, got, c.most)
		}
	}
}

func BenchmarkDecodeItem(b *testing.B) {
	body := []byte(sample)
	var d awsjson.Decoder
	b.ReportAllocs()
	for b.Loop() {
		d.Reset(body)
		if _, _, err := DecodeItem(&d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	i, _ := ParseItem(sample)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = i.AppendJSON(buf[:0])
	}
}

func BenchmarkGet(b *testing.B) {
	i, _ := ParseItem(sample)
	for b.Loop() {
		_ = i.Get("status")
	}
}
