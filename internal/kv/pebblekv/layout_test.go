package pebblekv

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

// grow puts a pair and n bytes, which cannot be compressed, into each of the
// logs, and flushes.
func grow(t *testing.T, s *store, logs []string, n int) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	for i := range 8 {
		err := s.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
			for _, log := range logs {
				value := make([]byte, n/8)
				_, _ = random.Read(value)
				tx.Append([]byte(log), value)
				tx.Set(fmt.Appendf(nil, "a%s%d", log, i), []byte("1"))
				tx.Set(fmt.Appendf(nil, "z%s%d", log, i), []byte("1"))
			}
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

// tablesOf returns the bounds of tables, without the spaces.
func tablesOf(t *testing.T, s *store) (bounds [][2][]byte) {
	t.Helper()
	levels, err := s.db.SSTables()
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range levels {
		for _, table := range level {
			bounds = append(bounds, [2][]byte{table.Smallest.UserKey[1:], table.Largest.UserKey[1:]})
		}
	}
	return bounds
}

// A log that grows much has tables of its own, and is copied at most once.
func TestBusyLogsHaveTablesOfTheirOwn(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	logs := []string{"s/1", "s/2", "s/3\xff", "s/4"}
	for range 30 {
		grow(t, s, logs, 64<<10)
	}
	for _, bounds := range tablesOf(t, s) {
		for _, log := range logs {
			prefix := []byte(log)
			if bytes.Compare(bounds[0], kv.After(prefix)) < 0 && bytes.Compare(bounds[1], prefix) >= 0 &&
				!(bytes.HasPrefix(bounds[0], prefix) && bytes.HasPrefix(bounds[1], prefix)) {
				t.Errorf("a table has keys of %q and others: from %q to %q", log, bounds[0], bounds[1])
			}
		}
	}
	m := s.db.Metrics()
	var written uint64
	for _, level := range m.Levels {
		written += level.TableBytesCompacted
	}
	if flushed := m.Levels[0].TableBytesFlushed; written > flushed {
		t.Errorf("compactions wrote %d bytes, of %d flushed ones", written, flushed)
	}
}

// Logs that grow little share tables, however many there are.
func TestQuietLogsShareTables(t *testing.T) {
	s := mustOpen(t, vfs.NewMem(), "data", Options{Sync: Never})
	logs := make([]string, 2*maxWritten)
	for i := range logs {
		logs[i] = fmt.Sprintf("s/%05d", i)
	}
	logs = append(logs[:500], append([]string{"s/00500"}, logs[500:]...)...) // one grows twice as fast
	for range 3 {
		grow(t, s, logs, 128)
	}
	if n := len(tablesOf(t, s)); n > 20 {
		t.Errorf("%d tables for %d quiet logs", n, len(logs))
	}
}
