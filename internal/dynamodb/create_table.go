package dynamodb

import (
	"context"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// CreateTable makes a table with its indexes. It is active at once unless the
// server was told to take its time.
func (s *Service) CreateTable(ctx context.Context, in *api.CreateTableInput) (*api.CreateTableOutput, error) {
	t, err := s.newTable(in)
	if err != nil {
		return nil, err
	}
	key := table.DescriptorKey(t.Account, t.Region, t.Name)
	err = s.store.Update(ctx, kv.Locks{Hold: [][]byte{key}}, func(tx kv.Tx) error {
		values, err := tx.Get(key)
		if err != nil {
			return err
		}
		if values[0] != nil {
			old, err := table.Decode(values[0])
			if err != nil {
				return err
			}
			if !old.Gone(s.now()) {
				return api.NewResourceInUseException("Table already exists: " + t.Name)
			}
		}
		if err := s.relabel(tx, t); err != nil {
			return err
		}
		raw, err := t.Encode()
		tx.Set(key, raw)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &api.CreateTableOutput{TableDescription: s.describe(t, figures{}, nil)}, nil
}

// newTable checks the request as a whole and returns the table it describes.
func (s *Service) newTable(in *api.CreateTableInput) (*table.Table, error) {
	if in.VectorIndexes != nil || in.GlobalTableSourceArn.Set {
		return nil, api.NewUnknownOperationException("vector indexes and multi-account global tables are not implemented yet")
	}
	name := s.tableOf(in.TableName.V)
	if _, foreign := api.ParseTableARN(name); foreign {
		return nil, invalid(invalidValues + "TableName is an ARN of another account or region")
	}
	now := s.now()
	t := &table.Table{
		ID:         table.NewID(),
		Account:    s.account,
		Region:     s.region,
		Name:       name,
		Created:    now,
		Attributes: attributes(in.AttributeDefinitions),
		Schema:     schema(in.KeySchema),
		Warm:       warm(nil, in.WarmThroughput),
		Class:      table.Class{Name: in.TableClass.V},
		Protected:  in.DeletionProtectionEnabled.V,
		SSE:        s.encryption(in.SSESpecification),
		Policy:     in.ResourcePolicy.V,
		State:      s.passing(table.Creating),
	}
	var err error
	if t.Tags, err = addTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if err := setBilling(t, in.BillingMode.Or(provisioned), in.ProvisionedThroughput); err != nil {
		return nil, err
	}
	if t.Billing.Mode == payPerRequest {
		t.Billing.Changed = now
	}
	if err := checkTableKey(t); err != nil {
		return nil, err
	}
	if err := s.addIndexes(t, in); err != nil {
		return nil, err
	}
	if err := checkUsed(t); err != nil {
		return nil, err
	}
	if err := checkIndexThroughput(t); err != nil {
		return nil, err
	}
	if t.OnDemand, err = onDemand(t, nil, in.OnDemandThroughput); err != nil {
		return nil, err
	}
	return t, s.createStream(t, in.StreamSpecification)
}

func (s *Service) addIndexes(t *table.Table, in *api.CreateTableInput) error {
	if err := s.checkIndexCounts(in); err != nil {
		return err
	}
	for _, g := range in.GlobalSecondaryIndexes {
		ix, err := addIndex(t, indexSpec{
			name: g.IndexName.V, schema: g.KeySchema, projection: g.Projection,
			throughput: g.ProvisionedThroughput, onDemand: g.OnDemandThroughput, warm: g.WarmThroughput,
		}, t.Attributes)
		if err != nil {
			return err
		}
		ix.State = t.State
	}
	for _, l := range in.LocalSecondaryIndexes {
		spec := indexSpec{local: true, name: l.IndexName.V, schema: l.KeySchema, projection: l.Projection}
		if _, err := addIndex(t, spec, t.Attributes); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, ix := range t.Indexes {
		if seen[ix.Name] {
			return invalid("%sDuplicate index name: %s", invalidValues, ix.Name)
		}
		seen[ix.Name] = true
	}
	return nil
}

func (s *Service) checkIndexCounts(in *api.CreateTableInput) error {
	switch {
	case in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0:
		return invalid(invalidValues + "List of GlobalSecondaryIndexes is empty")
	case in.LocalSecondaryIndexes != nil && len(in.LocalSecondaryIndexes) == 0:
		return invalid(invalidValues + "List of LocalSecondaryIndexes is empty")
	case len(in.GlobalSecondaryIndexes) > s.cfg.MaxGlobalIndexes:
		return invalid("%sGlobalSecondaryIndex count exceeds the per-table limit of %d", invalidValues, s.cfg.MaxGlobalIndexes)
	case len(in.LocalSecondaryIndexes) > maxLocalIndexes:
		return invalid("%sNumber of LocalSecondaryIndexes exceeds per-table limit of %d", invalidValues, maxLocalIndexes)
	}
	return nil
}

func (s *Service) createStream(t *table.Table, spec *api.StreamSpecification) error {
	switch {
	case spec == nil:
		return nil
	case !spec.StreamEnabled.V && spec.StreamViewType.Set:
		return invalid(invalidValues + "Table is being created with a stream disabled, UpdateViewType should not be specified")
	case !spec.StreamEnabled.V:
		return nil
	case !spec.StreamViewType.Set:
		return invalid(invalidValues + "Table is being created with a stream enabled, UpdateViewType should be specified")
	}
	s.startStream(t, spec.StreamViewType.V)
	return nil
}

// startStream gives t a new stream.
func (s *Service) startStream(t *table.Table, view string) {
	t.StartStream(s.now(), view, s.cfg.StreamShards, s.cfg.StreamShardRollover)
}

// relabel makes the label of the latest stream of t, which is new, another than
// those of deleted tables of the same name: it tells their streams apart.
func (s *Service) relabel(r kv.Reader, t *table.Table) error {
	if t.Stream == nil {
		return nil
	}
	for left, err := range s.remains(r, table.RemainsOf(t.Account, t.Region, t.Name)) {
		if err != nil {
			return err
		}
		t.Stream.LabelAfter(left.Stream.Label)
	}
	return nil
}

// passing returns the state of something that takes its time to become active
// or to go, which by default is no time at all.
func (s *Service) passing(status table.Status) table.State {
	if s.cfg.TransientStatus <= 0 {
		return table.State{}
	}
	now := s.now()
	return table.State{Status: status, Since: now, Until: now.Add(s.cfg.TransientStatus)}
}

// seconds returns t as responses have it.
func seconds(t time.Time) api.Opt[float64] {
	return api.Some(float64(t.UnixMilli()) / 1000)
}
