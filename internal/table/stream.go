package table

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/statordb/stator/internal/kv"
)

// StreamRetention is how long a change can be read after it was made, and a
// stream after it was disabled.
const StreamRetention = 24 * time.Hour

// A Stream is a table's change stream. Its shards are replaced by others every
// so often: those that are open at the same time are a generation, and the
// logs of a generation have its number in their keys.
type Stream struct {
	Number  uint32 // of the latest generation
	Label   string // also the moment at which it was enabled
	View    string
	Enabled bool
	// Shards is how many logs the changes are spread over. All changes of one
	// item are in one log, and those in the next generation in that log's
	// child.
	Shards int
	// Rollover is how long a generation is open; 0 is as long as the stream is
	// enabled.
	Rollover time.Duration `json:",omitzero"`
	// Opened is when the latest generation began. Streams of before there were
	// generations lack it, and so it is the label's moment.
	Opened   time.Time    `json:",omitzero"`
	Disabled time.Time    `json:",omitzero"`  // zero while it is enabled
	Past     []Generation `json:",omitempty"` // that are closed, oldest first
}

// A Generation is the shards of a stream that are open at the same time.
type Generation struct {
	Number uint32 // of all generations of all streams of the table, later ones are higher
	Opened time.Time
	Closed time.Time `json:"-"` // zero if it is open
}

// GoneAt reports whether nothing of the generation can be read at now: its
// records are older than its end.
func (g Generation) GoneAt(now time.Time) bool {
	return !g.Closed.IsZero() && !now.Before(g.Closed.Add(StreamRetention))
}

// maxGenerations is how many generations a stream keeps. Every write compares
// the descriptor, which lists them, so one that is to be rolled over more often
// waits until the oldest is gone.
const maxGenerations = 100

const labelLayout = "2006-01-02T15:04:05.000"

// prepare fills in what is not known of streams that were stored before there
// were generations. One that was disabled then could not be read at all.
func (s *Stream) prepare() {
	if s.Opened.IsZero() {
		s.Opened = s.Created()
	}
	if !s.Enabled && s.Disabled.IsZero() {
		s.Disabled = s.Opened
	}
}

// Created returns when the stream was enabled.
func (s *Stream) Created() time.Time {
	at, err := time.Parse(labelLayout, s.Label)
	if err != nil {
		return time.Time{}
	}
	return at
}

// Generations returns the generations that are known, oldest first.
func (s *Stream) Generations() []Generation {
	list := append(slices.Clip(s.Past), Generation{Number: s.Number, Opened: s.Opened, Closed: s.Disabled})
	for i := range list[1:] {
		list[i].Closed = list[i+1].Opened
	}
	return list
}

// GoneAt reports whether the stream cannot be read any more at now.
func (s *Stream) GoneAt(now time.Time) bool {
	return Generation{Closed: s.Disabled}.GoneAt(now)
}

// A Shard is one of the logs of a stream.
type Shard struct {
	Generation
	Index  int    // of the shards of its generation
	ID     string // which sorts after those of shards before it
	Parent string // the ID of the shard that was closed when it was opened, if that can be read, too
}

// shardID returns the ID of a shard. Its first number is when the shard was
// opened, in milliseconds, as it is on AWS: there are clients that read it.
func shardID(g Generation, index int) string {
	return fmt.Sprintf("shardId-%020d-%04x%04x", g.Opened.UnixMilli(), uint16(g.Number), index)
}

// ShardsAt returns the shards that can be read at now, parents before children.
func (s *Stream) ShardsAt(now time.Time) (shards []Shard) {
	var parent *Generation
	for _, g := range s.Generations() {
		if g.GoneAt(now) {
			continue
		}
		for i := range s.Shards {
			shard := Shard{Generation: g, Index: i, ID: shardID(g, i)}
			if parent != nil {
				shard.Parent = shardID(*parent, i)
			}
			shards = append(shards, shard)
		}
		parent = &g
	}
	return shards
}

// ShardAt returns a shard that can be read at now, without its parent.
func (s *Stream) ShardAt(now time.Time, number uint32, index int) (Shard, bool) {
	for _, g := range s.Generations() {
		if g.Number == number && index >= 0 && index < s.Shards && !g.GoneAt(now) {
			return Shard{Generation: g, Index: index, ID: shardID(g, index)}, true
		}
	}
	return Shard{}, false
}

