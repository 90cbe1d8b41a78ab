package dynamodb

import (
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// replicaRegions returns the regions that an UpdateTable adds replicas in, of those
// that there are.
func replicaRegions(in *api.UpdateTableInput) (regions []string) {
	for _, u := range in.ReplicaUpdates {
		if u.Create != nil && slices.Contains(replicaRegionNames, u.Create.RegionName.V) {
			regions = append(regions, u.Create.RegionName.V)
		}
	}
	return regions
}

// A membership carries out one UpdateTable that changes replicas.
type membership struct {
	*Service
	*alteration
	figures figures // of the table
}

func (m *membership) change(in *api.UpdateTableInput) error {
	switch {
	case m.t.Global != nil:
		return invalid("%sTable %s is part of a global table of version %s, whose replicas are changed with UpdateGlobalTable", invalidValues, m.t.Name, version2017)
	case in.MultiRegionConsistency.Set && m.t.Replicated():
		return invalid("MultiRegionConsistency parameter is unsupported on existing global table")
	case in.MultiRegionConsistency.V == api.MultiRegionConsistencyStrong:
		return m.strengthen(in)
	case m.t.Strong:
		return m.weaken(in)
	case in.GlobalTableWitnessUpdates != nil:
		return invalid("MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present.")
	}
	return m.apply(in.ReplicaUpdates)
}

func (m *membership) apply(updates []api.ReplicationGroupUpdate) error {
	if err := m.check(updates); err != nil {
		return err
	}
	m.t.State = m.passing(table.Updating)
	for _, u := range updates {
		var err error
		switch {
		case u.Create != nil:
			err = m.create(u.Create)
		case u.Update != nil:
			err = m.update(u.Update)
		case u.Delete != nil:
			err = m.delete(u.Delete.RegionName.V)
		default:
			err = m.disassociate(u.Disassociate)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// check checks what can be told without the replicas themselves.
func (m *membership) check(updates []api.ReplicationGroupUpdate) error {
	created, deleted := map[string]bool{}, map[string]bool{}
	for _, u := range updates {
		kinds := 0
		for _, there := range []bool{u.Create != nil, u.Update != nil, u.Delete != nil, u.Disassociate != nil} {
			if there {
				kinds++
			}
		}
		switch {
		case kinds > 1:
			return invalid("Update table operation with more than one type of replica actions not allowed")
		case kinds == 0:
			return invalid("There are no actions specified in the Replica Update Action of the request.")
		case u.Create != nil:
			created[u.Create.RegionName.V] = true
		case u.Delete != nil:
			deleted[u.Delete.RegionName.V] = true
		case u.Disassociate != nil && len(updates) > 1:
			return invalid(invalidValues + "Replica modification must be the only operation in the request")
		}
	}
	if max(len(created), len(deleted)) > 1 && !m.t.Strong && !m.cfg.Profile.manyReplicas() {
		return invalid("Update table operation with more than one create or delete replica actions not allowed")
	}
	return nil
}

// replica returns the replica in a region, or nil.
func (m *membership) replica(region string) *table.Table {
	for _, r := range m.others() {
		if r.Region == region {
			return r
		}
	}
	return nil
}

// local refuses to change the table of this region as if it were another one.
func local() error {
	return invalid("Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable as required.")
}

func noReplica(region string) error { return invalid(notPart(region)) }

func notPart(region string) string {
	return "Update global table operation failed because one or more replicas were not part of the global table. " +
		"Please retry the request without these replicas: [" + region + "]."
}

func unsupported(region string) error {
	return invalid("Region %s is not supported. The latest version of global tables are only supported in the following regions: %s", region, replicaRegionList)
}

func (m *membership) create(a *api.CreateReplicationGroupMemberAction) error {
	region := a.RegionName.V
	switch {
	case region == m.region:
		return local()
	case !slices.Contains(replicaRegionNames, region):
		return unsupported(region)
	case slices.ContainsFunc(m.added, func(r *table.Table) bool { return r.Region == region }):
		return nil // the same again
	}
	switch taken, err := m.taken(region); {
	case err != nil:
		return err
	case taken:
		return invalid("Failed to create a the new replica of table with name: ‘%s’ because one or more replicas already existed as tables.", m.t.Name)
	}
	if m.t.Online() != nil {
		return busy(m.t)
	}
	if err := m.settle(m.alteration); err != nil {
		return err
	}
	if !m.t.Strong && (m.t.Stream == nil || !m.t.Stream.Enabled) {
		m.startStream(m.t, stream.BothViews)
		if err := m.relabel(m.Tx, m.t); err != nil {
			return err
		}
	}
	there := m.In(m.account, region)
	r := m.t.Replica(table.NewID(), region)
	r.Created = m.now()
	r.State = m.passing(table.Creating)
	var err error
	if r.SSE, err = there.replicaKey(m.t.SSE, a.KMSMasterKeyId); err != nil {
		return err
	}
	if m.t.Stream != nil && m.t.Stream.Enabled {
		there.startStream(r, m.t.Stream.View)
	}
	if err := there.relabel(m.Tx, r); err != nil {
		return err
	}
	if err := override(r, a.ProvisionedThroughputOverride, a.OnDemandThroughputOverride, a.TableClassOverride, a.GlobalSecondaryIndexes, false); err != nil {
		return err
	}
	r.Join(m.t, m.others())
	m.added = append(m.added, r)
	return m.fill(r)
}

// taken reports whether there is a table of the name in a region.
func (m *membership) taken(region string) (bool, error) {
	values, err := m.Get(table.DescriptorKey(m.account, region, m.t.Name))
	if err != nil || values[0] == nil {
		return false, err
	}
	t, err := table.Decode(values[0])
	return err == nil && !t.Gone(m.now()), err
}

func busy(t *table.Table) error {
	return api.NewResourceInUseException(inUse + "Table is being updated: " + t.Name)
}

// replicaKey returns the key of a replica in this region of a table with a key.
func (s *Service) replicaKey(of *table.SSE, id api.Opt[string]) (*table.SSE, error) {
	switch customer := of != nil && !of.Managed(); {
	case customer && !id.Set:
		return nil, invalid("KMSMasterKeyId must be specified for each replica.")
	case !customer && id.Set && s.cfg.Profile.checksKeys():
		return nil, invalid("All replica keys must either be Customer Managed CMK or AWS Managed CMK.")
	case of == nil && !id.Set:
		return nil, nil
	case id.Set && !s.cfg.Profile.checksKeys():
		return &table.SSE{KeyARN: id.V}, nil
	}
	return s.encryption(&api.SSESpecification{Enabled: api.Some(true), KMSMasterKeyId: id}), nil
}

// encrypt has replicas encrypted with keys of their regions if the table is
// encrypted, and not if it is not.
func (c *change) encrypt() {
	for _, r := range c.together()[1:] {
		switch {
		case c.t.SSE == nil:
			r.SSE = nil
		case r.SSE == nil:
			r.SSE = c.In(c.account, r.Region).encryption(&api.SSESpecification{Enabled: api.Some(true)})
		}
	}
}

// A table with as little as this is copied to a new replica in the commit that
// makes the replica. Nobody writes to the table meanwhile.
const (
	copiedItems = 100
	copiedBytes = 1 << 20
)

// fill gives a new replica the items of the table, or leaves that to be done in
// the background. They are not in its stream.
func (m *membership) fill(r *table.Table) error {
	if m.figures.items > copiedItems || m.figures.bytes > copiedBytes || m.late > 0 {
		r.Filling = &table.Filling{Region: m.region, Backfilling: true}
		return nil
	}
	if _, err := r.Encode(); err != nil { // it is used before it is stored
		return err
	}
	for pair, err := range m.Tx.Scan(m.t.Whole(nil)) {
		if err != nil {
			return err
		}
		w := item.Write{Table: r, Key: r.Twin(pair.Key), New: slices.Clone(pair.Value), Now: m.now(), Unlogged: true}
		if err := w.Do(m.Tx); err != nil {
			return err
		}
	}
	return nil
}

func (m *membership) update(a *api.UpdateReplicationGroupMemberAction) error {
	r := m.replica(a.RegionName.V)
	switch {
	case a.RegionName.V == m.region:
		return local()
	case r == nil:
		return noReplica(a.RegionName.V)
	case a.KMSMasterKeyId.Set:
		return invalid(invalidValues + "KMSMasterKeyId cannot be changed for a replica")
	case a.ProvisionedThroughputOverride == nil && a.OnDemandThroughputOverride == nil && !a.TableClassOverride.Set && a.GlobalSecondaryIndexes == nil:
		return invalid("There are no actions specified in the Replica Update Action of the request.")
	}
	return override(r, a.ProvisionedThroughputOverride, a.OnDemandThroughputOverride, a.TableClassOverride, a.GlobalSecondaryIndexes, true)
}

// override sets what r has of its own. What is as all have it is not of its own.
// Strict refuses capacity that the table's billing does not have.
func override(r *table.Table, p *api.ProvisionedThroughputOverride, o *api.OnDemandThroughputOverride, class api.Opt[string], indexes []api.ReplicaGlobalSecondaryIndex, strict bool) error {
	own := table.Override{Indexes: map[string]table.IndexOverride{}}
	if r.Override != nil {
		own = *r.Override
	}
	if err := overrideReads(r, &own.Read, &own.MaxRead, p, o, strict); err != nil {
		return err
	}
	if own.Read == r.Throughput.Read {
		own.Read = 0
	}
	if class.Set {
		own.Class = class.V
	}
	merged := map[string]table.IndexOverride{}
	for name, of := range own.Indexes {
		merged[name] = of
	}
	for _, g := range indexes {
		of := merged[g.IndexName.V]
		if err := overrideReads(r, &of.Read, &of.MaxRead, g.ProvisionedThroughputOverride, g.OnDemandThroughputOverride, strict); err != nil {
			return err
		}
		if ix := r.Index(g.IndexName.V); ix != nil && of.Read == ix.Throughput.Read {
			of.Read = 0
		}
		merged[g.IndexName.V] = of
		if of == (table.IndexOverride{}) {
			delete(merged, g.IndexName.V)
		}
	}
	own.Indexes = merged
	r.Override = &own
	if own.Read == 0 && own.MaxRead == 0 && own.Class == "" && len(merged) == 0 {
		r.Override = nil
	}
	return nil
}

func overrideReads(r *table.Table, read, maxRead *int64, p *api.ProvisionedThroughputOverride, o *api.OnDemandThroughputOverride, strict bool) error {
	switch {
	case strict && p != nil && r.Billing.Mode == payPerRequest:
		return invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case o != nil && o.MaxReadRequestUnits.Set && r.Billing.Mode == provisioned:
		return invalid("MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED")
	}
	if p != nil && p.ReadCapacityUnits.Set {
		*read = p.ReadCapacityUnits.V
	}
	if o != nil && o.MaxReadRequestUnits.Set {
		*maxRead = o.MaxReadRequestUnits.V
	}
	return nil
}

// delete deletes the table of a region. The others keep what they have.
func (m *membership) delete(region string) error {
	r := m.replica(region)
	switch {
	case region == m.region && !m.cfg.Profile.localReplica():
		return local()
	case region == m.region && m.t.Replicated():
		r = m.t
	case slices.ContainsFunc(m.gone, func(t *table.Table) bool { return t.Region == region }):
		return nil // the same again
	case r == nil:
		return noReplica(region)
	}
	if r.Protected {
		return invalid("Cannot delete table %s in region %s because it has deletion protection enabled. Disable deletion protection first.", r.Name, region)
	}
	_, err := m.In(m.account, region).remove(m.alteration, r)
	return err
}

// disassociate makes the table of this region one of its own, with all it has.
func (m *membership) disassociate(a *api.DisassociateReplicationGroupMemberAction) error {
	switch {
	case a.RegionName.V != m.region:
		return invalid(invalidValues + "Only the replica of the local region can be disassociated")
	case !m.t.Replicated():
		return noReplica(a.RegionName.V)
	case !m.t.Detachable || m.t.Strong:
		return invalid(invalidValues + "Disassociation protection must be disabled before a replica is disassociated")
	}
	if err := m.settle(m.alteration); err != nil {
		return err
	}
	m.part(m.t)
	return nil
}

// describeReplicas says which replicas t has in other regions.
func (s *Service) describeReplicas(d *api.TableDescription, t *table.Table, replicas []*table.Table) {
	switch {
	case t.Global != nil:
		d.GlobalTableVersion = api.Some(version2017) // DescribeGlobalTable says which others there are
		return
	case !t.Replicated():
		return
	}
	d.GlobalTableVersion = api.Some(version2019)
	if t.Strong {
		d.MultiRegionConsistency = api.Some(api.MultiRegionConsistencyStrong)
	} else {
		d.DisassociationProtectionEnabled = api.Some(!t.Detachable)
	}
	if t.Witness != "" {
		d.GlobalTableWitnesses = []api.GlobalTableWitnessDescription{{RegionName: api.Some(t.Witness), WitnessStatus: api.Some("ACTIVE")}}
	}
	for _, r := range replicas {
		d.Replicas = append(d.Replicas, s.describeReplica(r))
	}
}

func (s *Service) describeReplica(r *table.Table) api.ReplicaDescription {
	status := api.Some(string(r.StatusAt(s.now())))
	warm := warmOf(r, r.Warm, r.Throughput)
	d := api.ReplicaDescription{
		RegionName:    api.Some(r.Region),
		ReplicaStatus: status,
		WarmThroughput: &api.TableWarmThroughputDescription{
			ReadUnitsPerSecond: api.Some(warm.Read), WriteUnitsPerSecond: api.Some(warm.Write), Status: status,
		},
		GlobalTableSettingsReplicationMode: api.Some(api.GlobalTableSettingsReplicationModeEnabledWithOverrides),
	}
	if r.SSE != nil {
		d.KMSMasterKeyId = api.Some(r.SSE.KeyARN)
	}
	own := r.Override
	if own == nil {
		own = &table.Override{}
	}
	d.ProvisionedThroughputOverride, d.OnDemandThroughputOverride = describeOverride(own.Read, own.MaxRead)
	if own.Class != "" {
		d.ReplicaTableClassSummary = &api.TableClassSummary{TableClass: api.Some(own.Class)}
	}
	for _, ix := range r.Indexes {
		if ix.Local {
			continue
		}
		g := api.ReplicaGlobalSecondaryIndexDescription{IndexName: api.Some(ix.Name)}
		of := own.Indexes[ix.Name]
		g.ProvisionedThroughputOverride, g.OnDemandThroughputOverride = describeOverride(of.Read, of.MaxRead)
		warm := warmOf(r, ix.Warm, ix.Throughput)
		g.WarmThroughput = &api.GlobalSecondaryIndexWarmThroughputDescription{
			ReadUnitsPerSecond: api.Some(warm.Read), WriteUnitsPerSecond: api.Some(warm.Write), Status: api.Some(string(ix.StatusAt(s.now()))),
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, g)
	}
	return d
}

func describeOverride(read, maxRead int64) (p *api.ProvisionedThroughputOverride, o *api.OnDemandThroughputOverride) {
	if read > 0 {
		p = &api.ProvisionedThroughputOverride{ReadCapacityUnits: api.Some(read)}
	}
	if maxRead != 0 {
		o = &api.OnDemandThroughputOverride{MaxReadRequestUnits: api.Some(maxRead)}
	}
	return p, o
}
