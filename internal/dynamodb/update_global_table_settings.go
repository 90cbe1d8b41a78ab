package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// UpdateGlobalTableSettings sets how the tables of a global table of the version
// of 2017 are paid for, and their capacity: that of writes for all, that of reads
// for each.
func (s *Service) UpdateGlobalTableSettings(ctx context.Context, in *api.UpdateGlobalTableSettingsInput) (*api.UpdateGlobalTableSettingsOutput, error) {
	name := in.GlobalTableName.V
	out := &api.UpdateGlobalTableSettingsOutput{GlobalTableName: in.GlobalTableName}
	err := s.alterGlobal(ctx, name, func(g *globalTable) error {
		members := g.members()
		if len(members) == 0 || !s.version2017() {
			return noGlobalTable(name)
		}
		if err := g.settled(members); err != nil {
			return err
		}
		if err := g.set(in); err != nil {
			return err
		}
		out.ReplicaSettings = s.describeSettings(members)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (g *globalTable) set(in *api.UpdateGlobalTableSettingsInput) error {
	before := map[string]*table.Table{}
	for _, m := range g.members() {
		before[m.Region] = m.Clone()
		m.State = g.passing(table.Updating)
		if mode := in.GlobalTableBillingMode; mode.Set && mode.V != m.Billing.Mode {
			g.bill(m, mode.V)
		}
		m.Throughput.Write = in.GlobalTableProvisionedWriteCapacityUnits.Or(m.Throughput.Write)
		scale(m, nil, in.GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate)
		for _, u := range in.GlobalTableGlobalSecondaryIndexSettingsUpdate {
			ix := globalIndex(m, u.IndexName.V)
			if ix == nil {
				return noIndex(u.IndexName.V)
			}
			ix.Throughput.Write = u.ProvisionedWriteCapacityUnits.Or(ix.Throughput.Write)
			scaleIndex(m, ix.Name, nil, u.ProvisionedWriteCapacityAutoScalingSettingsUpdate)
		}
	}
	g.states(g.passing(table.Updating))
	for _, u := range in.ReplicaSettingsUpdate {
		m := g.in(u.RegionName.V)
		if m == nil || m.Global == nil {
			return api.NewReplicaNotFoundException(notPart(u.RegionName.V))
		}
		if err := g.setReplica(m, u); err != nil {
			return err
		}
	}
	for _, m := range g.members() {
		if err := g.provision(m, before[m.Region]); err != nil {
			return err
		}
	}
	return nil
}

// setReplica sets what one table has of its own.
func (g *globalTable) setReplica(m *table.Table, u api.ReplicaSettingsUpdate) error {
	m.Throughput.Read = u.ReplicaProvisionedReadCapacityUnits.Or(m.Throughput.Read)
	scale(m, u.ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate, nil)
	if u.ReplicaTableClass.Set && u.ReplicaTableClass.V != m.Class.Name {
		m.Class = table.Class{Name: u.ReplicaTableClass.V, Changed: g.now()}
	}
	for _, of := range u.ReplicaGlobalSecondaryIndexSettingsUpdate {
		ix := globalIndex(m, of.IndexName.V)
		if ix == nil {
			return noIndex(of.IndexName.V)
		}
		ix.Throughput.Read = of.ProvisionedReadCapacityUnits.Or(ix.Throughput.Read)
		scaleIndex(m, ix.Name, of.ProvisionedReadCapacityAutoScalingSettingsUpdate, nil)
	}
	return nil
}

// bill gives m another billing mode. What is paid for by the request has no
// capacity.
func (g *globalTable) bill(m *table.Table, mode string) {
	m.Billing.Mode = mode
	if mode == provisioned {
		return
	}
	m.Billing.Changed = g.now()
	m.Throughput.Read, m.Throughput.Write = 0, 0
	for _, ix := range m.Indexes {
		ix.Throughput.Read, ix.Throughput.Write = 0, 0
	}
}

// provision checks that the capacity of m, which was before, goes with its
// billing, and notes when it went up or down.
func (g *globalTable) provision(m, before *table.Table) error {
	all, were := []*table.Throughput{&m.Throughput}, []table.Throughput{before.Throughput}
	for i, ix := range m.Indexes {
		if !ix.Local {
			all, were = append(all, &ix.Throughput), append(were, before.Indexes[i].Throughput)
		}
	}
	for i, p := range all {
		switch {
		case m.Billing.Mode == payPerRequest && (p.Read > 0 || p.Write > 0):
			return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		case m.Billing.Mode == provisioned && (p.Read == 0 || p.Write == 0):
			return invalid(invalidValues + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
		case m.Billing.Mode == before.Billing.Mode:
			g.date(p, were[i])
		}
	}
	return nil
}

// globalIndex returns the global index of t called name, or nil.
func globalIndex(t *table.Table, name string) *table.Index {
	if ix := t.Index(name); ix != nil && !ix.Local {
		return ix
	}
	return nil
}

func noIndex(name string) error {
	return api.NewIndexNotFoundException("Index not found: " + name)
}
