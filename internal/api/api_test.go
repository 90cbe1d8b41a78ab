package api

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/attr"
)

// The operations of DynamoDB_20120810 and DynamoDBStreams_20120810 in
// November 2026.
var dynamoDB = strings.Fields(`
	BatchExecuteStatement BatchGetItem BatchWriteItem CancelBulkOperation CreateBackup CreateGlobalTable CreateTable
	DeleteBackup DeleteItem DeleteResourcePolicy DeleteTable DescribeBackup DescribeBulkOperation
	DescribeContinuousBackups DescribeContributorInsights DescribeEndpoints DescribeExport DescribeGlobalTable
	DescribeGlobalTableSettings DescribeImport DescribeKinesisStreamingDestination DescribeLimits DescribeTable
	DescribeTableReplicaAutoScaling DescribeTimeToLive DisableKinesisStreamingDestination
	EnableKinesisStreamingDestination ExecuteStatement ExecuteTransaction ExportTableToPointInTime GetItem
	GetResourcePolicy ImportTable ListBackups ListBulkOperations ListContributorInsights ListExports ListGlobalTables
	ListImports ListTables ListTagsOfResource PutItem PutResourcePolicy Query RestoreTableFromBackup
	RestoreTableToPointInTime Scan SearchVectors StartBulkPutItems TagResource TransactGetItems TransactWriteItems
	UntagResource UpdateContinuousBackups UpdateContributorInsights UpdateGlobalTable UpdateGlobalTableSettings
	UpdateItem UpdateKinesisStreamingDestination UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive`)

var streams = strings.Fields(`DescribeStream GetRecords GetShardIterator ListStreams`)

func TestOperationsAreThoseOfTheService(t *testing.T) {
	if len(dynamoDB) != 62 || len(streams) != 4 {
		t.Fatalf("%d and %d names here", len(dynamoDB), len(streams))
	}
	want := make(map[string]string)
	for _, n := range dynamoDB {
		want[n] = "DynamoDB_20120810"
	}
	for _, n := range streams {
		want[n] = "DynamoDBStreams_20120810"
	}
	if len(Operations) != len(want) {
		t.Errorf("%d operations, want %d", len(Operations), len(want))
	}
	for _, o := range Operations {
		if o.Target != want[o.Name] {
			t.Errorf("%s is of %q, want %q", o.Name, o.Target, want[o.Name])
		}
	}
}

