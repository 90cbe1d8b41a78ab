package pebblekv

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// A copied is a directory: the contents of its files by name.
type copied map[string][]byte

func copyDir(t *testing.T, fs vfs.FS, dir string) copied {
	t.Helper()
	c := copied{}
	names, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := readFile(fs, fs.PathJoin(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		c[name] = []byte(text)
	}
	return c
}

// write makes the directory anew.
func (c copied) write(t *testing.T) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	if err := fs.MkdirAll("data", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range c {
		f, err := fs.Create("data/"+name, vfs.WriteCategoryUnspecified)
		if err == nil {
			_, err = f.Write(bytes.Clone(b))
		}
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}

// with returns the directory with another content of a file, or without the
// file if that is nil.
func (c copied) with(name string, b []byte) copied {
	c = maps.Clone(c)
	if b == nil {
		delete(c, name)
	} else {
		c[name] = b
	}
	return c
}

// written fills a store such that each kind of file matters: tables in some
// levels, in which pairs are replaced and deleted, and a log of some hundred
// kilobytes by writers at once. It returns what is there afterwards.
func written(t *testing.T, s *store) map[string]string {
	t.Helper()
	pairs := map[string]string{}
	var mu sync.Mutex
	set := func(k, v string) {
		err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
			if v == "" {
				tx.Delete([]byte(k))
			} else {
				tx.Set([]byte(k), []byte(v))
			}
			tx.Add([]byte("count"), 1)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if pairs[k] = v; v == "" {
			delete(pairs, k)
		}
	}
	fill := strings.Repeat("v", 150)
	for round := range 3 {
		for i := round; i < 300; i += 1 + round {
			set(fmt.Sprintf("%04d", i), fmt.Sprint(round, "/", i, fill))
		}
		set(fmt.Sprintf("%04d", 100*round), "")
		if err := s.db.Flush(); err != nil {
			t.Fatal(err)
		}
		if round == 1 {
			if err := s.db.Compact(ctx, []byte{0}, []byte{3}, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := g; i < 600; i += 4 {
				set(fmt.Sprintf("%04d", i), fmt.Sprint("last/", i, fill))
			}
		})
	}
	wg.Wait()
	return pairs
}

// wrongRead tells what is wrong with what s gives out. An error in place of a
// pair is not.
func wrongRead(s kv.Store, pairs map[string]string) (wrong string, failed error) {
	failed = s.View(ctx, func(r kv.Reader) error {
		seen := 0
		for p, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			if v, ok := pairs[string(p.Key)]; !ok || v != string(p.Value) {
				wrong = fmt.Sprintf("%s is %q, want %q", p.Key, p.Value, v)
			}
			seen++
		}
		if seen != len(pairs) {
			wrong = fmt.Sprintf("%d pairs, want %d", seen, len(pairs))
		}
		return nil
	})
	for k, v := range pairs {
		err := s.View(ctx, func(r kv.Reader) error {
			got, err := r.Get([]byte(k))
			if err == nil && string(got[0]) != v {
				wrong = fmt.Sprintf("get %s: %q, want %q", k, got[0], v)
			}
			return err
		})
		if err != nil {
			failed = err
		}
	}
	return wrong, failed
}

// opened opens a damaged directory. It tells what is wrong: that a pair is, or
// that nothing names the file.
func (c copied) opened(t *testing.T, name string, pairs map[string]string) (outcome, wrong string) {
	t.Helper()
	// Of a file that is missing, not all of the name is known.
	name = strings.TrimSuffix(name, ".sst")
	if strings.HasPrefix(name, "marker.") {
		name = strings.TrimRight(name, "0123456789.-MANIFEST") + "."
	}
	var lines bytes.Buffer
	s, err := open(c.write(t), "data", Options{Logger: textLogger(&lines)})
	if err != nil {
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewerFormat) && !strings.Contains(err.Error(), "not from stator") || !strings.Contains(err.Error(), name) {
			return "refused", "the error does not name the file: " + err.Error()
		}
		return "refused", ""
	}
	wrong, err = wrongRead(s, pairs)
	closeErr := s.Close()
	switch {
	case wrong != "":
		return "opened", wrong
	case err != nil && !strings.Contains(lines.String(), name):
		return "failed", fmt.Sprintf("the log does not name the file (error %v): %s", err, lines.String())
	case err != nil:
		return "failed", ""
	case closeErr != nil:
		return "opened", closeErr.Error()
	}
	return "harmless", ""
}

// stores returns a directory after a crash and the same one after it was closed
// in order, and the name of the log that was written last.
func stores(t *testing.T) (crashed, closed copied, lastLog string, pairs map[string]string) {
	fs := vfs.NewCrashableMem()
	s := mustOpen(t, fs, "data", Options{})
	pairs = written(t, s)
	crashed = copyDir(t, powerFails(fs, 0), "data")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed = copyDir(t, fs, "data")
	for name := range crashed {
		if strings.HasSuffix(name, ".log") {
			lastLog = max(lastLog, name)
		}
	}
	return crashed, closed, lastLog, pairs
}

