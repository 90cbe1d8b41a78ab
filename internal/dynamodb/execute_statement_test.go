package dynamodb_test

import (
	"context"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// gets are the same read of one item, natively and as statements.
var gets = []struct{ name, operation, body string }{
	{"GetItem", "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}`},
	{"literals", "ExecuteStatement", `{"Statement":"SELECT * FROM tab WHERE pk = 'a' AND sk = 'b'"}`},
	{"parameters", "ExecuteStatement", `{"Statement":"SELECT * FROM tab WHERE pk = ? AND sk = ?","Parameters":[{"S":"a"},{"S":"b"}]}`},
}

// getter returns a function that carries out a request on a table with one
// item, which is found.
func getter(t testing.TB, operation, body string) func() {
	db := dynamodb.New(dynamodb.Config{Store: memkv.Open()})
	do := func(operation, body string, dst []byte) []byte {
		out, err := db.Do(context.Background(), dynamodb.Call{
			Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: operation, Body: []byte(body),
		}, dst)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	do("CreateTable", `{"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}`, nil)
	do("PutItem", `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"data":{"S":"some text that is not long"},"n":{"N":"42"}}}`, nil)
	dst := make([]byte, 0, 4096)
	return func() { dst = do(operation, body, dst[:0]) }
}

// A statement that has been seen before costs little more than the native
// operation: parsing it would take dozens of allocations more.
func TestStatementAllocatesLittleMoreThanGetItem(t *testing.T) {
	native := testing.AllocsPerRun(200, getter(t, gets[0].operation, gets[0].body))
	for _, g := range gets[1:] {
		if n := testing.AllocsPerRun(200, getter(t, g.operation, g.body)); n > native+12 {
			t.Errorf("%s: %v allocations, GetItem has %v", g.name, n, native)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, g := range gets {
		b.Run(g.name, func(b *testing.B) {
			get := getter(b, g.operation, g.body)
			b.ReportAllocs()
			for b.Loop() {
				get()
			}
		})
	}
}
