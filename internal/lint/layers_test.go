// Package lint holds the rules of the project's structure as tests.
package lint

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/statordb/stator/"

// layers lists the packages below internal, bottom first. A package imports
// only packages of lines above its own. It is a statement of policy: a change
// here is a change of the architecture and stands in a commit of its own.
const layers = `
awsjson certificate clock credential fault kv ui
attr kv/latch sts
api expr kv/kvtest kv/memkv kv/pebblekv kv/pgkv kv/pgtest
partiql table kv/enginetest
stream
item
replica
check dynamodb hook job snapshot
option server bench
lint
`

// only says who may import what is not ours.
var only = map[string][]string{
	"github.com/cockroachdb/pebble": {"kv/pebblekv"},
	"github.com/jackc/":             {"kv/pgkv", "kv/pgtest"},
	"github.com/tidwall/btree":      {"kv/memkv"},
	"github.com/cockroachdb/apd":    {"attr"},
	"github.com/go-faster/jx":       {"awsjson"},
	"github.com/prometheus/":        {"server"},
	"github.com/spf13/":             {"bench", "option"},
	"net/http":                      {"server", "bench"},
	"encoding/json":                 {"table", "replica", "hook", "snapshot", "server", "bench", "option", "api/gen"},
	"github.com/aws/":               {},
	"github.com/stretchr/":          {},
	"github.com/klauspost/":         {"server", "snapshot"},
	"github.com/go-faster/errors":   {},
	"github.com/cockroachdb/errors": {"kv/pebblekv"},
}

// never says what a package may not import though its layer would let it.
var never = map[string][]string{
	"kv/memkv":    {"attr"}, // engines know bytes only
	"kv/pebblekv": {"attr"},
	"kv/pgkv":     {"attr"},
	"kv/pgtest":   {"attr"},
	"kv/kvtest":   {"attr"},
	"kv/latch":    {"attr"},
	"api":         {"kv"},
	"expr":        {"kv", "api", "table"},
	"partiql":     {"api", "kv"},
	"table":       {"api"},
	"stream":      {"api"},
	"item":        {"api", "expr"},
	"replica":     {"api", "expr"},
	"job":         {"api"},
	"snapshot":    {"api", "expr", "item"},
	"server":      {"kv", "item", "table"},
}

func TestPackagesImportOnlyLowerLayers(t *testing.T) {
	level := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(layers), "\n") {
		for _, pkg := range strings.Fields(line) {
			level[pkg] = i
		}
	}
	for file, imports := range sources(t) {
		pkg := filepath.ToSlash(filepath.Dir(file))
		if pkg == "api/gen" {
			continue // a program that is run by hand
		}
		mine, listed := level[pkg]
		if !listed {
			t.Errorf("%s: package %s is in no layer", file, pkg)
			continue
		}
		for _, path := range imports {
			theirs, ours := strings.CutPrefix(path, module+"internal/")
			if !ours {
				checkForeign(t, file, pkg, path)
				continue
			}
			if level[theirs] >= mine {
				t.Errorf("%s: %s may not import %s, which is not below it", file, pkg, theirs)
			}
			if slices.Contains(never[pkg], theirs) {
				t.Errorf("%s: %s may never import %s", file, pkg, theirs)
			}
		}
	}
}

func checkForeign(t *testing.T, file, pkg, path string) {
	t.Helper()
	for prefix, who := range only {
		matches := path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
		if matches && !slices.Contains(who, pkg) {
			t.Errorf("%s: %s may not import %s", file, pkg, path)
		}
	}
}

// sources returns the imports of every source file below internal, tests
// apart.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	root := ".."
	files := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[name] = []string{}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[name] = append(files[name], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every package says what it hides.
func TestPackagesHaveComments(t *testing.T) {
	documented := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || f.Doc != nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", dir)
		}
	}
}
