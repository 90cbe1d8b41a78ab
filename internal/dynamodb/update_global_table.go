package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// UpdateGlobalTable adds tables to a global table of the version of 2017, or takes
// some out of it, which stay there with their items.
func (s *Service) UpdateGlobalTable(ctx context.Context, in *api.UpdateGlobalTableInput) (*api.UpdateGlobalTableOutput, error) {
	name := in.GlobalTableName.V
	out := &api.UpdateGlobalTableOutput{}
	err := s.alterGlobal(ctx, name, func(g *globalTable) error {
		if len(g.members()) == 0 || !s.version2017() {
			return noGlobalTable(name)
		}
		if err := g.update(in.ReplicaUpdates); err != nil {
			return err
		}
		out.GlobalTableDescription = s.describeGlobalTable(name, g.members())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (g *globalTable) update(updates []api.ReplicaUpdate) error {
	added, removed, err := g.regions(updates)
	if err != nil {
		return err
	}
	members := g.members()
	if err := g.settled(members); err != nil {
		return err
	}
	async := g.cfg.Async || members[0].Async != nil
	if g.late, err = g.disband(g.tx, members); err != nil {
		return err
	}
	if len(added) > 0 {
		if err := g.add(added, *members[0].Global); err != nil {
			return err
		}
	}
	for _, region := range removed {
		g.remove(region)
	}
	g.states(g.passing(table.Updating))
	return g.unite(g.tx, g.members(), async)
}

// regions returns the regions that are to have replicas and those that are to
// have none any more.
func (g *globalTable) regions(updates []api.ReplicaUpdate) (added, removed []string, err error) {
	for _, u := range updates {
		switch {
		case u.Create != nil && u.Delete != nil:
			return nil, nil, invalid("Update global table operation with more than one type of replica actions not allowed")
		case u.Create != nil:
			added = append(added, u.Create.RegionName.V)
		case u.Delete != nil:
			removed = append(removed, u.Delete.RegionName.V)
		default:
			return nil, nil, invalid("There are no actions specified in the Replica Update Action of the request.")
		}
	}
	if added, err = checkRegions(added); err != nil {
		return nil, nil, err
	}
	for _, region := range added {
		if t := g.in(region); t != nil && t.Global != nil {
			return nil, nil, api.NewReplicaAlreadyExistsException("Update global table operation failed because one or more replicas were already part of the global table. " +
				"Please retry the request without these replicas: [" + region + "].")
		}
	}
	for _, region := range removed {
		if t := g.in(region); t == nil || t.Global == nil {
			return nil, nil, api.NewReplicaNotFoundException(notPart(region))
		}
	}
	return added, removed, nil
}
