package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxGlobalTables is how many global tables ListGlobalTables returns unless it is
// told how many.
const maxGlobalTables = 100

// ListGlobalTables returns the global tables of the version of 2017 in byte order
// of their names: all of the account, or those with a table in one region.
func (s *Service) ListGlobalTables(ctx context.Context, in *api.ListGlobalTablesInput) (*api.ListGlobalTablesOutput, error) {
	out := &api.ListGlobalTablesOutput{GlobalTables: []api.GlobalTable{}}
	if !s.version2017() {
		return out, nil
	}
	groups, err := s.globalTables(ctx, in.ExclusiveStartGlobalTableName.V)
	if err != nil {
		return nil, err
	}
	limit := int(in.Limit.Or(maxGlobalTables))
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := api.GlobalTable{GlobalTableName: api.Some(name)}
		here := !in.RegionName.Set
		for _, m := range table.Members(groups[name]) {
			g.ReplicationGroup = append(g.ReplicationGroup, api.Replica{RegionName: api.Some(m.Region)})
			here = here || m.Region == in.RegionName.V
		}
		switch {
		case !here:
		case len(out.GlobalTables) == limit:
			out.LastEvaluatedGlobalTableName = out.GlobalTables[limit-1].GlobalTableName
			return out, nil
		default:
			out.GlobalTables = append(out.GlobalTables, g)
		}
	}
	return out, nil
}

// globalTables returns the tables of all global tables whose names come after a
// name.
func (s *Service) globalTables(ctx context.Context, after string) (groups map[string][]*table.Table, err error) {
	err = s.store.View(ctx, func(r kv.Reader) error {
		groups = map[string][]*table.Table{}
		for _, region := range replicaRegionNames {
			for pair, err := range r.Scan(table.Descriptors(s.account, region, after)) {
				if err != nil {
					return err
				}
				if !table.InGlobal(pair.Value) {
					continue
				}
				t, err := table.Decode(slices.Clone(pair.Value))
				if err != nil {
					return err
				}
				if t.Global != nil && !t.Gone(s.now()) {
					groups[t.Name] = append(groups[t.Name], t)
				}
			}
		}
		return nil
	})
	return groups, err
}
