package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// DescribeGlobalTableSettings returns the settings of the tables of a global table
// of the version of 2017.
func (s *Service) DescribeGlobalTableSettings(ctx context.Context, in *api.DescribeGlobalTableSettingsInput) (*api.DescribeGlobalTableSettingsOutput, error) {
	name := in.GlobalTableName.V
	members, err := s.members(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case len(members) == 0:
		return nil, notFoundGlobal(name)
	}
	return &api.DescribeGlobalTableSettingsOutput{GlobalTableName: in.GlobalTableName, ReplicaSettings: s.describeSettings(members)}, nil
}

func (s *Service) describeSettings(members []*table.Table) []api.ReplicaSettingsDescription {
	var out []api.ReplicaSettingsDescription
	for _, m := range members {
		d := api.ReplicaSettingsDescription{
			RegionName:                                         api.Some(m.Region),
			ReplicaStatus:                                      api.Some(string(m.StatusAt(s.now()))),
			ReplicaBillingModeSummary:                          describeBilling(m),
			ReplicaProvisionedReadCapacityUnits:                api.Some(m.Throughput.Read),
			ReplicaProvisionedWriteCapacityUnits:               api.Some(m.Throughput.Write),
			ReplicaProvisionedReadCapacityAutoScalingSettings:  describeScaling(m.Scaling.Read),
			ReplicaProvisionedWriteCapacityAutoScalingSettings: describeScaling(m.Scaling.Write),
			ReplicaTableClassSummary:                           describeClass(m),
		}
		for _, ix := range m.Indexes {
			if ix.Local {
				continue
			}
			of := m.Scaling.Indexes[ix.Name]
			d.ReplicaGlobalSecondaryIndexSettings = append(d.ReplicaGlobalSecondaryIndexSettings, api.ReplicaGlobalSecondaryIndexSettingsDescription{
				IndexName:                    api.Some(ix.Name),
				IndexStatus:                  api.Some(string(ix.StatusAt(s.now()))),
				ProvisionedReadCapacityUnits: api.Some(ix.Throughput.Read),
				ProvisionedReadCapacityAutoScalingSettings:  describeScaling(of.Read),
				ProvisionedWriteCapacityUnits:               api.Some(ix.Throughput.Write),
				ProvisionedWriteCapacityAutoScalingSettings: describeScaling(of.Write),
			})
		}
		out = append(out, d)
	}
	return out
}
