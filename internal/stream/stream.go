// Package stream keeps the changes of each table in commit order, and reads them
// from a position on. A change is appended in the commit that makes it, so there
// is none without its record and no record without its change. Which logs a
// stream has, and who may read them, is not decided here.
package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Record is one change of one item. Both images are kept whatever the
// stream's view type is: the view is made when a record is read, and streams
// are not the log's only readers.
type Record struct {
	Time     time.Time // to the millisecond
	Key      attr.Item // the attributes of the item's key
	Old, New attr.Item // nil where there was, or is, no item
	// Identity says who made the change if that was not a request: the
	// principal of the service, as TTL has one.
	Identity string
	// Versions is the version vector of the item as the change made it, if the
	// table is replicated through the log: what it means is not decided here.
	Versions []byte
}

// An Event is the kind of a change.
type Event string

// The kinds of changes.
const (
	Insert Event = "INSERT"
	Modify Event = "MODIFY"
	Remove Event = "REMOVE"
)

// Event returns the kind of change that r is.
func (r *Record) Event() Event {
	switch {
	case r.Old == nil:
		return Insert
	case r.New == nil:
		return Remove
	default:
		return Modify
	}
}

// Append adds r, a change of the item stored at key, to the log of t in the
// same commit as the other writes of tx. It does nothing, and reports false, if t
// has no stream.
func Append(tx kv.Tx, t *table.Table, key []byte, r *Record) bool {
	if t.Stream == nil || !t.Stream.Enabled {
		return false
	}
	tx.Append(t.Log(key), r.encode())
	return true
}

// The versions of a stored record. In the first, both images are whole; the last
// has a version vector at its end.
const (
	wholeImages     = 1
	plainRecord     = 2
	versionedRecord = 3
)

// encode writes a version, the time in milliseconds, and the other fields, each
// with its length before it; a nil item has length 0. Most changes leave most
// of an item as it was, so the old image is written as where it differs from
// the new one.
func (r *Record) encode() []byte {
	old := differ(r.Old, r.New)
	b := make([]byte, 0, 42+len(r.Key)+len(old.middle)+len(r.New)+len(r.Identity)+len(r.Versions))
	version := byte(plainRecord)
	if r.Versions != nil {
		version = versionedRecord
	}
	b = append(b, version)
	b = binary.AppendUvarint(b, uint64(r.Time.UnixMilli()))
	for _, part := range [][]byte{r.Key, old.head, old.middle, r.New, []byte(r.Identity)} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendUvarint(b, uint64(old.before))
	b = binary.AppendUvarint(b, uint64(old.after))
	if r.Versions != nil {
		b = binary.AppendUvarint(b, uint64(len(r.Versions)))
		b = append(b, r.Versions...)
	}
	return b
}

// headLen is how many bytes of an image are not looked for in the other: an
// item begins with its size, behind which most of both is the same.
const headLen = 12

// A difference is an image as it differs from another: its first bytes, then so
// many of the other's that come after its first bytes, then its own, then so
// many of the other's last.
type difference struct {
	head, middle  []byte
	before, after int
}

func differ(image, other []byte) difference {
	d := difference{head: image[:min(headLen, len(image))]}
	rest, base := image[len(d.head):], other[min(headLen, len(other)):]
	n := min(len(rest), len(base))
	for d.before < n && rest[d.before] == base[d.before] {
		d.before++
	}
	for d.after < n-d.before && rest[len(rest)-1-d.after] == base[len(base)-1-d.after] {
		d.after++
	}
	d.middle = rest[d.before : len(rest)-d.after]
	return d
}

// image returns the image of which d is the difference from other. It reports
// false if there is none.
func (d difference) image(other []byte) ([]byte, bool) {
	base := other[min(headLen, len(other)):]
	if d.before > len(base) || d.after > len(base)-d.before {
		return nil, false
	}
	if len(d.head)+d.before+len(d.middle)+d.after == 0 {
		return nil, true
	}
	return slices.Concat(d.head, base[:d.before], d.middle, base[len(base)-d.after:]), true
}

// known reports whether b is a record of a version that can be read.
func known(b []byte) bool { return len(b) > 0 && b[0] >= wholeImages && b[0] <= versionedRecord }

var errRecord = errors.New("stream: damaged record")

// Decode reads a record from the value it was appended as. The record's items
// are parts of b, or new.
func Decode(b []byte) (*Record, error) {
	if !known(b) {
		return nil, fmt.Errorf("%w: unknown version", errRecord)
	}
	d := decoder{rest: b[1:]}
	r := &Record{Time: time.UnixMilli(int64(d.number()))}
	if b[0] == wholeImages {
		r.Key, r.Old, r.New, r.Identity = d.part(), d.part(), d.part(), string(d.part())
	} else {
		r.Key = d.part()
		old := difference{head: d.part(), middle: d.part()}
		r.New, r.Identity = d.part(), string(d.part())
		before, after := d.number(), d.number()
		if most := uint64(len(r.New)); before > most || after > most {
			return nil, errRecord
		}
		old.before, old.after = int(before), int(after)
		var ok bool
		if r.Old, ok = old.image(r.New); !ok {
			return nil, errRecord
		}
	}
	if b[0] == versionedRecord {
		r.Versions = d.part()
	}
	if d.failed || len(d.rest) > 0 {
		return nil, errRecord
	}
	return r, nil
}

// A decoder reads what encode has written, until something is wrong.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) number() uint64 {
	n, w := binary.Uvarint(d.rest)
	if w <= 0 {
		d.failed, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[w:]
	return n
}

func (d *decoder) part() []byte {
	n := d.number()
	if n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
	}
	if n == 0 || d.failed {
		return nil
	}
	part := d.rest[:n:n]
	d.rest = d.rest[n:]
	return part
}
