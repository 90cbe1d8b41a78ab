package pebblekv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// seedsOf returns the seeds of a test: as many as usual, or STATOR_TEST_ROUNDS,
// beginning with 0, or STATOR_TEST_SEED.
func seedsOf(tb testing.TB, usual int64) (seeds []int64) {
	tb.Helper()
	first := fromEnvironment(tb, "STATOR_TEST_SEED", 0)
	for i := range fromEnvironment(tb, "STATOR_TEST_ROUNDS", usual) {
		seeds = append(seeds, first+i)
	}
	return seeds
}

func fromEnvironment(tb testing.TB, name string, usual int64) int64 {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// A power failure takes what was not synced, or any part of it.
func powerFails(fs *vfs.MemFS, seed int64) *vfs.MemFS {
	return fs.CrashClone(vfs.CrashCloneCfg{
		UnsyncedDataPercent: int(seed % 3 * 50),
		RNG:                 rand.New(rand.NewPCG(uint64(seed), 0)),
	})
}

// setBoth commits a pair, a copy of it under another key, and a count of both,
// which no crash may part.
func setBoth(s kv.Store, i int) error {
	k := fmt.Sprintf("%06d", i)
	return s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
		tx.Set([]byte("a/"+k), value)
		tx.Append([]byte("log/"), []byte(k))
		tx.Add([]byte("n"), 1)
		tx.Set([]byte("b/"+k), value)
		return nil
	})
}

// found returns what setBoth has left, after it has seen that it is whole.
func found(s kv.Store) (keys map[string]bool, err error) {
	keys = map[string]bool{}
	err = s.View(ctx, func(r kv.Reader) error {
		n := map[string]int{}
		for _, prefix := range []string{"a/", "b/", "log/"} {
			for p, err := range r.Scan(kv.Prefix([]byte(prefix))) {
				if err != nil {
					return err
				}
				k := string(p.Key[len(prefix):])
				if prefix == "log/" {
					k = string(p.Value)
				}
				n[k]++
				keys[k] = true
			}
		}
		for k, n := range n {
			if n != 3 {
				return fmt.Errorf("of %s there are %d pairs, want 3", k, n)
			}
		}
		totals, err := r.Sum([]byte("n"))
		if err == nil && totals[0] != int64(len(keys)) {
			err = fmt.Errorf("the counter is %d with %d keys", totals[0], len(keys))
		}
		return err
	})
	return keys, err
}

