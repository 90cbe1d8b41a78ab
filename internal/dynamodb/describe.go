package dynamodb

import (
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// figures are the item count and size of a table and of its indexes.
type figures struct {
	items, bytes int64
	indexes      map[string]figures
}

// figuresOf reads the counters of t.
func figuresOf(r kv.Reader, t *table.Table) (figures, error) {
	keys := [][]byte{t.Counter(nil, table.Items), t.Counter(nil, table.Bytes)}
	for _, ix := range t.Indexes {
		keys = append(keys, t.Counter(ix, table.Items), t.Counter(ix, table.Bytes))
	}
	sums, err := r.Sum(keys...)
	if err != nil {
		return figures{}, err
	}
	f := figures{items: sums[0], bytes: sums[1], indexes: map[string]figures{}}
	for i, ix := range t.Indexes {
		f.indexes[ix.Name] = figures{items: sums[2+2*i], bytes: sums[3+2*i]}
	}
	return f, nil
}

// describe returns t as clients see it.
func (s *Service) describe(t *table.Table, f figures, replicas []*table.Table) *api.TableDescription {
	t = t.Overridden()
	now := s.now()
	d := &api.TableDescription{
		TableName:                 api.Some(t.Name),
		TableId:                   api.Some(t.ID),
		TableArn:                  api.Some(t.ARN()),
		TableStatus:               api.Some(string(t.StatusAt(now))),
		CreationDateTime:          seconds(t.Created),
		KeySchema:                 describeSchema(t.Schema),
		ItemCount:                 api.Some(f.items),
		TableSizeBytes:            api.Some(f.bytes),
		ProvisionedThroughput:     describeThroughput(t.Throughput, now),
		DeletionProtectionEnabled: api.Some(t.Protected),
		OnDemandThroughput:        describeOnDemand(t.OnDemand),
	}
	for _, a := range t.Attributes {
		d.AttributeDefinitions = append(d.AttributeDefinitions, api.AttributeDefinition{AttributeName: api.Some(a.Name), AttributeType: api.Some(a.Type)})
	}
	warm := warmOf(t, t.Warm, t.Throughput)
	d.WarmThroughput = &api.TableWarmThroughputDescription{
		ReadUnitsPerSecond: api.Some(warm.Read), WriteUnitsPerSecond: api.Some(warm.Write), Status: d.TableStatus,
	}
	d.BillingModeSummary = describeBilling(t)
	d.TableClassSummary = describeClass(t)
	if t.SSE != nil {
		d.SSEDescription = &api.SSEDescription{Status: api.Some("ENABLED"), SSEType: api.Some("KMS"), KMSMasterKeyArn: api.Some(t.SSE.KeyARN)}
	}
	describeStream(d, t)
	s.describeReplicas(d, t, replicas)
	for _, ix := range t.Indexes {
		if ix.Local {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, describeLocal(t, ix, f.indexes[ix.Name]))
		} else {
			d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, s.describeGlobal(t, ix, f.indexes[ix.Name]))
		}
	}
	return d
}

func describeBilling(t *table.Table) *api.BillingModeSummary {
	if t.Billing.Changed.IsZero() {
		return nil
	}
	return &api.BillingModeSummary{BillingMode: api.Some(t.Billing.Mode), LastUpdateToPayPerRequestDateTime: seconds(t.Billing.Changed)}
}

func describeClass(t *table.Table) *api.TableClassSummary {
	if t.Class.Name == "" {
		return nil
	}
	d := &api.TableClassSummary{TableClass: api.Some(t.Class.Name)}
	if !t.Class.Changed.IsZero() {
		d.LastUpdateDateTime = seconds(t.Class.Changed)
	}
	return d
}

func describeStream(d *api.TableDescription, t *table.Table) {
	if t.Stream == nil {
		return
	}
	d.LatestStreamArn = api.Some(t.StreamARN())
	d.LatestStreamLabel = api.Some(t.Stream.Label)
	if t.Stream.Enabled {
		d.StreamSpecification = &api.StreamSpecification{StreamEnabled: api.Some(true), StreamViewType: api.Some(t.Stream.View)}
	}
}

