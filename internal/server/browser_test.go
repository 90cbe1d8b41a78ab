package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/statordb/stator/internal/ui"
)

func newBrowser(t *testing.T) *Server {
	t.Helper()
	files := fstest.MapFS{
		"index.html":      {Data: []byte("<!doctype html>")},
		"assets/index.js": {Data: []byte(strings.Repeat("let a;", 100))},
	}
	s := New(Config{})
	s.Handle("/_ui/", Browser{Files: files}.Pages("/_ui/"))
	return s
}

func browse(s *Server, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:4566"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestBrowserServesItsFiles(t *testing.T) {
	s := newBrowser(t)
	for path, want := range map[string]string{
		"/_ui/":                "200 text/html; charset=utf-8",
		"/_ui/index.html":      "200 text/html; charset=utf-8",
		"/_ui/assets/index.js": "200 text/javascript; charset=utf-8",
		"/_ui/assets/":         "404 text/plain; charset=utf-8",
		"/_ui/../go.mod":       "307 ",
		"/_ui":                 "307 ",
	} {
		w := browse(s, "GET", path)
		if got := strings.TrimSpace(w.Result().Status[:4]) + " " + w.Header().Get("Content-Type"); got != want && !(strings.HasPrefix(want, "307") && w.Code >= 301 && w.Code <= 308) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if w := browse(s, "POST", "/_ui/"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	if w := browse(s, "GET", "/_ui/", "Origin: https://evil.example"); w.Code != http.StatusForbidden {
		t.Errorf("a page of a stranger: %d", w.Code)
	}
	r := browse(s, "GET", "/_ui/", "Accept-Language: en")
	if r.Code != http.StatusOK {
		t.Errorf("a browser: %d", r.Code)
	}
}

func TestBuildsWithoutTheBrowserSaySo(t *testing.T) {
	s := New(Config{})
	s.Handle("/_ui/", Browser{}.Pages("/_ui/"))
	if w := browse(s, "GET", "/_ui/"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "noui") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Its scripts know from the first page on what the server is.
func TestBrowserKnowsItsServer(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte(`<!doctype html><html lang="en">`)}}
	s := New(Config{})
	s.Handle("/_ui/", Browser{Files: files, Version: `v1"`, ReadOnly: true}.Pages("/_ui/"))
	if got, want := browse(s, "GET", "/_ui/").Body.String(), `<!doctype html><html data-version="v1&#34;" data-read-only lang="en">`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Pages load nothing from elsewhere, and cannot be put into a frame.
func TestBrowserPolicy(t *testing.T) {
	policy := browse(newBrowser(t), "GET", "/_ui/").Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s is not in %s", want, policy)
		}
	}
}

func TestBrowserFilesAreAskedForOnce(t *testing.T) {
	s := newBrowser(t)
	w := browse(s, "GET", "/_ui/assets/index.js", "Accept-Encoding: gzip, br")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || len(body) != 600 || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	tag := w.Header().Get("ETag")
	if w := browse(s, "GET", "/_ui/assets/index.js", "If-None-Match: "+tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("the same again: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := browse(s, "HEAD", "/_ui/assets/index.js"); w.Code != http.StatusOK || w.Body.Len() > 0 || w.Header().Get("Content-Length") != "600" {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// The browser that is built in has what its page names, within its budget.
func TestBrowserIsBuiltIn(t *testing.T) {
	if ui.Files() == nil {
		t.Skip("this build has none")
	}
	s := New(Config{})
	s.Handle("/_ui/", Browser{Files: ui.Files()}.Pages("/_ui/"))
	page := browse(s, "GET", "/_ui/").Body.String()
	total := 0
	for _, part := range strings.Split(page, `"`) {
		name, is := strings.CutPrefix(part, "./")
		if !is {
			continue
		}
		w := browse(s, "GET", "/_ui/"+name, "Accept-Encoding: gzip")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
		if strings.HasSuffix(name, ".js") {
			total += w.Body.Len()
		}
	}
	if total == 0 || total > 250<<10 {
		t.Errorf("%d bytes of JavaScript", total)
	}
}

func TestRequestsOfTheBrowserAreKnown(t *testing.T) {
	for _, c := range []struct {
		origin, host, external string
		want                   bool
	}{
		{"http://localhost:4566", "localhost:4566", "", true},
		{"http://localhost:3000", "localhost:4566", "", false}, // an application's
		{"", "localhost:4566", "", false},                      // no web page at all
		{"https://db.example.com", "10.0.0.1:4566", "db.example.com:443", true},
		{"https://db.example.com", "10.0.0.1:4566", "db.example.com", true},
		{"https://db.example.com:3000", "10.0.0.1:4566", "db.example.com:443", false},
		{"http://[::1]:4566", "[::1]:4566", "", true},
		{"null", "localhost:4566", "", false},
	} {
		s := New(Config{ReadOnlyBrowser: true, ExternalHost: c.external})
		r := httptest.NewRequest("POST", "/", nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := s.mayOnlyRead(r); got != c.want {
			t.Errorf("%q at %s, known as %q: %v", c.origin, c.host, c.external, got)
		}
	}
}
