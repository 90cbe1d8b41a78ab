package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var adminPage = regexp.MustCompile(`"((?:GET|POST|PUT|DELETE) )?(/_admin/[^"\s]*)"`)

// adminPages returns the patterns of all pages below /_admin that the program's
// source has.
func adminPages(t *testing.T) (patterns []string) {
	t.Helper()
	for _, dir := range []string{".", "../../internal/server"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range adminPage.FindAllStringSubmatch(string(text), -1) {
				patterns = append(patterns, m[1]+m[2])
			}
		}
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// No web page of a stranger reads or changes anything by a page below /_admin,
// whether it tells its origin or has its own name mean this machine. All these
// pages are documented.
func TestAdminPagesRefuseStrangers(t *testing.T) {
	r := start(t, []string{"--memory"})
	docs, err := os.ReadFile("../../docs/admin-api.md")
	if err != nil {
		t.Fatal(err)
	}
	patterns := adminPages(t)
	if len(patterns) < 15 {
		t.Fatalf("only %q", patterns)
	}
	for _, pattern := range patterns {
		method, path, ok := strings.Cut(pattern, " ")
		methods := []string{method}
		if !ok {
			path, methods = pattern, []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
		}
		documented := strings.NewReplacer("{name}", "NAME").Replace(strings.TrimSuffix(path, "/"))
		if !strings.Contains(string(docs), documented) {
			t.Errorf("%s is not documented", documented)
		}
		path = strings.ReplaceAll(path, "{name}", "x")
		for _, method := range methods {
			for _, headers := range [][]string{
				{"Origin: https://evil.example"},
				{"Origin: null"},
				{"Origin: http://127.0.0.1.evil.example"},
				{"Host: evil.example", "Accept-Language: en"},
				{"Host: evil.example:4566", "Accept-Language: en", "Sec-Fetch-Site: same-origin"},
			} {
				if got := r.ask(t, method, path, "{}", headers...); !strings.HasPrefix(got, "403 ") {
					t.Errorf("%s %s with %q: %s", method, path, headers, got)
				}
			}
			if method != "GET" || strings.HasSuffix(path, "/live") {
				continue
			}
			for _, headers := range [][]string{nil, {"Origin: http://" + r.addr, "Accept-Language: en"}, {"Origin: http://localhost:3000"}} {
				if got := r.ask(t, method, path, "", headers...); strings.HasPrefix(got, "403 ") {
					t.Errorf("%s %s with %q: %s", method, path, headers, got)
				}
			}
		}
	}
	r.stop(t)
}
