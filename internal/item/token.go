package item

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"github.com/statordb/stator/internal/table"
)

// TokenLife is how long a client request token answers for its transaction.
const TokenLife = 10 * time.Minute

// A Token is what is stored for a client request token: when it was used, a
// digest of the request, and the tables that the request was about, each by
// name and id. A nil Token was never used.
type Token []byte

const (
	tokenRequest = 8
	tokenTables  = tokenRequest + sha256.Size
)

// NewToken returns what to store for a token used at now.
func NewToken(request []byte, tables []*table.Table, now time.Time) Token {
	token := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	sum := sha256.Sum256(request)
	token = append(token, sum[:]...)
	for _, t := range tables {
		for _, s := range []string{t.Name, t.ID} {
			token = append(token, byte(len(s))) // neither is longer than 255
			token = append(token, s...)
		}
	}
	return token
}

// Expired reports whether the token no longer counts.
func (t Token) Expired(now time.Time) bool {
	if len(t) < tokenTables {
		return true
	}
	used := time.UnixMilli(int64(binary.BigEndian.Uint64(t)))
	return !now.Before(used.Add(TokenLife))
}

// Check reports whether t is what NewToken returns. The other methods but Expired
// rely on it.
func (t Token) Check() error {
	if len(t) < tokenTables {
		return errToken
	}
	strings := 0
	for rest := t[tokenTables:]; len(rest) > 0; strings++ {
		n := 1 + int(rest[0])
		if len(rest) < n {
			return errToken
		}
		rest = rest[n:]
	}
	if strings%2 != 0 {
		return errToken
	}
	return nil
}

var errToken = errors.New("item: damaged token")

// SameRequest reports whether both tokens were used for the same request.
func (t Token) SameRequest(u Token) bool {
	return bytes.Equal(t[tokenRequest:tokenTables], u[tokenRequest:tokenTables])
}

// Tables returns the names and ids of the tables that the token was used on.
// It does not outlive a table: one used on a table that has been deleted since
// does not answer for a new table of the same name.
func (t Token) Tables() iter.Seq2[string, string] {
	return func(yield func(name, id string) bool) {
		rest := t[tokenTables:]
		next := func() string {
			n := 1 + int(rest[0])
			s := string(rest[1:n])
			rest = rest[n:]
			return s
		}
		for len(rest) > 0 {
			if !yield(next(), next()) {
				return
			}
		}
	}
}
