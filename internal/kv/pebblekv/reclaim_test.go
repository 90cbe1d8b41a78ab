package pebblekv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// The space of a deleted range comes back although nothing more is written.
func TestSpaceOfADeletedRangeComesBack(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	writeIncompressible(t, s, 400)
	before := s.Metrics()["disk_bytes"]
	err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
		tx.DeleteRange([]byte("i/"), []byte("i0"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	waitForSpace(t, s, before/2)
}

// Single pairs that were deleted take space until Compact.
func TestCompactGivesSpaceBack(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	writeIncompressible(t, s, 100)
	for i := range 100 {
		err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
			if i%10 != 0 {
				tx.Delete(fmt.Appendf(nil, "i/%03d", i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	before := s.Metrics()["disk_bytes"]
	if err := kv.Compacter(s).Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitForSpace(t, s, before/2)
	err := s.View(t.Context(), func(r kv.Reader) error {
		values, err := r.Get([]byte("i/010"), []byte("i/011"))
		if err == nil && (len(values[0]) != 64<<10 || values[1] != nil) {
			t.Errorf("there are %d and %d bytes", len(values[0]), len(values[1]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// writeIncompressible writes n pairs of 64 KiB each to tables.
func writeIncompressible(t *testing.T, s *store, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
			value := make([]byte, 64<<10) // that cannot be compressed
			for j := range value {
				value[j] = byte(random.Uint32())
			}
			tx.Set(fmt.Appendf(nil, "i/%03d", i), value)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.db.Flush(); err != nil {
		t.Fatal(err)
	}
}

func waitForSpace(t *testing.T, s *store, most float64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for poll := time.NewTicker(10 * time.Millisecond); s.Metrics()["disk_bytes"] > most; {
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("%v bytes are left, want %v at most", s.Metrics()["disk_bytes"], most)
		}
	}
}
