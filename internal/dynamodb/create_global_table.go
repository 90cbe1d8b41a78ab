package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// CreateGlobalTable makes a global table, of the version of 2017, of the tables
// of a name in several regions. Where there is none it is made. AWS has stopped
// to make any.
func (s *Service) CreateGlobalTable(ctx context.Context, in *api.CreateGlobalTableInput) (*api.CreateGlobalTableOutput, error) {
	if !s.version2017() {
		return nil, invalid(invalidValues + "DynamoDB global tables version 2017.11.29 is not supported. " +
			"We recommend using DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).")
	}
	name := in.GlobalTableName.V
	var regions []string
	for _, r := range in.ReplicationGroup {
		regions = append(regions, r.RegionName.V)
	}
	regions, err := checkRegions(regions)
	switch {
	case err != nil:
		return nil, err
	case len(regions) == 0:
		return nil, invalid(invalidValues + "List of ReplicationGroup is empty")
	}
	out := &api.CreateGlobalTableOutput{}
	err = s.alterGlobal(ctx, name, func(g *globalTable) error {
		if len(g.members()) > 0 {
			return api.NewGlobalTableAlreadyExistsException("Global table with name: '" + name + "' already exists.")
		}
		if err := g.add(regions, table.Global{Created: s.now(), State: s.passing(table.Creating)}); err != nil {
			return err
		}
		if err := s.unite(g.tx, g.members(), s.cfg.Async); err != nil {
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
