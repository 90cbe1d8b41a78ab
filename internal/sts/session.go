package sts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// A role is who the holder of temporary credentials is. Without a name it is the
// account itself.
type role struct {
	account, path, name string // the path includes the name
	session             string
}

// parseRole reads arn:<partition>:iam::<account>:role/<path and name>.
func parseRole(arn string) (role, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" || !isAccount(parts[4]) {
		return role{}, false
	}
	path, ok := strings.CutPrefix(parts[5], "role/")
	r := role{account: parts[4], path: path, name: path[strings.LastIndexByte(path, '/')+1:]}
	return r, ok && r.name != ""
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// arn returns the name of the session.
func (r role) arn() string {
	return "arn:aws:sts::" + r.account + ":assumed-role/" + r.name + "/" + r.session
}

// id returns what AWS calls the user of the session: the id of the role, which
// is always the same for one role, and the session's name.
func (r role) id() string {
	sum := sha256.Sum256([]byte(r.account + "/" + r.path))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17] + ":" + r.session
}

// credentials returns new credentials of a session.
func (s *Service) credentials(r role, lifetime time.Duration) element {
	key := s.Keys.New(r.account)
	return element{name: "Credentials", children: []element{
		{name: "AccessKeyId", text: key},
		{name: "SecretAccessKey", text: (rand.Text() + rand.Text())[:40]},
		{name: "SessionToken", text: writeToken(r, key)},
		{name: "Expiration", text: s.now().Add(lifetime).UTC().Format("2006-01-02T15:04:05Z"), time: s.now().Add(lifetime)},
	}}
}

// writeToken returns a session token that says whose the key is.
func writeToken(r role, key string) string {
	v := url.Values{"key": {key}, "account": {r.account}, "path": {r.path}, "name": {r.name}, "session": {r.session}}
	return base64.StdEncoding.EncodeToString([]byte(v.Encode()))
}

// readToken returns what stands in a token of ours. It reports false for those of
// others, and for one that is of another key.
func readToken(token, key string) (role, bool) {
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return role{}, false
	}
	v, err := url.ParseQuery(string(text))
	if err != nil || v.Get("key") != key || key == "" {
		return role{}, false
	}
	return role{account: v.Get("account"), path: v.Get("path"), name: v.Get("name"), session: v.Get("session")}, true
}
