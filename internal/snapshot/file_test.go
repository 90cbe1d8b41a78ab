package snapshot_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/snapshot"
)

// small returns a snapshot of a table with a stream and an item.
func small(t testing.TB) []byte {
	t.Helper()
	w := inMemory(t)
	w.do("CreateTable", createRich, "rich")
	w.do("PutItem", `{"TableName":"rich","Item":{"pk":{"S":"p"},"sk":{"N":"1"},"g":{"S":"g"}}}`)
	f := w.file()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// refused loads a file that must be refused before anything is touched.
func (w *world) refused(file []byte, want ...error) {
	w.Helper()
	_, err := snapshot.Load(w.Context(), w.store, bytes.NewReader(file), snapshot.Options{Merge: snapshot.Overwrite, Now: w.now})
	for _, e := range want {
		if errors.Is(err, e) {
			return
		}
	}
	w.Fatalf("error %v", err)
}

// Wherever a file is damaged or cut off, it is refused, and nothing happens.
func TestDamageIsRefused(t *testing.T) {
	file := small(t)
	w := inMemory(t)
	w.do("CreateTable", createPlain, "mine")
	before := w.pairs()
	for i := range file {
		for _, flip := range []byte{1, 0x80, 0xFF} {
			damaged := bytes.Clone(file)
			damaged[i] ^= flip
			w.refused(damaged, snapshot.ErrDamaged, snapshot.ErrForeign, snapshot.ErrNewer)
		}
		w.refused(file[:i], snapshot.ErrDamaged, snapshot.ErrForeign)
	}
	w.refused(append(bytes.Clone(file), 0), snapshot.ErrDamaged)
	w.refused(append(bytes.Clone(file), file...), snapshot.ErrDamaged)
	w.refused([]byte(`{"TableName":"t"}`), snapshot.ErrForeign)
	if n := w.pairs(); n != before {
		t.Errorf("%d pairs, before there were %d", n, before)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	file := small(t)
	binary.BigEndian.PutUint32(file[16:], 2)
	w := inMemory(t)
	w.refused(file, snapshot.ErrNewer)
	_, err := snapshot.Verify(bytes.NewReader(file))
	if want := "was written by a newer version of stator (format 2; this one reads up to 1)"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A part of one file in another is noticed though all checksums of parts are
// right.
func TestMixedFilesAreRefused(t *testing.T) {
	a, b := small(t), small(t)
	frames := func(file []byte) (list [][]byte) {
		rest := file[20:]
		for len(rest) > 0 {
			n := 13 + binary.BigEndian.Uint32(rest[5:])
			list, rest = append(list, rest[:n]), rest[n:]
		}
		return list
	}
	fa, fb := frames(a), frames(b)
	w := inMemory(t)
	for i := range fa {
		if bytes.Equal(fa[i], fb[i]) { // they announce the same
			continue
		}
		mixed := bytes.Clone(a[:20])
		for j := range fa {
			if j == i {
				mixed = append(mixed, fb[j]...)
			} else {
				mixed = append(mixed, fa[j]...)
			}
		}
		w.refused(mixed, snapshot.ErrDamaged)
	}
}

// Whatever a file is, it is a snapshot that can be loaded, or refused.
func FuzzVerify(f *testing.F) {
	file := small(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("stator snapshot\n\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := snapshot.Verify(bytes.NewReader(file)); err != nil {
			return
		}
		w := inMemory(t)
		w.load(bytes.NewReader(file), "")
	})
}

// A block passes all checksums here, as one that somebody made up would.
func FuzzBlocks(f *testing.F) {
	for _, block := range snapshot.Blocks(small(f)) {
		f.Add(block)
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		_ = snapshot.VerifyBlock(block) // it returns
	})
}

// A file of the first format, made when that was new, can be loaded for ever.
func TestFirstFormat(t *testing.T) {
	file, err := os.ReadFile("testdata/format1.snapshot")
	if err != nil {
		t.Fatal(err)
	}
	source := inMemory(t)
	source.fill()
	w := inMemory(t)
	loaded := w.load(bytes.NewReader(file), "")
	if loaded.Stator != "v1" || !loaded.Taken.Equal(w.now) || len(loaded.Tables) != 6 {
		t.Errorf("%+v", loaded)
	}
	// What is in it is what fill makes.
	if d := cmp.Diff(without(source.state()), w.state()); d != "" {
		t.Error(d)
	}
	if n := len(w.records("us-east-1", "rich")); n != len(source.records("us-east-1", "rich")) {
		t.Errorf("%d records", n)
	}
	w.goesOn()
}
