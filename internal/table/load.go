package table

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/statordb/stator/internal/kv"
)

// LoadKey returns the key of the note of a load of tables that is under way.
// As long as it is there, what is stored under the ids that it names belongs to
// the load.
func LoadKey(name string) []byte { return []byte(loadSpace + name) }

// Loads returns the range of all loads that are under way.
func Loads() kv.Range { return kv.Prefix([]byte(loadSpace)) }

// LoadLock returns a key that is held by whoever chooses the ids of tables that
// are to be loaded, or makes loaded tables known. Nothing is stored there.
func LoadLock() []byte { return []byte(loadSpace) }

// A Load is the note of one that is under way. Beats grows with each of its
// commits: a load whose beats stand still has ended.
type Load struct {
	Beats uint64
	IDs   []ID
}

// Encode returns the note as it is stored.
func (l Load) Encode() []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+8*len(l.IDs)), l.Beats)
	for _, id := range l.IDs {
		b = append(b, id[:]...)
	}
	return b
}

// DecodeLoad reads a stored note. It reports false for what is none.
func DecodeLoad(raw []byte) (l Load, ok bool) {
	if len(raw) == 0 || len(raw)%8 != 0 {
		return l, false
	}
	l.Beats = binary.BigEndian.Uint64(raw)
	for rest := raw[8:]; len(rest) > 0; rest = rest[8:] {
		l.IDs = append(l.IDs, ID(rest[:8]))
	}
	return l, true
}

// Contents returns the ranges of all pairs that t has at now and that its
// descriptor knows: its items, the entries of its indexes, its queue, its version
// vectors and cursors, and those of its records that can be read. What a table comes to have besides must be added
// here, and to At.
func (t *Table) Contents(now time.Time) []kv.Range {
	all := []kv.Range{t.Whole(nil)}
	for _, ix := range t.Indexes {
		all = append(all, t.Whole(ix))
	}
	if ttl := t.Expiring(); ttl != nil {
		all = append(all, ttl.WholeQueue(t))
	}
	_, first := t.Dead(now)
	if t.Async != nil {
		first = t.Trimmed + 1 // the older ones may be on their way to replicas
		all = append(all, kv.Prefix(binary.BigEndian.AppendUint32(t.appendSpace(nil, versionSpace), t.Async.Versions)), kv.Prefix(t.appendSpace(nil, cursorSpace)))
	}
	if first <= t.NextStream {
		all = append(all, t.Logs(first, t.NextStream+1))
	}
	return all
}

// Within returns what in the key of something that t has, or may come to have,
// does not say that it is t's.
func (t *Table) Within(key []byte) (space Space, rest []byte) { return Space(key[0]), key[9:] }

// At is the inverse of Within. It reports false for what no table like t can
// have.
func (t *Table) At(space Space, rest []byte) (key []byte, ok bool) {
	key = t.appendSpace(make([]byte, 0, 9+len(rest)), byte(space))
	key = append(key, rest...)
	p, ok := Locate(key)
	if !ok || len(key) > kv.MaxKey {
		return nil, false
	}
	switch space {
	case InItems:
	case InEntries:
		ok = slices.ContainsFunc(t.Indexes, func(ix *Index) bool { return ix.ID == p.Number })
	case InQueues:
		ok = t.Expiring() != nil && t.TTL.Queue == p.Number
	case InVersions:
		ok = t.Async != nil && t.Async.Versions == p.Number
	case InCursors:
		ok = t.Async != nil && slices.ContainsFunc(t.Replicas, func(m Replica) bool {
			id, err := m.Short()
			return err == nil && string(id[:]) == string(rest)
		})
	case InRecords:
		s := t.StreamOf(p.Number)
		ok = s != nil && p.Shard < s.Shards && len(rest) == 6+kv.VersionLen
	default:
		ok = false
	}
	return key, ok
}

// Settle makes t, which comes from another store, one of this one at now: it
// gets an id, and its replicas get those that ids has for theirs. Others are not
// there, and it is no replica of theirs. The shards of its stream are closed and
// others opened in their place: in one log, versions of two stores would not be
// in order.
func (t *Table) Settle(id string, ids map[string]string, now time.Time) {
	t.ID = id
	had := t.Replicated()
	t.Replicas = slices.DeleteFunc(t.Replicas, func(r Replica) bool { return ids[r.ID] == "" })
	for i := range t.Replicas {
		t.Replicas[i].ID = ids[t.Replicas[i].ID]
	}
	if had && !t.Replicated() {
		t.alone()
	}
	if t.Stream == nil || !t.Stream.Enabled {
		return
	}
	opened := now.UTC().Truncate(time.Millisecond)
	if last := t.Stream.Opened; !opened.After(last) { // ids of shards are in order
		opened = last.Add(time.Millisecond)
	}
	t.replaceShards(opened)
}

// Without returns remains without the streams that have one of some labels, or
// nil if nothing is left.
func (t *Table) Without(labels []string) *Table {
	rest := slices.DeleteFunc(t.Known(), func(s *Stream) bool { return slices.Contains(labels, s.Label) })
	if len(rest) == 0 {
		return nil
	}
	left := t.Clone()
	last := len(rest) - 1
	left.Former, left.Stream = rest[:last:last], rest[last]
	return left
}

// Labels returns the labels of the streams that t knows.
func (t *Table) Labels() (labels []string) {
	for _, s := range t.Known() {
		labels = append(labels, s.Label)
	}
	return labels
}
