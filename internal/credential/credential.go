// Package credential knows how an access key holds an account, and makes such
// keys. It verifies no signature: a key says whose it is, and that is believed.
package credential

import (
	"crypto/rand"
	"encoding/base32"
	"strconv"
	"strings"
)

// DefaultAccount is the account of keys that hold none.
const DefaultAccount = "000000000000"

// Keys are the rules of access keys. The zero value is LocalStack's.
type Keys struct {
	// Parity has keys be read and made that look like those of AWS, AKIA… and
	// ASIA…. Otherwise such a key holds no account: a real one that comes here
	// by mistake must not lead into a real account's tables.
	Parity bool
}

// A key is 20 letters and digits: what kind it is, the account, and what makes
// it unlike others. The account is a number of 40 bits, and all but the lowest
// of them stand in eight digits of base 32, after a bit that is always set. The
// lowest is the top bit of the next digit.
const (
	kindLen    = 4
	accountEnd = 12
	keyLen     = 20
	alwaysSet  = 1 << 39
	highest    = 999999999999
)

// Account returns the account an access key belongs to: the one that it begins
// with, the one that is encoded in it, or the default one.
func (k Keys) Account(key string) string {
	if len(key) >= len(DefaultAccount) && allDigits(key[:len(DefaultAccount)]) {
		return key[:len(DefaultAccount)]
	}
	if len(key) < keyLen {
		return DefaultAccount
	}
	switch key[:kindLen] {
	case "LSIA", "LKIA":
		return decode(key)
	case "ASIA", "AKIA":
		if k.Parity {
			return decode(key)
		}
	}
	return DefaultAccount
}

// New returns a new temporary access key of an account, which must be one of
// twelve digits.
func (k Keys) New(account string) string {
	kind := "LSIA"
	if k.Parity {
		kind = "ASIA"
	}
	return encode(kind, account)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func decode(key string) string {
	var half [5]byte
	if _, err := base32.StdEncoding.Decode(half[:], []byte(key[kindLen:accountEnd])); err != nil {
		return DefaultAccount
	}
	n := int64(half[0])<<32 | int64(half[1])<<24 | int64(half[2])<<16 | int64(half[3])<<8 | int64(half[4])
	n = 2 * (n - alwaysSet)
	if c := key[accountEnd]; (c >= 'Q' && c <= 'Z') || (c >= '2' && c <= '7') {
		n++
	}
	if n < 0 || n > highest {
		return DefaultAccount
	}
	digits := strconv.FormatInt(n, 10)
	return DefaultAccount[len(digits):] + digits
}

func encode(kind, account string) string {
	n, err := strconv.ParseInt(account, 10, 64)
	if err != nil || n < 0 || n > highest {
		panic("credential: " + account + " is no account")
	}
	half := n/2 + alwaysSet
	bytes := [5]byte{byte(half >> 32), byte(half >> 24), byte(half >> 16), byte(half >> 8), byte(half)}
	unlike := []byte(rand.Text())[:keyLen-accountEnd] // digits of base 32, too
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	at := strings.IndexByte(digits, unlike[0])%16 + int(n%2)*16
	unlike[0] = digits[at]
	return kind + base32.StdEncoding.EncodeToString(bytes[:]) + string(unlike)
}
