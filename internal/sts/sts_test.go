package sts

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/credential"
)

func fixed() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func ask(t *testing.T, s *Service, r Request, form string) (int, string) {
	t.Helper()
	var err error
	if r.Form, err = url.ParseQuery(form); err != nil {
		t.Fatal(err)
	}
	r.ID = "ID"
	if r.Account == "" {
		r.Account = s.Keys.Account(r.Key)
	}
	status, body := s.Do(&r)
	return status, string(body)
}

func member(body, name string) string {
	m := regexp.MustCompile(`<` + name + `>([^<]*)</` + name + `>`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestGetCallerIdentity(t *testing.T) {
	status, body := ask(t, &Service{}, Request{Key: "123456789012"}, "Action=GetCallerIdentity&Version=2011-06-15")
	want := `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:root</Arn>
    <UserId>123456789012</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>ID</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`
	if status != 200 || body != want {
		t.Errorf("got %d %s", status, body)
	}
	_, body = ask(t, &Service{}, Request{Key: "test", JSON: true}, "Action=GetCallerIdentity")
	want = `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Arn":"arn:aws:iam::000000000000:root",` +
		`"UserId":"000000000000","Account":"000000000000"},"ResponseMetadata":{"RequestId":"ID"}}}` + "\n"
	if body != want {
		t.Errorf("got %s", body)
	}
}

func TestAssumedRoleIsInItsAccount(t *testing.T) {
	for _, keys := range []credential.Keys{{}, {Parity: true}} {
		s := &Service{Keys: keys, Now: fixed}
		status, body := ask(t, s, Request{Key: "test"},
			"Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/team/writer&RoleSessionName=me@example.com&DurationSeconds=900&SourceIdentity=me")
		if status != 200 {
			t.Fatalf("got %d %s", status, body)
		}
		const arn = "arn:aws:sts::123456789012:assumed-role/writer/me@example.com"
		key, id := member(body, "AccessKeyId"), member(body, "AssumedRoleId")
		if got := keys.Account(key); got != "123456789012" {
			t.Errorf("%s is of account %s", key, got)
		}
		if !regexp.MustCompile(`^AROA[A-Z2-7]{17}:me@example\.com$`).MatchString(id) || member(body, "Arn") != arn ||
			member(body, "Expiration") != "2026-11-22T12:15:00Z" || member(body, "SourceIdentity") != "me" || len(member(body, "SecretAccessKey")) != 40 {
			t.Errorf("got %s", body)
		}
		token := member(body, "SessionToken")
		_, who := ask(t, s, Request{Key: key, Token: token}, "Action=GetCallerIdentity")
		if member(who, "Arn") != arn || member(who, "UserId") != id || member(who, "Account") != "123456789012" {
			t.Errorf("got %s", who)
		}
		// Another key with that token is nobody in particular, and neither is
		// the key with another token.
		for _, r := range []Request{{Key: keys.New("123456789012"), Token: token}, {Key: key, Token: "x"}, {Key: key, Token: "eA=="}} {
			if _, who := ask(t, s, r, "Action=GetCallerIdentity"); member(who, "Arn") != "arn:aws:iam::123456789012:root" {
				t.Errorf("got %s", who)
			}
		}
		// The same role has the same id.
		_, again := ask(t, s, Request{Key: "test"}, "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/team/writer&RoleSessionName=me@example.com")
		if member(again, "AssumedRoleId") != id || member(again, "AccessKeyId") == key || member(again, "Expiration") != "2026-11-22T13:00:00Z" {
			t.Errorf("got %s", again)
		}
	}
}

func TestGetSessionToken(t *testing.T) {
	s := &Service{Now: fixed}
	status, body := ask(t, s, Request{Key: "123456789012"}, "Action=GetSessionToken")
	key := member(body, "AccessKeyId")
	if status != 200 || s.Keys.Account(key) != "123456789012" || member(body, "Expiration") != "2026-11-23T00:00:00Z" {
		t.Errorf("got %d %s", status, body)
	}
	_, who := ask(t, s, Request{Key: key, Token: member(body, "SessionToken")}, "Action=GetCallerIdentity")
	if member(who, "Arn") != "arn:aws:iam::123456789012:root" {
		t.Errorf("got %s", who)
	}
	_, asJSON := ask(t, s, Request{Key: "123456789012", JSON: true}, "Action=GetSessionToken&DurationSeconds=3600")
	var out struct {
		GetSessionTokenResponse struct {
			GetSessionTokenResult struct{ Credentials struct{ Expiration int64 } }
		}
	}
	if err := json.Unmarshal([]byte(asJSON), &out); err != nil || out.GetSessionTokenResponse.GetSessionTokenResult.Credentials.Expiration != fixed().Unix()+3600 {
		t.Errorf("got %s, %v", asJSON, err)
	}
}

func TestErrors(t *testing.T) {
	const role = "RoleArn=arn:aws:iam::123456789012:role/writer"
	for _, test := range []struct{ form, code, message string }{
		{"", "MissingAction", "One or more required parameters are missing from the request: Action"},
		{"Action=Frob&Version=2011-06-15", "InvalidAction", "Could not find operation Frob for version 2011-06-15"},
		{"Action=Frob", "InvalidAction", "Could not find operation Frob for version NO_VERSION_SPECIFIED"},
		{"Action=AssumeRole&RoleSessionName=me", "ValidationError", "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null"},
		{
			"Action=AssumeRole&RoleArn=x&RoleSessionName=m",
			"ValidationError", "2 validation errors detected: Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
				"Value 'm' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
		},
		{
			"Action=AssumeRole&" + role + "&RoleSessionName=a%20b", "ValidationError",
			`1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
		},
		{
			"Action=AssumeRole&" + role + "&RoleSessionName=me&DurationSeconds=899", "ValidationError",
			"1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
		},
		{
			"Action=GetSessionToken&DurationSeconds=129601", "ValidationError",
			"1 validation error detected: Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
		},
		{"Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:user/me&RoleSessionName=me", "ValidationError", "arn:aws:iam::123456789012:user/me is invalid"},
		{"Action=AssumeRole&RoleArn=arn:aws:iam::1234:role/writer&RoleSessionName=me", "ValidationError", "arn:aws:iam::1234:role/writer is invalid"},
	} {
		status, body := ask(t, &Service{}, Request{Key: "test"}, test.form)
		var out struct {
			XMLName xml.Name `xml:"ErrorResponse"`
			Error   struct{ Type, Code, Message string }
			ID      string `xml:"RequestId"`
		}
		err := xml.Unmarshal([]byte(body), &out)
		if err != nil || status != 400 || out.Error.Type != "Sender" || out.Error.Code != test.code || out.Error.Message != test.message || out.ID != "ID" {
			t.Errorf("%s\ngot  %d %s: %s, %v\nwant %s: %s", test.form, status, out.Error.Code, out.Error.Message, err, test.code, test.message)
		}
		_, body = ask(t, &Service{}, Request{Key: "test", JSON: true}, test.form)
		var inJSON struct {
			Error     struct{ Type, Code, Message string }
			RequestId string
		}
		if err := json.Unmarshal([]byte(body), &inJSON); err != nil || inJSON.Error.Message != test.message {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzDo(f *testing.F) {
	f.Add("Action=GetCallerIdentity", "x", true)
	f.Add("Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/\x00<&RoleSessionName=me", "", false)
	f.Fuzz(func(t *testing.T, form, token string, asJSON bool) {
		values, _ := url.ParseQuery(form)
		_, body := (&Service{}).Do(&Request{Account: "123456789012", Key: "test", Token: token, Form: values, ID: "ID", JSON: asJSON})
		if asJSON && !json.Valid(body) {
			t.Errorf("no JSON: %s", body)
		}
		if !asJSON && xml.NewDecoder(strings.NewReader(string(body))).Decode(new(struct{})) != nil {
			t.Errorf("no XML: %s", body)
		}
	})
}
