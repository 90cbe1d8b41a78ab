// Package fault decides which requests fail though nothing is wrong with them,
// for those who test what their programs do then. It neither makes requests
// fail nor says so; it is pure but for the numbers it draws and the failures it
// counts.
package fault

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Chances are how likely a read or write is to find no throughput left, from 0
// to 1. One draw is compared with both that apply, so the greater one counts.
type Chances struct {
	Any, Read, Write float64
}

// A Set is the faults of one server. They may be changed while it serves. A nil
// Set has none.
type Set struct {
	random func() float64
	active atomic.Pointer[Active]

	mu      sync.Mutex // held from reading what follows to storing active
	chances Chances
	rules   []*rule // the slice is not written to once it is here
	latency Latency
}

// New returns a Set without faults. random returns numbers from 0 up to but not
// 1 and may be called by several at a time; nil is chance.
func New(random func() float64) *Set {
	if random == nil {
		random = rand.Float64
	}
	return &Set{random: random}
}

// Chances returns the chances.
func (s *Set) Chances() Chances {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chances
}

// ChangeChances has change make other chances of those that there are. Requests
// that have begun are not affected.
func (s *Set) ChangeChances(change func(*Chances)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.chances)
	s.activate()
}

// activate has the faults that are set apply from now on.
func (s *Set) activate() {
	if s.chances == (Chances{}) && len(s.rules) == 0 && s.latency == (Latency{}) {
		s.active.Store(nil)
		return
	}
	s.active.Store(&Active{s.random, s.chances, s.rules, s.latency})
}

// Active returns the faults that are to befall a request that begins now, or
// nil if there are none.
func (s *Set) Active() *Active {
	if s == nil {
		return nil
	}
	return s.active.Load()
}

// An Active is the faults of one moment. It does not change, but that its rules
// may run out.
type Active struct {
	random  func() float64
	chances Chances
	rules   []*rule
	latency Latency
}

// happens decides whether something happens that has a probability. What is
// certain is not drawn.
func (a *Active) happens(probability float64) bool {
	return probability > 0 && (probability >= 1 || a.random() < probability)
}

// A Kind is whether something reads or writes items.
type Kind int

// None is neither.
const (
	None Kind = iota
	Read
	Write
)

// KindOf returns the kind of an operation that is carried out as a whole. That
// of a batch is the kind of its members, and that of a statement of PartiQL
// stands in the statement: it returns None for these.
func KindOf(operation string) Kind {
	switch operation {
	case "GetItem", "Query", "Scan", "TransactGetItems", "SearchVectors":
		return Read
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return Write
	}
	return None
}

// Throttles decides whether what is of kind k finds no throughput left, anew at
// each call.
func (a *Active) Throttles(k Kind) bool {
	chance := a.chances.Any
	switch k {
	case Read:
		chance = max(chance, a.chances.Read)
	case Write:
		chance = max(chance, a.chances.Write)
	case None:
		return false
	}
	return a.happens(chance)
}
