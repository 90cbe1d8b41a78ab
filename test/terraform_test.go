package e2e

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// A dynamodbTable is what the documentation of Terraform's AWS provider says that
// aws_dynamodb_table has, as far as it has to do with what the Resource Browser shows:
// anything else is an error. The other names are Pulumi's, whose provider is made of
// that one.
type dynamodbTable struct {
	Name               string                `hcl:"name" json:"name"`
	BillingMode        string                `hcl:"billing_mode,optional" json:"billingMode"`
	HashKey            string                `hcl:"hash_key" json:"hashKey"`
	RangeKey           *string               `hcl:"range_key" json:"rangeKey"`
	ReadCapacity       *int64                `hcl:"read_capacity" json:"readCapacity"`
	WriteCapacity      *int64                `hcl:"write_capacity" json:"writeCapacity"`
	TableClass         string                `hcl:"table_class,optional" json:"tableClass"`
	Protected          *bool                 `hcl:"deletion_protection_enabled" json:"deletionProtectionEnabled"`
	StreamEnabled      bool                  `hcl:"stream_enabled,optional" json:"streamEnabled"`
	StreamViewType     string                `hcl:"stream_view_type,optional" json:"streamViewType"`
	Attributes         []dynamodbAttribute   `hcl:"attribute,block" json:"attributes"`
	Global             []dynamodbGlobalIndex `hcl:"global_secondary_index,block" json:"globalSecondaryIndexes"`
	Local              []dynamodbLocalIndex  `hcl:"local_secondary_index,block" json:"localSecondaryIndexes"`
	OnDemandThroughput *dynamodbOnDemand     `hcl:"on_demand_throughput,block" json:"onDemandThroughput"`
	WarmThroughput     *dynamodbWarm         `hcl:"warm_throughput,block" json:"warmThroughput"`
	TTL                *dynamodbTTL          `hcl:"ttl,block" json:"ttl"`
	Encryption         *dynamodbEncryption   `hcl:"server_side_encryption,block" json:"serverSideEncryption"`
	Replicas           []dynamodbReplica     `hcl:"replica,block" json:"replicas"`
	Witness            *dynamodbWitness      `hcl:"global_table_witness,block" json:"globalTableWitness"`
	Tags               map[string]string     `hcl:"tags,optional" json:"tags"`
}

type dynamodbAttribute struct {
	Name string `hcl:"name" json:"name"`
	Type string `hcl:"type" json:"type"`
}

type dynamodbGlobalIndex struct {
	Name               string            `hcl:"name" json:"name"`
	HashKey            *string           `hcl:"hash_key" json:"hashKey"`
	RangeKey           *string           `hcl:"range_key" json:"rangeKey"`
	KeySchema          []dynamodbKey     `hcl:"key_schema,block" json:"keySchemas"`
	ProjectionType     string            `hcl:"projection_type" json:"projectionType"`
	NonKeyAttributes   []string          `hcl:"non_key_attributes,optional" json:"nonKeyAttributes"`
	ReadCapacity       *int64            `hcl:"read_capacity" json:"readCapacity"`
	WriteCapacity      *int64            `hcl:"write_capacity" json:"writeCapacity"`
	OnDemandThroughput *dynamodbOnDemand `hcl:"on_demand_throughput,block" json:"onDemandThroughput"`
	WarmThroughput     *dynamodbWarm     `hcl:"warm_throughput,block" json:"warmThroughput"`
}

type dynamodbKey struct {
	AttributeName string `hcl:"attribute_name" json:"attributeName"`
	KeyType       string `hcl:"key_type" json:"keyType"`
}

type dynamodbLocalIndex struct {
	Name             string   `hcl:"name" json:"name"`
	RangeKey         string   `hcl:"range_key" json:"rangeKey"`
	ProjectionType   string   `hcl:"projection_type" json:"projectionType"`
	NonKeyAttributes []string `hcl:"non_key_attributes,optional" json:"nonKeyAttributes"`
}

type dynamodbOnDemand struct {
	MaxRead  *int64 `hcl:"max_read_request_units" json:"maxReadRequestUnits"`
	MaxWrite *int64 `hcl:"max_write_request_units" json:"maxWriteRequestUnits"`
}

type dynamodbWarm struct {
	Read  *int64 `hcl:"read_units_per_second" json:"readUnitsPerSecond"`
	Write *int64 `hcl:"write_units_per_second" json:"writeUnitsPerSecond"`
}

type dynamodbTTL struct {
	AttributeName string `hcl:"attribute_name,optional" json:"attributeName"`
	Enabled       bool   `hcl:"enabled,optional" json:"enabled"`
}

type dynamodbEncryption struct {
	Enabled bool    `hcl:"enabled" json:"enabled"`
	KeyARN  *string `hcl:"kms_key_arn" json:"kmsKeyArn"`
}

