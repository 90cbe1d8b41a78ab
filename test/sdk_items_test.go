package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func testItems(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "items")
	key := plain{"pk": "a", "sk": "1"}

	same(t, "an item that is not there", get(t, db, name, key), plain(nil))
	put(t, db, name, plain{"pk": "a", "sk": "1", "title": "first", "size": 3})
	same(t, "the item", get(t, db, name, key), plain{"pk": "a", "sk": "1", "title": "first", "size": 3.0})

	put(t, db, name, plain{"pk": "a", "sk": "1", "title": "second"})
	same(t, "the replaced item", get(t, db, name, key), plain{"pk": "a", "sk": "1", "title": "second"})

	put(t, db, name, plain{"pk": "a", "sk": "2", "deep": plain{"list": []any{1, plain{"x": "y"}}}, "title": "t"})
	projected, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &name, Key: item(t, plain{"pk": "a", "sk": "2"}),
		ProjectionExpression: aws.String("#d.#l[1].x, sk"), ExpressionAttributeNames: map[string]string{"#d": "deep", "#l": "list"},
	})
	ok(t, err)
	same(t, "the projection", values(t, projected.Item), plain{"sk": "2", "deep": plain{"list": []any{plain{"x": "y"}}}})

	for range 2 { // deleting what is not there is no error
		_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(t, key)})
		ok(t, err)
	}
	same(t, "the deleted item", get(t, db, name, key), plain(nil))
}

func testReturnValues(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "returns")
	key := plain{"pk": "a", "sk": "1"}

	first, err := db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "a", "sk": "1", "n": 1, "m": 1}), ReturnValues: types.ReturnValueAllOld,
	})
	ok(t, err)
	same(t, "no old item", len(first.Attributes), 0)
	second, err := db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "a", "sk": "1", "n": 2, "m": 1}), ReturnValues: types.ReturnValueAllOld,
	})
	ok(t, err)
	same(t, "the old item", values(t, second.Attributes), plain{"pk": "a", "sk": "1", "n": 1.0, "m": 1.0})

	n := 2.0
	for _, c := range []struct {
		returns types.ReturnValue
		want    func(before, after float64) plain
	}{
		{types.ReturnValueNone, func(float64, float64) plain { return nil }},
		{types.ReturnValueUpdatedOld, func(before, _ float64) plain { return plain{"n": before} }},
		{types.ReturnValueUpdatedNew, func(_, after float64) plain { return plain{"n": after} }},
		{types.ReturnValueAllOld, func(before, _ float64) plain { return plain{"pk": "a", "sk": "1", "m": 1.0, "n": before} }},
		{types.ReturnValueAllNew, func(_, after float64) plain { return plain{"pk": "a", "sk": "1", "m": 1.0, "n": after} }},
	} {
		out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &name, Key: item(t, key), UpdateExpression: aws.String("SET n = n + :d"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":d": num(1)}, ReturnValues: c.returns,
		})
		ok(t, err)
		want := c.want(n, n+1)
		n++
		if want == nil {
			same(t, string(c.returns), len(out.Attributes), 0)
			continue
		}
		same(t, string(c.returns), values(t, out.Attributes), want)
	}

	deleted, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: item(t, key), ReturnValues: types.ReturnValueAllOld})
	ok(t, err)
	same(t, "the deleted item", values(t, deleted.Attributes), plain{"pk": "a", "sk": "1", "m": 1.0, "n": n})
}

