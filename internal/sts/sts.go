// Package sts answers those operations of AWS's Security Token Service that tools
// around DynamoDB call: to ask whose key they have, and to get one for another
// account. Nothing is checked and nothing is kept: what a temporary credential is
// for stands in its key and its token.
package sts

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/statordb/stator/internal/credential"
)

// Version is the version of the service.
const Version = "2011-06-15"

// A Service answers requests. Its zero value is ready.
type Service struct {
	Keys credential.Keys
	Now  func() time.Time // nil is the machine's clock
	Log  *slog.Logger     // may be nil
}

// A Request is one request as it came in.
type Request struct {
	Key, Account string     // of who asks
	Token        string     // the session token, or ""
	Form         url.Values // the operation and its parameters
	ID           string     // names the request in its answer
	JSON         bool       // the answer is to be JSON, not XML
}

var operations = map[string]func(*Service, *Request) (element, error){
	"GetCallerIdentity": (*Service).getCallerIdentity,
	"AssumeRole":        (*Service).assumeRole,
	"GetSessionToken":   (*Service).getSessionToken,
}

// Do answers a request: with the status of HTTP and the body.
func (s *Service) Do(r *Request) (status int, body []byte) {
	action := r.Form.Get("Action")
	do := operations[action]
	if do == nil {
		return fail(r, invalidAction(action, r.Form.Get("Version")))
	}
	result, err := do(s, r)
	var refused *refusal
	if errors.As(err, &refused) {
		return fail(r, refused)
	}
	answer := element{name: action + "Response", children: []element{
		result.called(action + "Result"),
		{name: "ResponseMetadata", children: []element{{name: "RequestId", text: r.ID}}},
	}}
	if s.Log != nil {
		s.Log.DebugContext(context.Background(), "request", "operation", action, "account", r.Account, "request", r.ID)
	}
	return 200, answer.render(r.JSON)
}

func (s *Service) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// getCallerIdentity says whose key is used. One that is of no session is the
// account's own.
func (s *Service) getCallerIdentity(r *Request) (element, error) {
	arn, id := "arn:aws:iam::"+r.Account+":root", r.Account
	if role, ok := readToken(r.Token, r.Key); ok && role.name != "" {
		arn, id = role.arn(), role.id()
	}
	return group(
		element{name: "Arn", text: arn},
		element{name: "UserId", text: id},
		element{name: "Account", text: r.Account},
	), nil
}

// assumeRole hands out credentials of the account that a role is in. That there
// is such a role, and that it may be assumed, is believed.
func (s *Service) assumeRole(r *Request) (element, error) {
	var c constraints
	arn := c.text(r.Form, "RoleArn", 20, 2048)
	name := c.session(r.Form)
	lifetime := c.duration(r.Form, time.Hour, 12*time.Hour)
	if err := c.err(); err != nil {
		return element{}, err
	}
	role, ok := parseRole(arn)
	if !ok {
		return element{}, invalid(arn + " is invalid")
	}
	role.session = name
	result := group(
		element{name: "AssumedRoleUser", children: []element{
			{name: "AssumedRoleId", text: role.id()},
			{name: "Arn", text: role.arn()},
		}},
		s.credentials(role, lifetime),
		element{name: "PackedPolicySize", text: "0", number: true},
	)
	if who := r.Form.Get("SourceIdentity"); who != "" {
		result.children = append(result.children, element{name: "SourceIdentity", text: who})
	}
	return result, nil
}

// getSessionToken hands out credentials of the account that asks.
func (s *Service) getSessionToken(r *Request) (element, error) {
	var c constraints
	lifetime := c.duration(r.Form, 12*time.Hour, 36*time.Hour)
	if err := c.err(); err != nil {
		return element{}, err
	}
	return group(s.credentials(role{account: r.Account}, lifetime)), nil
}
