package replica

import (
	"context"
	"errors"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Status is what is on its way between regions and what has been in conflict.
type Status struct {
	Control
	Links     []LinkStatus
	Conflicts []Conflict // the latest
}

// A LinkStatus is what is on its way from one table to another one.
type LinkStatus struct {
	Account, Table, From, To string
	Backlog                  int       // changes, of which only so many are counted
	Oldest                   time.Time // when the first of them was made; zero if there are none
	Held                     bool      // it is held up
}

// How much is counted and shown.
const (
	shownBacklog   = 100_000
	shownConflicts = 1000
)

// Status returns what is going on in the store.
func (m *Mover) Status(ctx context.Context) (s Status, err error) {
	groups, err := m.Arrange(ctx)
	if err != nil {
		return s, err
	}
	err = m.Store.View(ctx, func(r kv.Reader) error {
		s = Status{}
		if s.Control, _, err = ReadControl(r); err != nil {
			return err
		}
		for _, group := range groups {
			if err := s.add(r, group[0].DescriptorKey()); err != nil {
				return err
			}
		}
		s.Conflicts, err = conflicts(r, shownConflicts)
		return err
	})
	return s, err
}

func (s *Status) add(r kv.Reader, key []byte) error {
	group, err := load(r, key)
	if err != nil || group == nil || group[0].Async == nil {
		return err
	}
	behind, err := Behind(r, Links(group), shownBacklog)
	for _, b := range behind {
		s.Links = append(s.Links, LinkStatus{
			Account: b.From.Account, Table: b.From.Name, From: b.From.Region, To: b.To.Region,
			Backlog: b.Changes, Oldest: b.Oldest, Held: s.Blocks(b.From.Region, b.To.Region),
		})
	}
	return err
}

// Change changes what holds up replication by fn. Once it returns, that holds for
// every write. flush makes what is on its way and not held up without waiting for
// its time.
func (m *Mover) Change(ctx context.Context, fn func(*Control), flush bool) error {
	if err := change(ctx, m.Store, fn); err != nil {
		return err
	}
	groups, err := m.Arrange(ctx)
	for flush && err == nil {
		if err = m.drainAll(ctx, groups); err == nil {
			_, err = m.Arrange(ctx) // some may be done with the log now
			return err
		}
		if errors.Is(err, ErrStale) {
			groups, err = m.Arrange(ctx)
		}
	}
	return err
}

func (m *Mover) drainAll(ctx context.Context, groups [][]*table.Table) error {
	for _, group := range groups {
		if err := m.drain(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// Flush makes what is on its way between the table whose descriptor is at key and
// its replicas, and not held up, without waiting for its time.
func (m *Mover) Flush(ctx context.Context, key []byte) error {
	for {
		var group []*table.Table
		err := m.Store.View(ctx, func(r kv.Reader) (err error) {
			group, err = load(r, key)
			return err
		})
		if err == nil && group != nil && group[0].Async != nil {
			err = m.drain(ctx, group)
		}
		if !errors.Is(err, ErrStale) {
			return err
		}
	}
}
