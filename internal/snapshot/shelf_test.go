package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/snapshot"
)

func (w *world) shelf(dir string) *snapshot.Shelf {
	return &snapshot.Shelf{Store: w.store, Dir: dir, Now: w.clock, Version: "v1", Changed: func() {}}
}

// files returns the names of all files in a directory.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

func TestShelf(t *testing.T) {
	w := inMemory(t)
	dir := filepath.Join(t.TempDir(), "made", "when", "needed")
	shelf := w.shelf(dir)
	if list, err := shelf.List(); len(list) != 0 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	w.do("CreateTable", createPlain, "one")
	var all sync.WaitGroup
	for range 4 { // at once, the last one wins
		all.Go(func() {
			if _, err := shelf.Save(t.Context(), "x.1"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.do("CreateTable", createPlain, "two")
	saved, err := shelf.Save(t.Context(), "a")
	if err != nil || saved.Name != "a" || saved.File != filepath.Join(dir, "a.snapshot") || len(saved.Tables) != 2 || saved.Stator != "v1" || !saved.Taken.Equal(w.now) {
		t.Errorf("%+v, %v", saved, err)
	}
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, ".a", "a b", strings.Repeat("x", 129)} {
		if _, err := shelf.Save(t.Context(), name); !errors.Is(err, snapshot.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	// What cannot be saved leaves what was there.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shelf.Save(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := shelf.Put("a", strings.NewReader("no snapshot")); !errors.Is(err, snapshot.ErrForeign) {
		t.Errorf("error %v", err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"a.snapshot", "x.1.snapshot"}) {
		t.Errorf("files %q", got)
	}
	list, err := shelf.List()
	if err != nil || len(list) != 2 || list[0].Name != "a" || list[1].Name != "x.1" || len(list[1].Tables) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	// What comes from a stream is what stands in the file.
	var sent bytes.Buffer
	err = shelf.Export(t.Context(), func(f *os.File) error { _, err := io.Copy(&sent, f); return err })
	if err != nil {
		t.Fatal(err)
	}
	to := inMemory(t)
	if loaded, err := to.shelf(dir).Import(t.Context(), &sent, snapshot.Options{}); err != nil || len(loaded.Tables) != 2 {
		t.Errorf("%+v, %v", loaded, err)
	}
	if err := shelf.Delete("a"); err != nil {
		t.Error(err)
	}
	if err := shelf.Delete("a"); !errors.Is(err, snapshot.ErrNone) {
		t.Errorf("error %v", err)
	}
	if _, err := shelf.Load(t.Context(), "a", snapshot.Options{}); !errors.Is(err, snapshot.ErrNone) {
		t.Errorf("error %v", err)
	}
}

// What a killed process was writing goes when nobody can be writing it any more.
func TestTidy(t *testing.T) {
	w := inMemory(t)
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".writing-1": 2 * time.Hour, ".writing-2": 0, "other": 2 * time.Hour} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	w.shelf(dir).Tidy()
	if got := files(t, dir); !slices.Equal(got, []string{".writing-2", "other"}) {
		t.Errorf("files %q", got)
	}
}

// Access keys that are namespaces come along.
func TestNamespacesOfDynamoDBLocal(t *testing.T) {
	do := func(w *world, operation, body string) (string, error) {
		db := dynamodb.New(dynamodb.Config{Store: w.store, Profile: dynamodb.ProfileLocal})
		out, err := db.Do(t.Context(), dynamodb.Call{Region: "us-east-1", AccessKey: "some/key ü", Target: "DynamoDB_20120810", Operation: operation, Body: []byte(body)}, nil)
		return string(out), err
	}
	w := inMemory(t)
	if _, err := do(w, "CreateTable", strings.Replace(createPlain, "%s", "tab", 1)); err != nil {
		t.Fatal(err)
	}
	to := inMemory(t)
	to.load(w.file(), "")
	if got, err := do(to, "ListTables", "{}"); got != `{"TableNames":["tab"]}` {
		t.Errorf("%s, %v", got, err)
	}
}

// Where there is not enough room nothing happens, and soon there is as much as
// before.
func TestLoadIntoAFullStore(t *testing.T) {
	source := inMemory(t)
	source.fill()
	f := source.file()
	w := newWorld(t, memkv.OpenWithin(40_000))
	w.do("CreateTable", createPlain, "mine")
	before := w.pairs()
	if _, err := snapshot.Load(t.Context(), w.store, f, snapshot.Options{Now: w.now}); !errors.Is(err, kv.ErrUnavailable) {
		t.Fatal(err)
	}
	w.work()
	if n := w.pairs(); n != before {
		t.Errorf("%d pairs, before there were %d", n, before)
	}
}
