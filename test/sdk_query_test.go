package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// queryInput builds a query with the SDK's expression builder.
func queryInput(t *testing.T, table string, key expression.KeyConditionBuilder, filter ...expression.ConditionBuilder) *dynamodb.QueryInput {
	t.Helper()
	builder := expression.NewBuilder().WithKeyCondition(key)
	if len(filter) > 0 {
		builder = builder.WithFilter(filter[0])
	}
	expr, err := builder.Build()
	ok(t, err)
	return &dynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: expr.KeyCondition(), FilterExpression: expr.Filter(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}
}

func testQuery(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "query")
	fill(t, db, name, "a", 60, nil)
	fill(t, db, name, "b", 5, nil)
	pk := expression.Key("pk").Equal(expression.Value("a"))
	sk := expression.Key("sk")

	for _, c := range []struct {
		what string
		key  expression.KeyConditionBuilder
		want []string
	}{
		{"a partition", pk, span(0, 59)},
		{"one key", pk.And(sk.Equal(expression.Value("007"))), span(7, 7)},
		{"less", pk.And(sk.LessThan(expression.Value("003"))), span(0, 2)},
		{"less or equal", pk.And(sk.LessThanEqual(expression.Value("003"))), span(0, 3)},
		{"greater", pk.And(sk.GreaterThan(expression.Value("057"))), span(58, 59)},
		{"greater or equal", pk.And(sk.GreaterThanEqual(expression.Value("057"))), span(57, 59)},
		{"between", pk.And(sk.Between(expression.Value("010"), expression.Value("012"))), span(10, 12)},
		{"a prefix", pk.And(sk.BeginsWith("04")), span(40, 49)},
		{"no item", expression.Key("pk").Equal(expression.Value("none")), []string{}},
	} {
		out, err := db.Query(ctx, queryInput(t, name, c.key))
		ok(t, err)
		same(t, c.what, sortKeys(t, out.Items), c.want)
		same(t, c.what+": Count", int(out.Count), len(c.want))
		if out.LastEvaluatedKey != nil {
			t.Errorf("%s: more after %v", c.what, values(t, out.LastEvaluatedKey))
		}
	}

	// Pages, in both directions.
	for _, forward := range []bool{true, false} {
		in := queryInput(t, name, pk)
		in.Limit, in.ScanIndexForward = aws.Int32(7), &forward
		paginator := dynamodb.NewQueryPaginator(db, in)
		var got []string
		for paginator.HasMorePages() {
			page, err := paginator.NextPage(ctx)
			ok(t, err)
			got = append(got, sortKeys(t, page.Items)...)
		}
		want := span(0, 59)
		if !forward {
			slices.Reverse(want)
		}
		same(t, fmt.Sprintf("pages, forward %t", forward), got, want)
	}

	// Limit counts before the filter.
	in := queryInput(t, name, pk, expression.Name("n").GreaterThanEqual(expression.Value(15)))
	in.Limit = aws.Int32(20)
	out, err := db.Query(ctx, in)
	ok(t, err)
	same(t, "filtered", sortKeys(t, out.Items), span(15, 19))
	same(t, "ScannedCount", out.ScannedCount, int32(20))
	same(t, "LastEvaluatedKey", values(t, out.LastEvaluatedKey), plain{"pk": "a", "sk": "019"})

	in = queryInput(t, name, pk)
	in.Select = types.SelectCount
	out, err = db.Query(ctx, in)
	ok(t, err)
	same(t, "a count", []int{int(out.Count), len(out.Items)}, []int{60, 0})
}