type dynamodbReplica struct {
	RegionName string  `hcl:"region_name" json:"regionName"`
	KeyARN     *string `hcl:"kms_key_arn" json:"kmsKeyArn"`
	Mode       string  `hcl:"consistency_mode,optional" json:"consistencyMode"`
}

type dynamodbWitness struct {
	RegionName string `hcl:"region_name" json:"regionName"`
}

// A dynamodbPolicy is aws_dynamodb_resource_policy.
type dynamodbPolicy struct {
	ResourceARN string `hcl:"resource_arn" json:"resourceArn"`
	Policy      string `hcl:"policy" json:"policy"`
}

// A kmsKey is the data source aws_kms_key.
type kmsKey struct {
	KeyID string `hcl:"key_id" json:"keyId"`
}

// What those who look things up, and who make tables, are told in these tests.
func keyARN(id string) string     { return "arn:aws:kms:us-east-1:222222222222:key/" + id }
func tableARN(name string) string { return "arn:aws:dynamodb:us-east-1:222222222222:table/" + name }

// resources are what a program asks for: one table, and a policy that may be there.
type resources struct {
	table  *dynamodbTable
	policy *dynamodbPolicy
}

// definition returns what the provider asks DynamoDB for.
func (r resources) definition(t *testing.T) definition {
	t.Helper()
	d := r.table.definition(t)
	if r.policy != nil {
		same(t, "ARN that the policy is for", r.policy.ResourceARN, tableARN(r.table.Name))
		d.Create.ResourcePolicy = &r.policy.Policy
	}
	return d
}

func (r *dynamodbTable) definition(t *testing.T) definition {
	t.Helper()
	// The provider's default, which is not that of the API.
	billing := types.BillingMode(cmp.Or(r.BillingMode, "PROVISIONED"))
	d := definition{Create: dynamodb.CreateTableInput{
		TableName:                 &r.Name,
		BillingMode:               billing,
		KeySchema:                 keyOf(&r.HashKey, r.RangeKey),
		ProvisionedThroughput:     provisioned(billing, r.ReadCapacity, r.WriteCapacity),
		OnDemandThroughput:        r.OnDemandThroughput.throughput(),
		WarmThroughput:            r.WarmThroughput.throughput(),
		TableClass:                types.TableClass(r.TableClass),
		DeletionProtectionEnabled: r.Protected,
	}}
	for _, a := range r.Attributes {
		d.Create.AttributeDefinitions = append(d.Create.AttributeDefinitions, types.AttributeDefinition{AttributeName: &a.Name, AttributeType: types.ScalarAttributeType(a.Type)})
	}
	for _, ix := range r.Global {
		key := keyOf(ix.HashKey, ix.RangeKey)
		for _, k := range ix.KeySchema {
			key = append(key, types.KeySchemaElement{AttributeName: &k.AttributeName, KeyType: types.KeyType(k.KeyType)})
		}
		if len(ix.KeySchema) > 0 && (ix.HashKey != nil || ix.RangeKey != nil) {
			t.Errorf("index %s has its key twice", ix.Name)
		}
		d.Create.GlobalSecondaryIndexes = append(d.Create.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:             &ix.Name,
			KeySchema:             key,
			Projection:            &types.Projection{ProjectionType: types.ProjectionType(ix.ProjectionType), NonKeyAttributes: ix.NonKeyAttributes},
			ProvisionedThroughput: provisioned(billing, ix.ReadCapacity, ix.WriteCapacity),
			OnDemandThroughput:    ix.OnDemandThroughput.throughput(),
			WarmThroughput:        ix.WarmThroughput.throughput(),
		})
	}
	for _, ix := range r.Local {
		d.Create.LocalSecondaryIndexes = append(d.Create.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName:  &ix.Name,
			KeySchema:  keyOf(&r.HashKey, &ix.RangeKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(ix.ProjectionType), NonKeyAttributes: ix.NonKeyAttributes},
		})
	}
	if r.StreamEnabled {
		d.Create.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(r.StreamViewType)}
	}
	if e := r.Encryption; e != nil {
		d.Create.SSESpecification = &types.SSESpecification{Enabled: &e.Enabled}
		if e.KeyARN != nil {
			if !strings.HasPrefix(*e.KeyARN, "arn:") {
				t.Errorf("kms_key_arn: %q is no ARN", *e.KeyARN)
			}
			d.Create.SSESpecification.KMSMasterKeyId, d.Create.SSESpecification.SSEType = e.KeyARN, types.SSETypeKms
		}
	}
	for key, value := range r.Tags {
		d.Create.Tags = append(d.Create.Tags, types.Tag{Key: &key, Value: &value})
	}
	if r.TTL != nil && r.TTL.Enabled {
		d.TimeToLive = r.TTL.AttributeName
	}
	for _, to := range r.Replicas {
		d.Replicas = append(d.Replicas, types.CreateReplicationGroupMemberAction{RegionName: &to.RegionName, KMSMasterKeyId: to.KeyARN})
		d.Strong = to.Mode == "STRONG"
	}
	if r.Witness != nil {
		d.Witness = r.Witness.RegionName
	}
	return d
}

