package dynamodb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

const (
	// tailPoll is how soon a tail looks again without being told to: who writes
	// the table may be another process.
	tailPoll = 250 * time.Millisecond
	// tailPace is the least time between two looks that have found all there was.
	tailPace = 20 * time.Millisecond
	// tailSize is about how much Next returns at most, in bytes of items.
	tailSize = 256 << 10
)

// A Tail reads all shards of a stream, parents before their children, as a
// consumer that is always there does. It is for one goroutine, which must call
// Close at last.
type Tail struct {
	s     *Service
	arn   string
	table table.ID
	// lines are the shards that are open at a time, with the children that come
	// after them: a stream has as many lines for as long as it is there.
	lines []line
	lost  bool          // records may have been trimmed that Next has not told of
	first int           // the line that Next begins with, so that each has its turn
	wake  chan struct{} // has one when the table was written
	seen  time.Time     // when Next last looked, by the machine's clock
}

// A line is where a tail is in a shard.
type line struct {
	number uint32 // of the shard's generation; 0 is the oldest that there is
	at     stream.Position
	// mark is the shard and the sequence number of the last record of the line,
	// 0 in a shard whose parent has been read; "" if nothing has been.
	mark string
}

// A TailRecord is a record and where the tail was after it.
type TailRecord struct {
	// ID is what TailFrom goes on after. It begins with the record's own shard
	// and sequence number.
	ID     string
	Record api.Record
}

// A TailPage is what Next found.
type TailPage struct {
	Records []TailRecord
	// More says that Next is to be called again at once.
	More bool
	// Trimmed says that there were records before these that are too old to be
	// read.
	Trimmed bool
	// Ended says that there will be no more: the stream was disabled.
	Ended bool
}

// Where a new tail begins.
const (
	TailLatest = "latest"
	TailOldest = "oldest"
)

// TailFrom begins to read the stream with an ARN: from TailLatest or TailOldest
// on, or after the record whose ID is after. Account and region are the ARN's,
// or, where ARNs do not tell them, the call's. The error is as that of Do.
func (db *DB) TailFrom(ctx context.Context, call Call, arn, from, after string) (*Tail, error) {
	t, err := db.tailFrom(ctx, call, arn, from, after)
	if err != nil {
		return nil, exception(err)
	}
	return t, nil
}

