package pebblekv

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// foldEvery is how many deltas of a counter are kept at most before their sum
// takes their place. Pebble sums them up in 30 ns each, at every read until
// they are flushed.
const foldEvery = 256

// A folder replaces the deltas of counters by their sums before there are many,
// so that a Sum takes as long for a table of a million items as for one of a
// hundred.
type folder struct {
	// commits is shared by commits that change counters while they are applied,
	// and held while a counter is read and replaced.
	commits sync.RWMutex

	mu     sync.Mutex
	deltas map[string]*int // how many were added since the counter was folded
}

// note is told of an Add that was committed, and reports whether it is time to
// fold the counter.
func (f *folder) note(key []byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.deltas[string(key)]
	if n == nil {
		n = new(int)
		f.deltas[string(key)] = n
	}
	if *n++; *n < foldEvery {
		return false
	}
	delete(f.deltas, string(key)) // its table may be gone
	return true
}

// counted notes what tx has added, and folds. If a counter cannot be folded it
// stays as it is: reading it tells why.
func (s *store) counted(tx *tx) {
	for _, key := range tx.adds {
		if s.folder.note(key) {
			_ = s.fold(key)
		}
	}
}

// fold is no commit of its own for readers: the total is what it was. Nor need
// it be on the disk before what is committed later.
func (s *store) fold(key []byte) error {
	s.folder.commits.Lock()
	defer s.folder.commits.Unlock()
	k := counterSpace.key(nil, key)
	value, closer, err := s.db.Get(k)
	if err != nil {
		return err
	}
	defer closer.Close()
	return s.db.Set(k, value, pebble.NoSync)
}