func testIndexes(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "indexes",
		withAttribute("color", types.ScalarAttributeTypeS), withAttribute("n", types.ScalarAttributeTypeN),
		withGSI("by-color", "color", "n", types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"note"}}),
		withLSI("by-n", "n", keysOnly))
	fill(t, db, name, "a", 20, func(i int) plain {
		return plain{"n": -i, "note": fmt.Sprint("note ", i), "rest": "r", "color": []string{"red", "green"}[i%2]}
	})
	fill(t, db, name, "b", 10, func(i int) plain { // half of them are in no global index
		if i%2 == 0 {
			return plain{"color": "green"}
		}
		return nil
	})

	in := queryInput(t, name, expression.Key("color").Equal(expression.Value("green")).And(expression.Key("n").LessThan(expression.Value(-14))))
	in.IndexName = aws.String("by-color")
	out, err := db.Query(ctx, in)
	ok(t, err)
	same(t, "green", sortKeys(t, out.Items), []string{"019", "017", "015"})
	same(t, "what is projected", values(t, out.Items[0]), plain{"pk": "a", "sk": "019", "n": -19.0, "color": "green", "note": "note 19"})

	// A page of a global index goes on after the index key and the table key.
	in = queryInput(t, name, expression.Key("color").Equal(expression.Value("green")))
	in.IndexName, in.Limit = aws.String("by-color"), aws.Int32(4)
	paginator := dynamodb.NewQueryPaginator(db, in)
	total := 0
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(ctx)
		ok(t, err)
		total += len(page.Items)
		if page.LastEvaluatedKey != nil && len(page.LastEvaluatedKey) != 4 {
			t.Errorf("LastEvaluatedKey %v", values(t, page.LastEvaluatedKey))
		}
	}
	same(t, "all green", total, 15)

	// A local index has the whole item when it is asked for.
	in = queryInput(t, name, expression.Key("pk").Equal(expression.Value("a")).And(expression.Key("n").GreaterThanEqual(expression.Value(-1))))
	in.IndexName, in.Select, in.ConsistentRead = aws.String("by-n"), types.SelectAllAttributes, aws.Bool(true)
	out, err = db.Query(ctx, in)
	ok(t, err)
	same(t, "a local index", sortKeys(t, out.Items), []string{"001", "000"})
	same(t, "fetched from the table", values(t, out.Items[0])["rest"], any("r"))

	// An item moves in its indexes when it changes, and leaves with its key.
	update := func(expr string, values map[string]types.AttributeValue) {
		t.Helper()
		_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &name, Key: item(t, plain{"pk": "a", "sk": "000"}), UpdateExpression: &expr, ExpressionAttributeValues: values,
		})
		ok(t, err)
	}
	blue := queryInput(t, name, expression.Key("color").Equal(expression.Value("blue")))
	blue.IndexName = aws.String("by-color")
	update("SET color = :c", map[string]types.AttributeValue{":c": str("blue")})
	out, err = db.Query(ctx, blue)
	ok(t, err)
	same(t, "blue", sortKeys(t, out.Items), span(0, 0))
	update("REMOVE color", nil)
	out, err = db.Query(ctx, blue)
	ok(t, err)
	same(t, "no blue", sortKeys(t, out.Items), []string{})

	blue.ConsistentRead = aws.Bool(true)
	_, err = db.Query(ctx, blue)
	failsWith(t, err, "ValidationException", "Consistent reads are not supported on global secondary indexes")

	scanned, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: &name, IndexName: aws.String("by-color")})
	ok(t, err)
	same(t, "a scan of the index", int(scanned.Count), 24)
}

func testScan(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "scan")
	const partitions, size = 12, 15
	for i := range partitions {
		fill(t, db, name, fmt.Sprint("p", i), size, nil)
	}

	seen := map[string]int{}
	paginator := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &name, Limit: aws.Int32(17)})
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(ctx)
		ok(t, err)
		count(seen, page.Items)
	}
	complete(t, "pages", seen, partitions*size)

	const segments = 4
	var mu sync.Mutex
	var all sync.WaitGroup
	seen = map[string]int{}
	for segment := range segments {
		all.Go(func() {
			paginator := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{
				TableName: &name, Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(segments), Limit: aws.Int32(11),
			})
			for paginator.HasMorePages() {
				page, err := paginator.NextPage(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				count(seen, page.Items)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	complete(t, "segments", seen, partitions*size)

	filter, err := expression.NewBuilder().
		WithFilter(expression.Name("n").LessThan(expression.Value(2)).And(expression.Name("pk").NotEqual(expression.Value("p0")))).
		WithProjection(expression.NamesList(expression.Name("pk"), expression.Name("n"))).Build()
	ok(t, err)
	out, err := db.Scan(ctx, &dynamodb.ScanInput{
		TableName: &name, FilterExpression: filter.Filter(), ProjectionExpression: filter.Projection(),
		ExpressionAttributeNames: filter.Names(), ExpressionAttributeValues: filter.Values(), ConsistentRead: aws.Bool(true),
	})
	ok(t, err)
	same(t, "filtered", []int{int(out.Count), int(out.ScannedCount)}, []int{2 * (partitions - 1), partitions * size})
	if _, there := out.Items[0]["sk"]; there || len(out.Items[0]) != 2 {
		t.Errorf("projected %v", values(t, out.Items[0]))
	}
}

func count(seen map[string]int, items []map[string]types.AttributeValue) {
	for _, i := range items {
		seen[i["pk"].(*types.AttributeValueMemberS).Value+"/"+i["sk"].(*types.AttributeValueMemberS).Value]++
	}
}

// complete checks that n items were seen, each once.
func complete(t *testing.T, what string, seen map[string]int, n int) {
	t.Helper()
	same(t, what+": items", len(seen), n)
	for key, times := range seen {
		if times != 1 {
			t.Errorf("%s: %s was seen %d times", what, key, times)
		}
	}
}

// A page ends with the item that crosses 1 MB.
func testLargePages(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "large")
	for i := range 5 {
		put(t, db, name, plain{"pk": "a", "sk": fmt.Sprintf("%03d", i), "v": strings.Repeat("x", 390_000)})
	}
	paginator := dynamodb.NewQueryPaginator(db, queryInput(t, name, expression.Key("pk").Equal(expression.Value("a"))))
	var pages [][]string
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(ctx)
		ok(t, err)
		pages = append(pages, sortKeys(t, page.Items))
	}
	same(t, "pages", pages, [][]string{span(0, 2), span(3, 4)})
}