func keyOf(hash, sort *string) (key []types.KeySchemaElement) {
	if hash != nil {
		key = append(key, types.KeySchemaElement{AttributeName: hash, KeyType: types.KeyTypeHash})
	}
	if sort != nil {
		key = append(key, types.KeySchemaElement{AttributeName: sort, KeyType: types.KeyTypeRange})
	}
	return key
}

func provisioned(billing types.BillingMode, read, write *int64) *types.ProvisionedThroughput {
	if billing != types.BillingModeProvisioned {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: read, WriteCapacityUnits: write}
}

func (d *dynamodbOnDemand) throughput() *types.OnDemandThroughput {
	if d == nil {
		return nil
	}
	return &types.OnDemandThroughput{MaxReadRequestUnits: d.MaxRead, MaxWriteRequestUnits: d.MaxWrite}
}

func (w *dynamodbWarm) throughput() *types.WarmThroughput {
	if w == nil {
		return nil
	}
	return &types.WarmThroughput{ReadUnitsPerSecond: w.Read, WriteUnitsPerSecond: w.Write}
}

// sameTables makes a table as it is wanted and as a provider makes it, and compares
// what there is to be seen of both. The class of a replica cannot be said there, and a
// policy, for which there is no operation here, is compared as it is asked for.
func sameTables(t *testing.T, url string, got, want definition) {
	t.Helper()
	for i := range want.Replicas {
		want.Replicas[i].TableClassOverride = ""
	}
	first, second := connectAs(url, "111111111111"), connectAs(url, "222222222222")
	want.create(t, first)
	got.create(t, second)
	name := *want.Create.TableName
	same(t, "table", descriptionOf(t, second, name), descriptionOf(t, first, name))
	samePolicy(t, got.Create.ResourcePolicy, want.Create.ResourcePolicy)
}

// The resources of Terraform that the Resource Browser shows make the tables that it
// makes.
func TestTerraform(t *testing.T) {
	ownServer(t)
	t.Parallel()
	url := start(t, "--memory").url
	eachDefinition(t, func(t *testing.T, name string, want definition) {
		file := name + ".tf"
		src := contents(t, shown+"/"+file)
		same(t, file+" beside what terraform fmt makes of it", string(src), string(hclwrite.Format(src)))
		sameTables(t, url, evaluated(t, file, src).definition(t), want)
	})
}

// evaluated returns the resources of a file.
func evaluated(t *testing.T, name string, src []byte) (found resources) {
	t.Helper()
	parser := hclparse.NewParser()
	check := func(diags hcl.Diagnostics) {
		t.Helper()
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, src)
		}
	}
	file, diags := parser.ParseHCL(src, name)
	check(diags)
	type labelled struct {
		Kind string   `hcl:"kind,label"`
		Name string   `hcl:"name,label"`
		Body hcl.Body `hcl:",remain"`
	}
	var all struct {
		Data      []labelled `hcl:"data,block"`
		Resources []labelled `hcl:"resource,block"`
	}
	check(gohcl.DecodeBody(file.Body, nil, &all))

	// What refers to something stands in the order of what is known when.
	known := map[string]cty.Value{}
	scope := &hcl.EvalContext{Variables: known}
	named := func(name, arn string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{name: cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(arn)})})
	}
	for _, d := range all.Data {
		if d.Kind != "aws_kms_key" {
			t.Fatalf("data source %s is not known", d.Kind)
		}
		var key kmsKey
		check(gohcl.DecodeBody(d.Body, scope, &key))
		known["data"] = cty.ObjectVal(map[string]cty.Value{d.Kind: named(d.Name, keyARN(key.KeyID))})
	}
	slices.SortStableFunc(all.Resources, func(a, b labelled) int { return -cmp.Compare(a.Kind, b.Kind) })
	for _, r := range all.Resources {
		switch r.Kind {
		case "aws_dynamodb_table":
			found.table = &dynamodbTable{}
			check(gohcl.DecodeBody(r.Body, scope, found.table))
			known[r.Kind] = named(r.Name, tableARN(found.table.Name))
		case "aws_dynamodb_resource_policy":
			found.policy = &dynamodbPolicy{}
			check(gohcl.DecodeBody(r.Body, scope, found.policy))
		default:
			t.Fatalf("resource %s is not known", r.Kind)
		}
	}
	if found.table == nil {
		t.Fatal(fmt.Errorf("%s has no table", name))
	}
	return found
}
