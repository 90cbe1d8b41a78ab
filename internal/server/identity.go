package server

import (
	"encoding/base32"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultAccount = "000000000000"
	defaultRegion  = "us-east-1"
)

// identity returns the access key of a request, and the account and region it
// speaks for, from the credential in its Authorization header or its query. Signatures are not
// verified: any key is right, and a request without one has the defaults.
func identity(r *http.Request) (key, account, region string) {
	if auth := r.Header["Authorization"]; len(auth) > 0 {
		return parseCredential(credentialOf(auth[0]))
	}
	if !strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		return "", defaultAccount, defaultRegion
	}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	return parseCredential(query.Get("X-Amz-Credential"))
}

// credentialOf returns the value of Credential in an Authorization header
// such as
//
//	AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/dynamodb/aws4_request, SignedHeaders=…, Signature=…
func credentialOf(auth string) string {
	_, rest, found := strings.Cut(auth, "Credential=")
	if !found {
		return ""
	}
	if end := strings.IndexAny(rest, ", \t"); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// parseCredential splits "key/date/region/service/aws4_request". It is read
// from the end, because a key may hold slashes and the scope does not.
func parseCredential(cred string) (key, account, region string) {
	scope := cred
	for range 2 { // service and terminator
		i := strings.LastIndexByte(scope, '/')
		if i < 0 {
			return cred, accountOf(cred), defaultRegion
		}
		scope = scope[:i]
	}
	rest, region := cutLast(scope)
	key, _ = cutLast(rest)
	return key, accountOf(key), regionOf(region)
}

func cutLast(s string) (before, after string) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// regionOf returns the region a scope names. NoSQL Workbench and others say
// "local" or "localhost" for the default one. A region that could not be part
// of an ARN is the default one, too.
func regionOf(name string) string {
	switch name {
	case defaultRegion, "", "local", "localhost":
		return defaultRegion
	}
	if len(name) > 64 {
		return defaultRegion
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return defaultRegion
		}
	}
	return name
}

// accountOf returns the account an access key belongs to: the one it begins
// with, the one that is encoded in it, or the default one.
func accountOf(key string) string {
	if len(key) >= 12 && allDigits(key[:12]) {
		return key[:12]
	}
	if len(key) >= 20 && (key[:4] == "LSIA" || key[:4] == "LKIA") {
		return decodeAccount(key)
	}
	return defaultAccount
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// decodeAccount reads the account from an access key made by LocalStack, whose
// characters 5 to 12 hold it in base 32, offset and halved; the lost bit is
// the top one of character 13.
func decodeAccount(key string) string {
	const (
		offset = 549755813888
		max    = 999999999999
	)
	var half [5]byte
	if _, err := base32.StdEncoding.Decode(half[:], []byte(key[4:12])); err != nil {
		return defaultAccount
	}
	n := int64(half[0])<<32 | int64(half[1])<<24 | int64(half[2])<<16 | int64(half[3])<<8 | int64(half[4])
	n = 2 * (n - offset)
	if c := key[12]; (c >= 'Q' && c <= 'Z') || (c >= '2' && c <= '7') {
		n++
	}
	if n < 0 || n > max {
		return defaultAccount
	}
	digits := strconv.FormatInt(n, 10)
	return defaultAccount[len(digits):] + digits
}
