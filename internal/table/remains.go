package table

import (
	"slices"
	"strings"
	"time"

	"github.com/statordb/stator/internal/kv"
)

// Remains returns what is left of t when it is deleted at now: a descriptor
// with its streams, which can be read for as long as others that are disabled.
// It returns nil if t has no records that are not known to be deleted.
func (t *Table) Remains(now time.Time) *Table {
	if t.Trimmed == t.NextStream {
		return nil
	}
	left := t.Clone()
	if left.Stream.Enabled {
		left.StopStream(now)
	}
	left.alone()
	left.Replicas = nil
	left.State, left.Indexes, left.TTL, left.Tags, left.Policy = State{}, nil, nil, nil, ""
	left.Attributes = slices.DeleteFunc(left.Attributes, func(a Attribute) bool { return !left.keyed(a.Name) })
	return left
}

// RemainsKey returns the key that the remains of t are stored under.
func (t *Table) RemainsKey() []byte {
	return append(RemainsOf(t.Account, t.Region, t.Name).Start, t.id[:]...)
}

// RemainsOf returns the range of the remains of all tables that have had a
// name.
func RemainsOf(account, region, name string) kv.Range {
	return kv.Prefix([]byte(remainsSpace + account + "/" + region + "/" + name + "\x00"))
}

// RemainsFrom returns the range of the remains of a region's tables with a name
// or one that sorts after it, in byte order of the names.
func RemainsFrom(account, region, name string) kv.Range {
	r := kv.Prefix([]byte(remainsSpace + account + "/" + region + "/"))
	r.Start = append(r.Start, name...)
	return r
}

// AllRemains returns the range of the remains of all tables.
func AllRemains() kv.Range { return kv.Prefix([]byte(remainsSpace)) }

// AreRemains reports whether remains are stored under key.
func AreRemains(key []byte) bool { return strings.HasPrefix(string(key), remainsSpace) }
