package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A browser that is read-only cannot change anything, whatever it asks for; all
// others can.
func TestBrowserIsReadOnly(t *testing.T) {
	const put = `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`
	r := start(t, []string{"--memory", "--ui-read-only"})
	r.do(t, "CreateTable", plainTable)
	ask := func(operation, body, origin string) string {
		return r.ask(t, "POST", "/", body, "X-Amz-Target: DynamoDB_20120810."+operation, "Content-Type: application/x-amz-json-1.0", "Origin: "+origin)
	}
	own := "http://" + r.addr
	for _, c := range []struct{ operation, body, origin, want string }{
		{"PutItem", put, own, `400 {"__type":"com.amazon.coral.service#AccessDeniedException","Message":"The server takes no changes from the Resource Browser: --ui-read-only"}`},
		{"ExecuteStatement", `{"Statement":"DELETE FROM tab WHERE pk='a'"}`, own, "400 "},
		{"PutItem", put, "http://localhost:3000", "200 "}, // an application's page
		{"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`, own, `200 {"Item"`},
		{"ExecuteStatement", `{"Statement":"SELECT * FROM tab"}`, own, `200 {"Items":[{`},
	} {
		if got := ask(c.operation, c.body, c.origin); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %s of %s: %s", c.operation, c.body, c.origin, got)
		}
	}
	for _, pattern := range append(adminPages(t), "/_localstack/chaos/faults", "POST /_localstack/state/reset", "POST /_localstack/health") {
		method, path, ok := strings.Cut(pattern, " ")
		methods := []string{method}
		if !ok {
			path, methods = pattern, []string{"POST", "PUT", "PATCH", "DELETE"}
		}
		for _, method := range methods {
			if method == http.MethodGet {
				continue
			}
			if got := r.ask(t, method, strings.ReplaceAll(path, "{name}", "x"), "{}", "Origin: "+own); !strings.HasPrefix(got, "403 ") {
				t.Errorf("%s %s: %s", method, path, got)
			}
		}
	}
	if got := r.ask(t, "PUT", "/_admin/clock", `{"reset":true}`); !strings.HasPrefix(got, "200 ") {
		t.Errorf("the clock, by another client: %s", got)
	}
	if page := r.ask(t, "GET", "/_ui/", ""); !strings.Contains(page, " data-read-only ") {
		t.Error("the browser is not told: ", page)
	}
	r.stop(t)
}

// Who changes the browser sees what the files are now.
func TestBrowserOfADirectory(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "index.html")
	r := start(t, []string{"--memory", "--ui-dir", dir})
	for _, text := range []string{"one", "two"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r.curl(t, "GET", "/_ui/", "", "200 "+text)
	}
	if got := r.ask(t, "GET", "/_ui/no.js", ""); !strings.HasPrefix(got, "404 ") {
		t.Error(got)
	}
	r.stop(t)
}
