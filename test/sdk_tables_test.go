package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func testTables(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	begin := time.Now().Add(-2 * time.Second) // CreationDateTime may be cut to seconds
	name := newTable(t, db, "orders",
		withAttribute("customer", types.ScalarAttributeTypeS), withAttribute("amount", types.ScalarAttributeTypeN),
		withGSI("by-customer", "customer", "amount", allAttributes),
		withLSI("by-amount", "amount", types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"note"}}))

	described, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	ok(t, err)
	table := described.Table
	same(t, "status", table.TableStatus, types.TableStatusActive)
	if !strings.HasPrefix(*table.TableArn, "arn:aws:dynamodb:us-east-1:") || !strings.HasSuffix(*table.TableArn, ":table/orders") {
		t.Errorf("ARN %s", *table.TableArn)
	}
	if aws.ToString(table.TableId) == "" {
		t.Error("no table id")
	}
	if table.CreationDateTime.Before(begin) || table.CreationDateTime.After(time.Now().Add(time.Minute)) {
		t.Errorf("created at %v", table.CreationDateTime)
	}
	same(t, "billing mode", table.BillingModeSummary.BillingMode, types.BillingModePayPerRequest)
	same(t, "attributes", len(table.AttributeDefinitions), 4)
	same(t, "keys", []string{*table.KeySchema[0].AttributeName, *table.KeySchema[1].AttributeName}, []string{"pk", "sk"})
	same(t, "items", aws.ToInt64(table.ItemCount), int64(0))
	if len(table.GlobalSecondaryIndexes) != 1 || len(table.LocalSecondaryIndexes) != 1 {
		t.Fatalf("%d global and %d local indexes", len(table.GlobalSecondaryIndexes), len(table.LocalSecondaryIndexes))
	}
	gsi, lsi := table.GlobalSecondaryIndexes[0], table.LocalSecondaryIndexes[0]
	same(t, "index status", gsi.IndexStatus, types.IndexStatusActive)
	same(t, "index ARN", *gsi.IndexArn, *table.TableArn+"/index/by-customer")
	same(t, "index projection", gsi.Projection.ProjectionType, types.ProjectionTypeAll)
	same(t, "local index", *lsi.IndexName, "by-amount")
	same(t, "local index projection", lsi.Projection.NonKeyAttributes, []string{"note"})

	// The ARN names the table, too.
	described, err = db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: table.TableArn})
	ok(t, err)
	same(t, "name by ARN", *described.Table.TableName, "orders")

	_, err = db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema("pk"),
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
	})
	same(t, "created twice", fails[*types.ResourceInUseException](t, err).ErrorMessage(), "Table already exists: orders")

	deleted, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	ok(t, err)
	same(t, "status", deleted.TableDescription.TableStatus, types.TableStatusDeleting)
	gone := dynamodb.NewTableNotExistsWaiter(db, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, time.Second
	})
	ok(t, gone.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute))
	_, err = db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	same(t, "deleted", fails[*types.ResourceNotFoundException](t, err).ErrorMessage(), "Requested resource not found: Table: orders not found")

	limits, err := db.DescribeLimits(ctx, &dynamodb.DescribeLimitsInput{})
	ok(t, err)
	if aws.ToInt64(limits.AccountMaxReadCapacityUnits) < aws.ToInt64(limits.TableMaxReadCapacityUnits) || aws.ToInt64(limits.TableMaxReadCapacityUnits) <= 0 {
		t.Errorf("limits %+v", limits)
	}
	endpoints, err := db.DescribeEndpoints(ctx, &dynamodb.DescribeEndpointsInput{})
	ok(t, err)
	if len(endpoints.Endpoints) != 1 || aws.ToString(endpoints.Endpoints[0].Address) == "" {
		t.Errorf("endpoints %+v", endpoints.Endpoints)
	}
}

func testUpdateTable(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "changing")
	fill(t, db, name, "a", 30, func(i int) plain {
		if i%3 == 0 {
			return plain{"color": "red"}
		}
		return nil
	})
	update := func(in dynamodb.UpdateTableInput) {
		t.Helper()
		in.TableName = &name
		_, err := db.UpdateTable(ctx, &in)
		ok(t, err)
		awaitTable(t, db, name)
	}
	describe := func() *types.TableDescription {
		t.Helper()
		out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		ok(t, err)
		return out.Table
	}

	update(dynamodb.UpdateTableInput{
		BillingMode:           types.BillingModeProvisioned,
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(7), WriteCapacityUnits: aws.Int64(3)},
	})
	same(t, "read capacity", *describe().ProvisionedThroughput.ReadCapacityUnits, int64(7))
	update(dynamodb.UpdateTableInput{BillingMode: types.BillingModePayPerRequest})
	same(t, "billing mode", describe().BillingModeSummary.BillingMode, types.BillingModePayPerRequest)

	// An index over items that are there already.
	update(dynamodb.UpdateTableInput{
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("color"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("by-color"), KeySchema: keySchema("color", "sk"), Projection: &keysOnly,
		}}},
	})
	eventually(t, "the new index is active", func() bool {
		indexes := describe().GlobalSecondaryIndexes
		return len(indexes) == 1 && indexes[0].IndexStatus == types.IndexStatusActive
	})
	put(t, db, name, plain{"pk": "b", "sk": "999", "color": "red"})
	red := &dynamodb.QueryInput{
		TableName: &name, IndexName: aws.String("by-color"), KeyConditionExpression: aws.String("color = :c"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":c": str("red")},
	}
	out, err := db.Query(ctx, red)
	ok(t, err)
	same(t, "red items", out.Count, int32(11))

	update(dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
		{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-color")}},
	}})
	eventually(t, "the index is gone", func() bool { return len(describe().GlobalSecondaryIndexes) == 0 })
	_, err = db.Query(ctx, red)
	failsWith(t, err, "ValidationException", "The table does not have the specified index: by-color")

	update(dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)})
	_, err = db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	failsWith(t, err, "ValidationException", "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	update(dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(false)})

	update(dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{
		StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
	}})
	if table := describe(); aws.ToString(table.LatestStreamArn) == "" || !aws.ToBool(table.StreamSpecification.StreamEnabled) {
		t.Errorf("stream %v, ARN %q", table.StreamSpecification, aws.ToString(table.LatestStreamArn))
	}
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !condition() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("it is not true after a minute that %s", what)
		}
	}
}

func testListTables(t *testing.T, db *dynamodb.Client) {
	want := []string{"list-a", "list-b", "list-c", "list-d", "list-e"}
	for _, name := range want {
		newTable(t, db, name)
	}
	var got []string
	pages := 0
	paginator := dynamodb.NewListTablesPaginator(db, &dynamodb.ListTablesInput{Limit: aws.Int32(2)})
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(t.Context())
		ok(t, err)
		if len(page.TableNames) > 2 {
			t.Errorf("a page of %v", page.TableNames)
		}
		for _, name := range page.TableNames {
			if strings.HasPrefix(name, "list-") {
				got = append(got, name)
			}
		}
		pages++
	}
	same(t, "tables", got, want)
	if pages < 3 {
		t.Errorf("%d pages", pages)
	}
}