func (db *DB) tailFrom(ctx context.Context, call Call, arn, from, after string) (*Tail, error) {
	parsed, ok := api.ParseTableARN(arn)
	if !ok || !db.cfg.Profile.anyOwner() && parsed.Account != table.Owner(parsed.Account) {
		return nil, noSuchStream(arn)
	}
	if from != TailLatest && from != TailOldest {
		return nil, invalid("from must be %s or %s", TailLatest, TailOldest)
	}
	t := &Tail{s: db.In(db.cfg.Profile.namespaceOf(parsed, call, db.cfg.Shared)), arn: arn, wake: make(chan struct{}, 1)}
	err := t.s.store.View(ctx, func(r kv.Reader) error {
		in, of, err := t.s.streamOf(r, arn)
		if err != nil {
			return err
		}
		t.table, t.lines = in.Short(), make([]line, of.Shards)
		switch {
		case after != "":
			return t.goOn(of, after)
		case from == TailLatest:
			return t.skip(r, in, of)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	db.tails.add(t)
	return t, nil
}

// Close ends the tail.
func (t *Tail) Close() { t.s.tails.remove(t) }

// skip puts the tail after all that there is.
func (t *Tail) skip(r kv.Reader, in *table.Table, of *table.Stream) error {
	for i := range t.lines {
		last, err := stream.Last(r, in.Records(of.Number, i))
		if err != nil {
			return err
		}
		shard, ok := of.ShardAt(t.s.now(), of.Number, i)
		if !ok {
			continue // and so there is nothing
		}
		t.lines[i] = line{shard.Number, stream.Position{After: last}, mark(shard, last)}
	}
	return nil
}

const (
	betweenMarks = ","
	inMark       = ":"
)

func mark(shard table.Shard, v stream.Version) string {
	return shard.ID + inMark + stream.SequenceNumber(shard.Number, v)
}

// goOn puts the tail where it was after the record with an ID. A line of which
// the ID tells nothing has not been read; one whose shard is gone begins with
// the oldest of its children.
func (t *Tail) goOn(of *table.Stream, id string) error {
	for m := range strings.SplitSeq(id, betweenMarks) {
		shardID, number, _ := strings.Cut(m, inMark)
		shard, ok := of.ShardByID(t.s.now(), shardID)
		if !ok {
			if !strings.HasPrefix(shardID, "shardId-") {
				return invalid("Invalid SequenceNumber for the shard")
			}
			t.lost = true
			continue
		}
		v, ok := stream.ParseSequenceNumber(number, shard.Number)
		if !ok {
			return invalid("Invalid SequenceNumber for the shard")
		}
		t.lines[shard.Index] = line{shard.Number, stream.Position{After: v}, m}
	}
	return nil
}

// ID returns what TailFrom goes on after to read what Next has not returned
// yet; "" is TailOldest.
func (t *Tail) ID() string { return t.id(0) }

// id returns the marks of all lines that have one, first's before the others.
func (t *Tail) id(first int) string {
	marks := make([]string, 0, len(t.lines))
	for i := range t.lines {
		if m := t.lines[(first+i)%len(t.lines)].mark; m != "" {
			marks = append(marks, m)
		}
	}
	return strings.Join(marks, betweenMarks)
}

// Next returns the records that there are now, or the first of them. The error
// is as that of Do, and then the stream cannot be read any more.
func (t *Tail) Next(ctx context.Context) (TailPage, error) {
	t.seen = time.Now()
	before := slices.Clone(t.lines)
	var page TailPage
	err := t.s.store.View(ctx, func(r kv.Reader) error {
		copy(t.lines, before)
		page = TailPage{Trimmed: t.lost, Ended: true}
		in, of, err := t.s.streamOf(r, t.arn)
		if err != nil {
			return err
		}
		if in.Short() != t.table { // another one of the same name
			return noSuchStream(t.arn)
		}
		l := tailLook{Tail: t, r: r, in: in, of: of, now: t.s.now(), page: &page}
		for i := range t.lines {
			if err := l.read((t.first + i) % len(t.lines)); err != nil {
				return err
			}
		}
		return nil
	})
	t.first = (t.first + 1) % max(len(t.lines), 1)
	if err != nil {
		return TailPage{}, exception(err)
	}
	t.lost = false
	return page, nil
}

// A tailLook is one look of a tail at its stream.
type tailLook struct {
	*Tail
	r    kv.Reader
	in   *table.Table
	of   *table.Stream
	now  time.Time
	size int // of what was found
	page *TailPage
}

// read reads what there is of a line, into the children of its shard.
func (l *tailLook) read(i int) error {
	for {
		shard, ok := l.shard(i)
		if !ok {
			return nil
		}
		more, err := l.readShard(i, shard)
		switch {
		case err != nil:
			return err
		case more || shard.Closed.IsZero():
			l.page.More = l.page.More || more
			l.page.Ended = false
			return nil
		}
		child, ok := l.after(shard.Number)
		if !ok {
			return nil
		}
		l.lines[i] = line{number: child, at: stream.Position{Oldest: true}}
		if next, ok := l.of.ShardAt(l.now, child, i); ok {
			l.lines[i].mark = mark(next, 0)
		}
	}
}

// shard returns the shard that line i is in. If that is gone, it is the oldest
// that comes after it.
func (l *tailLook) shard(i int) (table.Shard, bool) {
	at := &l.lines[i]
	if at.number > 0 {
		if shard, ok := l.of.ShardAt(l.now, at.number, i); ok {
			return shard, true
		}
		l.page.Trimmed = true
	}
	next, ok := l.after(at.number)
	if !ok {
		return table.Shard{}, false
	}
	*at = line{number: next, at: stream.Position{Oldest: true}}
	return l.of.ShardAt(l.now, next, i)
}

// after returns the number of the first generation that can be read after the
// one with a number.
func (l *tailLook) after(number uint32) (uint32, bool) {
	for _, g := range l.of.Generations() {
		if g.Number > number && !g.GoneAt(l.now) {
			return g.Number, true
		}
	}
	return 0, false
}

// readShard reads what there is of a shard, and reports whether there is more.
func (l *tailLook) readShard(i int, shard table.Shard) (more bool, err error) {
	at := &l.lines[i]
	log := l.in.Records(shard.Number, shard.Index)
	take := func(e stream.Entry) bool {
		record := l.s.record(l.of, shard, log, e)
		size := int(record.Dynamodb.SizeBytes.V)
		if n := len(l.page.Records); n == maxRecords || n > 0 && l.size+size > tailSize {
			return false
		}
		l.size += size
		at.mark = mark(shard, e.Version)
		l.page.Records = append(l.page.Records, TailRecord{l.id(i), record})
		return true
	}
	at.at, more, err = stream.Read(l.r, log, at.at, l.now, maxRecords-len(l.page.Records), take)
	if errors.Is(err, stream.ErrTrimmed) {
		l.page.Trimmed = true
		at.at = stream.Position{Oldest: true}
		at.at, more, err = stream.Read(l.r, log, at.at, l.now, maxRecords-len(l.page.Records), take)
	}
	return more, err
}

// Wait returns when it is time to call Next again after a page that said
// nothing of more: at once after a write, but never so soon that a reader of a
// table that is always written has the server do nothing else. It also returns
// when ctx ends.
func (t *Tail) Wait(ctx context.Context) {
	if !sleep(ctx, tailPace-time.Since(t.seen), nil) {
		return
	}
	sleep(ctx, tailPoll, t.wake)
}

// sleep waits until d is over or something wakes it. It reports false when ctx
// ended.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-timer.C:
	}
	return true
}

// tails are those who read streams as they are written.
type tails struct {
	n    atomic.Int64 // of open: writes look no further if it is 0
	mu   sync.RWMutex
	open map[*Tail]struct{}
}

func (ts *tails) add(t *Tail) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.open == nil {
		ts.open = map[*Tail]struct{}{}
	}
	ts.open[t] = struct{}{}
	ts.n.Store(int64(len(ts.open)))
}

func (ts *tails) remove(t *Tail) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.open, t)
	ts.n.Store(int64(len(ts.open)))
}

// wrote wakes those who read the streams of tables that were written.
func (ts *tails) wrote(tables []*table.Table) {
	if ts.n.Load() == 0 {
		return
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	for t := range ts.open {
		if !slices.ContainsFunc(tables, func(w *table.Table) bool { return w.Short() == t.table }) {
			continue
		}
		select {
		case t.wake <- struct{}{}:
		default: // it has yet to look anyhow
		}
	}
}
