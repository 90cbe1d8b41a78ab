package pebblekv

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/statordb/stator/internal/kv"
)

// A layout gives busy logs tables of their own.
//
// Pebble compacts a table together with all tables of the next level that hold
// keys between its first and its last. The records of a log come after all
// earlier ones, so a table of nothing else meets none and is moved as it is.
// But a flush puts the records of all logs, and what lies between, into one
// table, which meets all that the logs ever held: without a layout, a store with
// a log in four parts spent half its time on copying the log again and again.
type layout struct {
	mu sync.Mutex
	// written is how many bytes each log grew by since the last flush began, of
	// the first maxWritten logs that grew.
	written map[string]int64

	busy atomic.Pointer[[]pebble.KeyRange] // in order; never nil
}

const (
	// A log is busy if it made this share of a flush, and this many bytes: a
	// flush makes no more than about twice as many tables.
	busyShare = 64
	busyBytes = 32 << 10

	maxWritten = 4096
)

func newLayout() *layout {
	l := &layout{written: map[string]int64{}}
	l.busy.Store(new([]pebble.KeyRange))
	return l
}

// apply has Pebble keep to the layout.
func (l *layout) apply(o *pebble.Options) {
	listener := pebble.EventListener{FlushBegin: l.flush}
	if o.EventListener != nil {
		listener = pebble.TeeEventListener(*o.EventListener, listener)
	}
	o.EventListener = &listener
	o.Experimental.SpanPolicyFunc = l.bound
}

// append is told of every record.
func (l *layout) append(log, value []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, ok := l.written[string(log)]; ok || len(l.written) < maxWritten {
		l.written[string(log)] = n + int64(len(value))
	}
}

// flush is told of every flush when it begins. Pebble calls it with locks held.
func (l *layout) flush(info pebble.FlushInfo) {
	least := max(busyBytes, int64(info.InputBytes/busyShare))
	busy := new([]pebble.KeyRange)
	l.mu.Lock()
	for log, n := range l.written {
		if n >= least {
			start := pairSpace.key(nil, []byte(log))
			*busy = append(*busy, pebble.KeyRange{Start: start, End: kv.After(start)})
		}
	}
	clear(l.written)
	l.mu.Unlock()
	slices.SortFunc(*busy, func(a, b pebble.KeyRange) int { return bytes.Compare(a.Start, b.Start) })
	l.busy.Store(busy)
}

// bound implements pebble.SpanPolicyFunc: it returns where the table that begins
// with start has to end.
func (l *layout) bound(start []byte) (_ pebble.SpanPolicy, end []byte, _ error) {
	for _, log := range *l.busy.Load() {
		if bytes.Compare(start, log.Start) < 0 {
			return pebble.SpanPolicy{}, log.Start, nil
		}
		if bytes.Compare(start, log.End) < 0 {
			return pebble.SpanPolicy{}, log.End, nil
		}
	}
	return pebble.SpanPolicy{}, nil, nil
}
