package api

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

const (
	envelope  = "1 validation error detected: "
	nameRule  = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
	mapKeys   = "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 3, " + nameRule + "]"
	newValues = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
	oldValues = "Value 'INVALID' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
	capacity  = "Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
	metrics   = "Value 'INVALID' at 'returnItemCollectionMetrics' failed to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]"
	emptyName = "Value at 'TableName' failed to satisfy constraint: Member must have length greater than or equal to 1"
	absent    = "The parameter 'TableName' is required but was not present in the request"
	describe  = "TableName must be at least 3 characters long and at most 255 characters long"
	twoXOR    = `"ConditionalOperator":"XOR","Expected":{"a":{"Value":{"S":"a"}},"b":{"Value":DEEP}}`
)

var (
	longName = strings.Repeat("n", 256)
	noTable  = `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]`
)

// deep is a string with n maps around it.
func deep(n int) string {
	return strings.Repeat(`{"M":{"a":`, n) + `{"S":"x"}` + strings.Repeat("}}", n)
}

// The messages are recorded from AWS in eu-west-2, October 2026, except where
// a case says generic: those follow the words of the others.
var checkTests = []struct {
	name      string
	operation string
	body      string
	message   string // empty if nothing is wrong
}{
	{"valid", "PutItem", `{"TableName":"t","Item":{}}`, ""},
	{"ARN", "PutItem", `{"TableName":"arn:aws:dynamodb:eu-west-2:123456789012:table/abc","Item":{}}`, ""},
	{
		"ARN of bad name, generic", "GetItem", `{"TableName":"arn:aws:dynamodb:eu-west-2:123456789012:table/a!","Key":{}}`,
		envelope + "Value 'arn:aws:dynamodb:eu-west-2:123456789012:table/a!' at 'tableName' failed to satisfy constraint: " + nameRule,
	},
	{
		"nothing", "PutItem", `{}`,
		"2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null; Value null at 'item' failed to satisfy constraint: Member must not be null",
	},
	{"no name", "DeleteItem", `{"Key":{}}`, envelope + "Value null at 'tableName' failed to satisfy constraint: Member must not be null"},
	{"no item", "PutItem", `{"TableName":"abc"}`, envelope + "Value null at 'item' failed to satisfy constraint: Member must not be null"},
	{"empty name", "PutItem", `{"TableName":"","Item":{}}`, envelope + emptyName},
	{"empty name alone", "PutItem", `{"TableName":"","ReturnValues":"INVALID"}`, envelope + emptyName},
	{"empty name", "DeleteItem", `{"TableName":"","Key":{}}`, envelope + emptyName},
	{"empty name", "UpdateItem", `{"TableName":"","Key":{}}`, envelope + emptyName},
	{
		"long name", "PutItem", `{"Item":{},"TableName":"` + longName + `"}`,
		envelope + "Value '" + longName + "' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255",
	},
	{
		"bad name", "UpdateItem", `{"Key":{},"TableName":"bad table!@#"}`,
		envelope + "Value 'bad table!@#' at 'tableName' failed to satisfy constraint: " + nameRule,
	},
	{
		"three enums", "PutItem", `{"TableName":"abc","Item":{},"ReturnValues":"INVALID","ReturnConsumedCapacity":"INVALID","ReturnItemCollectionMetrics":"INVALID"}`,
		"3 validation errors detected: " + capacity + "; " + newValues + "; " + metrics,
	},
	{"ReturnValues", "PutItem", `{"TableName":"abc","Item":{},"ReturnValues":"INVALID"}`, envelope + newValues},
	{
		"two enums", "DeleteItem", `{"TableName":"abc","Key":{},"ReturnValues":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
		"2 validation errors detected: " + capacity + "; " + newValues,
	},
	{
		"ReturnValues alone", "UpdateItem", `{"TableName":"abc","Key":{},"ReturnValues":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
		envelope + newValues,
	},
	{
		"no key", "UpdateItem", `{"TableName":""}`,
		"2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'key' failed to satisfy constraint: Member must not be null",
	},
	{
		"no key and enums", "UpdateItem", `{"TableName":"","ReturnValues":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
		"4 validation errors detected: " + capacity + "; Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1; " + oldValues + "; Value null at 'key' failed to satisfy constraint: Member must not be null",
	},
	{
		"no key and operator", "UpdateItem", `{"TableName":"abc",` + strings.Replace(twoXOR, "DEEP", `{"S":"b"}`, 1) + `}`,
		"2 validation errors detected: Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]; Value null at 'key' failed to satisfy constraint: Member must not be null",
	},
	{
		"operator at 40 levels", "PutItem", `{"TableName":"abc","Item":{},` + strings.Replace(twoXOR, "DEEP", deep(40), 1) + `}`,
		"Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]",
	},
	{
		"operator at 100 levels", "PutItem", `{"TableName":"abc","Item":{},` + strings.Replace(twoXOR, "DEEP", deep(100), 1) + `}`,
		envelope + "Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]",
	},
	{
		"ReturnValues at 63 levels", "DeleteItem", `{"TableName":"abc","Key":{},"ReturnValues":"INVALID","ConditionExpression":"a = :a","ExpressionAttributeValues":{":a":` + deep(63) + `}}`,
		envelope + oldValues,
	},
	{
		"ReturnValues with a deep key", "DeleteItem", `{"TableName":"abc","Key":{"pk":` + deep(100) + `},"ReturnValues":"INVALID"}`,
		envelope + oldValues,
	},
	{"limit", "Query", `{"TableName":"abc","Limit":0}`, envelope + "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"limit", "Scan", `{"TableName":"abc","Limit":0}`, envelope + "Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"segment", "Scan", `{"TableName":"abc","Segment":-1,"TotalSegments":2}`, envelope + "Value at 'Segment' failed to satisfy constraint: Member must have value greater than or equal to 0"},
	{
		"segments", "Scan", `{"TableName":"abc","Segment":0,"TotalSegments":1000001}`,
		envelope + "Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000",
	},
	{
		"select", "Query", `{"TableName":"abc","Select":"INVALID_VALUE"}`,
		envelope + "Value 'INVALID_VALUE' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
	},
	{
		"operator beside select", "Query", `{"TableName":"abc","Select":"BOGUS","ConditionalOperator":"XOR","QueryFilter":{"a":{"ComparisonOperator":"NULL"},"b":{"ComparisonOperator":"NULL"}}}`,
		"Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]",
	},
	{"no tables", "BatchGetItem", `{"RequestItems":{}}`, envelope + "Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{
		"many keys", "BatchGetItem", `{"RequestItems":{"tab":{"Keys":[` + strings.Repeat("{},", 100) + `{}]}}}`,
		envelope + "Value at 'RequestItems.tab.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100",
	},
	{"no keys", "BatchGetItem", `{"RequestItems":{"tab":{"Keys":[]}}}`, envelope + "Value at 'RequestItems.tab.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{
		"bad name", "BatchGetItem", `{"RequestItems":{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}}`,
		envelope + `Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}' at 'requestItems' failed to satisfy constraint: ` + mapKeys,
	},
	{
		"bad name and enum", "BatchGetItem", `{"RequestItems":{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}},"ReturnConsumedCapacity":"INVALID"}`,
		`2 validation errors detected: Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}' at 'requestItems' failed to satisfy constraint: ` + mapKeys + "; " + capacity,
	},
	{"no tables", "BatchWriteItem", `{"RequestItems":{}}`, envelope + "Value at 'RequestItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{
		"many writes", "BatchWriteItem", `{"RequestItems":{"tab":[` + strings.Repeat(`{"DeleteRequest":{"Key":{}}},`, 25) + `{"DeleteRequest":{"Key":{}}}]}}`,
		envelope + "Value at 'RequestItems.tab.member' failed to satisfy constraint: Member must have length less than or equal to 25",
	},
	{
		"no writes", "BatchWriteItem", `{"RequestItems":{"tab":[]}}`,
		envelope + "Value '{tab=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
	},
	{
		"bad name", "BatchWriteItem", `{"RequestItems":{"bad!name":[{"PutRequest":{"Item":{"pk":{"S":"bw-0"}}}}]}}`,
		envelope + "Value '{bad!name=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(s=bw-0, n=null, b=null, iNT=null, dECIMAL=null, dOUBLE=null, sS=null, nS=null, bS=null, iNTSET=null, dECIMALSET=null, dOUBLESET=null, m=null, l=null, nULL=null, bOOL=null)}, workloadProfileName=null), deleteRequest=null)]}' at 'requestItems' failed to satisfy constraint: " + mapKeys,
	},
	{
		"bad name and enum", "BatchWriteItem", `{"RequestItems":{"bad!name":[{"PutRequest":{"Item":{}}}]},"ReturnItemCollectionMetrics":"INVALID"}`,
		envelope + metrics,
	},
	{
		"two enums", "BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{"Item":{}}}]},"ReturnItemCollectionMetrics":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
		"2 validation errors detected: " + capacity + "; " + metrics,
	},
	{"no actions", "TransactWriteItems", `{"TransactItems":[]}`, envelope + "Value at 'TransactItems' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{
		"many actions", "TransactGetItems", `{"TransactItems":[` + strings.Repeat(`{"Get":{"TableName":"abc","Key":{}}},`, 100) + `{"Get":{"TableName":"abc","Key":{}}}]}`,
		envelope + "Value at 'TransactItems' failed to satisfy constraint: Member must have length less than or equal to 100",
	},
	{
		"bad name", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"abc","Item":{}}},{"Update":{"TableName":"bad!name","Key":{},"UpdateExpression":"REMOVE a"}}]}`,
		envelope + "Value 'bad!name' at 'transactItems.2.member.update.tableName' failed to satisfy constraint: " + nameRule,
	},
	{
		"bad name", "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"bad!name","Key":{}}}]}`,
		envelope + "Value 'bad!name' at 'transactItems.1.member.get.tableName' failed to satisfy constraint: " + nameRule,
	},
	{
		"no operation", "TransactWriteItems", `{"TransactItems":[{}]}`,
		envelope + "Value '' at 'transactItems' failed to satisfy constraint: TransactWriteRequest should contain Delete or Put or Update or ConditionCheck",
	},
	{
		"token", "TransactWriteItems", `{"TransactItems":[],"ClientRequestToken":"` + longName + `","ReturnConsumedCapacity":"INVALID"}`,
		envelope + "Value at 'ClientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36",
	},
	{
		"two enums", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"abc","Item":{}}}],"ReturnItemCollectionMetrics":"INVALID","ReturnConsumedCapacity":"INVALID"}`,
		"2 validation errors detected: " + capacity + "; " + metrics,
	},
	{
		"no condition", "TransactWriteItems", `{"TransactItems":[{"ConditionCheck":{"TableName":"abc","Key":{}}}]}`,
		envelope + "Value null at 'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null",
	},
	{"no name", "CreateTable", `{` + noTable + `}`, absent},
	{
		"empty name", "CreateTable", `{"TableName":"",` + noTable + `}`,
		"2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: " + nameRule + "; Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
	},
	{
		"short name", "CreateTable", `{"TableName":"ab",` + noTable + `}`,
		envelope + "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
	},
	{
		"long name", "CreateTable", `{"TableName":"` + longName + `",` + noTable + `}`,
		envelope + "Value '" + longName + "' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255",
	},
	{
		"no key schema", "CreateTable", `{"TableName":"abc","AttributeDefinitions":[]}`,
		envelope + "Value null at 'keySchema' failed to satisfy constraint: Member must not be null",
	},
	{
		"empty key schema", "CreateTable", `{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[]}`,
		envelope + "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1",
	},
	{
		"no definitions", "CreateTable", `{"TableName":"abc","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`,
		envelope + "Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null",
	},
	{
		"long key schema", "CreateTable", `{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"},{"AttributeName":"extra","KeyType":"RANGE"}]}`,
		envelope + "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, keyType=RANGE), KeySchemaElement(attributeName=extra, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
	},
	{
		"key type", "CreateTable", `{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[{"AttributeName":"pk","KeyType":"INVALID"}]}`,
		envelope + "Value 'INVALID' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]",
	},
	{
		"attribute type", "CreateTable", `{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"INVALID"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`,
		envelope + "Value 'INVALID' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]",
	},
	{
		"billing mode and key type", "CreateTable", `{"TableName":"abc","BillingMode":"INVALID_MODE","AttributeDefinitions":[],"KeySchema":[{"AttributeName":"pk","KeyType":"INVALID"}]}`,
		"2 validation errors detected: Value 'INVALID_MODE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; Value 'INVALID' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]",
	},
	{
		"throughput", "CreateTable", `{"TableName":"abc",` + noTable + `,"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0}}`,
		"2 validation errors detected: Value '0' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than or equal to 1",
	},
	{
		"index names", "CreateTable", `{"TableName":"abc",` + noTable + `,"LocalSecondaryIndexes":[{"IndexName":"l1","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"Projection":{}}],"GlobalSecondaryIndexes":[{"IndexName":"g1","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"Projection":{}}]}`,
		"2 validation errors detected: Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'l1' at 'localSecondaryIndexes.1.member.indexName' failed to satisfy constraint: Member must have length greater than or equal to 3",
	},
	{
		"dimensions", "CreateTable", `{"TableName":"abc",` + noTable + `,"VectorIndexes":[{"IndexName":"vix","VectorAttribute":{"AttributeName":"v"},"Dimensions":0,"DistanceFunction":"COSINE","Projection":{}}]}`,
		envelope + "Value '0' at 'vectorIndexes.1.member.dimensions' failed to satisfy constraint: Member must have value greater than or equal to 1",
	},
	{"replica of another account", "CreateTable", `{"TableName":"abc","GlobalTableSourceArn":"arn:aws:dynamodb:eu-west-2:123456789012:table/abc"}`, ""},
	{"no name", "DescribeTable", `{}`, absent},
	{"short name", "DescribeTable", `{"TableName":"ab"}`, describe},
	{"empty name", "DeleteTable", `{"TableName":""}`, describe},
	{"long name", "UpdateTable", `{"TableName":"` + longName + `"}`, describe},
	{"bad name", "DescribeTable", `{"TableName":"abc;"}`, envelope + "Value 'abc;' at 'tableName' failed to satisfy constraint: " + nameRule},
	{"limit", "ListTables", `{"Limit":0}`, envelope + "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"limit", "ListTables", `{"Limit":101}`, envelope + "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100"},
	{
		"attribute name", "UpdateTimeToLive", `{"TableName":"abc","TimeToLiveSpecification":{"Enabled":true,"AttributeName":""}}`,
		envelope + "Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1",
	},
	{"no statements", "BatchExecuteStatement", `{"Statements":[]}`, envelope + "Value '[]' at 'statements' failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"top k", "SearchVectors", `{"TableName":"abc","IndexName":"vix","SearchVector":[],"TopK":0}`, envelope + "Value '0' at 'topK' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"no name", "SearchVectors", `{"IndexName":"x"}`, "missing field `TableName` at line 1 column 1"},
	{"pattern in Go, generic", "UpdateTableReplicaAutoScaling", `{"TableName":"abc","ProvisionedWriteCapacityAutoScalingUpdate":{"ScalingPolicyUpdate":{"PolicyName":"a b","TargetTrackingScalingPolicyConfiguration":{"TargetValue":50}},"AutoScalingRoleArn":"röle"}}`, ""},
	{
		"tag keys, generic", "UntagResource", `{"ResourceArn":"arn","TagKeys":["a",""]}`,
		envelope + "Value '[a, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
	},
}

