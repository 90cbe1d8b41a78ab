package e2e

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func testTransactions(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	accounts, log := newTable(t, db, "accounts"), newTable(t, db, "transfers")
	put(t, db, accounts, plain{"pk": "alice", "sk": "-", "balance": 100})
	put(t, db, accounts, plain{"pk": "bob", "sk": "-", "balance": 0})
	put(t, db, accounts, plain{"pk": "closed", "sk": "-"})

	in := &dynamodb.TransactWriteItemsInput{
		ClientRequestToken: aws.String("transfer-1"),
		TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{
				TableName: &accounts, Key: item(t, plain{"pk": "alice", "sk": "-"}), UpdateExpression: aws.String("SET balance = balance - :a"),
				ConditionExpression: aws.String("balance >= :a"), ExpressionAttributeValues: item(t, plain{":a": 30}),
			}},
			{Update: &types.Update{
				TableName: &accounts, Key: item(t, plain{"pk": "bob", "sk": "-"}), UpdateExpression: aws.String("ADD balance :a"),
				ExpressionAttributeValues: item(t, plain{":a": 30}),
			}},
			{Put: &types.Put{TableName: &log, Item: item(t, plain{"pk": "alice", "sk": "1", "amount": 30}), ConditionExpression: aws.String("attribute_not_exists(pk)")}},
			{ConditionCheck: &types.ConditionCheck{TableName: &accounts, Key: item(t, plain{"pk": "carol", "sk": "-"}), ConditionExpression: aws.String("attribute_not_exists(pk)")}},
			{Delete: &types.Delete{TableName: &accounts, Key: item(t, plain{"pk": "closed", "sk": "-"})}},
		},
	}
	for range 2 { // the second time the token says that it is done already
		_, err := db.TransactWriteItems(ctx, in)
		ok(t, err)
	}
	out, err := db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: &accounts, Key: item(t, plain{"pk": "alice", "sk": "-"})}},
		{Get: &types.Get{TableName: &accounts, Key: item(t, plain{"pk": "bob", "sk": "-"}), ProjectionExpression: aws.String("balance")}},
		{Get: &types.Get{TableName: &accounts, Key: item(t, plain{"pk": "closed", "sk": "-"})}},
		{Get: &types.Get{TableName: &log, Key: item(t, plain{"pk": "alice", "sk": "1"})}},
	}})
	ok(t, err)
	var got []plain
	for _, response := range out.Responses {
		if response.Item == nil {
			got = append(got, nil)
			continue
		}
		got = append(got, values(t, response.Item))
	}
	same(t, "after the transfer", got, []plain{
		{"pk": "alice", "sk": "-", "balance": 70.0}, {"balance": 30.0}, nil, {"pk": "alice", "sk": "1", "amount": 30.0},
	})

	in.TransactItems = in.TransactItems[:2]
	_, err = db.TransactWriteItems(ctx, in)
	fails[*types.IdempotentParameterMismatchException](t, err)
}

func testTransactionErrors(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "cancelled")
	put(t, db, name, plain{"pk": "a", "sk": "1", "v": "old"})
	set := func(pk, condition string) types.TransactWriteItem {
		u := &types.Update{
			TableName: &name, Key: item(t, plain{"pk": pk, "sk": "1"}), UpdateExpression: aws.String("SET v = :v"),
			ExpressionAttributeValues:           item(t, plain{":v": "new"}),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}
		if condition != "" {
			u.ConditionExpression = &condition
		}
		return types.TransactWriteItem{Update: u}
	}

	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		set("b", ""), set("a", "attribute_not_exists(v)"), set("c", "attribute_exists(pk)"),
	}})
	cancelled := fails[*types.TransactionCanceledException](t, err)
	same(t, "message", cancelled.ErrorMessage(), "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed]")
	var codes []string
	for _, reason := range cancelled.CancellationReasons {
		codes = append(codes, aws.ToString(reason.Code))
	}
	same(t, "codes", codes, []string{"None", "ConditionalCheckFailed", "ConditionalCheckFailed"})
	same(t, "reason", aws.ToString(cancelled.CancellationReasons[1].Message), "The conditional request failed")
	same(t, "the item in the way", values(t, cancelled.CancellationReasons[1].Item), plain{"pk": "a", "sk": "1", "v": "old"})
	if r := cancelled.CancellationReasons; r[0].Message != nil || r[0].Item != nil || r[2].Item != nil {
		t.Errorf("reasons %+v, %+v", r[0], r[2])
	}
	same(t, "nothing was written", get(t, db, name, plain{"pk": "b", "sk": "1"}), plain(nil))

	_, err = db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{set("b", ""), set("b", "")}})
	failsWith(t, err, "ValidationException", "Transaction request cannot include multiple operations on one item")
	_, err = db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: aws.String("none"), Key: item(t, plain{"pk": "a", "sk": "1"})}},
	}})
	fails[*types.ResourceNotFoundException](t, err)
}

// Writers of one item: what was acknowledged is counted, once.
func testConcurrentWriters(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "counters")
	put(t, db, name, plain{"pk": "a", "sk": "1", "alone": 0, "paired": 0})
	put(t, db, name, plain{"pk": "b", "sk": "1", "paired": 0})
	const writers, rounds = 6, 20
	var transacted, refused atomic.Int64
	var all sync.WaitGroup
	add := func(pk, field string) *types.Update {
		return &types.Update{
			TableName: &name, Key: map[string]types.AttributeValue{"pk": str(pk), "sk": str("1")},
			UpdateExpression: aws.String("ADD " + field + " :one"), ExpressionAttributeValues: map[string]types.AttributeValue{":one": num(1)},
		}
	}
	for w := range writers {
		all.Go(func() {
			for range rounds {
				if w%2 == 0 {
					u := add("a", "alone")
					_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
						TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ExpressionAttributeValues: u.ExpressionAttributeValues,
					})
					// A plain write may meet a transaction; then it did nothing.
					if _, conflict := errors.AsType[*types.TransactionConflictException](err); conflict {
						refused.Add(1)
					} else if err != nil {
						t.Error(err)
					}
					continue
				}
				_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
					TransactItems: []types.TransactWriteItem{{Update: add("a", "paired")}, {Update: add("b", "paired")}},
				})
				if err == nil {
					transacted.Add(1)
				} else if cancelled, is := errors.AsType[*types.TransactionCanceledException](err); !is || !conflicted(cancelled) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	a, b := get(t, db, name, plain{"pk": "a", "sk": "1"}), get(t, db, name, plain{"pk": "b", "sk": "1"})
	same(t, "alone", a["alone"], any(float64(writers/2*rounds-refused.Load())))
	done := any(float64(transacted.Load()))
	same(t, "in transactions", []any{a["paired"], b["paired"]}, []any{done, done})
}

func conflicted(err *types.TransactionCanceledException) bool {
	for _, reason := range err.CancellationReasons {
		if aws.ToString(reason.Code) == "TransactionConflict" {
			return true
		}
	}
	return false
}
