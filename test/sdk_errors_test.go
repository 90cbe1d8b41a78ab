package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func testErrors(t *testing.T, db *dynamodb.Client) {
	ctx := t.Context()
	name := newTable(t, db, "errors")
	key := item(t, plain{"pk": "a", "sk": "1"})

	_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("none"), Key: key})
	same(t, "no table", fails[*types.ResourceNotFoundException](t, err).ErrorMessage(), "Requested resource not found")

	for _, c := range []struct {
		what, message string
		in            dynamodb.UpdateItemInput
	}{
		{
			"an undefined value", "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v",
			dynamodb.UpdateItemInput{UpdateExpression: aws.String("SET a = :v")},
		},
		{
			"a reserved word", "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name",
			dynamodb.UpdateItemInput{UpdateExpression: aws.String("SET name = :v"), ExpressionAttributeValues: item(t, plain{":v": 1})},
		},
		{
			"a syntax error", `Invalid UpdateExpression: Syntax error; token: "WRITE", near: "WRITE a"`,
			dynamodb.UpdateItemInput{UpdateExpression: aws.String("WRITE a")},
		},
		{
			"an unused value", "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}",
			dynamodb.UpdateItemInput{UpdateExpression: aws.String("REMOVE a"), ExpressionAttributeValues: item(t, plain{":w": 1})},
		},
		{
			"a key attribute", "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key",
			dynamodb.UpdateItemInput{UpdateExpression: aws.String("SET sk = :v"), ExpressionAttributeValues: item(t, plain{":v": "1"})},
		},
		{
			"a key of the wrong type", "The provided key element does not match the schema",
			dynamodb.UpdateItemInput{Key: item(t, plain{"pk": 1, "sk": "1"}), UpdateExpression: aws.String("REMOVE a")},
		},
	} {
		c.in.TableName = &name
		if c.in.Key == nil {
			c.in.Key = key
		}
		_, err := db.UpdateItem(ctx, &c.in)
		if err == nil {
			t.Errorf("%s was accepted", c.what)
			continue
		}
		failsWith(t, err, "ValidationException", c.message)
	}

	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: item(t, plain{"pk": "a"})})
	failsWith(t, err, "ValidationException", "One or more parameter values were invalid: Missing the key sk in the item")

	_, err = db.Query(ctx, &dynamodb.QueryInput{TableName: &name, KeyConditionExpression: aws.String("sk = :v"), ExpressionAttributeValues: item(t, plain{":v": "1"})})
	failsWith(t, err, "ValidationException", "Query condition missed key schema element: pk")

	_, err = db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("a"), Limit: aws.Int32(0)})
	failsWith(t, err, "ValidationException", "")
}
