package server

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/clock"
)

// ask sends a request with a body and returns status and answer.
func ask(s *Server, method, path, body string, headers ...string) string {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return fmt.Sprint(w.Code, " ", w.Body.String())
}

func TestExpired(t *testing.T) {
	s, _ := newTestServer(nil)
	runs := 0
	var fault error
	s.Handle("DELETE /_aws/dynamodb/expired", Expired(func(context.Context) (int, error) { runs++; return 7, fault }))
	for _, path := range []string{"/_aws/dynamodb/expired", "//_aws/dynamodb/expired", "//_aws//dynamodb/expired"} {
		if got := ask(s, "DELETE", path, ""); got != `200 {"ExpiredItems": 7}` {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, method := range []string{"GET", "POST", "PUT"} {
		if got := ask(s, method, "/_aws/dynamodb/expired", ""); !strings.HasPrefix(got, "4") {
			t.Errorf("%s: %s", method, got)
		}
	}
	if got := ask(s, "DELETE", "/_aws/dynamodb/expired", "", "Origin: https://evil.example"); !strings.HasPrefix(got, "403") {
		t.Errorf("a stranger's page is answered %s", got)
	}
	if runs != 3 {
		t.Errorf("it ran %d times", runs)
	}
	fault = errors.New(`table "x"`)
	if got := ask(s, "DELETE", "/_aws/dynamodb/expired", ""); got != `500 {"ExpiredItems": 7, "error": "table \"x\""}` {
		t.Error(got)
	}
}

func TestClockPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the bubble begins at midnight on 1 January 2000
		s := New(Config{})
		c, changes := &clock.Clock{}, 0
		s.Handle("/_admin/clock", Clock(c, func() { changes++ }))
		expect := func(method, body, want string, headers ...string) {
			t.Helper()
			if got := ask(s, method, "/_admin/clock", body, headers...); got != want {
				t.Errorf("%s %s\ngot  %s\nwant %s", method, body, got, want)
			}
		}
		now := `200 {"now":"2000-01-01T00:00:00Z","frozen":false,"offset":"0s"}`
		expect("GET", "", now)
		set := `200 {"now":"2000-01-02T01:00:00Z","frozen":false,"offset":"25h0m0s"}`
		expect("PUT", `{"advance":"25h"}`, set)
		expect("GET", "", set)
		expect("PUT", `{"frozen":true}`, `200 {"now":"2000-01-02T01:00:00Z","frozen":true,"offset":"25h0m0s"}`)
		time.Sleep(time.Hour)
		expect("GET", "", `200 {"now":"2000-01-02T01:00:00Z","frozen":true,"offset":"24h0m0s"}`)
		expect("PUT", `{"now":"2026-11-22T13:00:00.5+01:00"}`, `200 {"now":"2026-11-22T12:00:00.5Z","frozen":true,"offset":"235739h0m0.5s"}`)
		expect("PUT", `{"frozen":false}`, `200 {"now":"2026-11-22T12:00:00.5Z","frozen":false,"offset":"235739h0m0.5s"}`)
		expect("PUT", `{"reset":true}`, `200 {"now":"2000-01-01T01:00:00Z","frozen":false,"offset":"0s"}`)
		if changes != 5 {
			t.Errorf("told of %d changes", changes)
		}

		for _, body := range []string{
			``, `{}`, `null`, `[]`, `{"freeze":true}`, `{"frozen":"yes"}`, `{"now":"tomorrow"}`, `{"advance":"1 day"}`, `{"advance":3600}`,
			`{"now":"1969-12-31T00:00:00Z"}`, `{"advance":"2000000h"}`, `{"frozen":true} {}`, `{"frozen":`, strings.Repeat(" ", maxHeader+1),
		} {
			if got := ask(s, "PUT", "/_admin/clock", body); !strings.HasPrefix(got, "400") {
				t.Errorf("%.40s: %s", body, got)
			}
		}
		expect("POST", `{"frozen":true}`, "405 method not allowed")
		// What a browser does for a stranger's page, and for one on this machine.
		expect("PUT", `{"frozen":true}`, "403 ", "Origin: https://evil.example")
		expect("PUT", `{"frozen":true}`, "403 ", "Origin: null")
		expect("OPTIONS", "", "403 ", "Origin: https://evil.example", "Access-Control-Request-Method: PUT")
		expect("GET", "", "403 ", "Origin: https://evil.example")
		expect("GET", "", `200 {"now":"2000-01-01T01:00:00Z","frozen":false,"offset":"0s"}`, "Origin: http://localhost:3000")
		if changes != 5 {
			t.Errorf("told of %d changes", changes)
		}
	})
}
