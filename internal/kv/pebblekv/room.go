package pebblekv

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
)

const (
	// reserve is how much room on its disk a store leaves. What goes on when
	// writes are refused takes it: two memtables of memTableBytes are written
	// to tables, with a log for each, and a compaction writes new tables, of
	// some 64 MB, before it removes old ones. On a small disk it is an eighth
	// of the whole: what is there to compact is as small.
	reserve      = 128 << 20
	reserveShare = 8

	// A look at the disk takes a microsecond. It is taken when a commit finds
	// that the last one is lookInterval ago or that lookBytes were written
	// since, in which time not even a fast disk loses the reserve.
	lookInterval = 100 * time.Millisecond
	lookBytes    = 4 << 20

	// grudge is how long a write that met a full disk is remembered when the
	// disk says that there is room. Quotas are not in what it says.
	grudge = 2 * time.Second

	// An Update that deletes may add as much as this: a note of what is to be
	// cleared away.
	deleteAllowance = 4 << 10
)

// A room is the room on the disk that holds a store. It refuses what adds to
// the store while there is room yet to delete, to flush and to compact, so that
// a full disk is an error for clients and not the end of the process.
type room struct {
	fs  vfs.FS
	dir string
	log log

	full    atomic.Bool
	written atomic.Int64 // bytes of commits since the last look
	looked  atomic.Int64 // when the last look was, in nanoseconds since 1970

	mu   sync.Mutex
	free uint64    // what the last look found
	low  bool      // not even deletes have room
	met  time.Time // when a write last met a full disk
}

// An unavailable error is a kv.ErrUnavailable with a text for clients.
type unavailable string

func (e unavailable) Error() string      { return string(e) }
func (unavailable) Is(target error) bool { return target == kv.ErrUnavailable }

// admit returns an error if there is no room for what tx writes.
func (r *room) admit(tx *tx) error {
	written := r.written.Add(int64(tx.batch.Len()) + tx.appended)
	if r.full.Load() || written >= lookBytes || time.Now().UnixNano()-r.looked.Load() >= int64(lookInterval) {
		r.look()
	}
	if !r.full.Load() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.low && (tx.added == 0 || tx.deletes && tx.added <= deleteAllowance) {
		return nil
	}
	return unavailable(r.text())
}

func (r *room) text() string {
	return fmt.Sprintf("the disk that holds %s is nearly full (%d MiB free): free some space and it goes on by itself", r.dir, r.free>>20)
}

// look finds out how much room there is. A disk that does not tell has room
// until a write meets its end.
func (r *room) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.written.Store(0)
	r.looked.Store(now.UnixNano())
	usage, err := r.fs.GetDiskUsage(r.dir)
	refused := !r.met.IsZero() && now.Sub(r.met) < grudge
	if err != nil {
		r.judge(refused, false)
		return
	}
	r.free = usage.AvailBytes
	least := min(reserve, usage.TotalBytes/reserveShare)
	if r.full.Load() {
		least += least / 4 // or it would come and go with every flush
	}
	r.judge(refused || r.free < least, r.free < least/2)
}

// meet is told of a write that met a full disk.
func (r *room) meet() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.met = time.Now()
	r.judge(true, r.low)
}

func (r *room) judge(full, low bool) {
	r.low = low
	if !r.full.CompareAndSwap(!full, full) {
		return
	}
	if full {
		r.log.Error(r.text(), "refused", "writes, except deletes")
	} else {
		r.log.Info(fmt.Sprintf("there is room again on the disk that holds %s: writes go on", r.dir))
	}
}
