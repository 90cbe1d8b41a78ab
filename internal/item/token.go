package item

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// TokenLife is how long a client request token answers for its transaction.
const TokenLife = 10 * time.Minute

// A Token is what is stored for a client request token: when it was used, for
// what request, and on which tables.
type Token []byte

const (
	tokenRequest = 8
	tokenTables  = tokenRequest + sha256.Size
	tokenLen     = tokenTables + sha256.Size
)

// NewToken returns what to store for a token used at now. A table is given by
// its id, so that a token from before a table was deleted and made again does
// not answer for the new one.
func NewToken(request []byte, tableIDs []string, now time.Time) Token {
	token := binary.BigEndian.AppendUint64(make(Token, 0, tokenLen), uint64(now.UnixMilli()))
	sum := sha256.Sum256(request)
	token = append(token, sum[:]...)
	tables := sha256.New()
	for _, id := range tableIDs {
		tables.Write([]byte(id))
	}
	return tables.Sum(token)
}

// Expired reports whether the token no longer counts.
func (t Token) Expired(now time.Time) bool {
	if len(t) != tokenLen {
		return true
	}
	used := time.UnixMilli(int64(binary.BigEndian.Uint64(t)))
	return !now.Before(used.Add(TokenLife))
}

// SameTables reports whether both tokens were used on the same tables.
func (t Token) SameTables(u Token) bool { return bytes.Equal(t[tokenTables:], u[tokenTables:]) }

// SameRequest reports whether both tokens were used for the same request.
func (t Token) SameRequest(u Token) bool {
	return bytes.Equal(t[tokenRequest:tokenTables], u[tokenRequest:tokenTables])
}
