package hook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/hook"
)

const template = `
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String, Default: dev}
  Capacity: {Type: Number, Default: "7"}
  Names: {Type: CommaDelimitedList, Default: "a, b"}
Mappings:
  Of: {dev: {Class: STANDARD_INFREQUENT_ACCESS}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, !Or [!Condition IsProd, !Equals [a, a]]]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Condition: Both
    Properties:
      TableName: !Sub "orders-${Stage}-${AWS::Region}"
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - AttributeName: g
          AttributeType: S
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      ProvisionedThroughput: {ReadCapacityUnits: !Ref Capacity, WriteCapacityUnits: 8}
      GlobalSecondaryIndexes:
        - IndexName: !Join ["-", [by, !Select [1, !Ref Names]]]
          KeySchema: [{AttributeName: g, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
          ProvisionedThroughput: {ReadCapacityUnits: "1", WriteCapacityUnits: "2"}
          ContributorInsightsSpecification: {Enabled: true}
      TableClass: !FindInMap [Of, !Ref Stage, Class]
      StreamSpecification: {StreamViewType: KEYS_ONLY}
      SSESpecification: {SSEEnabled: true}
      TimeToLiveSpecification: {AttributeName: until, Enabled: "true"}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      DeletionProtectionEnabled: !If [IsProd, true, !Ref AWS::NoValue]
      Tags:
        - {Key: stage, Value: !Ref Stage}
        - {Key: other, Value: !GetAtt Plain.Arn}
  Plain:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
  Production:
    Type: AWS::DynamoDB::Table
    Condition: IsProd
  Bucket:
    Type: AWS::S3::Bucket
  Everywhere:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      TableName: {"Fn::Sub": ["${A}-x", {A: !Ref Stage}]}
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      WriteProvisionedThroughputSettings: {WriteCapacityAutoScalingSettings: {MinCapacity: 3, MaxCapacity: 9, TargetTrackingScalingPolicyConfiguration: {TargetValue: 70}}}
      TimeToLiveSpecification: {AttributeName: until, Enabled: true}
      Replicas:
        - {Region: eu-west-1}
        - Region: us-east-1
          ReadProvisionedThroughputSettings: {ReadCapacityUnits: 4}
          Tags: [{Key: a, Value: b}]
        - {Region: ap-south-1, TableClass: STANDARD_INFREQUENT_ACCESS}
`

func TestTemplate(t *testing.T) {
	w := newWorld(t)
	log := w.succeeds("stack.yaml", template)
	for _, want := range []string{
		`msg="a resource is passed over: only tables are created here" file=stack.yaml resource=Bucket type=AWS::S3::Bucket`,
		`msg="a property is not understood, and left out" file=stack.yaml resource=Orders property=PointInTimeRecoverySpecification`,
		`msg="a property is not understood, and left out" file=stack.yaml resource=Orders property=GlobalSecondaryIndexes.ContributorInsightsSpecification`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in\n%s", want, log)
		}
	}
	if got := w.ask("us-east-1", "ListTables", "{}"); got != `{"TableNames":["Plain","dev-x","orders-dev-us-east-1"]}` {
		t.Error(got)
	}
	d := w.describe("us-east-1", "orders-dev-us-east-1")
	got := fmt.Sprint(d["ProvisionedThroughput"], d["GlobalSecondaryIndexes"], d["TableClassSummary"], d["StreamSpecification"], d["SSEDescription"])
	for _, want := range []string{"ReadCapacityUnits:7 WriteCapacityUnits:8", "IndexName:by-b", "ReadCapacityUnits:1 WriteCapacityUnits:2", "STANDARD_INFREQUENT_ACCESS", "KEYS_ONLY", "Status:ENABLED"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if got := w.ask("us-east-1", "DescribeTimeToLive", `{"TableName":"orders-dev-us-east-1"}`); !strings.Contains(got, `"until"`) {
		t.Error(got)
	}
	tags := w.ask("us-east-1", "ListTagsOfResource", fmt.Sprintf(`{"ResourceArn":"%s"}`, d["TableArn"]))
	if !strings.Contains(tags, `{"Key":"stage","Value":"dev"}`) || !strings.Contains(tags, `table/Plain"`) {
		t.Error(tags)
	}
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
		d := w.describe(region, "dev-x")
		if replicas, _ := d["Replicas"].([]any); len(replicas) != 2 {
			t.Errorf("%s: %v", region, d)
		}
		if p := fmt.Sprint(d["ProvisionedThroughput"]); !strings.Contains(p, "ReadCapacityUnits:4 WriteCapacityUnits:3") {
			t.Errorf("%s: %s", region, p)
		}
		if got := w.ask(region, "DescribeTimeToLive", `{"TableName":"dev-x"}`); !strings.Contains(got, `"until"`) {
			t.Errorf("%s: %s", region, got)
		}
	}
	// Once more, nothing changes.
	if log := w.succeeds("stack.yaml", template); strings.Count(log, "is there and stays as it is") != 3 {
		t.Error(log)
	}
}