func testConditions(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "conditions")
	create, err := expression.NewBuilder().WithCondition(expression.AttributeNotExists(expression.Name("pk"))).Build()
	ok(t, err)
	in := &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "a", "sk": "1", "version": 1}),
		ConditionExpression: create.Condition(), ExpressionAttributeNames: create.Names(), ExpressionAttributeValues: create.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	_, err = db.PutItem(ctx, in)
	ok(t, err)
	_, err = db.PutItem(ctx, in)
	failed := fails[*types.ConditionalCheckFailedException](t, err)
	same(t, "message", failed.ErrorMessage(), "The conditional request failed")
	same(t, "the item in the way", values(t, failed.Item), plain{"pk": "a", "sk": "1", "version": 1.0})

	// Optimistic locking: the second writer of version 2 loses.
	for i, wins := range []bool{true, false} {
		expr, err := expression.NewBuilder().
			WithCondition(expression.Name("version").Equal(expression.Value(1))).
			WithUpdate(expression.Set(expression.Name("version"), expression.Value(2)).Set(expression.Name("writer"), expression.Value(i))).
			Build()
		ok(t, err)
		_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &name, Key: item(t, plain{"pk": "a", "sk": "1"}), UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		})
		if wins {
			ok(t, err)
			continue
		}
		if failed := fails[*types.ConditionalCheckFailedException](t, err); failed.Item != nil {
			t.Errorf("an item nobody asked for: %v", failed.Item)
		}
	}
	same(t, "the winner", get(t, db, name, plain{"pk": "a", "sk": "1"})["writer"], any(0.0))

	_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &name, Key: item(t, plain{"pk": "a", "sk": "1"}),
		ConditionExpression:       aws.String("version IN (:one, :three) OR begins_with(writer, :w)"),
		ExpressionAttributeValues: item(t, plain{":one": 1, ":three": 3, ":w": "x"}),
	})
	fails[*types.ConditionalCheckFailedException](t, err)
	_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &name, Key: item(t, plain{"pk": "a", "sk": "1"}),
		ConditionExpression:       aws.String("version BETWEEN :one AND :three AND attribute_type(pk, :s) AND size(pk) = :one"),
		ExpressionAttributeValues: item(t, plain{":one": 1, ":three": 3, ":s": "S"}),
	})
	ok(t, err)

	// A condition on an item that is not there, with nothing to return.
	_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &name, Key: item(t, plain{"pk": "none", "sk": "1"}), UpdateExpression: aws.String("SET a = :a"),
		ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: item(t, plain{":a": 1}),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if failed := fails[*types.ConditionalCheckFailedException](t, err); failed.Item != nil {
		t.Errorf("an item that is not there: %v", failed.Item)
	}
	same(t, "nothing was written", get(t, db, name, plain{"pk": "none", "sk": "1"}), plain(nil))
}

func testUpdateExpressions(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "updates")
	key := item(t, plain{"pk": "a", "sk": "1"})
	update := func(update expression.UpdateBuilder) plain {
		t.Helper()
		expr, err := expression.NewBuilder().WithUpdate(update).Build()
		ok(t, err)
		out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &name, Key: key, UpdateExpression: expr.Update(), ReturnValues: types.ReturnValueAllNew,
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		})
		ok(t, err)
		after := values(t, out.Attributes)
		delete(after, "pk")
		delete(after, "sk")
		return after
	}
	field := expression.Name

	// An update of an item that is not there makes it.
	got := update(expression.
		Set(field("count"), expression.IfNotExists(field("count"), expression.Value(10))).
		Set(field("list"), expression.Value([]string{"a", "b"})).
		Set(field("map"), expression.Value(plain{"x": 1})).
		Add(field("total"), expression.Value(5)).
		Add(field("labels"), expression.Value(&types.AttributeValueMemberSS{Value: []string{"red", "blue"}})))
	same(t, "the new item", got, plain{
		"count": 10.0, "list": []any{"a", "b"}, "map": plain{"x": 1.0}, "total": 5.0, "labels": []string{"blue", "red"},
	})

	got = update(expression.
		Set(field("count"), expression.Plus(field("count"), field("total"))).
		Set(field("list"), expression.ListAppend(field("list"), expression.Value([]string{"c"}))).
		Set(field("map.y"), expression.Value(true)).
		Add(field("total"), expression.Value(-2)).
		Delete(field("labels"), expression.Value(&types.AttributeValueMemberSS{Value: []string{"red"}})))
	same(t, "the changed item", got, plain{
		"count": 15.0, "list": []any{"a", "b", "c"}, "map": plain{"x": 1.0, "y": true}, "total": 3.0, "labels": []string{"blue"},
	})

	got = update(expression.
		Remove(field("list[0]")).Remove(field("map.x")).Remove(field("count")).
		Set(field("list[7]"), expression.Value("end")).
		Delete(field("labels"), expression.Value(&types.AttributeValueMemberSS{Value: []string{"blue"}})))
	same(t, "the trimmed item", got, plain{"list": []any{"b", "c", "end"}, "map": plain{"y": true}, "total": 3.0})
}

