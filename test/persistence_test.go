package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestEverythingIsThereAfterARestart(t *testing.T) {
	ownServer(t)
	ctx := t.Context()
	data := t.TempDir()
	p := start(t, "--data", data)
	db := connect(t, p.url)
	name := "kept"
	lastingTable(t, db, name, withAttribute("color", types.ScalarAttributeTypeS), withGSI("by-color", "color", "sk", allAttributes))
	before, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	ok(t, err)
	fill(t, db, name, "a", 100, func(i int) plain { return plain{"color": []string{"red", "green"}[i%2]} })
	transfer := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String("once"),
		TransactItems: []types.TransactWriteItem{{Update: &types.Update{
			TableName: &name, Key: item(t, plain{"pk": "counter", "sk": "1"}), UpdateExpression: aws.String("ADD n :one"),
			ExpressionAttributeValues: item(t, plain{":one": 1}),
		}}},
	}
	_, err = db.TransactWriteItems(ctx, transfer)
	ok(t, err)
	_, err = db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &name, DeletionProtectionEnabled: aws.Bool(true)})
	ok(t, err)
	_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(t, plain{"pk": "a", "sk": "099"})})
	ok(t, err)
	p.stop(t)

	db = connect(t, start(t, "--data", data).url)
	after, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	ok(t, err)
	same(t, "table id", *after.Table.TableId, *before.Table.TableId)
	same(t, "status", after.Table.TableStatus, types.TableStatusActive)
	same(t, "item count", *after.Table.ItemCount, int64(100))
	same(t, "protection", aws.ToBool(after.Table.DeletionProtectionEnabled), true)
	out, err := db.Query(ctx, queryInput(t, name, expression.Key("pk").Equal(expression.Value("a"))))
	ok(t, err)
	same(t, "items", sortKeys(t, out.Items), span(0, 98))
	red := queryInput(t, name, expression.Key("color").Equal(expression.Value("red")))
	red.IndexName = aws.String("by-color")
	out, err = db.Query(ctx, red)
	ok(t, err)
	same(t, "items in the index", out.Count, int32(50))

	// The transaction's token is known still.
	_, err = db.TransactWriteItems(ctx, transfer)
	ok(t, err)
	same(t, "the counter", get(t, db, name, plain{"pk": "counter", "sk": "1"})["n"], any(1.0))
}

// A write that was acknowledged is there after the process was killed, and a
// transaction is there whole or not at all.
func TestAcknowledgedWritesSurviveAKill(t *testing.T) {
	ownServer(t)
	data := t.TempDir()
	p := start(t, "--data", data)
	db := connect(t, p.url)
	name := "durable"
	lastingTable(t, db, name, withAttribute("g", types.ScalarAttributeTypeS), withGSI("by-g", "g", "sk", allAttributes))

	const writers, enough = 4, 400
	acknowledged := make(chan string, writers)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := 0; ; i++ {
				sk := fmt.Sprintf("%d-%06d", w, i)
				if write(t.Context(), db, name, sk, w%2 == 0) != nil {
					return // the server is gone
				}
				acknowledged <- sk
			}
		})
	}
	go func() { all.Wait(); close(acknowledged) }()
	var want []string
	for sk := range acknowledged {
		if want = append(want, sk); len(want) == enough {
			p.kill(t)
		}
	}
	if len(want) < enough {
		t.Fatalf("the writers ended after %d writes\n%s", len(want), p.log)
	}

	db = connect(t, start(t, "--data", data).url)
	there := map[string]map[string]bool{"x": {}, "y": {}}
	paginator := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
	items := 0
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(t.Context())
		ok(t, err)
		items += len(page.Items)
		for _, i := range page.Items {
			v := values(t, i)
			there[v["pk"].(string)][v["sk"].(string)] = true
		}
	}
	for _, sk := range want {
		if !there["x"][sk] {
			t.Errorf("%s was acknowledged and is lost", sk)
		}
	}
	for sk := range there["y"] {
		if !there["x"][sk] {
			t.Errorf("half a transaction is there: y/%s", sk)
		}
	}
	for sk := range there["x"] {
		if transacted := sk[0] == '0' || sk[0] == '2'; transacted && !there["y"][sk] {
			t.Errorf("half a transaction is there: x/%s", sk)
		}
	}
	indexed := 0
	index := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &name, IndexName: aws.String("by-g")})
	for index.HasMorePages() {
		page, err := index.NextPage(t.Context())
		ok(t, err)
		indexed += len(page.Items)
	}
	same(t, "items in the index", indexed, items)
	described, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	ok(t, err)
	same(t, "ItemCount", *described.Table.ItemCount, int64(items))
}

// write puts x/sk, and with it in one transaction y/sk.
func write(ctx context.Context, db *dynamodb.Client, table, sk string, transaction bool) error {
	put := func(pk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": str(pk), "sk": str(sk), "g": str("g")}
	}
	if !transaction {
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: put("x")})
		return err
	}
	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: &table, Item: put("x")}}, {Put: &types.Put{TableName: &table, Item: put("y")}},
	}})
	return err
}

func TestASecondProcessIsRefusedTheDirectory(t *testing.T) {
	ownServer(t)
	data := t.TempDir()
	p := start(t, "--data", data)
	path, err := program()
	ok(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	second := exec.CommandContext(ctx, path, "--listen", "127.0.0.1:0", "--data", data)
	second.Env = cleanEnvironment()
	out, err := second.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("the second process was not refused: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), data) || strings.Contains(string(out), "panic") {
		t.Errorf("the refusal does not say what is in use:\n%s", out)
	}
	_, err = connect(t, p.url).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	ok(t, err)
}

// Without --data, data is kept in the user's directory for it.
func TestDefaultDataDirectory(t *testing.T) {
	ownServer(t)
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	p := start(t)
	db := connect(t, p.url)
	lastingTable(t, db, "default")
	put(t, db, "default", plain{"pk": "a", "sk": "1", "v": "kept"})
	p.stop(t)
	if !strings.Contains(p.log.String(), filepath.Join(home, "stator")) {
		t.Errorf("the data directory below %s is not printed:\n%s", home, p.log)
	}
	again := connect(t, start(t).url)
	same(t, "the item", get(t, again, "default", plain{"pk": "a", "sk": "1"}), plain{"pk": "a", "sk": "1", "v": "kept"})
}
