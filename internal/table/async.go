package table

import (
	"bytes"
	"encoding/binary"
	"time"
)

// Async is what a table knows of its replication through the change log.
type Async struct {
	// Versions numbers where the version vectors of its items are. They are only
	// needed for as long as changes are on their way, so from time to time, when
	// there are none, all are left behind and others begin.
	Versions uint32
	Since    time.Time // when they began
}

var asynchronous = []byte(`"Async":{`)

// Asynchronous reports whether the table whose descriptor is raw may be
// replicated through the change log. It does not decode raw.
func Asynchronous(raw []byte) bool { return bytes.Contains(raw, asynchronous) }

var replicated = []byte(`"Replicas":[`)

// MayHaveReplicas reports whether the table whose descriptor is raw may be one
// of a global table. It does not decode raw.
func MayHaveReplicas(raw []byte) bool { return bytes.Contains(raw, replicated) }

// StartVersions gives t a new place for version vectors at now. It returns the key of
// the grave of those that it had, nil if it had none.
func (t *Table) StartVersions(now time.Time) (grave []byte) {
	grave = t.StopVersions()
	t.NextIndex++
	t.Async = &Async{Versions: t.NextIndex, Since: now.UTC().Truncate(time.Millisecond)}
	return grave
}

// StopVersions leaves t without a place for version vectors. It returns what
// StartVersions does.
func (t *Table) StopVersions() (grave []byte) {
	if t.Async != nil {
		grave = t.buryPart(t.Async.Versions).Key
	}
	t.Async = nil
	return grave
}

// VersionKey returns where the version vector of the item stored at key is, of
// a table that is replicated through the log.
func (t *Table) VersionKey(key []byte) []byte {
	at := t.appendSpace(make([]byte, 0, len(key)+4), versionSpace)
	at = binary.BigEndian.AppendUint32(at, t.Async.Versions)
	return append(at, key[1+len(t.id):]...)
}

// CursorKey returns the key of how far the changes of one replica have been made
// in another one.
func CursorKey(from, to ID) []byte {
	key := append(make([]byte, 0, 17), cursorSpace)
	return append(append(key, to[:]...), from[:]...)
}

// Short returns the part of the replica's ID that stands in keys.
func (m Replica) Short() (ID, error) { return shortID(m.ID) }

// ConflictKey returns the key of a conflict about an item of the tables with a
// name: at is when the winner was written, in microseconds since 1970, and hash
// tells it from others.
func ConflictKey(account, name string, at int64, hash uint64) []byte {
	key := binary.BigEndian.AppendUint64(Conflicts(account, name), uint64(at))
	return binary.BigEndian.AppendUint64(key, hash)
}

// ConflictAt returns whose conflict is stored at a key, and when its winner was
// written.
func ConflictAt(key []byte) (name string, at int64, ok bool) {
	if len(key) < len(conflictSpace)+17 {
		return "", 0, false
	}
	end := len(key) - 16
	return string(key[:end]), int64(binary.BigEndian.Uint64(key[end:])), true
}

// Conflicts returns what the keys of the conflicts of the tables with a name
// begin with.
func Conflicts(account, name string) []byte {
	return []byte(conflictSpace + account + "/" + name + "\x00")
}

// AllConflicts returns what the keys of all conflicts begin with.
func AllConflicts() []byte { return []byte(conflictSpace) }

// ReplicaIn returns the ID of the replica of t in a region, "" if there is none.
func (t *Table) ReplicaIn(region string) string {
	for _, m := range t.Replicas {
		if m.Region == region {
			return m.ID
		}
	}
	return ""
}
