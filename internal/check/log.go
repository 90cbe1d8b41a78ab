package check

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// A print stands for a key or an item. The zero print stands for none.
type print [16]byte

func printOf(b []byte) (p print) {
	if b != nil {
		sum := sha256.Sum256(b)
		copy(p[:], sum[:])
	}
	return p
}

// A trail is where a log leads: what its last record of each item left.
type trail map[print]print

// forget takes the item stored at key off the trail.
func (l trail) forget(key []byte) { delete(l, printOf(key)) }

// meets reports whether the item stored at key is what the log leads to, if it
// knows the item, and takes it off the trail.
func (l trail) meets(key, value []byte) bool {
	if len(l) == 0 {
		return true
	}
	p := printOf(key)
	left, known := l[p]
	delete(l, p)
	return !known || left == printOf(value)
}

// A log is one shard of a stream.
type log struct {
	records kv.Range
	// shard is which one it is of how many, which are 0 if that is not known
	// any more.
	shard, shards int
}

// present returns the logs of a shard of the table's latest stream and of those
// that it took the place of, oldest first.
func (w *walk) present(shard int) (logs []log) {
	s := w.t.Stream
	for _, g := range s.Generations() {
		logs = append(logs, log{kv.Prefix(w.t.Records(g.Number, shard)), shard, s.Shards})
	}
	return logs
}

// log checks the records of logs that follow each other and returns where they
// lead.
func (w *walk) log(logs ...log) (trail, error) {
	left := trail{}
	for _, l := range logs {
		err := w.each(l.records, func(key, value []byte) error {
			w.Records++
			at, r := w.record(l, key, value)
			if r == nil {
				return nil
			}
			p := printOf(at)
			if before, known := left[p]; known && before != printOf(r.Old) {
				w.found(w.logged(MissingRecord, r, "record %x found another item than the record before it left", key))
			}
			left[p] = printOf(r.New)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return left, nil
}

// logged returns a finding about an item that has a record.
func (w *walk) logged(kind Kind, r *stream.Record, detail string, args ...any) Finding {
	f := w.finding(kind, nil, nil, detail, args...)
	f.Key = r.Key.String()
	return f
}

// record checks what a record alone tells. It returns the record and the key
// of its item, or nil if it is damaged or in the log of other items.
func (w *walk) record(l log, key, value []byte) (at []byte, r *stream.Record) {
	r, err := stream.Decode(value)
	if err == nil {
		at, err = w.images(r)
	}
	if err == nil && len(key) != len(l.records.Start)+kv.VersionLen {
		err = errors.New("its key has no version")
	}
	if err != nil {
		w.found(w.finding(DamagedRecord, nil, key, "%v", err))
		return nil, nil
	}
	if l.shards > 0 && table.SegmentOf(at, l.shards) != l.shard {
		w.found(w.logged(MisplacedRecord, r, "record %x is not in the item's shard", key))
		return nil, nil
	}
	return at, r
}

// images checks that a record is of one item and returns where that is stored.
func (w *walk) images(r *stream.Record) ([]byte, error) {
	if err := r.Key.Check(); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	at, err := w.t.Key(r.Key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if r.Old == nil && r.New == nil {
		return nil, errors.New("it has no image")
	}
	for _, image := range []attr.Item{r.Old, r.New} {
		if image == nil {
			continue
		}
		if err := image.Check(); err != nil {
			return nil, fmt.Errorf("image: %w", err)
		}
		if of, _ := w.t.ItemKey(image); !bytes.Equal(of, at) {
			return nil, errors.New("it has an image of another item")
		}
	}
	return at, nil
}

// unmet tells of items that logs lead to and that were not met, though they
// left them there. The logs are read again, as the trail has no keys.
func (w *walk) unmet(logs []log, left trail) error {
	maps.DeleteFunc(left, func(_, p print) bool { return p == print{} })
	for _, l := range logs {
		if len(left) == 0 {
			return nil
		}
		err := w.each(l.records, func(_, value []byte) error {
			r, err := stream.Decode(value)
			if err != nil {
				return nil // which has been told
			}
			at, err := w.images(r)
			p := printOf(at)
			if _, unmet := left[p]; unmet && err == nil {
				delete(left, p)
				w.found(w.logged(UnloggedChange, r, "there is no item, though its last change record left one"))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// oldLogs checks the logs of streams that are not written any more. Items may
// have changed since. Generations of one stream follow each other, but what is
// wrong between two of them is not looked for.
func (w *walk) oldLogs() error {
	end := w.t.NextStream + 1
	if w.t.Stream != nil && w.t.Stream.Enabled {
		end = w.t.Stream.Generations()[0].Number
	}
	in := w.t.Logs(0, end)
	for {
		pair, err := w.first(in)
		if err != nil || pair.Key == nil {
			return err
		}
		p, ok := table.Locate(pair.Key)
		if !ok { // leftovers tells
			in.Start = append(pair.Key, 0)
			continue
		}
		l := log{records: p.Range(), shard: p.Shard}
		if s := w.t.StreamOf(p.Number); s != nil {
			l.shards = s.Shards
		}
		if _, err := w.log(l); err != nil {
			return err
		}
		in.Start = l.records.End
	}
}
