package stream

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"time"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// ErrTrimmed is returned for a place in a log after which there were records
// that are too old to be read.
var ErrTrimmed = errors.New("stream: trimmed")

// The views of a stream.
const (
	KeysOnly  = "KEYS_ONLY"
	NewImage  = "NEW_IMAGE"
	OldImage  = "OLD_IMAGE"
	BothViews = "NEW_AND_OLD_IMAGES"
)

// Images returns what a stream with a view shows of r besides its key, nil for
// an image that it does not show or that is not there.
func (r *Record) Images(view string) (old, now attr.Item) {
	if view == OldImage || view == BothViews {
		old = r.Old
	}
	if view == NewImage || view == BothViews {
		now = r.New
	}
	return old, now
}

// A Version is where in its log a record is. Later records have higher ones; 0
// is before them all.
type Version uint64

// VersionOf returns where in a log the record with a key is.
func VersionOf(log, key []byte) (Version, error) {
	if len(key) != len(log)+kv.VersionLen {
		return 0, errRecord
	}
	return Version(binary.BigEndian.Uint64(key[len(log):])), nil
}

// from returns the range of a log's records from v on.
func from(log []byte, v Version) kv.Range {
	r := kv.Prefix(log)
	r.Start = binary.BigEndian.AppendUint64(log[:len(log):len(log)], uint64(v))
	return r
}

// numberOffset makes all sequence numbers as long as each other.
const numberOffset = 1_000_000_000

// SequenceNumber returns the sequence number of a record in the generation with
// a number: 30 digits, of which the first 10 tell the generation, so a child's
// are higher than its parent's on every engine.
func SequenceNumber(generation uint32, v Version) string {
	return fmt.Sprintf("%010d%020d", numberOffset+uint64(generation), uint64(v))
}

// ParseSequenceNumber reports false for what is no sequence number of the
// generation.
func ParseSequenceNumber(s string, generation uint32) (Version, bool) {
	if len(s) != 30 {
		return 0, false
	}
	v, err := strconv.ParseUint(s[10:], 10, 64)
	if err != nil || v == math.MaxUint64 || s != SequenceNumber(generation, Version(v)) {
		return 0, false
	}
	return Version(v), true
}

// EventID returns what tells a record from all others of all tables.
func EventID(log []byte, v Version) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(bytes.Clone(log), uint64(v)))
	return hex.EncodeToString(sum[:16])
}

// Last returns the version of the last record of a log, 0 if it has none.
func Last(r kv.Reader, log []byte) (Version, error) {
	in := kv.Prefix(log)
	in.Reverse, in.Limit = true, 1
	for pair, err := range r.Scan(in) {
		if err != nil {
			return 0, err
		}
		return VersionOf(log, pair.Key)
	}
	return 0, nil
}

// timeOf returns when a stored record's change was made, without reading the
// rest of it.
func timeOf(value []byte) (time.Time, error) {
	if !known(value) {
		return time.Time{}, fmt.Errorf("%w: unknown version", errRecord)
	}
	d := decoder{rest: value[1:]}
	return time.UnixMilli(int64(d.number())), nil
}

// Peek returns when a stored record's change was made and the version vector of
// its item, a part of value, without reading the rest of it.
func Peek(value []byte) (at time.Time, versions []byte, err error) {
	if at, err = timeOf(value); err != nil || value[0] != versionedRecord {
		return at, nil, err
	}
	d := decoder{rest: value[1:]}
	d.number()
	for range 5 { // key, two parts of the old image, new image, identity
		d.part()
	}
	d.number()
	d.number()
	versions = d.part()
	if d.failed {
		err = errRecord
	}
	return at, versions, err
}

// A Raw is a stored record and where it is. Its value is valid until the next
// one is asked for.
type Raw struct {
	Version Version
	Value   []byte
}

// After returns the records of a log after one of them, however old they are.
// limit is how many are expected to be read.
func After(r kv.Reader, log []byte, v Version, limit int) iter.Seq2[Raw, error] {
	return func(yield func(Raw, error) bool) {
		in := from(log, v+1)
		in.Limit = limit
		for pair, err := range r.Scan(in) {
			raw := Raw{Value: pair.Value}
			if err == nil {
				raw.Version, err = VersionOf(log, pair.Key)
			}
			if !yield(raw, err) || err != nil {
				return
			}
		}
	}
}