// The messages are recorded from AWS.
func TestDecodeNamesWrongTypes(t *testing.T) {
	const java = "com.amazonaws.dynamodb.v20120810."
	for _, test := range []struct{ operation, body, message string }{
		{"PutItem", ``, ""},
		{"PutItem", `null`, ""},
		{"PutItem", `[]`, ""},
		{"PutItem", `{"TableName":"abc"`, ""},
		{"PutItem", `{"TableName":"abc"}}`, ""},
		{"PutItem", `{"TableName":1,`, ""},
		{"PutItem", `{"TableName":true}`, "TRUE_VALUE cannot be converted to String"},
		{"PutItem", `{"TableName":false}`, "FALSE_VALUE cannot be converted to String"},
		{"PutItem", `{"TableName":23}`, "NUMBER_VALUE cannot be converted to String"},
		{"PutItem", `{"TableName":-2.3}`, "DECIMAL_VALUE cannot be converted to String"},
		{"PutItem", `{"TableName":[]}`, "Unrecognized collection type class java.lang.String"},
		{"PutItem", `{"TableName":{}}`, "Start of structure or map found where not expected"},
		{"PutItem", `{"Item":"a"}`, "Unexpected field type"},
		{"PutItem", `{"Item":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, " + java + "AttributeValue>"},
		{"PutItem", `{"Item":{"a":1}}`, "Unexpected value type in payload"},
		{"PutItem", `{"Item":{"a":[]}}`, "Unrecognized collection type class " + java + "AttributeValue"},
		{"PutItem", `{"Item":{"a":{"B":"23456"}}}`, "Base64 encoded length is expected a multiple of 4 bytes but found: 5"},
		{"PutItem", `{"Expected":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, " + java + "ExpectedAttributeValue>"},
		{"PutItem", `{"Expected":{"a":"b"}}`, "Unexpected value type in payload"},
		{"PutItem", `{"Expected":{"a":[]}}`, "Unrecognized collection type class " + java + "ExpectedAttributeValue"},
		{"PutItem", `{"Expected":{"a":{"Exists":"maybe"}}}`, "Unexpected token received from parser"},
		{"PutItem", `{"Expected":{"a":{"Exists":1}}}`, "NUMBER_VALUE cannot be converted to Boolean"},
		{"PutItem", `{"Expected":{"a":{"AttributeValueList":{}}}}`, "Start of structure or map found where not expected"},
		{"PutItem", `{"Expected":{"a":{"AttributeValueList":1}}}`, "Unexpected field type"},
		{"PutItem", `{"ExpressionAttributeNames":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"},
		{"PutItem", `{"ExpressionAttributeNames":{"#a":1}}`, "NUMBER_VALUE cannot be converted to String"},
		{"Query", `{"Limit":"1"}`, "STRING_VALUE cannot be converted to Integer"},
		{"Query", `{"Limit":true}`, "TRUE_VALUE cannot be converted to Integer"},
		{"Query", `{"Limit":[]}`, "Unrecognized collection type class java.lang.Integer"},
		{"CreateTable", `{"ProvisionedThroughput":{"ReadCapacityUnits":"1"}}`, "STRING_VALUE cannot be converted to Long"},
		{"CreateTable", `{"ProvisionedThroughput":1}`, "Unexpected field type"},
		{"CreateTable", `{"ProvisionedThroughput":[]}`, "Unrecognized collection type class " + java + "ProvisionedThroughput"},
		{"CreateTable", `{"KeySchema":[1]}`, "Unexpected value type in payload"},
		{"CreateTable", `{"KeySchema":[[]]}`, "Unrecognized collection type class " + java + "KeySchemaElement"},
		{"BatchGetItem", `{"RequestItems":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, " + java + "KeysAndAttributes>"},
		{"BatchWriteItem", `{"RequestItems":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, java.util.List<" + java + "WriteRequest>>"},
		{"BatchWriteItem", `{"RequestItems":{"a":[1]}}`, "Unexpected value type in payload"},
		{"SearchVectors", `{"TableName":null}`, "invalid type: null, expected a string at line 1 column 1"},
		{"SearchVectors", `{"SearchVector":null}`, "invalid type: null, expected a sequence at line 1 column 1"},
		{"SearchVectors", `{"TopK":null}`, "invalid type: null, expected i32 at line 1 column 1"},
	} {
		err := DecodeRequest([]byte(test.body), newInput(t, test.operation))
		var e *Error
		if !errors.As(err, &e) || e.Type != SerializationException || e.Message != test.message {
			t.Errorf("%s %s: %v, want %q", test.operation, test.body, err, test.message)
		}
	}
}

func TestDecodeKeepsTheOrderOfMaps(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{"RequestItems":{"z":[],"a":[{}]`)
	for i := range 2 * manyEntries {
		body.WriteString(`,"t` + strings.Repeat("x", i) + `":[]`)
	}
	body.WriteString(`,"z":[{},{}],"t":[{},{},{}]},"Unknown":{"a":[1,{}]}}`)
	var in BatchWriteItemInput
	if err := DecodeRequest([]byte(body.String()), &in); err != nil {
		t.Fatal(err)
	}
	m := in.RequestItems
	if len(m) != 2+2*manyEntries || m[0].Key != "z" || m[1].Key != "a" || m[2].Key != "t" {
		t.Errorf("%d entries: %v", len(m), m[:3])
	}
	if len(m[0].Value) != 2 || len(m[2].Value) != 3 || len(*m.Get("a")) != 1 || m.Get("nope") != nil {
		t.Errorf("values %v, %v", m[0].Value, m[2].Value)
	}
}

func TestDecodeTellsEmptyFromAbsent(t *testing.T) {
	var in QueryInput
	body := `{"AttributesToGet":[],"KeyConditions":{},"ExpressionAttributeNames":{},"ExclusiveStartKey":{},"Limit":null,"QueryFilter":null}`
	if err := DecodeRequest([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	if in.AttributesToGet == nil || in.KeyConditions == nil || in.ExpressionAttributeNames == nil || in.ExclusiveStartKey == nil {
		t.Errorf("empty became absent: %+v", in)
	}
	if in.Limit.Set || in.QueryFilter != nil || in.ExpressionAttributeValues != nil {
		t.Errorf("null or absent became present: %+v", in)
	}
}

func TestDecodeAllocatesLittle(t *testing.T) {
	body := []byte(`{"TableName":"abc","Item":{"pk":{"S":"a"},"n":{"N":"12"},"l":{"L":[{"S":"x"},{"M":{"a":{"BOOL":true}}}]}},"ReturnValues":"ALL_OLD"}`)
	// The request, two strings and the item.
	if n := testing.AllocsPerRun(100, func() {
		if err := DecodeRequest(body, new(PutItemInput)); err != nil {
			t.Fatal(err)
		}
	}); n > 5 {
		t.Errorf("%v allocations", n)
	}
}

// Errors: what the type is prefixed with, how the message is called, which have
// more than that. [1.7] [1.8] [1.9] [1.12] [1.13] [1.14] [1.15] [1.16] [1.17]
func TestErrorsOnTheWire(t *testing.T) {
	item, err := attr.ParseItem(`{"pk":{"S":"a"}}`)
	if err != nil {
		t.Fatal(err)
	}
	failed := NewConditionalCheckFailedException("The conditional request failed")
	failed.Item = item
	canceled := NewTransactionCanceledException("no")
	canceled.CancellationReasons = []CancellationReason{{Code: Some("None")}, {Code: Some("ConditionalCheckFailed"), Message: Some("m"), Item: item}}
	throttled := NewThrottlingException("slow")
	throttled.ThrottlingReasons = []ThrottlingReason{{Reason: Some("r"), Resource: Some("arn")}}
	for _, test := range []struct {
		err    *Error
		status int
		want   string
	}{
		{NewUnknownOperationException(""), 400, `{"__type":"com.amazon.coral.service#UnknownOperationException"}`},
		{NewSerializationException(""), 400, `{"__type":"com.amazon.coral.service#SerializationException"}`},
		{NewSerializationException("x"), 400, `{"__type":"com.amazon.coral.service#SerializationException","Message":"x"}`},
		{NewAccessDeniedException("x"), 400, `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"x"}`},
		{NewValidationException("x"), 400, `{"__type":"com.amazon.coral.validate#ValidationException","message":"x"}`},
		{NewResourceNotFoundException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"x"}`},
		{NewResourceInUseException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceInUseException","message":"x"}`},
		{NewLimitExceededException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#LimitExceededException","message":"x"}`},
		{NewItemCollectionSizeLimitExceededException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ItemCollectionSizeLimitExceededException","message":"x"}`},
		{NewIdempotentParameterMismatchException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException","Message":"x"}`},
		{NewDuplicateItemException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#DuplicateItemException","message":"x"}`},
		{NewBackupNotFoundException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#BackupNotFoundException","message":"x"}`},
		{NewPolicyNotFoundException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#PolicyNotFoundException","message":"x"}`},
		{NewMissingAuthenticationTokenException("x"), 400, `{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"x"}`},
		{NewIncompleteSignatureException("x"), 400, `{"__type":"com.amazon.coral.service#IncompleteSignatureException","message":"x"}`},
		{NewInvalidSignatureException("x"), 400, `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"x"}`},
		{NewUnrecognizedClientException("x"), 400, `{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"x"}`},
		{NewConditionalCheckFailedException("x"), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"x"}`},
		{NewInternalServerError("x"), 500, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"x"}`},
		{failed, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"pk":{"S":"a"}}}`},
		{canceled, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"no","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"m","Item":{"pk":{"S":"a"}}}]}`},
		{throttled, 400, `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow","throttlingReasons":[{"reason":"r","resource":"arn"}]}`},
	} {
		if got := string(test.err.AppendJSON(nil)); got != test.want || test.err.Status != test.status {
			t.Errorf("got  %d %s\nwant %d %s", test.err.Status, got, test.status, test.want)
		}
	}
}

func TestEmptyResponsesAreEmptyObjects(t *testing.T) {
	for _, o := range outputs {
		if got := string(o.AppendJSON(nil)); got != "{}" {
			t.Errorf("%T: %s", o, got)
		}
	}
}

func TestEmptyListsAreWritten(t *testing.T) {
	o := QueryOutput{Items: Items{Present: true}, Count: Some[int64](0)}
	if got := string(o.AppendJSON(nil)); got != `{"Items":[],"Count":0}` {
		t.Error(got)
	}
	b := BatchGetItemOutput{UnprocessedKeys: Map[KeysAndAttributes]{}, Responses: Map[Items]{{Key: "abc"}}}
	if got := string(b.AppendJSON(nil)); got != `{"Responses":{"abc":[]},"UnprocessedKeys":{}}` {
		t.Error(got)
	}
}

// Every response, filled, is what encoding/json reads back.
func TestResponsesAreJSON(t *testing.T) {
	for _, o := range outputs {
		v := reflect.New(reflect.TypeOf(o).Elem())
		want := fill(v.Elem())
		text := v.Interface().(Output).AppendJSON(nil)
		var got any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Errorf("%T: %v in %s", o, err, text)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%T:\n got %v\nwant %v", o, got, want)
		}
	}
}

func TestResponsesDoNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1<<16)
	for _, o := range outputs {
		v := reflect.New(reflect.TypeOf(o).Elem())
		fill(v.Elem())
		filled := v.Interface().(Output)
		if n := testing.AllocsPerRun(20, func() { filled.AppendJSON(buf) }); n != 0 {
			t.Errorf("%T: %v allocations", o, n)
		}
	}
}

// fill sets all of v and returns what encoding/json makes of it.
func fill(v reflect.Value) any {
	item, err := attr.ParseItem(`{"a":{"S":"x"}}`)
	if err != nil {
		panic(err)
	}
	asItem := map[string]any{"a": map[string]any{"S": "x"}}
	switch p := v.Addr().Interface().(type) {
	case *attr.Item:
		*p = item
		return asItem
	case *attr.Value:
		*p = item.Get("a")
		return asItem["a"]
	case *Items:
		p.Append(item)
		p.Append(item)
		return []any{asItem, asItem}
	case *[]byte:
		*p = []byte("abc")
		return "YWJj"
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		return fillSlice(v)
	case reflect.Struct:
		return fillStruct(v)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"#a": "b\"\n"}))
		return map[string]any{"#a": "b\"\n"}
	case reflect.String:
		v.SetString("s\"\x01é")
		return "s\"\x01é"
	case reflect.Int64:
		v.SetInt(-12)
		return -12.0
	case reflect.Float64:
		v.SetFloat(1693244562.147)
		return 1693244562.147
	case reflect.Bool:
		v.SetBool(true)
		return true
	default:
		panic(v.Type())
	}
}

func fillSlice(v reflect.Value) any {
	if v.Type().Elem().Kind() == reflect.Struct && strings.HasPrefix(v.Type().Elem().Name(), "Entry[") {
		m := make(map[string]any)
		for i, key := range []string{"b", "a"} {
			v.Index(i).Field(0).SetString(key)
			m[key] = fill(v.Index(i).Field(1))
		}
		return m
	}
	list := []any{}
	for i := range v.Len() {
		list = append(list, fill(v.Index(i)))
	}
	return list
}

func fillStruct(v reflect.Value) any {
	if strings.HasPrefix(v.Type().Name(), "Opt[") {
		v.FieldByName("Set").SetBool(true)
		return fill(v.FieldByName("V"))
	}
	m := make(map[string]any)
	for i := range v.NumField() {
		m[wireName(v.Type(), i)] = fill(v.Field(i))
	}
	return m
}

// wireName is the name of a member, which in two structures is in lower case.
func wireName(t reflect.Type, i int) string {
	name := t.Field(i).Name
	switch t {
	case reflect.TypeFor[Record](), reflect.TypeFor[ThrottlingReason]():
		return strings.ToLower(name[:1]) + name[1:]
	default:
		return name
	}
}

func TestNumbersInResponses(t *testing.T) {
	for v, want := range map[float64]string{0: "0.0", 1: "1.0", 0.5: "0.5", 1e21: "1e+21", 12345678: "12345678.0", 1e-7: "1e-07"} {
		if got := string(appendDouble(&v, nil)); got != want {
			t.Errorf("double %v: %s, want %s", v, got, want)
		}
	}
	for v, want := range map[float64]string{1693244562.147: "1693244562.147", 1693244562: "1693244562", 1693244562.1479999: "1693244562.148"} {
		if got := string(appendTimestamp(&v, nil)); got != want {
			t.Errorf("timestamp %v: %s, want %s", v, got, want)
		}
	}
}

func TestParseTableARN(t *testing.T) {
	got, ok := ParseTableARN("arn:aws:dynamodb:eu-west-2:123456789012:table/abc/index/gsi")
	want := TableARN{"aws", "eu-west-2", "123456789012", "abc", "index/gsi"}
	if !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	for _, s := range []string{"", "abc", "arn:aws:s3:::bucket", "arn:aws:dynamodb:eu-west-2:1", "arn:aws:dynamodb:eu-west-2:1:global-table/abc"} {
		if _, ok := ParseTableARN(s); ok {
			t.Errorf("%q passes", s)
		}
	}
}

func BenchmarkDecodeAndCheckPutItem(b *testing.B) {
	body := []byte(`{"TableName":"abc","Item":{"pk":{"S":"a"},"v":{"S":"` + strings.Repeat("x", 1000) + `"}},"ConditionExpression":"attribute_not_exists(#pk)","ExpressionAttributeNames":{"#pk":"pk"}}`)
	b.ReportAllocs()
	for b.Loop() {
		in := new(PutItemInput)
		if err := DecodeRequest(body, in); err != nil {
			b.Fatal(err)
		}
		if err := in.Check(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQueryOutput(b *testing.B) {
	item, err := attr.ParseItem(`{"pk":{"S":"a"},"sk":{"N":"1"},"v":{"S":"` + strings.Repeat("x", 200) + `"}}`)
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		var out QueryOutput
		out.Items.Grow(500 * 300)
		for range 500 {
			out.Items.Append(item)
		}
		buf = out.AppendJSON(buf[:0])
	}
}
