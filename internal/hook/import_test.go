package hook_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/hook"
)

// asks carries out a file in a new world, and returns the requests that it makes.
func asks(t *testing.T, name, text string) (requests []string) {
	t.Helper()
	w := newWorld(t)
	conf := w.Config
	conf.Do = func(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
		if operation != "DescribeTable" {
			requests = append(requests, region+" "+operation+" "+string(body))
		}
		return w.do(ctx, region, operation, body)
	}
	if err := hook.Document(t.Context(), conf, name, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return requests
}

const model = `{"ModelName":"shop","ModelMetadata":{"Author":"a","Version":"3.0"},"DataModel":[
	{"TableName":"orders","KeyAttributes":{"PartitionKey":{"AttributeName":"customer","AttributeType":"S"},"SortKey":{"AttributeName":"at","AttributeType":"N"}},
	 "NonKeyAttributes":[{"AttributeName":"status","AttributeType":"S"},{"AttributeName":"note","AttributeType":"S"}],
	 "TableFacets":[{"FacetName":"f"}],
	 "GlobalSecondaryIndexes":[{"IndexName":"by-status","KeyAttributes":{"PartitionKey":{"AttributeName":"status","AttributeType":"S"}},"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["note"]}},
	   {"IndexName":"by-time","KeyAttributes":{"PartitionKey":{"AttributeName":"at","AttributeType":"N"}},"Projection":{"ProjectionType":"ALL","NonKeyAttributes":[]}}],
	 "TableData":[{"customer":{"S":"a"},"at":{"N":"12345678901234567890123456789012345678"},"status":{"S":"OPEN"}}],
	 "BillingMode":"PROVISIONED","ProvisionedCapacitySettings":{"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},"AutoScalingRead":{}}},
	{"TableName":"plain","KeyAttributes":{"PartitionKey":{"AttributeName":"pk","AttributeType":"B"}},"BillingMode":"PAY_PER_REQUEST"}]}`

func TestModelOfNoSQLWorkbench(t *testing.T) {
	want := []string{
		`us-east-1 CreateTable {"AttributeDefinitions":[{"AttributeName":"customer","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"},{"AttributeName":"status","AttributeType":"S"}],` +
			`"GlobalSecondaryIndexes":[{"IndexName":"by-status","KeySchema":[{"AttributeName":"status","KeyType":"HASH"}],"Projection":{"NonKeyAttributes":["note"],"ProjectionType":"INCLUDE"},"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}},` +
			`{"IndexName":"by-time","KeySchema":[{"AttributeName":"at","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}}],` +
			`"KeySchema":[{"AttributeName":"customer","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},"TableName":"orders"}`,
		`us-east-1 BatchWriteItem {"RequestItems":{"orders":[{"PutRequest":{"Item":{"at":{"N":"12345678901234567890123456789012345678"},"customer":{"S":"a"},"status":{"S":"OPEN"}}}}]}}`,
		`us-east-1 CreateTable {"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"B"}],"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"TableName":"plain"}`,
	}
	if d := cmp.Diff(want, asks(t, "model.json", model)); d != "" {
		t.Error(d)
	}
}

const managedTable = `{"name":"music","billing_mode":"PAY_PER_REQUEST","hash_key":"artist","range_key":"song","read_capacity":0,"write_capacity":0,
	"attribute":[{"name":"artist","type":"S"},{"name":"song","type":"S"},{"name":"year","type":"N"}],
	"global_secondary_index":[{"name":"by-year","hash_key":"year","range_key":"","projection_type":"KEYS_ONLY","non_key_attributes":[],"read_capacity":0,"write_capacity":0}],
	"local_secondary_index":[{"name":"local","range_key":"year","projection_type":"INCLUDE","non_key_attributes":["label"]}],
	"stream_enabled":true,"stream_view_type":"NEW_AND_OLD_IMAGES","ttl":[{"attribute_name":"expires","enabled":true}],
	"tags":{"team":"b","app":"a"},"table_class":"STANDARD","deletion_protection_enabled":true,"replica":[{"region_name":"eu-west-1"}]}`

func TestStateOfTerraform(t *testing.T) {
	const item = `{"table_name":"music","item":"{\"artist\":{\"S\":\"a\"},\"song\":{\"S\":\"b\"}}"}`
	want := []string{
		`us-east-1 CreateTable {"AttributeDefinitions":[{"AttributeName":"artist","AttributeType":"S"},{"AttributeName":"song","AttributeType":"S"},{"AttributeName":"year","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":true,` +
			`"GlobalSecondaryIndexes":[{"IndexName":"by-year","KeySchema":[{"AttributeName":"year","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"KeySchema":[{"AttributeName":"artist","KeyType":"HASH"},{"AttributeName":"song","KeyType":"RANGE"}],` +
			`"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"artist","KeyType":"HASH"},{"AttributeName":"year","KeyType":"RANGE"}],"Projection":{"NonKeyAttributes":["label"],"ProjectionType":"INCLUDE"}}],` +
			`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},"TableClass":"STANDARD","TableName":"music","Tags":[{"Key":"app","Value":"a"},{"Key":"team","Value":"b"}]}`,
		`us-east-1 UpdateTimeToLive {"TableName":"music","TimeToLiveSpecification":{"AttributeName":"expires","Enabled":true}}`,
		`us-east-1 UpdateTable {"ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}],"TableName":"music"}`,
		`us-east-1 BatchWriteItem {"RequestItems":{"music":[{"PutRequest":{"Item":{"artist":{"S":"a"},"song":{"S":"b"}}}}]}}`,
	}
	// As the file has it, and as terraform show -json does.
	for name, state := range map[string]string{
		"terraform.tfstate": `{"version":4,"terraform_version":"1.9.0","resources":[
			{"mode":"managed","type":"aws_dynamodb_table_item","name":"i","instances":[{"attributes":` + item + `}]},
			{"mode":"managed","type":"aws_dynamodb_table","name":"t","instances":[{"attributes":` + managedTable + `}]},
			{"mode":"data","type":"aws_dynamodb_table","name":"other","instances":[{"attributes":{"name":"not ours"}}]},
			{"mode":"managed","type":"aws_s3_bucket","name":"b","instances":[{"attributes":{}}]}]}`,
		"show.json": `{"format_version":"1.0","terraform_version":"1.9.0","values":{"root_module":{"child_modules":[{"resources":[
			{"mode":"managed","type":"aws_dynamodb_table_item","name":"i","values":` + item + `},{"mode":"managed","type":"aws_dynamodb_table","name":"t","values":` + managedTable + `}]}]}}}`,
	} {
		if d := cmp.Diff(want, asks(t, name, state)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestSimpleTablesOfSAM(t *testing.T) {
	want := []string{
		`us-east-1 CreateTable {"AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],"TableName":"counts","Tags":[{"Key":"a","Value":"b"}]}`,
		`us-east-1 CreateTable {"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"TableName":"Plain"}`,
	}
	got := asks(t, "sam.yaml", `
Transform: AWS::Serverless-2016-10-31
Resources:
  Counts:
    Type: AWS::Serverless::SimpleTable
    Properties: {TableName: counts, PrimaryKey: {Name: n, Type: Number}, Tags: {a: b}}
  Plain:
    Type: AWS::Serverless::SimpleTable
`)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ text, want string }{
		"a.txt":     {"", "is no name of a file with tables"},
		"a.json":    {`{"DataModel":[{"TableName":"t","KeyAttributes":{"PartitionKey":{"AttributeName":"pk"}}}]}`, `table 1 of the model, t: the key attribute "pk" has no type`},
		"b.tfstate": {`{"terraform_version":"1","resources":[{"type":"aws_dynamodb_table","name":"x","instances":[{"attributes":{"name":"x","hash_key":"pk"}}]}]}`, `resource aws_dynamodb_table.x: the key attribute "pk" has no type`},
		"c.json":    {`{"DataModel":[]} x`, "something follows its JSON"},
		"d.yaml":    {"a: [", "it is no YAML"},
	} {
		if err := hook.Document(t.Context(), w.Config, name, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