// Expired reports whether a stored record is too old to be read at now.
func Expired(value []byte, now time.Time) (bool, error) {
	at, err := timeOf(value)
	return !now.Before(at.Add(table.StreamRetention)), err
}

// A Position is where a reader is in a log.
type Position struct {
	After Version // the last record that it has passed
	// Oldest is set as long as it has seen no record because it is to begin
	// with the oldest that can be read.
	Oldest bool
}

// mostSkipped is how many records that are too old a reader passes in one call.
const mostSkipped = 1000

// An Entry is a record and where it is. It belongs to whoever was given it.
type Entry struct {
	Version Version
	*Record
}

// Read calls take with the records of a log from a position on until it returns
// false for one that it does not want any more. It returns the position after
// the last that was taken, and whether there may be more after it. limit is how
// many are expected to be taken. The error is ErrTrimmed if the reader is to go
// on where records are too old at now.
//
// Trimming leaves the last record of those that are too old in an open shard,
// so that readers who have not come so far meet it.
func Read(r kv.Reader, log []byte, p Position, now time.Time, limit int, take func(Entry) bool) (next Position, more bool, err error) {
	in := from(log, p.After+1)
	in.Limit = limit + 1
	begun, skipped := false, 0
	for pair, err := range r.Scan(in) {
		if err != nil {
			return p, false, err
		}
		v, err := VersionOf(log, pair.Key)
		if err != nil {
			return p, false, err
		}
		if !begun {
			switch expired, err := Expired(pair.Value, now); {
			case err != nil:
				return p, false, err
			case expired && !p.Oldest:
				return p, false, ErrTrimmed
			case expired:
				p.After = v
				if skipped++; skipped == mostSkipped {
					return p, true, nil
				}
				continue
			}
			begun = true
		}
		record, err := Decode(bytes.Clone(pair.Value))
		if err != nil {
			return p, false, err
		}
		if !take(Entry{v, record}) {
			return p, true, nil
		}
		p = Position{After: v}
	}
	return p, false, nil
}

// Before returns the position from which the record with a version is the next,
// or the first after it if there is none. The error is ErrTrimmed if that is
// too old at now.
func Before(r kv.Reader, log []byte, v Version, now time.Time) (Position, error) {
	in := from(log, v)
	in.Limit = 1
	for pair, err := range r.Scan(in) {
		if err != nil {
			return Position{}, err
		}
		if expired, err := Expired(pair.Value, now); err != nil || expired {
			return Position{}, errors.Join(err, trimmed(expired))
		}
		break
	}
	return Position{After: max(v, 1) - 1}, nil
}

// Since returns the position from which the first record of since or later is
// the next. It looks at few records, in the middle of what may be before and
// after that: later records have later times, but for those that were made at
// about the same moment.
func Since(r kv.Reader, log []byte, since, now time.Time) (Position, error) {
	last, err := Last(r, log)
	if err != nil || last == 0 || !now.Before(since.Add(table.StreamRetention)) {
		return Position{Oldest: true}, err
	}
	low, high := Version(0), last+1 // the version that is looked for
	for low < high {
		middle := low + (high-low)/2
		found, at, err := first(r, log, middle)
		switch {
		case err != nil:
			return Position{}, err
		case at.Before(since):
			low = found + 1
		default:
			high = middle
		}
	}
	return Position{After: max(low, 1) - 1}, nil
}

// first returns the first record from a version on, of which there is one.
func first(r kv.Reader, log []byte, v Version) (found Version, at time.Time, err error) {
	in := from(log, v)
	in.Limit = 1
	for pair, err := range r.Scan(in) {
		if err != nil {
			return 0, at, err
		}
		if found, err = VersionOf(log, pair.Key); err != nil {
			return 0, at, err
		}
		at, err = timeOf(pair.Value)
		return found, at, err
	}
	return 0, at, errRecord
}

func trimmed(expired bool) error {
	if expired {
		return ErrTrimmed
	}
	return nil
}