func TestCheckAnswersInTheServicesWords(t *testing.T) {
	for _, test := range checkTests {
		in := newInput(t, test.operation)
		if err := DecodeRequest([]byte(test.body), in); err != nil {
			t.Errorf("%s, %s: decode: %v", test.operation, test.name, err)
			continue
		}
		err := in.Check()
		message := ""
		if e := (*Error)(nil); errors.As(err, &e) {
			message = e.Message
			if e.Type != ValidationException || e.Status != 400 {
				t.Errorf("%s, %s: %s with status %d", test.operation, test.name, e.Type, e.Status)
			}
		}
		if message != test.message {
			t.Errorf("%s, %s:\n got %s\nwant %s", test.operation, test.name, message, test.message)
		}
	}
}

func TestCheckListsTenErrorsAtMost(t *testing.T) {
	in := new(CreateTableInput)
	in.TableName = Some("abc")
	in.KeySchema = []KeySchemaElement{{AttributeName: Some("pk"), KeyType: Some("HASH")}}
	in.AttributeDefinitions = make([]AttributeDefinition, 20)
	err := in.Check()
	if err == nil || strings.Count(err.Error(), "; ") != 9 || !strings.Contains(err.Error(), "10 validation errors detected: ") {
		t.Errorf("got %v", err)
	}
}

func TestCheckOfAValidRequestDoesNotAllocate(t *testing.T) {
	for _, test := range checkTests {
		if test.message != "" {
			continue
		}
		in := newInput(t, test.operation)
		if err := DecodeRequest([]byte(test.body), in); err != nil {
			t.Fatal(err)
		}
		if in.Check() != nil {
			t.Fatal(test.name)
		}
		if n := testing.AllocsPerRun(100, func() { _ = in.Check() }); n != 0 {
			t.Errorf("%s, %s: %v allocations", test.operation, test.name, n)
		}
	}
}

func newInput(t *testing.T, operation string) Input {
	t.Helper()
	for _, o := range Operations {
		if o.Name == operation {
			return o.New()
		}
	}
	t.Fatalf("no operation %s", operation)
	return nil
}

func TestLengthCountsAsJavaDoes(t *testing.T) {
	for s, want := range map[string]int64{"": 0, "abc": 3, "é": 1, "😀": 2} {
		if got := length(s); got != want {
			t.Errorf("length(%s) = %d, want %d", strconv.Quote(s), got, want)
		}
	}
}