func (s *Service) describeGlobal(t *table.Table, ix *table.Index, f figures) api.GlobalSecondaryIndexDescription {
	status := string(ix.StatusAt(s.now()))
	warm := warmOf(t, ix.Warm, ix.Throughput)
	d := api.GlobalSecondaryIndexDescription{
		IndexName:             api.Some(ix.Name),
		IndexArn:              api.Some(t.IndexARN(ix)),
		IndexStatus:           api.Some(status),
		KeySchema:             describeSchema(ix.Schema),
		Projection:            describeProjection(ix.Projection),
		ItemCount:             api.Some(f.items),
		IndexSizeBytes:        api.Some(f.bytes),
		ProvisionedThroughput: describeThroughput(ix.Throughput, s.now()),
		OnDemandThroughput:    describeOnDemand(ix.OnDemand),
		WarmThroughput: &api.GlobalSecondaryIndexWarmThroughputDescription{
			ReadUnitsPerSecond: api.Some(warm.Read), WriteUnitsPerSecond: api.Some(warm.Write), Status: api.Some(status),
		},
	}
	if status == string(table.Creating) && ix.Backfilling {
		d.Backfilling = api.Some(ix.FillingAt(s.now()))
	}
	return d
}

func describeLocal(t *table.Table, ix *table.Index, f figures) api.LocalSecondaryIndexDescription {
	return api.LocalSecondaryIndexDescription{
		IndexName:      api.Some(ix.Name),
		IndexArn:       api.Some(t.IndexARN(ix)),
		KeySchema:      describeSchema(ix.Schema),
		Projection:     describeProjection(ix.Projection),
		ItemCount:      api.Some(f.items),
		IndexSizeBytes: api.Some(f.bytes),
	}
}

func describeSchema(schema []table.KeyElement) []api.KeySchemaElement {
	var out []api.KeySchemaElement
	for _, e := range schema {
		out = append(out, api.KeySchemaElement{AttributeName: api.Some(e.Name), KeyType: api.Some(e.Type)})
	}
	return out
}

func describeProjection(p table.Projection) *api.Projection {
	return &api.Projection{ProjectionType: api.Some(p.Type), NonKeyAttributes: p.NonKey}
}

func describeThroughput(p table.Throughput, now time.Time) *api.ProvisionedThroughputDescription {
	d := &api.ProvisionedThroughputDescription{
		NumberOfDecreasesToday: api.Some(p.DecreasesAt(now)),
		ReadCapacityUnits:      api.Some(p.Read),
		WriteCapacityUnits:     api.Some(p.Write),
	}
	if !p.Increased.IsZero() {
		d.LastIncreaseDateTime = seconds(p.Increased)
	}
	if !p.Decreased.IsZero() {
		d.LastDecreaseDateTime = seconds(p.Decreased)
	}
	return d
}

func describeOnDemand(o *table.OnDemand) *api.OnDemandThroughput {
	if o == nil {
		return nil
	}
	d := &api.OnDemandThroughput{}
	if o.MaxRead != 0 {
		d.MaxReadRequestUnits = api.Some(o.MaxRead)
	}
	if o.MaxWrite != 0 {
		d.MaxWriteRequestUnits = api.Some(o.MaxWrite)
	}
	return d
}

// warmOf returns the throughput that a table or index is ready for: what a new
// on-demand table has on AWS, or what is provisioned, unless more was asked
// for.
func warmOf(t *table.Table, asked *table.Warm, p table.Throughput) table.Warm {
	w := table.Warm{Read: 12000, Write: 4000}
	if t.Billing.Mode == provisioned {
		w = table.Warm{Read: p.Read, Write: p.Write}
	}
	if asked != nil {
		w.Read, w.Write = max(w.Read, asked.Read), max(w.Write, asked.Write)
	}
	return w
}
