package dynamodb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// The quotas of a table, as AWS has them before one asks for more.
const (
	maxGlobalIndexes = 20
	maxLocalIndexes  = 5
	maxIndexKeyParts = 4 // of each kind in a global index
)

// manyGlobalIndexes is the quota of those whom AWS's does not concern. Each write
// looks at all indexes of its table.
const manyGlobalIndexes = 1000

const (
	payPerRequest = "PAY_PER_REQUEST"
	provisioned   = "PROVISIONED"
)

// setBilling gives t the billing mode and the throughput that go together.
func setBilling(t *table.Table, mode string, p *api.ProvisionedThroughput) error {
	switch {
	case mode == payPerRequest && p != nil:
		return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case mode == payPerRequest:
		t.Throughput.Read, t.Throughput.Write = 0, 0
	case p == nil:
		return invalid(invalidValues + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	default:
		t.Throughput.Read, t.Throughput.Write = p.ReadCapacityUnits.V, p.WriteCapacityUnits.V
	}
	t.Billing.Mode = mode
	return nil
}

// onDemand returns the limits that o sets, on top of those that are set.
func onDemand(t *table.Table, set *table.OnDemand, o *api.OnDemandThroughput) (*table.OnDemand, error) {
	if o == nil {
		return set, nil
	}
	limits := table.OnDemand{}
	if set != nil {
		limits = *set
	}
	for _, l := range []struct {
		name  string
		value api.Opt[int64]
		limit *int64
	}{
		{"MaxReadRequestUnits", o.MaxReadRequestUnits, &limits.MaxRead},
		{"MaxWriteRequestUnits", o.MaxWriteRequestUnits, &limits.MaxWrite},
	} {
		switch {
		case !l.value.Set:
		case t.Billing.Mode == provisioned:
			return nil, invalid("%s%s for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.", invalidValues, l.name)
		case l.value.V == 0 || l.value.V < -1:
			return nil, invalid("%sRequested %s for OnDemandThroughput for table is outside of valid range", invalidValues, l.name)
		default:
			*l.limit = l.value.V
		}
	}
	return &limits, nil
}

func warm(set *table.Warm, w *api.WarmThroughput) *table.Warm {
	if w == nil {
		return set
	}
	out := table.Warm{}
	if set != nil {
		out = *set
	}
	out.Read = w.ReadUnitsPerSecond.Or(out.Read)
	out.Write = w.WriteUnitsPerSecond.Or(out.Write)
	return &out
}

// encryption returns what s asks for; nil is the service's own key.
func (s *Service) encryption(spec *api.SSESpecification) *table.SSE {
	if spec == nil || !spec.Enabled.V {
		return nil
	}
	key := spec.KMSMasterKeyId.Or(table.ManagedKey)
	if !strings.HasPrefix(key, "arn:") {
		key = fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", s.region, table.Owner(s.account), strings.TrimPrefix(key, "key/"))
	}
	return &table.SSE{KeyARN: key}
}

func attributes(defs []api.AttributeDefinition) []table.Attribute {
	var out []table.Attribute
	for _, d := range defs {
		out = append(out, table.Attribute{Name: d.AttributeName.V, Type: d.AttributeType.V})
	}
	return out
}

func schema(elements []api.KeySchemaElement) []table.KeyElement {
	var out []table.KeyElement
	for _, e := range elements {
		out = append(out, table.KeyElement{Name: e.AttributeName.V, Type: e.KeyType.V})
	}
	return out
}

func projection(p *api.Projection) (table.Projection, error) {
	if p == nil || !p.ProjectionType.Set {
		return table.Projection{}, invalid(invalidValues + "Unknown ProjectionType: null")
	}
	out := table.Projection{Type: p.ProjectionType.V, NonKey: p.NonKeyAttributes}
	switch {
	case out.Type == "INCLUDE" && len(out.NonKey) == 0:
		return out, invalid(invalidValues + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case out.Type != "INCLUDE" && out.NonKey != nil:
		return out, invalid("%sProjectionType is %s, but NonKeyAttributes is specified", invalidValues, out.Type)
	}
	return out, nil
}

// checkTableKey checks the schema of a table's key.
func checkTableKey(t *table.Table) error {
	if t.Schema[0].Type != "HASH" {
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	if len(t.Schema) > 1 {
		if t.Schema[1].Type != "RANGE" {
			return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		}
		if t.Schema[0].Name == t.Schema[1].Name {
			return invalid("Invalid KeySchema: Some index key attribute have no definition")
		}
	}
	for _, e := range t.Schema {
		if t.TypeOf(e.Name) == "" {
			return invalid("Invalid KeySchema: Some index key attribute have no definition")
		}
	}
	return nil
}

const sameName = "Both the Hash Key and the Range Key element in the KeySchema have the same name"

// checkIndexKey checks the schema of a global index's key: up to four HASH
// attributes followed by up to four RANGE attributes.
func checkIndexKey(ix *table.Index) error {
	if ix.Schema[0].Type != "HASH" {
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	hash, ranged := 0, 0
	seen := map[string]bool{}
	for _, e := range ix.Schema {
		switch {
		case e.Type == "RANGE":
			ranged++
		case ranged > 0:
			return invalid("Invalid KeySchema: All HASH key attributes must come before the RANGE key attributes")
		default:
			hash++
		}
		if seen[e.Name] {
			return invalid(sameName)
		}
		seen[e.Name] = true
	}
	if hash > maxIndexKeyParts || ranged > maxIndexKeyParts {
		return invalid("%sKeySchema of index %s has more than %d HASH or RANGE key attributes", invalidValues, ix.Name, maxIndexKeyParts)
	}
	return nil
}

// checkLocal checks what only a local index must keep to.
func checkLocal(t *table.Table, ix *table.Index) error {
	if len(t.Schema) < 2 {
		return invalid(invalidValues + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	if ix.Schema[0].Type != "HASH" {
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	}
	if len(ix.Schema) < 2 {
		return invalid("%sIndex KeySchema does not have a range key for index: %s", invalidValues, ix.Name)
	}
	if ix.Schema[1].Type != "RANGE" || len(ix.Schema) > 2 {
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	if ix.Schema[0].Name == ix.Schema[1].Name {
		return invalid(sameName)
	}
	if ix.Schema[0].Name != t.Schema[0].Name {
		return invalid("%sIndex KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
			invalidValues, ix.Name, ix.Schema[0].Name, t.Schema[0].Name)
	}
	return nil
}

// checkDefined checks that every key attribute of ix is among defs.
func checkDefined(ix *table.Index, defs []table.Attribute) error {
	var names, keys []string
	missing := false
	for _, d := range defs {
		names = append(names, d.Name)
	}
	for _, e := range ix.Schema {
		keys = append(keys, e.Name)
		missing = missing || !slices.Contains(names, e.Name)
	}
	if missing {
		return invalid("%sSome index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
			invalidValues, strings.Join(keys, ", "), strings.Join(names, ", "))
	}
	return nil
}

// checkUsed checks that keys use every attribute of t that is defined.
func checkUsed(t *table.Table) error {
	used := map[string]bool{}
	for _, e := range t.Schema {
		used[e.Name] = true
	}
	for _, ix := range t.Indexes {
		for _, e := range ix.Schema {
			used[e.Name] = true
		}
	}
	if len(used) != len(t.Attributes) {
		return invalid(invalidValues + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return nil
}

// indexSpec is what the requests that make an index have in common.
type indexSpec struct {
	local      bool
	name       string
	schema     []api.KeySchemaElement
	projection *api.Projection
	throughput *api.ProvisionedThroughput
	onDemand   *api.OnDemandThroughput
	warm       *api.WarmThroughput
}

// addIndex checks an index against t and adds it.
func addIndex(t *table.Table, spec indexSpec, defs []table.Attribute) (*table.Index, error) {
	ix := &table.Index{Name: spec.name, Local: spec.local, Schema: schema(spec.schema), Warm: warm(nil, spec.warm)}
	if spec.local {
		if err := checkLocal(t, ix); err != nil {
			return nil, err
		}
	} else if err := checkIndexKey(ix); err != nil {
		return nil, err
	}
	if err := checkDefined(ix, defs); err != nil {
		return nil, err
	}
	var err error
	if ix.Projection, err = projection(spec.projection); err != nil {
		return nil, err
	}
	if p := spec.throughput; p != nil {
		if t.Billing.Mode == payPerRequest {
			return nil, invalid("%sProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", invalidValues, ix.Name)
		}
		ix.Throughput.Read, ix.Throughput.Write = p.ReadCapacityUnits.V, p.WriteCapacityUnits.V
	}
	if ix.OnDemand, err = onDemand(t, nil, spec.onDemand); err != nil {
		return nil, err
	}
	t.NextIndex++
	ix.ID = t.NextIndex
	t.Indexes = append(t.Indexes, ix)
	return ix, nil
}