// ShardByID is ShardAt for the shard with an ID.
func (s *Stream) ShardByID(now time.Time, id string) (Shard, bool) {
	if len(id) < 4 {
		return Shard{}, false
	}
	index, err := strconv.ParseUint(id[len(id)-4:], 16, 16)
	if err != nil {
		return Shard{}, false
	}
	for _, g := range s.Generations() {
		if shardID(g, int(index)) == id {
			return s.ShardAt(now, g.Number, int(index))
		}
	}
	return Shard{}, false
}

// StartStream gives t a new stream. The one before it can be read until it is
// gone.
func (t *Table) StartStream(now time.Time, view string, shards int, rollover time.Duration) {
	now = now.UTC().Truncate(time.Millisecond)
	if old := t.Stream; old != nil {
		if last := old.Created(); !now.After(last) { // a label is never used twice
			now = last.Add(time.Millisecond)
		}
		if !old.GoneAt(now) {
			t.Former = append(t.Former, old)
		}
	}
	t.NextStream++
	t.Stream = &Stream{
		Number: t.NextStream, Label: now.Format(labelLayout), View: view, Enabled: true,
		Shards: shards, Rollover: rollover, Opened: now,
	}
}

// LabelAfter makes the label of s, which nobody has seen yet, sort after
// another one.
func (s *Stream) LabelAfter(label string) {
	if s.Label > label {
		return
	}
	other := Stream{Label: label}
	s.Label = other.Created().Add(time.Millisecond).Format(labelLayout)
}

// StopStream disables the stream of t, which must be enabled.
func (t *Table) StopStream(now time.Time) {
	t.Stream.Enabled = false
	t.Stream.Disabled = now.UTC()
}

// RolloverAt returns when the shards of the stream of t are to be replaced. It
// reports false for never, or not before one of the generations is gone.
func (t *Table) RolloverAt() (time.Time, bool) {
	s := t.Stream
	if s == nil || !s.Enabled || s.Rollover <= 0 || len(s.Past) >= maxGenerations {
		return time.Time{}, false
	}
	return s.Opened.Add(s.Rollover), true
}

// RollOver replaces the shards of the stream of t if that is due at now.
func (t *Table) RollOver(now time.Time) bool {
	if at, ok := t.RolloverAt(); !ok || now.Before(at) {
		return false
	}
	t.replaceShards(now.UTC().Truncate(time.Millisecond))
	return true
}

func (t *Table) replaceShards(now time.Time) {
	s := t.Stream
	s.Past = append(s.Past, Generation{Number: s.Number, Opened: s.Opened})
	t.NextStream++
	s.Number, s.Opened = t.NextStream, now
}

// Known returns the streams that t knows, oldest first: some may be gone.
func (t *Table) Known() []*Stream {
	if t.Stream == nil {
		return nil
	}
	return append(slices.Clip(t.Former), t.Stream)
}

// StreamsAt returns the streams of t that can be read at now, oldest first.
func (t *Table) StreamsAt(now time.Time) []*Stream {
	return slices.DeleteFunc(t.Known(), func(s *Stream) bool { return s.GoneAt(now) })
}

// Dead returns the logs of t that cannot be read at now and that are not known
// to be deleted: those of all generations with numbers from first on and below
// end.
func (t *Table) Dead(now time.Time) (first, end uint32) {
	for _, s := range t.StreamsAt(now) {
		for _, g := range s.Generations() {
			if !g.GoneAt(now) {
				return t.Trimmed + 1, g.Number
			}
		}
	}
	return t.Trimmed + 1, t.NextStream + 1
}

// ForgetStreams takes out of the descriptor what it says of generations with
// numbers below end, whose logs have been deleted.
func (t *Table) ForgetStreams(end uint32) {
	for _, s := range t.Known() {
		s.Past = slices.DeleteFunc(s.Past, func(g Generation) bool { return g.Number < end })
	}
	t.Former = slices.DeleteFunc(t.Former, func(s *Stream) bool { return s.Number < end })
	t.Trimmed = end - 1
}

// StreamOf returns the stream, of those that t knows, that has the generation
// with a number, or nil.
func (t *Table) StreamOf(number uint32) *Stream {
	for _, s := range t.Known() {
		for _, g := range s.Generations() {
			if g.Number == number {
				return s
			}
		}
	}
	return nil
}

// ARNOf returns the resource name of a stream of t.
func (t *Table) ARNOf(s *Stream) string { return t.ARN() + "/stream/" + s.Label }

// Records returns the log of a shard of the generation with a number.
func (t *Table) Records(number uint32, shard int) []byte {
	key := t.appendSpace(make([]byte, 0, 16+kv.VersionLen), streamSpace)
	key = binary.BigEndian.AppendUint32(key, number)
	return binary.BigEndian.AppendUint16(key, uint16(shard))
}
