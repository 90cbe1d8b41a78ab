package pgkv

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/statordb/stator/internal/kv"
)

// An index of PostgreSQL takes keys of up to 2 704 bytes. Longer keys are kept
// in a table of their own, by their first headLen bytes, the head, and the
// rest, the tail; at the place of their head, stator_pairs has a pair that
// stands for all of them: a stub. No other key there is as long as a stub. It
// stays when they are deleted, unless a range is that it is in.
const headLen = 2600

func isLong(key []byte) bool { return len(key) >= headLen }

func isStub(key []byte) bool { return len(key) == headLen }

// split returns the head and tail of a long key, and a key that is not long as
// a head. Long keys are in the order of their heads and tails, before and after
// all others, too.
func split(key []byte) (head, tail []byte) {
	if !isLong(key) {
		return key, []byte{}
	}
	return key[:headLen:headLen], key[headLen:]
}

// digest is what a long key is found by.
func digest(key []byte) []byte {
	sum := sha256.Sum256(key)
	return sum[:]
}

// past returns the first key after key.
func past(key []byte) []byte { return append(key[:len(key):len(key)], 0) }

// stubs returns the bounds between which the pairs of r and the stubs of its
// long keys are.
func stubs(r kv.Range) (start, end []byte) {
	start, end = r.Start, r.End
	if isLong(start) {
		start, _ = split(start)
	}
	if isLong(end) {
		end, _ = split(end)
		end = past(end)
	}
	return start, end
}

// whole returns the bounds between which the pairs of r are, and the stubs of
// which all long keys are in r.
func whole(r kv.Range) (start, end []byte) {
	start, end = r.Start, r.End
	if isLong(start) {
		start, _ = split(start)
		start = past(start)
	}
	if isLong(end) {
		end, _ = split(end)
	}
	return start, end
}

// A lockList is the keys of advisory locks, each once, in the order in which
// everybody takes them.
type lockList struct {
	keys   []int64
	shared []bool
}

func (s *store) lockList(l kv.Locks) lockList {
	type lock struct {
		key    int64
		shared bool
	}
	locks := make([]lock, 0, len(l.Hold)+len(l.Share))
	for _, k := range l.Hold {
		locks = append(locks, lock{s.hash('k', k), false})
	}
	for _, k := range l.Share {
		locks = append(locks, lock{s.hash('k', k), true})
	}
	slices.SortFunc(locks, func(a, b lock) int {
		switch {
		case a.key != b.key:
			return compare(a.key, b.key)
		case a.shared == b.shared:
			return 0
		case b.shared:
			return -1 // held before shared
		default:
			return 1
		}
	})
	locks = slices.CompactFunc(locks, func(a, b lock) bool { return a.key == b.key })
	list := lockList{make([]int64, len(locks)), make([]bool, len(locks))}
	for i, l := range locks {
		list.keys[i], list.shared[i] = l.key, l.shared
	}
	return list
}

func compare(a, b int64) int {
	if a < b {
		return -1
	}
	return 1
}

// hash returns the key of an advisory lock: of a key of the map or of a log.
// Locks are the whole database's; the seed is the schema's.
func (s *store) hash(kind byte, key []byte) int64 {
	d := xxhash.NewWithSeed(s.seed + uint64(kind))
	_, _ = d.Write(key) // never fails
	return int64(d.Sum64())
}

// logLocks returns the locks of logs. They are taken after those of keys, by
// transactions that wait for nothing more.
func (s *store) logLocks(logs [][]byte) []int64 {
	keys := make([]int64, len(logs))
	for i, l := range logs {
		keys[i] = s.hash('l', l)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func sortKeys(keys [][]byte) [][]byte {
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal)
}
