package attr

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/cockroachdb/apd/v3"
)

// A number is in plain decimal once it is read: no exponent, no plus sign, no
// zero that could be left out, no minus before 0. So it can be compared, and
// its size told, without being parsed.
const (
	maxDigits   = 38
	maxExponent = 125  // of the first significant digit
	minExponent = -130 // likewise
)

// ParseNumber returns s as a value of kind N, or a Fault.
func ParseNumber(s string) (Value, *Fault) {
	b, kind := appendNumber([]byte{byte(N)}, []byte(s))
	if kind != 0 {
		return nil, &Fault{Kind: kind, Sent: []string{s}}
	}
	return b, nil
}

// decimal is a number cut into its parts, none of them copied.
type decimal struct {
	neg      bool
	whole    []byte // digits before the point
	frac     []byte // digits after it
	exponent int64
}

// cut splits lit by the grammar that AWS accepts (observed October 2026):
//
//	[+-]? (digits [. digits?] | . digits) ([eE] [+-]? digits)?
func cut(lit []byte) (d decimal, ok bool) {
	if len(lit) > 0 && (lit[0] == '+' || lit[0] == '-') {
		d.neg = lit[0] == '-'
		lit = lit[1:]
	}
	d.whole, lit = digits(lit)
	if len(lit) > 0 && lit[0] == '.' {
		d.frac, lit = digits(lit[1:])
	}
	if len(d.whole)+len(d.frac) == 0 {
		return d, false
	}
	if len(lit) == 0 {
		return d, true
	}
	if lit[0] != 'e' && lit[0] != 'E' {
		return d, false
	}
	exp, err := strconv.ParseInt(string(lit[1:]), 10, 64)
	d.exponent = exp
	return d, err == nil
}

func digits(b []byte) (run, rest []byte) {
	i := 0
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return b[:i], b[i:]
}

// wrapping is the exponent at which the older layer's arithmetic wraps.
const wrapping = 1<<31 - 1

// appendNumber appends lit in plain decimal. A kind that is not 0 says why lit
// is no number.
func appendNumber(dst, lit []byte) ([]byte, FaultKind) {
	d, ok := cut(lit)
	if !ok {
		return dst, NotNumeric
	}
	if fault := d.magnitude(); fault != 0 {
		return dst, fault
	}
	return d.append(dst)
}

// magnitude checks that d is within range. Zero is judged by the exponent it
// was written with.
func (d *decimal) magnitude() FaultKind {
	exp := d.exponent
	if exp < 1<<32 && exp > -1<<32 { // far beyond any body's number of digits
		if w := bytes.TrimLeft(d.whole, "0"); len(w) > 0 {
			exp += int64(len(w)) - 1
		} else if f := bytes.TrimLeft(d.frac, "0"); len(f) > 0 {
			exp -= int64(len(d.frac)-len(f)) + 1
		}
	}
	switch {
	case exp > maxExponent && d.exponent == wrapping:
		return NumberWrapped
	case exp > maxExponent:
		return NumberOverflow
	case exp < minExponent:
		return NumberUnderflow
	}
	return 0
}

// append writes d, whose magnitude is within range.
func (d *decimal) append(dst []byte) ([]byte, FaultKind) {
	whole, frac := bytes.TrimLeft(d.whole, "0"), bytes.TrimRight(d.frac, "0")
	if d.exponent == 0 && len(whole)+len(frac) <= maxDigits {
		return appendPlain(dst, d.neg, whole, frac), 0 // nearly all numbers
	}
	// The digits of d without leading and trailing zeros, and where its point
	// stands among them.
	all := append(append(make([]byte, 0, 64), d.whole...), d.frac...)
	point := len(d.whole)
	lead := len(all) - len(bytes.TrimLeft(all, "0"))
	all, point = all[lead:], point-lead
	all = bytes.TrimRight(all, "0")
	if len(all) == 0 {
		return append(dst, '0'), 0
	}
	if len(all) > maxDigits {
		return dst, NumberPrecision
	}
	point += int(d.exponent)
	switch {
	case point <= 0:
		frac := append(bytes.Repeat([]byte{'0'}, -point), all...)
		return appendPlain(dst, d.neg, nil, frac), 0
	case point >= len(all):
		whole := append(all, bytes.Repeat([]byte{'0'}, point-len(all))...)
		return appendPlain(dst, d.neg, whole, nil), 0
	default:
		return appendPlain(dst, d.neg, all[:point], all[point:]), 0
	}
}

