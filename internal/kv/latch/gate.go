package latch

import (
	"math"
	"sync/atomic"

	"github.com/statordb/stator/internal/kv"
)

// A Gate lets calls in until it is closed. Its zero value is open.
type Gate struct {
	calls  atomic.Int64 // calls inside, less 2^63 once the gate is closed
	closed atomic.Bool
	empty  chan struct{} // made by Close; told when the last call leaves
}

// Enter begins a call, which must end with Leave. It returns kv.ErrClosed,
// and nothing has begun, if Close was called before.
func (g *Gate) Enter() error {
	if g.calls.Add(1) < 0 {
		g.Leave()
		return kv.ErrClosed
	}
	return nil
}

// Leave ends a call.
func (g *Gate) Leave() {
	if g.calls.Add(-1) != math.MinInt64 {
		return
	}
	select {
	case g.empty <- struct{}{}:
	default: // a call that came too late; Close has been told before
	}
}

// Close lets no more calls in and waits for those inside. When it is called
// again it returns kv.ErrClosed at once.
func (g *Gate) Close() error {
	if !g.closed.CompareAndSwap(false, true) {
		return kv.ErrClosed
	}
	g.empty = make(chan struct{}, 1)
	if g.calls.Add(math.MinInt64) != math.MinInt64 {
		<-g.empty
	}
	return nil
}
