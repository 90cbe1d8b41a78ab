package server

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/statordb/stator/internal/credential"
)

const (
	authStart = "AWS4-HMAC-SHA256 Credential="
	authEnd   = "/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=0123456789abcdef"
)

// Without a region it is us-east-1. [1.3]
func TestIdentity(t *testing.T) {
	for _, test := range []struct{ header, query, account, region string }{
		{"", "", "000000000000", "us-east-1"},
		{authStart + "AKID/20260102/eu-west-1" + authEnd, "", "000000000000", "eu-west-1"},
		{authStart + "test/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "123456789012/20260102/us-east-1" + authEnd, "", "123456789012", "us-east-1"},
		{authStart + "1234567890123/20260102/us-east-1" + authEnd, "", "123456789012", "us-east-1"},
		{authStart + "12345678901/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "a/b/20260102/ap-south-1" + authEnd, "", "000000000000", "ap-south-1"},
		{authStart + "x/20260102/local" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "x/20260102/localhost" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "x/20260102/local-env" + authEnd, "", "000000000000", "local-env"},
		{authStart + "x/20260102/" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "x/20260102/EU_west" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "x/20260102/eu-west-1/dynamodb/aws4_request,SignedHeaders=host", "", "000000000000", "eu-west-1"},
		{"AWS4-HMAC-SHA256 SignedHeaders=host, Credential=x/20260102/eu-west-1/dynamodb/aws4_request", "", "000000000000", "eu-west-1"},
		{"Bearer xyz", "", "000000000000", "us-east-1"},
		{authStart, "", "000000000000", "us-east-1"},
		{authStart + "123456789012", "", "123456789012", "us-east-1"},
		// Keys as LocalStack makes them.
		{authStart + "LSIAQAAAAAAAAAAAAAAA/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "LKIAQAAAAAABQAAAAAAA/20260102/us-east-1" + authEnd, "", "000000000003", "us-east-1"},
		{authStart + "LSIA7777777777777777/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "AKIAQAAAAAABQAAAAAAA/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{authStart + "LSIA????????????????/20260102/us-east-1" + authEnd, "", "000000000000", "us-east-1"},
		{
			"", "X-Amz-Credential=" + url.QueryEscape("123456789012/20260102/eu-west-1/dynamodb/aws4_request"),
			"123456789012", "eu-west-1",
		},
		{"", "X-Amz-Credential=%zz", "000000000000", "us-east-1"},
	} {
		r := &http.Request{Header: http.Header{}, URL: &url.URL{RawQuery: test.query}}
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		if _, account, region := (callers{}).identity(r); account != test.account || region != test.region {
			t.Errorf("%s?%s: got %s %s, want %s %s", test.header, test.query, account, region, test.account, test.region)
		}
	}
}

func TestIdentityByOtherRules(t *testing.T) {
	for _, test := range []struct {
		callers
		header, account, region string
	}{
		{callers{strict: true}, "x/20260102/eu-west-1", "000000000000", "eu-west-1"},
		{callers{strict: true}, "x/20260102/cn-north-1", "000000000000", "cn-north-1"},
		{callers{strict: true}, "x/20260102/eu-mars-1", "000000000000", "us-east-1"},
		{callers{keys: credential.Keys{Parity: true}}, "AKIAQAAAAAABQAAAAAAA/20260102/us-east-1", "000000000003", "us-east-1"},
	} {
		r := &http.Request{Header: http.Header{"Authorization": {authStart + test.header + authEnd}}, URL: &url.URL{}}
		if _, account, region := test.identity(r); account != test.account || region != test.region {
			t.Errorf("%+v %s: got %s %s", test.callers, test.header, account, region)
		}
	}
}

func TestAccessKey(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "Bearer xyz": "", authStart: "",
		authStart + "AKID/20260102/eu-west-1" + authEnd: "AKID",
		authStart + "a/b/20260102/eu-west-1" + authEnd:  "a/b",
		authStart + "AKID": "AKID",
	} {
		r := &http.Request{Header: http.Header{"Authorization": {header}}, URL: &url.URL{}}
		if key, _, _ := (callers{}).identity(r); key != want {
			t.Errorf("%s: %q", header, key)
		}
	}
}

func TestIdentityAllocatesNothing(t *testing.T) {
	r := &http.Request{
		Header: http.Header{"Authorization": {authStart + "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1" + authEnd}},
		URL:    &url.URL{},
	}
	if n := testing.AllocsPerRun(100, func() { (callers{}).identity(r) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzIdentity(f *testing.F) {
	f.Add(authStart+"AKID/20260102/eu-west-1"+authEnd, "")
	f.Add(authStart+"LKIAQAAAAAABQAAAAAAA/20260102/us-east-1"+authEnd, "")
	f.Add("", "X-Amz-Credential=123456789012%2F20260102%2Feu-west-1%2Fdynamodb%2Faws4_request")
	account, region := regexp.MustCompile(`^[0-9]{12}$`), regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	f.Fuzz(func(t *testing.T, header, query string) {
		r := &http.Request{Header: http.Header{}, URL: &url.URL{RawQuery: query}}
		if header != "" {
			r.Header["Authorization"] = []string{header}
		}
		_, a, reg := (callers{}).identity(r)
		if !account.MatchString(a) || !region.MatchString(reg) {
			t.Errorf("account %q, region %q", a, reg)
		}
	})
}
