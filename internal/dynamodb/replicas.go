package dynamodb

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// replicaSet returns the replicas of tables, nil if they have none: as they were
// last seen, or if that was not right as they are now.
func (s *Service) replicaSet(ctx context.Context, ts []*table.Table, again bool) (*replica.Set, error) {
	if !slices.ContainsFunc(ts, (*table.Table).Replicated) {
		return nil, nil
	}
	if !again {
		if set := s.cachedReplicas(ts); set != nil {
			return set, nil
		}
	}
	var set *replica.Set
	err := s.store.View(ctx, func(r kv.Reader) error {
		set = &replica.Set{}
		values, err := r.Get(descriptorKeys(ts)...)
		if err != nil {
			return err
		}
		for i, t := range ts {
			if !bytes.Equal(values[i], t.Raw()) {
				return errStale
			}
			replicas, err := s.replicasOf(r, t)
			if err != nil {
				return err
			}
			set.Add(t, replicas)
		}
		return nil
	})
	return set, err
}

// replicasOf reads the descriptors of the replicas of t, in their order.
func (s *Service) replicasOf(r kv.Reader, t *table.Table) ([]*table.Table, error) {
	if !t.Replicated() {
		return nil, nil
	}
	values, err := r.Get(t.ReplicaKeys()...)
	if err != nil {
		return nil, err
	}
	replicas := make([]*table.Table, len(values))
	for i, raw := range values {
		m := t.Replicas[i]
		replicas[i], err = s.In(t.Account, m.Region).decode(t.Name, raw)
		if err == nil && replicas[i].ID != m.ID {
			err = errNoTable
		}
		if err != nil {
			return nil, fmt.Errorf("table %s in %s, replica in %s: %v", t.Name, t.Region, m.Region, err) //nolint:errorlint // it is damage, whatever it is
		}
	}
	return replicas, nil
}

// cachedReplicas returns nil if not all replicas of ts were seen before.
func (s *Service) cachedReplicas(ts []*table.Table) *replica.Set {
	set := &replica.Set{}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, t := range ts {
		if t.Async != nil {
			set.Add(t, nil)
			continue
		}
		replicas := make([]*table.Table, len(t.Replicas))
		for i, m := range t.Replicas {
			replicas[i] = s.tables[tableName{t.Account, m.Region, t.Name}]
			if replicas[i] == nil || replicas[i].ID != m.ID {
				return nil
			}
		}
		set.Add(t, replicas)
	}
	return set
}

// withReplicas returns ts followed by replicas.
func withReplicas(ts, replicas []*table.Table) []*table.Table {
	if len(replicas) == 0 {
		return ts
	}
	return slices.Concat(ts, replicas)
}