// Each kind of write is on the disk when its Update returns.
func TestEachWriteIsSynced(t *testing.T) {
	for name, write := range map[string]func(kv.Tx){
		"set":          func(tx kv.Tx) { tx.Set([]byte("k"), []byte("v")) },
		"append":       func(tx kv.Tx) { tx.Append([]byte("log/"), []byte("v")) },
		"add":          func(tx kv.Tx) { tx.Add([]byte("n"), 1) },
		"delete":       func(tx kv.Tx) { tx.Delete([]byte("old")) },
		"delete range": func(tx kv.Tx) { tx.DeleteRange([]byte("a"), nil) },
	} {
		fs := vfs.NewCrashableMem()
		s := mustOpen(t, fs, "data", Options{})
		for _, write := range []func(kv.Tx){func(tx kv.Tx) { tx.Set([]byte("old"), nil) }, write} {
			if err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error { write(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if before, after := dump(t, s), dump(t, mustOpen(t, powerFails(fs, 0), "data", Options{})); before != after {
			t.Errorf("%s: %q became %q", name, before, after)
		}
	}
}

// dump returns all pairs and the counter n.
func dump(t *testing.T, s kv.Store) (all string) {
	t.Helper()
	err := s.View(ctx, func(r kv.Reader) error {
		for p, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			all += fmt.Sprintf("%s=%s ", p.Key, p.Value)
		}
		totals, err := r.Sum([]byte("n"))
		all += fmt.Sprint(totals)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAcknowledgedUpdatesOutliveAPowerFailure(t *testing.T) {
	for _, seed := range seedsOf(t, 6) {
		fs := vfs.NewCrashableMem()
		s := mustOpen(t, fs, "data", Options{Sync: Always})
		var (
			mu           sync.Mutex
			acknowledged []int
			wg           sync.WaitGroup
			clone        *vfs.MemFS
			known        []int
		)
		for g := range 4 {
			wg.Go(func() {
				for i := range 30 {
					if err := setBoth(s, g*1000+i); err != nil {
						t.Error(err)
					}
					mu.Lock()
					acknowledged = append(acknowledged, g*1000+i)
					if len(acknowledged) == 60 {
						known = append(known, acknowledged...)
						clone = powerFails(fs, seed) // the others are writing
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		after := mustOpen(t, clone, "data", Options{})
		keys, err := found(after)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, i := range known {
			if !keys[fmt.Sprintf("%06d", i)] {
				t.Errorf("seed %d: update %d was acknowledged and is gone", seed, i)
			}
		}
	}
}

// What is lost without syncs is the end, and not a part of an Update.
func TestUnsyncedUpdatesAreLostFromTheEnd(t *testing.T) {
	for _, seed := range seedsOf(t, 6) {
		fs := vfs.NewCrashableMem()
		s := mustOpen(t, fs, "data", Options{Sync: Never})
		n := 50 + rand.N(50)
		for i := range n {
			if err := setBoth(s, i); err != nil {
				t.Fatal(err)
			}
		}
		after := mustOpen(t, powerFails(fs, seed), "data", Options{})
		keys, err := found(after)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range len(keys) {
			if !keys[fmt.Sprintf("%06d", i)] {
				t.Errorf("seed %d: %d of %d are left, but not the %dth", seed, len(keys), n, i)
			}
		}
	}
}

func TestIntervalSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := vfs.NewCrashableMem()
		s := mustOpen(t, fs, "data", Options{Sync: Interval, Interval: time.Minute})
		if err := setBoth(s, 0); err != nil {
			t.Fatal(err)
		}
		left := func() int {
			after := mustOpen(t, powerFails(fs, 0), "data", Options{})
			keys, err := found(after)
			if err := errors.Join(err, after.Close()); err != nil {
				t.Fatal(err)
			}
			return len(keys)
		}
		if n := left(); n != 0 {
			t.Errorf("%d updates are on the disk before a sync, so this test proves nothing", n)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if n := left(); n != 1 {
			t.Errorf("%d updates are on the disk after the interval, want 1", n)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseSyncs(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := mustOpen(t, fs, "data", Options{Sync: Never})
	if err := errors.Join(setBoth(s, 0), s.Close()); err != nil {
		t.Fatal(err)
	}
	after := mustOpen(t, powerFails(fs, 0), "data", Options{})
	if keys, err := found(after); err != nil || len(keys) != 1 {
		t.Errorf("%d updates are left (error %v), want 1", len(keys), err)
	}
}

// Close leaves nothing that the next start has to read from a log and write to
// a table.
func TestCloseFlushes(t *testing.T) {
	fs := vfs.NewMem()
	s := mustOpen(t, fs, "data", Options{})
	load(t, s, 5000)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := mustOpen(t, fs, "data", Options{}).db.Metrics().Levels[0].TableBytesFlushed; n > 10_000 {
		t.Errorf("the start flushed %d bytes", n)
	}
}

// A reader may have seen a record that the crash undoes. What is appended after
// the crash must not get its version, or the reader would miss it.
func TestVersionsOfLostRecordsAreNotUsedAgain(t *testing.T) {
	versions := func(s kv.Store) (first, last string) {
		err := s.View(ctx, func(r kv.Reader) error {
			for p, err := range r.Scan(kv.Prefix([]byte("log/"))) {
				if err != nil {
					return err
				}
				if last = string(p.Key[4:]); first == "" {
					first = last
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return first, last
	}
	fs := vfs.NewCrashableMem()
	s := mustOpen(t, fs, "data", Options{Sync: Never})
	reserved := s.reserved
	for i, version := range []uint64{reserved - reservation/2, reserved} {
		s.version = version // as if so many records had been appended
		if err := setBoth(s, i); err != nil {
			t.Fatal(err)
		}
	}
	_, seen := versions(s)
	for range 2 {
		fs = powerFails(fs, 0)
		s = mustOpen(t, fs, "data", Options{Sync: Never})
		if err := s.Update(ctx, kv.Locks{}, func(tx kv.Tx) error {
			tx.DeleteRange(nil, nil)
			tx.Append([]byte("log/"), nil)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		first, last := versions(s)
		if first <= seen {
			t.Errorf("version %x after a crash, when %x had been seen", first, seen)
		}
		seen = last
	}
}

// A crash while a store is closed leaves the seal half made, and people leave
// files of their own. The next one to close it in order seals what is the
// store's, and misses nothing else.
func TestASealIsOfTheStoreAlone(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s := mustOpen(t, fs, "data", Options{})
	for _, name := range []string{sealFile + ".new", ".DS_Store"} {
		f, err := fs.Create("data/"+name, vfs.WriteCategoryUnspecified)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Close(), fs.Remove("data/.DS_Store")); err != nil {
		t.Fatal(err)
	}
	text, err := readFile(fs, "data/"+sealFile)
	if lines := strings.Count(text, "\n"); err != nil || lines < 6 {
		t.Errorf("%d lines: %v\n%s", lines, err, text)
	}
	after, err := open(fs, "data", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := after.Close(); err != nil {
		t.Error(err)
	}
}
