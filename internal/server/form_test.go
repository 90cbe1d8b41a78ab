package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTokensAreAskedForByForms(t *testing.T) {
	s := New(Config{Service: answer("{}")})
	const identity = "<Account>123456789012</Account>"
	auth := authStart + "123456789012/20260102/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"
	for _, test := range []struct {
		method, url, ctype, accept, body string
		status                           int
		answers, has                     string
	}{
		{"POST", "/", "application/x-www-form-urlencoded; charset=utf-8", "", "Action=GetCallerIdentity&Version=2011-06-15", 200, "text/xml", identity},
		{"POST", "/", "application/x-www-form-urlencoded", "application/json", "Action=GetCallerIdentity", 200, "application/json", `"Account":"123456789012"`},
		{"GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", "", "", 200, "text/xml", identity},
		{"POST", "/", "application/x-www-form-urlencoded", "", "Action=Frob", 400, "text/xml", "<Code>InvalidAction</Code>"},
		{"POST", "/", "application/x-www-form-urlencoded", "", "Action=%zz", 400, "text/plain; charset=utf-8", "the form cannot be read"},
		{"POST", "/", "application/x-www-form-urlencoded", "", "x=" + strings.Repeat("x", maxForm), 400, "text/plain; charset=utf-8", "the form cannot be read"},
		{"GET", "/", "", "", "", 400, "application/x-amz-json-1.0", "MissingAuthenticationToken"},
	} {
		r := httptest.NewRequest(test.method, test.url, strings.NewReader(test.body))
		r.Header.Set("Authorization", auth)
		for name, value := range map[string]string{"Content-Type": test.ctype, "Accept": test.accept} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		h := w.Header()
		if w.Code != test.status || h.Get("Content-Type") != test.answers || !strings.Contains(w.Body.String(), test.has) ||
			w.Code == http.StatusOK && !strings.Contains(w.Body.String(), h.Get("X-Amzn-Requestid")) {
			t.Errorf("%s %s %s: got %d %v %s", test.method, test.url, test.body, w.Code, h, w.Body)
		}
	}
}