// AWS CDK has replicas as resources of its own, which may stand before their table.
func TestReplicasOfCDK(t *testing.T) {
	const template = `
Resources:
  AReplica:
    Type: Custom::DynamoDBReplica
    Properties: {ServiceToken: !GetAtt Provider.Outputs.Arn, TableName: !Ref Table, Region: eu-west-1}
  Here:
    Type: Custom::DynamoDBReplica
    Condition: Elsewhere
    Properties: {ServiceToken: !GetAtt Provider.Outputs.Arn, TableName: !Ref Table, Region: us-east-1}
  Provider: {Type: AWS::CloudFormation::Stack}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: music
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
Conditions:
  Elsewhere: !Not [!Equals [us-east-1, !Ref AWS::Region]]
`
	w := newWorld(t)
	for range 2 {
		w.succeeds("stack.yaml", template)
		if replicas, _ := w.describe("eu-west-1", "music")["Replicas"].([]any); len(replicas) != 1 {
			t.Error(replicas)
		}
	}
}

func TestTemplateInJSON(t *testing.T) {
	for _, name := range []string{"abc.json", "abc.template"} {
		w := newWorld(t)
		w.succeeds(name, "{\n\t\"Resources\":{\"Plain\":{\"Type\":\"AWS::DynamoDB::Table\",\"Properties\":{\"TableName\":{\"Ref\":\"AWS::StackName\"},"+
			"\"AttributeDefinitions\":[{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":5}}}}}")
		if got := w.ask("us-east-1", "ListTables", "{}"); got != `{"TableNames":["abc"]}` {
			t.Error(got)
		}
	}
}

// What cannot be understood of one resource is no harm to others.
func TestTemplatesThatAreWrong(t *testing.T) {
	const good = `
  Good:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: good, AttributeDefinitions: [{AttributeName: pk, AttributeType: S}], KeySchema: [{AttributeName: pk, KeyType: HASH}], BillingMode: PAY_PER_REQUEST}
`
	for bad, want := range map[string]string{
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !ImportValue x}}":             "resource Bad: TableName: Fn::ImportValue is not understood",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {Tags: !Ref Nobody}}":                     `resource Bad: Tags: there is no \"Nobody\"`,
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub \"${Bad}${Bad}\"}}":      "it refers to itself",
		"  Bad: {Type: AWS::DynamoDB::Table}":                                                      "resource Bad: it has no Properties",
		"  Bad: {Type: AWS::DynamoDB::Table, Condition: Nobody}":                                   `resource Bad: there is no condition`,
		"  Bad: {Type: AWS::DynamoDB::GlobalTable, Properties: {TableName: bad}}":                  "resource Bad: it has no Replicas",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub \"${\"}}":                "a ${ does not end",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: bad, KeySchema: []}}":         "resource Bad: table bad: ",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Ref Bad, KeySchema: []}}":    "resource Bad: ",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !GetAtt Bad.Arn, Tags: []}}":  "resource Bad: ",
		"  Bad: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Select [9, [a]], Tags: []}}": "Fn::Select is not understood",
	} {
		w := newWorld(t)
		state, log := w.run("a.yaml", "Resources:"+good+bad)
		if state != hook.Failed || !strings.Contains(log, want) {
			t.Errorf("%s: %s\n%s", bad, state, log)
		}
		if got := w.ask("us-east-1", "ListTables", "{}"); got != `{"TableNames":["good"]}` {
			t.Errorf("%s: %s", bad, got)
		}
	}
	// Each refers to the next one twice.
	long := "Resources:" + good
	for n := range 40 {
		long += fmt.Sprintf("  Bad%d: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub \"${Bad%d}${Bad%[2]d}\"}}\n", n, n+1)
	}
	w := newWorld(t)
	if state, log := w.run("a.yaml", long); state != hook.Failed || !strings.Contains(log, "resource Bad0: TableName: it refers to itself, or is too deep") {
		t.Errorf("%s\n%.500s", state, log)
	}
	if got := w.ask("us-east-1", "ListTables", "{}"); got != `{"TableNames":["good"]}` {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"a: [":                                "it is no YAML",
		"a: 1":                                "it has no Resources",
		"[]":                                  "it has no Resources",
		"Resources: {}\n---\na:":              "a template is one document",
		"Resources: {A: &a {Type: x}, B: *a}": "aliases are not understood",
		strings.Repeat("[", 200) + strings.Repeat("]", 200): "it is too deep",
	} {
		w := newWorld(t)
		if state, log := w.run("a.yaml", text); state != hook.Failed || !strings.Contains(log, want) {
			t.Errorf("%.50s: %s\n%s", text, state, log)
		}
	}
}
