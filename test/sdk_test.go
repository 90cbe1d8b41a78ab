package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// The session of the SDK for Go: each part has tables of its own on one server.
func TestGoSDK(t *testing.T) {
	db := connect(t, endpoint(t))
	for _, part := range []struct {
		name string
		run  func(*testing.T, *dynamodb.Client)
	}{
		{"Tables", testTables},
		{"UpdateTable", testUpdateTable},
		{"ListTables", testListTables},
		{"Items", testItems},
		{"ReturnValues", testReturnValues},
		{"Conditions", testConditions},
		{"UpdateExpressions", testUpdateExpressions},
		{"Values", testValues},
		{"ConsumedCapacity", testConsumedCapacity},
		{"ItemCollectionMetrics", testItemCollectionMetrics},
		{"Query", testQuery},
		{"Indexes", testIndexes},
		{"Scan", testScan},
		{"LargePages", testLargePages},
		{"Batches", testBatches},
		{"Transactions", testTransactions},
		{"TransactionErrors", testTransactionErrors},
		{"Streams", testStreams},
		{"ConcurrentWriters", testConcurrentWriters},
		{"Errors", testErrors},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, db) })
	}
}

// connect returns a client that shows every error at once: it does not retry.
func connect(t *testing.T, url string) *dynamodb.Client {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context(),
		config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
		config.WithSharedConfigFiles(nil), config.WithSharedCredentialsFiles(nil),
	)
	ok(t, err)
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.BaseEndpoint, o.HTTPClient = &url, wholeBodies{http.DefaultClient}
	})
}

// wholeBodies gives net/http bodies that are in memory. The SDK closes a body
// as soon as an answer begins. If net/http is only just looking for that
// body's end, which happens when the server is near and fast, it takes that
// for an error and drops the connection in the middle of the answer. The
// SDK's retries hide it from users; these tests do without them.
type wholeBodies struct{ *http.Client }

func (c wholeBodies) Do(r *http.Request) (*http.Response, error) {
	whole := r.WithContext(r.Context())
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		whole.Body = io.NopCloser(bytes.NewReader(body))
	}
	return c.Client.Do(whole)
}

// ok ends the test when err is not nil.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fails checks that err is the exception E, and returns it.
func fails[E error](t *testing.T, err error) E {
	t.Helper()
	exception, is := errors.AsType[E](err)
	if !is {
		t.Fatalf("error %v, want a %T", err, exception)
	}
	return exception
}

// failsWith checks the code and, unless it is empty, the message of an error.
// Some regions of AWS put an envelope around messages; which one stator does
// is not for these tests to say.
func failsWith(t *testing.T, err error, code, message string) {
	t.Helper()
	exception := fails[smithy.APIError](t, err)
	got := strings.TrimPrefix(exception.ErrorMessage(), "1 validation error detected: ")
	if exception.ErrorCode() != code || message != "" && got != message {
		t.Errorf("error %s: %q\nwant  %s: %q", exception.ErrorCode(), exception.ErrorMessage(), code, message)
	}
}

// plain is an item as Go values.
type plain = map[string]any

func item(t *testing.T, values plain) map[string]types.AttributeValue {
	t.Helper()
	m, err := attributevalue.MarshalMap(values)
	ok(t, err)
	return m
}

func values(t *testing.T, item map[string]types.AttributeValue) plain {
	t.Helper()
	var m plain
	ok(t, attributevalue.UnmarshalMap(item, &m))
	return m
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n any) types.AttributeValue    { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }

// newTable makes a table with the keys pk and sk, both strings, changed by
// each of the changes, and deletes it at the end of the test.
func newTable(t *testing.T, db *dynamodb.Client, name string, changes ...func(*dynamodb.CreateTableInput)) string {
	t.Helper()
	lastingTable(t, db, name, changes...)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !gone {
			t.Error(err)
		}
	})
	return name
}

// lastingTable makes a table as newTable does, and leaves it there.
func lastingTable(t *testing.T, db *dynamodb.Client, name string, changes ...func(*dynamodb.CreateTableInput)) {
	t.Helper()
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: keySchema("pk", "sk"),
	}
	for _, change := range changes {
		change(in)
	}
	_, err := db.CreateTable(t.Context(), in)
	ok(t, err)
	awaitTable(t, db, name)
}

func awaitTable(t *testing.T, db *dynamodb.Client, name string) {
	t.Helper()
	waiter := dynamodb.NewTableExistsWaiter(db, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, time.Second
	})
	ok(t, waiter.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, time.Minute))
}

func keySchema(hash string, ranges ...string) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}}
	for _, r := range ranges {
		schema = append(schema, types.KeySchemaElement{AttributeName: &r, KeyType: types.KeyTypeRange})
	}
	return schema
}

// withAttribute declares another key attribute.
func withAttribute(name string, kind types.ScalarAttributeType) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name, AttributeType: kind})
	}
}

func withGSI(name, hash, sort string, projection types.Projection) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &name, KeySchema: keySchema(hash, sort), Projection: &projection,
		})
	}
}

func withLSI(name, sort string, projection types.Projection) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName: &name, KeySchema: keySchema("pk", sort), Projection: &projection,
		})
	}
}

var (
	allAttributes = types.Projection{ProjectionType: types.ProjectionTypeAll}
	keysOnly      = types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
)

func put(t *testing.T, db *dynamodb.Client, table string, values plain) {
	t.Helper()
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item(t, values)})
	ok(t, err)
}

func get(t *testing.T, db *dynamodb.Client, table string, key plain) plain {
	t.Helper()
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: item(t, key), ConsistentRead: aws.Bool(true)})
	ok(t, err)
	if out.Item == nil {
		return nil
	}
	return values(t, out.Item)
}

// fill writes n items of one partition, sk 000 and up, with more attributes.
func fill(t *testing.T, db *dynamodb.Client, table, pk string, n int, more func(i int) plain) {
	t.Helper()
	var batch []types.WriteRequest
	for i := range n {
		values := plain{"pk": pk, "sk": fmt.Sprintf("%03d", i), "n": i}
		if more != nil {
			for name, value := range more(i) {
				values[name] = value
			}
		}
		batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: item(t, values)}})
		if len(batch) == 25 || i == n-1 {
			writeAll(t, db, map[string][]types.WriteRequest{table: batch})
			batch = nil
		}
	}
}

// writeAll writes a batch and what the server left unprocessed of it.
func writeAll(t *testing.T, db *dynamodb.Client, requests map[string][]types.WriteRequest) {
	t.Helper()
	for len(requests) > 0 {
		out, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: requests})
		ok(t, err)
		requests = out.UnprocessedItems
	}
}

// sortKeys returns the sk of each item.
func sortKeys(t *testing.T, items []map[string]types.AttributeValue) []string {
	t.Helper()
	keys := []string{}
	for _, i := range items {
		sk, is := i["sk"].(*types.AttributeValueMemberS)
		if !is {
			t.Fatalf("an item without sk: %v", values(t, i))
		}
		keys = append(keys, sk.Value)
	}
	return keys
}

// span returns the sort keys from first to last, upwards or downwards.
func span(first, last int) []string {
	keys := []string{}
	step := 1
	if last < first {
		step = -1
	}
	for i := first; i != last+step; i += step {
		keys = append(keys, fmt.Sprintf("%03d", i))
	}
	return keys
}