// Whatever happens to a file of a store that was closed in order, nothing wrong
// is read from it, and nothing that is missing is passed over.
func TestDamageIsNeverServed(t *testing.T) {
	_, dir, _, pairs := stores(t)
	testDamage(t, dir, pairs, func(string, string, int) bool { return true })
}

// After a crash there is one thing that cannot be noticed: that of the file
// that was written last the end is gone, as it may never have been written. It
// is the last log; and the manifest, which may lose the last tables unless a
// file that it should not name any more is gone.
func TestDamageAfterACrashIsNeverServed(t *testing.T) {
	dir, _, lastLog, pairs := stores(t)
	testDamage(t, dir, pairs, func(name, how string, at int) bool {
		switch {
		case how == "flipped":
			return true
		case how == "zeroed" && name == lastLog:
			return at < len(dir[name])/2 // before the last syncs, of which the log knows nothing
		default:
			return name != lastLog && !strings.HasPrefix(name, "MANIFEST-")
		}
	})
}

func testDamage(t *testing.T, dir copied, pairs map[string]string, noticed func(name, how string, at int) bool) {
	if outcome, wrong := dir.opened(t, "", pairs); outcome != "harmless" || wrong != "" {
		t.Fatalf("without damage: %s %s", outcome, wrong)
	}
	for name, b := range dir {
		for how, damages := range damagesOf(b) {
			outcomes := map[string]int{}
			for at, damaged := range damages {
				if !noticed(name, how, at) {
					continue
				}
				outcome, wrong := dir.with(name, damaged).opened(t, name, pairs)
				outcomes[outcome]++
				if wrong != "" {
					t.Errorf("%s %s at %d of %d: %s: %s", name, how, at, len(b), outcome, wrong)
				}
			}
			t.Logf("%s (%d bytes) %s: %v", name, len(b), how, outcomes)
		}
	}
}

// damagesOf returns contents of a file that are not what b was.
func damagesOf(b []byte) map[string]map[int][]byte {
	flipped, cut, zeroed := map[int][]byte{}, map[int][]byte{}, map[int][]byte{}
	step := max(1, len(b)/12)
	for at := 0; at < len(b); at += step {
		flipped[at] = bytes.Clone(b)
		flipped[at][at] ^= 1 << (at % 8)
		cut[at] = b[:at:at]
	}
	for at := 0; at+512 < len(b); at += step {
		zeroed[at] = bytes.Clone(b)
		clear(zeroed[at][at : at+512])
	}
	return map[string]map[int][]byte{"flipped": flipped, "cut": cut, "zeroed": zeroed, "missing": {0: nil}}
}

// What a crash leaves of the last log is what was written first, and no error.
func TestATornLogIsNotDamage(t *testing.T) {
	dir, _, lastLog, pairs := stores(t)
	b := dir[lastLog]
	for at := len(b) - 1; at > len(b)-5000; at -= 397 {
		for how, torn := range map[string][]byte{
			"cut":    b[:at],
			"zeroed": append(b[:at:at], make([]byte, len(b)-at)...),
			"old":    append(b[:at:at], bytes.Repeat([]byte{0x5A}, 3000)...),
		} {
			s, err := open(dir.with(lastLog, torn).write(t), "data", Options{})
			if err != nil {
				t.Errorf("%s at %d of %d: %v", how, at, len(b), err)
				continue
			}
			lost := 0
			if err := s.View(ctx, func(r kv.Reader) error {
				for k, v := range pairs {
					got, err := r.Get([]byte(k))
					if err != nil {
						return err
					}
					if string(got[0]) != v {
						lost++
					}
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
			if most := (len(b)-at)/150 + 2; lost > most {
				t.Errorf("%s at %d of %d: %d pairs are lost, want at most %d", how, at, len(b), lost, most)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A bit of a chunk's header makes of it the end of the log, or of another log;
// that is noticed even of the last chunk.
func TestEveryBitOfAHeaderCounts(t *testing.T) {
	dir, _, lastLog, _ := stores(t)
	b := dir[lastLog]
	number, err := strconv.ParseUint(strings.TrimSuffix(lastLog, ".log"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	damage := func() bool {
		_, found, err := findDamage(bytes.NewReader(b), &logRecords{number: uint32(number)})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if damage() {
		t.Fatal("damage in a log that has none")
	}
	chunks := 0
	for start := 0; start < len(b); start += logBlock {
		block := b[start:min(start+logBlock, len(b))]
		for at := 0; !isPadding(block[at:]); chunks++ {
			n := chunkLen(block[at:], &logRecords{number: uint32(number)})
			if n == 0 {
				break
			}
			for bit := range 8 * syncedHeader {
				if chunks%20 != 0 && start+at+n < len(b) { // some, and the last
					continue
				}
				c := &block[at+bit/8]
				*c ^= 1 << (bit % 8)
				if !damage() {
					t.Errorf("bit %d of the chunk at %d of %d", bit, start+at, len(b))
				}
				*c ^= 1 << (bit % 8)
			}
			at += n
		}
	}
	if chunks < 100 {
		t.Errorf("only %d chunks", chunks)
	}
}
