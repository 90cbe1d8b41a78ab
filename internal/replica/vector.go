package replica

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// A Version is a write of an item: when it was made, in microseconds since 1970
// by a clock that never goes back for one item, and in which region.
type Version struct {
	Time   int64
	Region string
}

// At returns the time of the version.
func (v Version) At() time.Time { return time.UnixMicro(v.Time) }

func (v Version) compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Time, w.Time), cmp.Compare(v.Region, w.Region))
}

// A Vector is a version vector: the last write of each region that an item has
// seen, the latest first. That one is the item's: the last writer wins. An item
// that was not written since its replicas were the same has none.
type Vector []Version

var errVector = errors.New("replica: damaged version vector")

// ParseVector reads an encoded vector; of nothing it is empty.
func ParseVector(b []byte) (v Vector, err error) {
	for len(b) > 0 {
		origin := originOf(b)
		if origin == nil {
			return nil, errVector
		}
		v = append(v, Version{int64(binary.BigEndian.Uint64(b)), string(origin)})
		b = b[9+len(origin):]
	}
	return v, nil
}

// encode returns v for ParseVector.
func (v Vector) encode() []byte {
	n := 0
	for _, w := range v {
		n += 9 + len(w.Region)
	}
	b := make([]byte, 0, n)
	for _, w := range v {
		b = appendVersion(b, w)
	}
	return b
}

func appendVersion(b []byte, v Version) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(v.Time))
	return append(append(b, byte(len(v.Region))), v.Region...)
}

// originOf returns the region of the first version of an encoded vector, nil if
// it has none.
func originOf(b []byte) []byte {
	if len(b) < 9 || len(b) < 9+int(b[8]) {
		return nil
	}
	return b[9 : 9+int(b[8])]
}

// Last returns the write that made the item what it is. v must not be empty.
func (v Vector) Last() Version { return v[0] }

// in returns the time of the last write of a region, 0 if there is none.
func (v Vector) in(region string) int64 {
	for _, w := range v {
		if w.Region == region {
			return w.Time
		}
	}
	return 0
}

// covers reports whether v has seen all writes that w has.
func (v Vector) covers(w Vector) bool {
	return !slices.ContainsFunc(w, func(x Version) bool { return v.in(x.Region) < x.Time })
}

// nextVersions returns the encoded vector after a write in a region at now, or a
// little later: it is later than all that the one before has seen.
func nextVersions(before []byte, now time.Time, region string) ([]byte, error) {
	at := now.UnixMicro()
	if len(before) > 0 {
		if originOf(before) == nil {
			return nil, errVector
		}
		at = max(at, int64(binary.BigEndian.Uint64(before))+1)
	}
	next := make([]byte, 0, 9+len(region)+len(before))
	next = appendVersion(next, Version{at, region})
	for len(before) > 0 {
		origin := originOf(before)
		if origin == nil {
			return nil, errVector
		}
		length := 9 + len(origin)
		if string(origin) != region {
			next = append(next, before[:length]...)
		}
		before = before[length:]
	}
	return next, nil
}

// merge returns what an item has seen that has seen both.
func (v Vector) merge(w Vector) Vector {
	both := slices.Concat(v, w)
	slices.SortFunc(both, func(a, b Version) int { return b.compare(a) })
	var merged Vector
	for _, x := range both {
		if merged.in(x.Region) == 0 {
			merged = append(merged, x)
		}
	}
	return merged
}

// A state is an item as a replica has it, nil if there is none, with what it has
// seen.
type state struct {
	item   []byte
	vector Vector
}

// meet returns what becomes of a replica's item when a change arrives from
// another one. If neither had seen the other, they are in conflict: the one that
// was written last wins.
func (s state) meet(arrived state) (after state, conflict bool) {
	switch {
	case s.vector.covers(arrived.vector):
		return s, false
	case arrived.vector.covers(s.vector):
		return arrived, false
	}
	after = s
	if arrived.vector.Last().compare(s.vector.Last()) > 0 {
		after = arrived
	}
	after.vector = s.vector.merge(arrived.vector)
	return after, true
}

func (s state) equal(t state) bool {
	return bytes.Equal(s.item, t.item) && slices.Equal(s.vector, t.vector)
}
