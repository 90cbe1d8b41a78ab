package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func testBatches(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	one, two := newTable(t, db, "batch-1"), newTable(t, db, "batch-2")
	fill(t, db, one, "a", 60, nil)
	fill(t, db, two, "b", 3, nil)

	// Puts and deletes, two tables.
	writeAll(t, db, map[string][]types.WriteRequest{
		one: {
			{DeleteRequest: &types.DeleteRequest{Key: item(t, plain{"pk": "a", "sk": "000"})}},
			{PutRequest: &types.PutRequest{Item: item(t, plain{"pk": "a", "sk": "060", "n": 60})}},
		},
		two: {{DeleteRequest: &types.DeleteRequest{Key: item(t, plain{"pk": "b", "sk": "none"})}}},
	})

	keys := func(pk string, n int) (list []map[string]types.AttributeValue) {
		for i := range n {
			list = append(list, item(t, plain{"pk": pk, "sk": fmt.Sprintf("%03d", i)}))
		}
		return list
	}
	got := readAll(t, db, map[string]types.KeysAndAttributes{
		one: {Keys: keys("a", 61), ConsistentRead: aws.Bool(true)},
		two: {Keys: keys("b", 5), ProjectionExpression: aws.String("sk")},
	})
	same(t, "items of the first table", len(got[one]), 60)
	same(t, "items of the second table", len(got[two]), 3)
	same(t, "projected", len(got[two][0]), 1)

	// More than 16 MB come in several answers.
	for i := range 50 {
		put(t, db, two, plain{"pk": "large", "sk": fmt.Sprintf("%03d", i), "v": strings.Repeat("x", 380_000)})
	}
	first, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{two: {Keys: keys("large", 50)}}})
	ok(t, err)
	rest := first.UnprocessedKeys[two].Keys
	if len(rest) == 0 || len(first.Responses[two])+len(rest) != 50 {
		t.Errorf("%d items and %d unprocessed keys", len(first.Responses[two]), len(rest))
	}
	same(t, "all large items", len(first.Responses[two])+len(readAll(t, db, first.UnprocessedKeys)[two]), 50)

	// A batch is refused as a whole.
	_, err = db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		one: {Keys: append(keys("a", 2), keys("a", 1)...)},
	}})
	failsWith(t, err, "ValidationException", "Provided list of item keys contains duplicates")
	_, err = db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{one: {
		{PutRequest: &types.PutRequest{Item: item(t, plain{"pk": "c", "sk": "1"})}},
		{DeleteRequest: &types.DeleteRequest{Key: item(t, plain{"pk": "c", "sk": "1"})}},
	}}})
	failsWith(t, err, "ValidationException", "Provided list of item keys contains duplicates")
	_, err = db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{one: {Keys: keys("a", 101)}}})
	failsWith(t, err, "ValidationException", "")
	_, err = db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		one:    {{PutRequest: &types.PutRequest{Item: item(t, plain{"pk": "c", "sk": "1"})}}},
		"none": {{PutRequest: &types.PutRequest{Item: item(t, plain{"pk": "c", "sk": "1"})}}},
	}})
	fails[*types.ResourceNotFoundException](t, err)
	same(t, "nothing was written", get(t, db, one, plain{"pk": "c", "sk": "1"}), plain(nil))
}

// readAll reads a batch and what the server left unprocessed of it.
func readAll(t *testing.T, db *dynamodb.Client, requests map[string]types.KeysAndAttributes) map[string][]map[string]types.AttributeValue {
	t.Helper()
	items := map[string][]map[string]types.AttributeValue{}
	for len(requests) > 0 {
		out, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: requests})
		ok(t, err)
		for table, list := range out.Responses {
			items[table] = append(items[table], list...)
		}
		requests = out.UnprocessedKeys
	}
	return items
}
