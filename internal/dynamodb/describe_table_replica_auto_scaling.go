package dynamodb

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// DescribeTableReplicaAutoScaling returns how the capacity of the tables of a
// global table is to follow the use, that of the region of the request among them.
func (s *Service) DescribeTableReplicaAutoScaling(ctx context.Context, in *api.DescribeTableReplicaAutoScalingInput) (*api.DescribeTableReplicaAutoScalingOutput, error) {
	name := s.tableOf(in.TableName.V)
	out := &api.DescribeTableReplicaAutoScalingOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		if !t.Replicated() || t.Global != nil {
			return notReplicated(name)
		}
		replicas, err := s.replicasOf(r, t)
		out.TableAutoScalingDescription = s.describeAutoScaling(t, replicas)
		return err
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// notReplicated is said of a table that is not in a global table of the version
// of 2019.
func notReplicated(name string) error {
	return api.NewResourceNotFoundException("Global table with name: '" + name + "' does not exist.")
}

func (s *Service) describeAutoScaling(t *table.Table, replicas []*table.Table) *api.TableAutoScalingDescription {
	d := &api.TableAutoScalingDescription{TableName: api.Some(t.Name), TableStatus: api.Some(string(t.StatusAt(s.now())))}
	all := append([]*table.Table{t}, replicas...)
	slices.SortFunc(all, func(a, b *table.Table) int { return cmp.Compare(a.Region, b.Region) })
	for _, r := range all {
		of := api.ReplicaAutoScalingDescription{
			RegionName:    api.Some(r.Region),
			ReplicaStatus: api.Some(string(r.StatusAt(s.now()))),
			ReplicaProvisionedReadCapacityAutoScalingSettings:  describeScaling(r.Scaling.Read),
			ReplicaProvisionedWriteCapacityAutoScalingSettings: describeScaling(r.Scaling.Write),
		}
		for _, ix := range r.Indexes {
			if ix.Local {
				continue
			}
			scaling := r.Scaling.Indexes[ix.Name]
			of.GlobalSecondaryIndexes = append(of.GlobalSecondaryIndexes, api.ReplicaGlobalSecondaryIndexAutoScalingDescription{
				IndexName:   api.Some(ix.Name),
				IndexStatus: api.Some(string(ix.StatusAt(s.now()))),
				ProvisionedReadCapacityAutoScalingSettings:  describeScaling(scaling.Read),
				ProvisionedWriteCapacityAutoScalingSettings: describeScaling(scaling.Write),
			})
		}
		d.Replicas = append(d.Replicas, of)
	}
	return d
}
