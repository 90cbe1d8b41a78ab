package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// How often a Runner looks at all links, though nobody has told it of changes:
// another process may have made some, and what a process left when it was
// killed was not told of, either.
const (
	moveLook   = 15 * time.Second
	sharedLook = 250 * time.Millisecond
)

// moves is how a Runner hears of changes that are to be made in other regions.
type moves struct {
	wake chan struct{}

	mu  sync.Mutex
	of  map[table.ID]bool // the tables that have changed
	all bool              // look at all
}

func newMoves() *moves {
	return &moves{wake: make(chan struct{}, 1), of: map[table.ID]bool{}}
}

// Changed tells a Runner that an asynchronous table has changed. It does not
// wait.
func (r *Runner) Changed(t *table.Table) {
	r.moves.mu.Lock()
	r.moves.of[t.Short()] = true
	r.moves.mu.Unlock()
	r.moves.signal()
}

// LookAtReplicas has a started Runner look at all links between replicas. It does
// not wait.
func (r *Runner) LookAtReplicas() { r.moves.look() }

func (m *moves) look() {
	m.mu.Lock()
	m.all = true
	m.mu.Unlock()
	m.signal()
}

func (m *moves) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns which tables have changed since it was last called, or that all
// may have.
func (m *moves) take() (of map[table.ID]bool, all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of, all = m.of, m.all
	m.of, m.all = map[table.ID]bool{}, false
	return of, all
}

// A linkage is the links between asynchronous tables, and when there is something
// to do for each.
type linkage struct {
	replica.Mover
	links []linked
}

// A linked is a link, and when the next change on it is due; zero if none is on
// its way.
type linked struct {
	replica.Link
	due time.Time
}

// move makes changes in other regions until ctx ends.
func (r *Runner) move(ctx context.Context) {
	l := &linkage{Mover: replica.Mover{Store: r.store, Now: r.now, Delay: r.lag}}
	look := moveLook
	if r.lease != nil {
		look = sharedLook
	}
	next := time.NewTimer(0)
	defer next.Stop()
	var read, visit time.Time // when to read which links there are, and to visit all
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		case <-r.moves.wake:
		}
		of, all := r.moves.take()
		now := time.Now()
		var err error
		if all || !now.Before(read) || l.misses(of) {
			read = now.Add(moveLook)
			of, err = nil, l.read(ctx, r.now())
		}
		if of == nil || !now.Before(visit) {
			of, visit = nil, now.Add(look)
		}
		wait, visited := r.visit(ctx, l, of)
		err = errors.Join(err, visited)
		if ctx.Err() != nil {
			return
		}
		r.report(moveChanges, err)
		if err != nil {
			read, wait = time.Time{}, soon
		}
		next.Reset(min(wait, max(0, time.Until(visit))))
		// Not at once for every write: what is on its way can wait for company.
		if err := sleep(ctx, r.company()); err != nil {
			return
		}
	}
}

// company is how long to wait for more changes after some.
func (r *Runner) company() time.Duration {
	if r.lag.IsZero() {
		return time.Millisecond
	}
	return 10 * time.Millisecond
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// misses reports whether any of some tables has links that are not known yet.
func (l *linkage) misses(of map[table.ID]bool) bool {
	known := 0
	var last table.ID // the links from one table follow each other
	for _, link := range l.links {
		if id := link.From.Short(); id != last && of[id] {
			known, last = known+1, id
		}
	}
	return known < len(of)
}

// visit makes the changes that are due of the tables that have changed, or if of
// is nil of all, and returns how long to wait for the next ones.
func (r *Runner) visit(ctx context.Context, l *linkage, of map[table.ID]bool) (wait time.Duration, err error) {
	wait = moveLook
	var wrong []error // with one link, which keeps nobody from the others
	for i, link := range l.links {
		due := link.due
		if of != nil && !of[link.From.Short()] && (due.IsZero() || r.now().Before(due)) {
			if !due.IsZero() {
				wait = min(wait, due.Sub(r.now()))
			}
			continue
		}
		due, err := l.deliver(ctx, link.Link)
		switch {
		case errors.Is(err, replica.ErrStale):
			r.moves.look()
			return 0, nil
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err != nil:
			wrong = append(wrong, fmt.Errorf("replicate %s to %s: %w", link.From.ARN(), link.To.Region, err))
		}
		l.links[i].due = due
		if !due.IsZero() {
			wait = min(wait, max(0, due.Sub(r.now())))
		}
	}
	return wait, errors.Join(wrong...)
}

// deliver makes the changes that are due on a link, and returns when the next one
// is.
func (l *linkage) deliver(ctx context.Context, link replica.Link) (due time.Time, err error) {
	for {
		n, due, err := l.Deliver(ctx, link, false)
		if err != nil || n == 0 || due.IsZero() || l.Now().Before(due) {
			return due, err
		}
	}
}

// read finds the links that there are, and brings groups where they are to be.
func (l *linkage) read(ctx context.Context, now time.Time) error {
	groups, err := l.Arrange(ctx)
	l.links = nil
	for _, group := range groups {
		for _, link := range replica.Links(group) {
			l.links = append(l.links, linked{link, now})
		}
	}
	return err
}

// moveAll makes all changes that are due.
func (r *Runner) moveAll(ctx context.Context) error {
	l := &linkage{Mover: replica.Mover{Store: r.store, Now: r.now, Delay: r.lag}}
	for {
		err := l.read(ctx, r.now())
		_, visited := r.visit(ctx, l, nil)
		err = errors.Join(err, visited)
		if _, stale := r.moves.take(); err != nil || !stale {
			return err
		}
	}
}
