// Package stream keeps the changes of each table in commit order. A change is
// appended in the commit that makes it, so there is none without its record
// and no record without its change. Who reads the log, and from where, is not
// decided here.
package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
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
// same commit as the other writes of tx. It does nothing if t has no stream.
func Append(tx kv.Tx, t *table.Table, key []byte, r *Record) {
	if t.Stream == nil || !t.Stream.Enabled {
		return
	}
	tx.Append(t.Log(key), r.encode())
}

const recordVersion = 1

// encode writes a version, the time in milliseconds, and the other fields,
// each with its length before it; a nil item has length 0.
func (r *Record) encode() []byte {
	b := make([]byte, 0, 32+len(r.Key)+len(r.Old)+len(r.New)+len(r.Identity))
	b = append(b, recordVersion)
	b = binary.AppendUvarint(b, uint64(r.Time.UnixMilli()))
	for _, part := range [][]byte{r.Key, r.Old, r.New, []byte(r.Identity)} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

var errRecord = errors.New("stream: damaged record")

// Decode reads a record from the value it was appended as. The record's items
// are parts of b.
func Decode(b []byte) (*Record, error) {
	if len(b) == 0 || b[0] != recordVersion {
		return nil, fmt.Errorf("%w: unknown version", errRecord)
	}
	ms, w := binary.Uvarint(b[1:])
	if w <= 0 {
		return nil, errRecord
	}
	b = b[1+w:]
	var parts [4][]byte
	for i := range parts {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, errRecord
		}
		if n > 0 {
			parts[i] = b[w : w+int(n) : w+int(n)]
		}
		b = b[w+int(n):]
	}
	if len(b) > 0 {
		return nil, errRecord
	}
	return &Record{
		Time:     time.UnixMilli(int64(ms)),
		Key:      parts[0],
		Old:      parts[1],
		New:      parts[2],
		Identity: string(parts[3]),
	}, nil
}
