package pebblekv

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// commit makes the writes of tx visible, and leaves the wait for the disk to
// tx.waitForSync.
func (s *store) commit(tx *tx) error {
	if len(tx.ranges) > 0 {
		if err := tx.putRangesFirst(); err != nil {
			return err
		}
	}
	if len(tx.appends) > 0 {
		return s.commitAppends(tx)
	}
	if tx.batch.Empty() {
		return nil
	}
	return s.apply(tx, s.sync == Always)
}

// commitAppends chooses versions and makes them visible before anybody else
// chooses one. So a reader that sees a version sees all lower ones.
func (s *store) commitAppends(tx *tx) error {
	s.appending.Lock()
	defer s.appending.Unlock()
	for _, r := range tx.appends {
		s.version++
		s.layout.append(r.Key, r.Value)
		if err := tx.putRecord(r, s.version); err != nil {
			return err
		}
	}
	reserve := s.version+reservation/2 > s.reserved
	if reserve {
		s.reserved = s.version + reservation
		if err := tx.batch.Set(versionKey, binary.BigEndian.AppendUint64(nil, s.reserved), nil); err != nil {
			return err
		}
	}
	return s.apply(tx, reserve || s.sync == Always)
}

func (s *store) apply(tx *tx, synced bool) error {
	if s.beforeApply != nil {
		s.beforeApply()
	}
	// Pebble panics where it cannot go on. Its locks are held then, and whoever
	// caught the panic would leave a store that answers nobody.
	defer func() {
		if v := recover(); v != nil {
			s.files.end("go on with "+s.dir, fmt.Errorf("%v", v))
		}
	}()
	if len(tx.adds) > 0 || len(tx.ranges) > 0 {
		s.folder.commits.RLock()
		defer s.folder.commits.RUnlock()
	}
	defer s.snapshots.committed()
	if synced {
		s.syncing.Add(1)
		err := s.db.ApplyNoSyncWait(tx.batch, pebble.Sync)
		if tx.syncing = err == nil; !tx.syncing {
			s.syncing.Add(-1)
		}
		return err
	}
	defer s.unsynced.Store(true)
	return s.db.Apply(tx.batch, pebble.NoSync)
}

// reservation is how many versions the store reserves at a time. A reopened
// store goes on after the last reserved version, because the records that a
// reader has seen may be gone: deleted, or undone by a crash. For the same
// reason versions are reserved long before they are used: when half of those
// reserved are left, with a sync, whatever Options.Sync says.
const reservation = 1 << 20

// recoverVersion reserves the first versions of an opened store.
func (s *store) recoverVersion() error {
	value, closer, err := s.db.Get(versionKey)
	switch {
	case err == nil:
		s.version = binary.BigEndian.Uint64(value)
		if err := closer.Close(); err != nil {
			return err
		}
	case !errors.Is(err, pebble.ErrNotFound):
		return err
	}
	s.reserved = s.version + reservation
	return s.db.Set(versionKey, binary.BigEndian.AppendUint64(nil, s.reserved), pebble.Sync)
}
