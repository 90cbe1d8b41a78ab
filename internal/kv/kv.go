// Package kv is the ordered, transactional map under everything else. It
// declares what an engine promises and nothing more: engines live below it,
// each in a package of its own, and kvtest checks that they keep the promises.
// It knows bytes only; what the bytes mean is decided above.
package kv

import (
	"context"
	"errors"
	"iter"
)

// A Store is a map from byte keys, in bytewise order, to byte values. Methods
// may be called at once from many goroutines and, if the engine allows it,
// from many processes. View and Update return ctx's error if ctx ends before
// they are done, and then nothing is written; only a commit that has begun
// goes on.
//
// Keys are at most MaxKey bytes long, those of counters and logs MaxName.
//
// Keys and values given to a Store are not changed by it, and the caller must
// not change them afterwards: an engine may keep them. Keys and values that a
// Store hands out belong to the Store; they must not be changed, and they are
// valid until the View or Update that read them returns, unless the engine is
// Stable.
type Store interface {
	// View calls fn with one committed state of the whole map: all reads in
	// one View see the same commits. It returns what fn returns. The state is
	// one that the map had between the call of View and the last read: what is
	// committed before fn's first Scan or Sum may be in it. fn may be called
	// again, with a later state, so what it leaves is to be what its last call
	// found.
	View(ctx context.Context, fn func(Reader) error) error

	// Update calls fn, then commits its writes all together, or none of them
	// if fn returns an error. Between fn's first read and the commit, no other
	// Update that holds one of the same locks commits. Nothing else is
	// promised about fn's reads: only locked keys are stable.
	//
	// When Update returns nil the writes are visible to every later View and
	// Update, and as durable as the engine was opened to make them; and so is
	// all that fn has read, also if it wrote nothing or returned an error. fn may
	// be called again after a conflict, so it must leave no trace but its writes.
	// It must not wait for another Update: keys may share a lock.
	Update(ctx context.Context, locks Locks, fn func(Tx) error) error

	// Close waits for running calls to end and releases the store. Calls that
	// begin after Close, another Close among them, return ErrClosed.
	Close() error
}

// Locks names the keys whose state an Update depends on. A key in Share
// excludes only those who name it in Hold. Keys need not exist, may be named
// twice, and may stand in any order; a key in both is held.
type Locks struct{ Hold, Share [][]byte }

// A Reader reads the map inside a View or an Update. It must not be used from
// two goroutines at once, nor after its function has returned.
type Reader interface {
	// Get returns the values of keys, in the same order; nil means absent. An
	// empty value that is present is not nil. One call is one round trip.
	Get(keys ...[]byte) ([][]byte, error)

	// Scan walks the pairs of r. Breaking the loop frees what the walk holds.
	// After a pair with an error the walk ends. Pairs are valid until the
	// next one is asked for, unless the engine is Stable.
	Scan(r Range) iter.Seq2[Pair, error]

	// Sum returns the present totals of counters, in the order of keys; a
	// counter that was never added to is 0. It may cost more than a Get. In a
	// View the totals are those of the state that the View sees.
	Sum(keys ...[]byte) ([]int64, error)
}

// A Tx reads the state from before its own writes, which it only collects.
// When the same key is written twice, the later write wins.
type Tx interface {
	Reader
	// Set stores value under key. A nil value is stored as an empty one.
	Set(key, value []byte)
	Delete(key []byte)
	// DeleteRange deletes the pairs and counters with start <= key < end that
	// were there before the Update, whose own writes it leaves alone. nil is
	// what it is in a Range. Locks on single keys do not cover it.
	DeleteRange(start, end []byte)

	// Append sets a new key: log followed by VersionLen bytes chosen at
	// commit. Versions of one log grow in commit order, and a reader that has
	// seen a version never finds a lower one in that log later. Two appends to
	// one log in one Update keep their order.
	Append(log, value []byte)

	// Add adds delta to the counter at key, in the same commit. It takes no
	// lock and never conflicts. A key is a counter or a pair, never both.
	Add(key []byte, delta int64)
}

// The most bytes in a key, and in the key of a counter or the name of a log.
const (
	MaxKey  = 16 << 10
	MaxName = 1 << 10
)

// VersionLen is the length in bytes of the suffix Append chooses. Suffixes
// compare bytewise in commit order; they are not contiguous.
const VersionLen = 8

// A Range is the keys with Start <= key < End. A nil Start is the first key,
// a nil End is after the last.
type Range struct {
	Start, End []byte
	Reverse    bool // walk from the last key to the first
	Limit      int  // how many pairs the caller expects to read: a hint; 0 is unknown
}

// A Pair is one key and its value.
type Pair struct{ Key, Value []byte }

// Stable is implemented by engines whose keys and values stay valid for ever
// once handed out, so that callers need not copy what they keep.
type Stable interface{ StableValues() }

// Shared is implemented by engines whose store other processes may have open at
// the same time.
type Shared interface{ SharedStore() }

// A Slicer is an engine whose DeleteRange takes its time for every pair in the
// range. Slice is how many pairs to delete at most in one Update, so that it
// does not keep others waiting.
type Slicer interface{ Slice() int }

// A Metricser has figures to show, by name: bytes on disk, cache hits, number
// of commits. Names are lower-case words joined by underscores.
type Metricser interface{ Metrics() map[string]float64 }

// A Compacter can give back the space that nothing uses any more, all at once and
// not bit by bit. It serves meanwhile.
type Compacter interface {
	Compact(ctx context.Context) error
}

// ErrConflict is returned by Update when it gave up after losing to others.
var ErrConflict = errors.New("kv: conflict")

// ErrClosed is returned by calls on a closed store.
var ErrClosed = errors.New("kv: store is closed")

// ErrNoStore is returned by engines that were to open a store that is there,
// and not to make one.
var ErrNoStore = errors.New("kv: there is no store")

// ErrUnavailable is what an error of View or Update is when the engine cannot
// do what was asked for a reason outside the program, which somebody can mend:
// the disk is full, the database does not answer. The error's text says what
// and what to do, for clients to read. It ends when the cause does. The engine
// logs when it begins and when it ends; callers need not.
var ErrUnavailable = errors.New("kv: unavailable")

// Prefix returns the range of all keys that begin with p.
func Prefix(p []byte) Range { return Range{Start: p, End: After(p)} }

// After returns the first key after all keys that begin with p, or nil if
// there is none because p is empty or all 0xFF.
func After(p []byte) []byte {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] != 0xFF {
			end := append([]byte(nil), p[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}
