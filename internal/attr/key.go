package attr

import "bytes"

// Keys are compared as bytes in the store, so a key part is encoded such that
// bytes order as values do. Every part ends itself, so parts can be joined
// and compared one after another.
//
//	S, B   the bytes, with 00 written as 00 FF, and 00 01 at the end
//	N      a byte for the sign; for numbers other than 0 a byte for the
//	       exponent, two digits to a byte, and 00 at the end; for negative
//	       numbers all but the sign inverted
//
// A number has no more than 38 digits and exponents from -130 to 125, so an
// exponent takes a byte.
const (
	keyEscape   = 0xFF
	keyEnd      = 0x01
	keyNegative = 0x01
	keyZero     = 0x02
	keyPositive = 0x03
)

// AppendKey appends v, of kind S, N or B, as part of a key.
func AppendKey(dst []byte, v Value) []byte {
	if v.Kind() == N {
		return appendKeyNumber(dst, v.Bytes())
	}
	return append(AppendKeyPrefix(dst, v.Bytes()), 0, keyEnd)
}

// AppendKeyPrefix appends what the key parts of all strings, or of all
// binaries, that start with prefix have in common.
func AppendKeyPrefix(dst, prefix []byte) []byte {
	for {
		i := bytes.IndexByte(prefix, 0)
		if i < 0 {
			return append(dst, prefix...)
		}
		dst = append(dst, prefix[:i+1]...)
		dst = append(dst, keyEscape)
		prefix = prefix[i+1:]
	}
}

func appendKeyNumber(dst, n []byte) []byte {
	neg, whole, frac := plain(n)
	if len(whole)+len(frac) == 0 {
		return append(dst, keyZero)
	}
	sign, flip := byte(keyPositive), byte(0)
	if neg {
		sign, flip = keyNegative, 0xFF
	}
	exponent := len(whole) - 1
	if len(whole) == 0 {
		zeros := len(frac) - len(bytes.TrimLeft(frac, "0"))
		frac = frac[zeros:]
		exponent = -zeros - 1
	} else if len(frac) == 0 {
		whole = bytes.TrimRight(whole, "0")
	}
	dst = append(dst, sign, byte(exponent-minExponent)^flip)
	var high byte
	for i := range len(whole) + len(frac) {
		digit := byte(0)
		if i < len(whole) {
			digit = whole[i] - '0'
		} else {
			digit = frac[i-len(whole)] - '0'
		}
		if i%2 == 0 {
			high = digit
			continue
		}
		dst = append(dst, (high*10+digit+1)^flip)
	}
	if (len(whole)+len(frac))%2 == 1 {
		dst = append(dst, (high*10+1)^flip)
	}
	return append(dst, 0^flip)
}