func testValues(t *testing.T, db *dynamodb.Client) {
	name := newTable(t, db, "values")
	binary := []byte{0, 1, 2, 254, 255}
	all := map[string]types.AttributeValue{
		"pk": str("a"), "sk": str("1"),
		"string": str("ünïcødé 🙂 \u0000 \"quoted\" \\ \u2028"), "empty": str(""),
		"number": num("12345678901234567890123456789012345678"), "small": num("-0.000000015"),
		"binary": &types.AttributeValueMemberB{Value: binary}, "no bytes": &types.AttributeValueMemberB{Value: []byte{}},
		"true": &types.AttributeValueMemberBOOL{Value: true}, "null": &types.AttributeValueMemberNULL{Value: true},
		"strings":  &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"numbers":  &types.AttributeValueMemberNS{Value: []string{"-1", "2.5"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}},
		"list":     &types.AttributeValueMemberL{Value: []types.AttributeValue{str("x"), &types.AttributeValueMemberL{}}},
		"map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"a.b": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
		}},
	}
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: all})
	ok(t, err)
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: item(t, plain{"pk": "a", "sk": "1"})})
	ok(t, err)
	for attribute, want := range all {
		var g, w any
		ok(t, attributevalue.UnmarshalWithOptions(out.Item[attribute], &g, useNumber))
		ok(t, attributevalue.UnmarshalWithOptions(want, &w, useNumber))
		same(t, attribute, g, w)
	}
	same(t, "attributes", len(out.Item), len(all))

	// Numbers are normal when they come back, and sets have no duplicates.
	for in, want := range map[string]string{"007": "7", "1.500": "1.5", "-0": "0", "1e3": "1000", "+4": "4", ".5": "0.5"} {
		put := map[string]types.AttributeValue{"pk": str("n"), "sk": str(in), "n": num(in)}
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: put})
		ok(t, err)
		out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: item(t, plain{"pk": "n", "sk": in})})
		ok(t, err)
		same(t, "number "+in, out.Item["n"].(*types.AttributeValueMemberN).Value, want)
	}
	for what, bad := range map[string]types.AttributeValue{
		"a number of 39 digits":  num(strings.Repeat("1", 39)),
		"a large number":         num("1e126"),
		"no number":              num("twelve"),
		"a set with a duplicate": &types.AttributeValueMemberSS{Value: []string{"a", "a"}},
		"an empty set":           &types.AttributeValueMemberNS{Value: []string{}},
	} {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &name, Item: map[string]types.AttributeValue{"pk": str("bad"), "sk": str(what), "v": bad},
		})
		if err == nil {
			t.Errorf("%s was accepted", what)
			continue
		}
		failsWith(t, err, "ValidationException", "")
	}

	// 400 KB is the most an item may have, names and keys counted.
	room := 400<<10 - len("pk") - len("b") - len("sk") - len("1") - len("v")
	big := plain{"pk": "b", "sk": "1", "v": bytes.Repeat([]byte{7}, room)}
	put(t, db, name, big)
	same(t, "the largest item", get(t, db, name, plain{"pk": "b", "sk": "1"}), big)
	_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "b", "sk": "1", "v": bytes.Repeat([]byte{7}, room+1)}),
	})
	failsWith(t, err, "ValidationException", "Item size has exceeded the maximum allowed size")
}

func useNumber(o *attributevalue.DecoderOptions) { o.UseNumber = true }

func testConsumedCapacity(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "capacity",
		withAttribute("g", types.ScalarAttributeTypeS), withGSI("by-g", "g", "sk", allAttributes))
	key := item(t, plain{"pk": "a", "sk": "1"})

	put, err := db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "a", "sk": "1", "g": "x", "v": strings.Repeat("v", 1500)}),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
	})
	ok(t, err)
	same(t, "a put, in all", *put.ConsumedCapacity.CapacityUnits, 4.0)
	same(t, "a put, the table", *put.ConsumedCapacity.Table.CapacityUnits, 2.0)
	same(t, "a put, the index", *put.ConsumedCapacity.GlobalSecondaryIndexes["by-g"].CapacityUnits, 2.0)

	for consistent, want := range map[bool]float64{true: 1, false: 0.5} {
		got, err := db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &name, Key: key, ConsistentRead: &consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		ok(t, err)
		same(t, fmt.Sprintf("a read, consistent %t", consistent), *got.ConsumedCapacity.CapacityUnits, want)
		same(t, "the table's name", *got.ConsumedCapacity.TableName, name)
		if got.ConsumedCapacity.Table != nil {
			t.Error("TOTAL has a table's part")
		}
	}
	transacted, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:          []types.TransactWriteItem{{Put: &types.Put{TableName: &name, Item: item(t, plain{"pk": "t", "sk": "1"})}}},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	ok(t, err)
	same(t, "a put in a transaction", *transacted.ConsumedCapacity[0].CapacityUnits, 2.0)

	none, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: key})
	ok(t, err)
	if none.ConsumedCapacity != nil {
		t.Error("capacity nobody asked for")
	}
}

func testItemCollectionMetrics(t *testing.T, db *dynamodb.Client) {
	name := newTable(t, db, "collections", withAttribute("n", types.ScalarAttributeTypeN), withLSI("by-n", "n", allAttributes))
	out, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: &name, Item: item(t, plain{"pk": "a", "sk": "1", "n": 1}), ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize,
	})
	ok(t, err)
	if out.ItemCollectionMetrics == nil {
		t.Fatal("no metrics")
	}
	same(t, "the collection", values(t, out.ItemCollectionMetrics.ItemCollectionKey), plain{"pk": "a"})
	same(t, "bounds", len(out.ItemCollectionMetrics.SizeEstimateRangeGB), 2)
}
