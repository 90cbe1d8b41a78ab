package dynamodb

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// UpdateTable changes a table's settings, or adds or drops a global index. A
// new index is kept up to date by every write from the moment of this change,
// and is filled with the items of before while reads and writes go on.
func (s *Service) UpdateTable(ctx context.Context, in *api.UpdateTableInput) (*api.UpdateTableOutput, error) {
	if err := checkUpdateTable(in); err != nil {
		return nil, err
	}
	if in.ReplicaUpdates != nil && !s.manyRegions() {
		return s.withoutReplicas(ctx, in)
	}
	name := s.tableOf(in.TableName.V)
	out := &api.UpdateTableOutput{}
	err := s.alter(ctx, name, replicaRegions(in), func(a *alteration) error {
		for _, t := range a.together() {
			if err := checkOnline(t, in.GlobalSecondaryIndexUpdates, s.now()); err != nil {
				return err
			}
		}
		if err := a.complete(s.now()); err != nil {
			if replicaRegions(in) != nil {
				err = invalid("Create/Update/Delete of replica is not allowed while the replica is being added to table with name: %s", name)
			}
			return err
		}
		if err := s.changeable(a.t); err != nil {
			return err
		}
		f, err := figuresOf(a, a.t)
		if err != nil {
			return err
		}
		if in.ReplicaUpdates != nil {
			m := membership{Service: s, alteration: a, figures: f}
			err = m.change(in)
		} else {
			c := change{Service: s, alteration: a, in: in}
			err = c.apply()
		}
		out.TableDescription = s.describe(a.t, f, a.others())
		return err
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	if err != nil {
		return nil, err
	}
	s.wake()
	return out, nil
}

// manyRegions reports whether there is more than one region to have tables in.
func (s *Service) manyRegions() bool { return !s.cfg.Shared && s.cfg.Profile.replicas() }

// withoutReplicas answers an UpdateTable about replicas where there are none: the
// table stays as it is.
func (s *Service) withoutReplicas(ctx context.Context, in *api.UpdateTableInput) (*api.UpdateTableOutput, error) {
	if !s.cfg.Profile.replicas() {
		return nil, invalid("Nothing to update")
	}
	out, err := s.DescribeTable(ctx, &api.DescribeTableInput{TableName: in.TableName})
	if err != nil {
		return nil, err
	}
	return &api.UpdateTableOutput{TableDescription: out.Table}, nil
}

func checkUpdateTable(in *api.UpdateTableInput) error {
	if in.VectorIndexUpdates != nil || in.GlobalTableSettingsReplicationMode.Set {
		return api.NewUnknownOperationException("global tables of several accounts and vector indexes are not implemented yet")
	}
	settings := in.ProvisionedThroughput != nil || in.BillingMode.Set || len(in.GlobalSecondaryIndexUpdates) > 0 || in.StreamSpecification != nil ||
		in.SSESpecification != nil || in.TableClass.Set || in.DeletionProtectionEnabled.Set || in.OnDemandThroughput != nil || in.WarmThroughput != nil ||
		in.DisassociationProtectionEnabled.Set
	strong := in.MultiRegionConsistency.V == api.MultiRegionConsistencyStrong
	switch {
	case (strong || in.GlobalTableWitnessUpdates != nil) && settings:
		return invalid("Requests that modify replicas or witnesses must not also modify other fields")
	case in.ReplicaUpdates != nil && settings:
		return invalid(invalidValues + "Replica modification must be the only operation in the request")
	case in.ReplicaUpdates != nil:
		return nil
	case !settings:
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	changes, named := 0, map[string]bool{}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create == nil && u.Update == nil && u.Delete == nil:
			return invalid(invalidValues + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null")
		case u.Create != nil && u.Delete != nil, u.Create != nil && u.Update != nil, u.Update != nil && u.Delete != nil:
			return invalid(invalidValues + "Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete may be specified")
		case u.Update == nil:
			changes++
		}
		name := indexOf(u)
		if named[name] {
			return invalid("%sOnly one global secondary index update per index is allowed simultaneously. Index: %s", invalidValues, name)
		}
		named[name] = true
	}
	if changes > 1 {
		return oneOnline()
	}
	return nil
}

// indexOf returns the name of the index that u is about.
func indexOf(u api.GlobalSecondaryIndexUpdate) string {
	switch {
	case u.Create != nil:
		return u.Create.IndexName.V
	case u.Update != nil:
		return u.Update.IndexName.V
	default:
		return u.Delete.IndexName.V
	}
}

const inUse = "Attempt to change a resource which is still in use: "

func oneOnline() error {
	return api.NewLimitExceededException("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
}

// checkOnline checks that no index is added or dropped while another one is.
// To drop an index that is being filled is to give up filling it.
func checkOnline(t *table.Table, updates []api.GlobalSecondaryIndexUpdate, now time.Time) error {
	ix := t.Online()
	if ix == nil {
		return nil
	}
	for _, u := range updates {
		switch {
		case u.Create == nil && u.Delete == nil:
		case u.Create != nil && u.Create.IndexName.V == ix.Name && ix.StatusAt(now) == table.Creating:
			// The two spaces are AWS's own.
			return api.NewResourceInUseException(inUse + "Index is being created.  Table: " + t.Name + " Index: " + ix.Name)
		case u.Create != nil || u.Delete.IndexName.V != ix.Name || ix.StatusAt(now) == table.Deleting:
			return oneOnline()
		case !ix.FillingAt(now):
			return api.NewResourceInUseException(inUse + "Index creation is in resource allocation phase. " +
				"Retry deletion during backfilling phase or when the index is active. Table: " + t.Name + " Index: " + ix.Name)
		}
	}
	return nil
}

// A change carries out one UpdateTable that is about settings.
type change struct {
	*Service
	*alteration
	in *api.UpdateTableInput
}

func (c *change) apply() error {
	c.t.State = c.passing(table.Updating)
	for _, step := range []func() error{c.billing, c.indexes, c.stream, c.limits, c.settings} {
		if err := step(); err != nil {
			return err
		}
	}
	c.follow()
	return nil
}

func (c *change) billing() error {
	was, p := c.t.Billing.Mode, c.in.ProvisionedThroughput
	mode := c.in.BillingMode.Or(was)
	switch {
	case c.in.BillingMode.V == provisioned && p == nil:
		return invalid(invalidValues + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	case mode == was && p == nil:
		return nil
	}
	old := c.t.Throughput
	if err := setBilling(c.t, mode, p); err != nil {
		return err
	}
	switch {
	case mode == payPerRequest:
		c.t.Billing.Changed = c.now()
		for _, ix := range c.t.Indexes {
			ix.Throughput.Read, ix.Throughput.Write = 0, 0
		}
		return nil
	case was == payPerRequest:
		return nil
	case old.Read == c.t.Throughput.Read && old.Write == c.t.Throughput.Write:
		return unchanged("table", old)
	}
	c.date(&c.t.Throughput, old)
	return nil
}

// unchanged refuses to set provisioned throughput to what it is.
func unchanged(what string, p table.Throughput) error {
	return invalid("The provisioned throughput for the %s will not change. The requested value equals the current value. "+
		"Current ReadCapacityUnits provisioned for the %[1]s: %[2]d. Requested ReadCapacityUnits: %[2]d. "+
		"Current WriteCapacityUnits provisioned for the %[1]s: %[3]d. Requested WriteCapacityUnits: %[3]d. "+
		"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.", what, p.Read, p.Write)
}

// date notes when throughput went up or down.
func (s *Service) date(p *table.Throughput, old table.Throughput) {
	now := s.now().UTC()
	if p.Read > old.Read || p.Write > old.Write {
		p.Increased = now
	}
	if p.Read < old.Read || p.Write < old.Write {
		p.DecreasesToday = old.DecreasesAt(now) + 1
		p.Decreased = now
	}
}

func (c *change) indexes() error {
	for _, u := range c.in.GlobalSecondaryIndexUpdates {
		var err error
		switch {
		case u.Create != nil:
			err = c.createIndex(u.Create)
		case u.Delete != nil:
			err = c.deleteIndex(u.Delete.IndexName.V)
		default:
			err = c.updateIndex(u.Update)
		}
		if err != nil {
			return err
		}
	}
	if c.in.BillingMode.V != provisioned {
		return nil
	}
	return checkIndexThroughput(c.t)
}

// checkIndexThroughput checks that all global indexes of a provisioned table
// have throughput.
func checkIndexThroughput(t *table.Table) error {
	for _, ix := range t.Indexes {
		if t.Billing.Mode == provisioned && !ix.Local && ix.Throughput.Read == 0 {
			return invalid("%sProvisionedThroughput must be specified for index: %s", invalidValues, ix.Name)
		}
	}
	return nil
}

func (c *change) createIndex(a *api.CreateGlobalSecondaryIndexAction) error {
	if c.t.Index(a.IndexName.V) != nil {
		return invalid("Attempting to create an index which already exists")
	}
	global := 0
	for _, ix := range c.t.Indexes {
		if !ix.Local {
			global++
		}
	}
	if global >= c.cfg.MaxGlobalIndexes {
		return invalid("%sGlobalSecondaryIndex count exceeds the per-table limit of %d", invalidValues, c.cfg.MaxGlobalIndexes)
	}
	defs := attributes(c.in.AttributeDefinitions)
	ix, err := addIndex(c.t, indexSpec{
		name: a.IndexName.V, schema: a.KeySchema, projection: a.Projection,
		throughput: a.ProvisionedThroughput, onDemand: a.OnDemandThroughput, warm: a.WarmThroughput,
	}, defs)
	if err != nil {
		return err
	}
	for _, e := range ix.Schema {
		if c.t.TypeOf(e.Name) == "" { // a type that is known stays, whatever the request says
			i := slices.IndexFunc(defs, func(d table.Attribute) bool { return d.Name == e.Name })
			c.t.Attributes = append(c.t.Attributes, defs[i])
		}
	}
	ix.Backfilling = true
	ix.State = c.passing(table.Creating)
	return checkIndexThroughput(c.t)
}

func (c *change) deleteIndex(name string) error {
	ix := c.t.Index(name)
	if ix == nil || ix.Local {
		return api.NewResourceNotFoundException(notFound)
	}
	if ix.State = c.passing(table.Deleting); ix.State.Status == "" {
		c.Set(c.t.DropIndex(ix), nil)
	}
	return nil
}

func (c *change) updateIndex(a *api.UpdateGlobalSecondaryIndexAction) error {
	ix := c.t.Index(a.IndexName.V)
	if ix == nil || ix.Local {
		return invalid("This operation cannot be performed with given input values. Please contact DynamoDB service team for more info: Action Blocked: IndexUpdate")
	}
	ix.Warm = warm(ix.Warm, a.WarmThroughput)
	var err error
	if ix.OnDemand, err = onDemand(c.t, ix.OnDemand, a.OnDemandThroughput); err != nil {
		return err
	}
	p := a.ProvisionedThroughput
	if p == nil {
		return nil
	}
	if c.t.Billing.Mode == payPerRequest {
		return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	old := ix.Throughput
	ix.Throughput.Read, ix.Throughput.Write = p.ReadCapacityUnits.V, p.WriteCapacityUnits.V
	if old.Read == ix.Throughput.Read && old.Write == ix.Throughput.Write {
		return unchanged("index "+ix.Name, old)
	}
	c.date(&ix.Throughput, old)
	return nil
}

func (c *change) stream() error {
	spec := c.in.StreamSpecification
	if spec == nil {
		return nil
	}
	on := c.t.Stream != nil && c.t.Stream.Enabled
	switch {
	case spec.StreamEnabled.V && on:
		return invalid("Table already has an enabled stream: TableName: %s", c.t.Name)
	case spec.StreamEnabled.V && !spec.StreamViewType.Set:
		return invalid(invalidValues + "Table is being updated with a stream enabled, UpdateViewType should be specified")
	case spec.StreamEnabled.V:
		c.startStream(c.t, spec.StreamViewType.V)
		return c.relabel(c.Tx, c.t)
	case spec.StreamViewType.Set:
		return invalid(invalidValues + "Table is being updated with a stream disabled, UpdateViewType should not be specified")
	case !on:
		return invalid("Table does not have an enabled stream: TableName: %s", c.t.Name)
	case c.t.Replicated() && !c.t.Strong, c.t.Global != nil:
		return invalid(invalidValues + "Disabling Stream is not allowed for a Global Table replica.")
	default:
		c.t.StopStream(c.now())
	}
	return nil
}

func (c *change) limits() (err error) {
	c.t.Warm = warm(c.t.Warm, c.in.WarmThroughput)
	c.t.OnDemand, err = onDemand(c.t, c.t.OnDemand, c.in.OnDemandThroughput)
	return err
}

func (c *change) settings() error {
	if c.in.TableClass.Set && c.in.TableClass.V != c.t.Class.Name {
		c.t.Class = table.Class{Name: c.in.TableClass.V, Changed: c.now()}
	}
	if c.in.DisassociationProtectionEnabled.Set {
		c.t.Detachable = !c.in.DisassociationProtectionEnabled.V
	}
	if c.in.DeletionProtectionEnabled.Set {
		c.t.Protected = c.in.DeletionProtectionEnabled.V
	}
	if c.in.SSESpecification != nil {
		c.t.SSE = c.encryption(c.in.SSESpecification)
		c.encrypt()
	}
	return nil
}
