package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/statordb/stator/internal/credential"
	"github.com/statordb/stator/internal/dynamodb"
)

const defaultRegion = "us-east-1"

// callers knows who requests are from.
type callers struct {
	keys credential.Keys
	// strict takes regions that AWS has not for the default one.
	strict bool
}

// identity returns the access key of a request, and the account and region it
// speaks for, from the credential in its Authorization header or its query. Signatures are not
// verified: any key is right, and a request without one has the defaults.
func (c callers) identity(r *http.Request) (key, account, region string) {
	if auth := r.Header["Authorization"]; len(auth) > 0 {
		return c.parse(credentialOf(auth[0]))
	}
	if !strings.Contains(r.URL.RawQuery, "X-Amz-Credential=") {
		return "", credential.DefaultAccount, defaultRegion
	}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	return c.parse(query.Get("X-Amz-Credential"))
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

// parse splits "key/date/region/service/aws4_request". It is read
// from the end, because a key may hold slashes and the scope does not.
func (c callers) parse(cred string) (key, account, region string) {
	scope := cred
	for range 2 { // service and terminator
		i := strings.LastIndexByte(scope, '/')
		if i < 0 {
			return cred, c.keys.Account(cred), defaultRegion
		}
		scope = scope[:i]
	}
	rest, region := cutLast(scope)
	key, _ = cutLast(rest)
	return key, c.keys.Account(key), c.region(region)
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
func (c callers) region(name string) string {
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
	if c.strict && !dynamodb.IsRegion(name) {
		return defaultRegion
	}
	return name
}