func appendPlain(dst []byte, neg bool, whole, frac []byte) []byte {
	if len(whole)+len(frac) == 0 {
		return append(dst, '0')
	}
	if neg {
		dst = append(dst, '-')
	}
	if len(whole) == 0 {
		dst = append(dst, '0')
	}
	dst = append(dst, whole...)
	if len(frac) > 0 {
		dst = append(dst, '.')
		dst = append(dst, frac...)
	}
	return dst
}

// plain cuts a number in plain decimal; whole has no leading zero, so it is
// empty below 1.
func plain(n []byte) (neg bool, whole, frac []byte) {
	if n[0] == '-' {
		neg, n = true, n[1:]
	}
	whole = n
	if i := bytes.IndexByte(n, '.'); i >= 0 {
		whole, frac = n[:i], n[i+1:]
	}
	if whole[0] == '0' {
		whole = nil
	}
	return neg, whole, frac
}

func compareNumbers(a, b []byte) int {
	an, aw, af := plain(a)
	bn, bw, bf := plain(b)
	if an != bn {
		if an {
			return -1
		}
		return 1
	}
	c := len(aw) - len(bw)
	if c == 0 {
		c = bytes.Compare(aw, bw)
	}
	if c == 0 {
		c = bytes.Compare(af, bf)
	}
	if an {
		c = -c
	}
	return c
}

// numberSize returns how many bytes a number in plain decimal counts for.
// Measured on AWS, August 2026.
func numberSize(n []byte) int {
	neg, whole, frac := plain(n)
	if len(frac) == 0 {
		whole = bytes.TrimRight(whole, "0")
	}
	if len(whole) == 0 {
		frac = bytes.TrimLeft(frac, "0")
	}
	size := 1 + (len(whole)+1)/2 + (len(frac)+1)/2
	if neg {
		size++
	}
	return size
}

func checkNumber(n []byte) error {
	again, kind := appendNumber(nil, n)
	return okIf(kind == 0 && bytes.Equal(again, n))
}

var arithmetic = apd.Context{
	Precision:   maxDigits,
	MaxExponent: apd.MaxExponent,
	MinExponent: apd.MinExponent,
	Traps:       apd.Inexact | apd.Overflow | apd.Underflow | apd.InvalidOperation,
	Rounding:    apd.RoundHalfUp,
}

// Add returns the exact sum of two numbers.
func Add(v, w Value) (Value, *Fault) {
	x, ok := v.small()
	if y, too := w.small(); ok && too {
		return Int(x + y), nil
	}
	return calculate(v, w, arithmetic.Add)
}

// Sub returns v less w, exactly.
func Sub(v, w Value) (Value, *Fault) {
	x, ok := v.small()
	if y, too := w.small(); ok && too {
		return Int(x - y), nil
	}
	return calculate(v, w, arithmetic.Sub)
}

// small returns v if it is an integer that cannot overflow with another such.
// Nearly all numbers that are calculated with are counters.
func (v Value) small() (i int64, ok bool) {
	n := v.Bytes()
	if len(n) > 18 {
		return 0, false
	}
	neg := n[0] == '-'
	if neg {
		n = n[1:]
	}
	for _, c := range n {
		if c == '.' {
			return 0, false
		}
		i = 10*i + int64(c-'0')
	}
	if neg {
		i = -i
	}
	return i, true
}

type operation func(d, x, y *apd.Decimal) (apd.Condition, error)

// calculate applies op. A result that needs more than 38 digits, or is out of
// range, is a Fault.
func calculate(v, w Value, op operation) (Value, *Fault) {
	x, y := toDecimal(v), toDecimal(w)
	var sum apd.Decimal
	if _, err := op(&sum, x, y); err != nil {
		return nil, &Fault{Kind: NumberPrecision}
	}
	if sum.IsZero() {
		sum.Exponent = 0
	}
	b, kind := appendNumber([]byte{byte(N)}, sum.Append(nil, 'E'))
	if kind != 0 {
		return nil, &Fault{Kind: kind}
	}
	return b, nil
}

func toDecimal(v Value) *apd.Decimal {
	d, _, err := apd.NewFromString(string(v.Bytes()))
	if err != nil {
		panic(errors.Join(errCorrupt, err)) // a stored number is always plain
	}
	return d
}

// Int returns i as a value of kind N.
func Int(i int64) Value {
	var buf [20]byte
	return append(Value{byte(N)}, strconv.AppendInt(buf[:0], i, 10)...)
}
