package dynamodb

import (
	"context"
	"errors"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// UpdateTimeToLive has a table's items expire by an attribute, or not any more.
// From the moment of this change every write says when its item expires; what
// was there before is looked through in the background.
func (s *Service) UpdateTimeToLive(ctx context.Context, in *api.UpdateTimeToLiveInput) (*api.UpdateTimeToLiveOutput, error) {
	name := s.tableOf(in.TableName.V)
	err := s.alter(ctx, name, nil, func(a *alteration) error {
		t := a.t
		if t.StatusAt(s.now()) != table.Updating {
			if err := s.changeable(t); err != nil {
				return err
			}
		}
		if t.Strong {
			return noStrongTTL()
		}
		if err := checkTimeToLive(t.TTL, in.TimeToLiveSpecification, s.cfg.Profile.rest(), s.now()); err != nil {
			return err
		}
		if in.TimeToLiveSpecification.Enabled.V {
			s.enableTTL(t, in.TimeToLiveSpecification.AttributeName.V)
		} else {
			s.disableTTL(a, t)
		}
		a.follow()
		return nil
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	if err != nil {
		return nil, err
	}
	s.wake()
	return &api.UpdateTimeToLiveOutput{TimeToLiveSpecification: in.TimeToLiveSpecification}, nil
}

// checkTimeToLive checks that a time to live can be changed to spec at now, which
// it cannot for a rest after a change. If somebody has set the clock back to before
// the last change, it can.
func checkTimeToLive(ttl *table.TTL, spec *api.TimeToLiveSpecification, rest time.Duration, now time.Time) error {
	on := ttl != nil && ttl.Enabled
	switch {
	case on && spec.AttributeName.V != ttl.Attribute:
		return invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", ttl.Attribute)
	case on && spec.Enabled.V:
		return invalid("TimeToLive is already enabled")
	case !on && !spec.Enabled.V:
		return invalid("TimeToLive is already disabled")
	case ttl != nil && now.Before(ttl.Changed.Add(rest)) && !now.Before(ttl.Changed):
		return invalid("Time to live has been modified multiple times within a fixed interval")
	default:
		return nil
	}
}

func (s *Service) enableTTL(t *table.Table, attribute string) {
	t.NextIndex++
	t.TTL = &table.TTL{
		Attribute:   attribute,
		Enabled:     true,
		Changed:     s.now().UTC(),
		State:       s.passing(table.Enabling),
		Queue:       t.NextIndex,
		Backfilling: true,
	}
}

// disableTTL leaves the queue to be cleared away.
func (s *Service) disableTTL(tx kv.Tx, t *table.Table) {
	tx.Set(t.BuryQueue().Key, nil)
	t.TTL = &table.TTL{
		Attribute: t.TTL.Attribute,
		Changed:   s.now().UTC(),
		State:     s.passing(table.Disabling),
	}
}
