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
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 400 {
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
	before := s.Metrics()["disk_bytes"]
	err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
		tx.DeleteRange([]byte("i/"), []byte("i0"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for poll := time.NewTicker(10 * time.Millisecond); s.Metrics()["disk_bytes"] > before/2; {
		select {
		case <-poll.C:
		case <-ctx.Done():
			t.Fatalf("%v of %v bytes are left", s.Metrics()["disk_bytes"], before)
		}
	}
}
