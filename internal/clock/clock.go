// Package clock is the time that a server goes by: the machine's, until
// somebody sets, advances or freezes it. It does not wait: what is due later is
// for others to look for when the clock has changed.
package clock

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Clock tells the time. The zero Clock is the machine's. It may be used by
// several goroutines at once.
type Clock struct {
	mu  sync.Mutex              // held while the setting is replaced
	set atomic.Pointer[setting] // nil if nothing is set
}

// A setting is how a clock differs from the machine's.
type setting struct {
	offset time.Duration // to the machine's clock
	frozen bool
	at     time.Time // what a frozen clock says; otherwise the time at which it was set
}

func (s *setting) now() time.Time {
	switch {
	case s == nil:
		return time.Now()
	case s.frozen:
		return s.at
	default:
		return time.Now().Add(s.offset)
	}
}

// Now returns the time.
func (c *Clock) Now() time.Time { return c.set.Load().now() }

// A State is what a clock says and whether it goes.
type State struct {
	Now    time.Time
	Frozen bool
	Offset time.Duration // to the machine's clock
}

// State returns the clock's state.
func (c *Clock) State() State { return c.set.Load().state() }

func (s *setting) state() State {
	if s == nil {
		return State{Now: time.Now()}
	}
	now := s.now()
	state := State{Now: now, Frozen: s.frozen, Offset: s.offset}
	if s.frozen {
		state.Offset = time.Until(now) // which shrinks
	}
	return state
}

// A Change says what is to become of a clock, in the order of its fields. The
// zero Change changes nothing.
type Change struct {
	Reset   bool          // back to the machine's clock
	Now     time.Time     // the time that it is; zero leaves it
	Advance time.Duration // by how much the clock is put forward, or back
	Frozen  *bool         // whether the clock stands still; nil leaves it
}

// The times that a clock can be set to, and between which there is room for any
// Duration.
var (
	earliest = time.Unix(0, 0)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Change changes the clock and returns its state. If it cannot be set so, it
// stays as it is.
func (c *Clock) Change(by Change) (State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	machine := time.Now()
	var is setting
	if was := c.set.Load(); was != nil && !by.Reset {
		is = *was
	}
	if !is.frozen {
		is.at = machine.Add(is.offset)
	}
	if !by.Now.IsZero() {
		is.at = by.Now
	}
	is.at = is.at.Add(by.Advance).Round(0)
	if is.at.Before(earliest) || is.at.After(latest) {
		return State{}, fmt.Errorf("the clock can be set from %s to %s", earliest.UTC().Format(time.RFC3339), latest.Format(time.RFC3339))
	}
	if by.Frozen != nil {
		is.frozen = *by.Frozen
	}
	is.offset = is.at.Sub(machine)
	if is.offset == 0 && !is.frozen {
		c.set.Store(nil)
	} else {
		c.set.Store(&is)
	}
	return c.State(), nil
}
