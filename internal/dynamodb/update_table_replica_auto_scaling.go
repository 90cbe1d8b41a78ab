package dynamodb

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// UpdateTableReplicaAutoScaling sets how the capacity of the tables of a global
// table is to follow the use: that of writes for all, that of reads for each.
func (s *Service) UpdateTableReplicaAutoScaling(ctx context.Context, in *api.UpdateTableReplicaAutoScalingInput) (*api.UpdateTableReplicaAutoScalingOutput, error) {
	name := s.tableOf(in.TableName.V)
	out := &api.UpdateTableReplicaAutoScalingOutput{}
	err := s.alter(ctx, name, nil, func(a *alteration) error {
		if !a.t.Replicated() || a.t.Global != nil {
			return notReplicated(name)
		}
		if err := cmp.Or(a.complete(s.now()), s.changeable(a.t)); err != nil {
			return err
		}
		if err := a.scale(in); err != nil {
			return err
		}
		out.TableAutoScalingDescription = s.describeAutoScaling(a.t, a.replicas)
		return nil
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *alteration) scale(in *api.UpdateTableReplicaAutoScalingInput) error {
	all := a.together()
	for _, t := range all {
		scale(t, nil, in.ProvisionedWriteCapacityAutoScalingUpdate)
		for _, u := range in.GlobalSecondaryIndexUpdates {
			if globalIndex(t, u.IndexName.V) == nil {
				return api.NewResourceNotFoundException(notFound)
			}
			scaleIndex(t, u.IndexName.V, nil, u.ProvisionedWriteCapacityAutoScalingUpdate)
		}
	}
	for _, u := range in.ReplicaUpdates {
		i := slices.IndexFunc(all, func(t *table.Table) bool { return t.Region == u.RegionName.V })
		if i < 0 {
			return noReplica(u.RegionName.V)
		}
		scale(all[i], u.ReplicaProvisionedReadCapacityAutoScalingUpdate, nil)
		for _, of := range u.ReplicaGlobalSecondaryIndexUpdates {
			if globalIndex(all[i], of.IndexName.V) == nil {
				return api.NewResourceNotFoundException(notFound)
			}
			scaleIndex(all[i], of.IndexName.V, of.ProvisionedReadCapacityAutoScalingUpdate, nil)
		}
	}
	return nil
}
