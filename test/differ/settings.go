package main

import (
	"fmt"
	"maps"
	"slices"
)

func sortedNames(m object) []string { return slices.Sorted(maps.Keys(m)) }

// token makes a request one that is carried out once, sometimes.
func (g *generator) token(body object) {
	if g.chance(15) {
		body["ClientRequestToken"] = fmt.Sprint(g.tables[0].name, "-", g.IntN(3))
	}
}

// Each server names tables and streams in its own way. A request has these
// instead, with the table's name behind them.
const (
	tableOf  = "arn of table "
	streamOf = "arn of stream "
)

func (g *generator) tags(t *table) request {
	arn := tableOf + t.name
	if g.chance(5) {
		arn = pick(g, "other", "", "arn:aws:dynamodb:us-east-1:000000000000:table/other")
	}
	switch g.IntN(3) {
	case 0:
		return request{"TagResource", object{"ResourceArn": arn, "Tags": []any{object{"Key": pick(g, "a", "b", ""), "Value": pick(g, "x", "")}}}}
	case 1:
		return request{"UntagResource", object{"ResourceArn": arn, "TagKeys": []any{pick(g, "a", "b", "none")}}}
	default:
		return request{"ListTagsOfResource", object{"ResourceArn": arn}}
	}
}

// timeToLive turns it on or off, or asks for it.
func (g *generator) timeToLive(t *table) request {
	if g.chance(40) {
		return request{"DescribeTimeToLive", object{"TableName": t.name}}
	}
	return request{"UpdateTimeToLive", object{"TableName": t.name, "TimeToLiveSpecification": object{
		"Enabled": g.chance(60), "AttributeName": pick(g, "ttl", "other", "map.x"),
	}}}
}

func (g *generator) describe(t *table) request {
	return request{"DescribeTable", object{"TableName": t.name}}
}

// alter is an UpdateTable.
func (g *generator) alter(t *table) request {
	body := object{"TableName": t.name}
	switch g.IntN(6) {
	case 0:
		body["BillingMode"] = pick(g, "PROVISIONED", "PAY_PER_REQUEST")
		if g.chance(60) {
			body["ProvisionedThroughput"] = object{"ReadCapacityUnits": 1 + g.IntN(2), "WriteCapacityUnits": 1 + g.IntN(2)}
		}
	case 1:
		body["ProvisionedThroughput"] = object{"ReadCapacityUnits": g.IntN(3), "WriteCapacityUnits": g.IntN(3)}
	case 2:
		body["DeletionProtectionEnabled"] = false
	case 3:
		body["GlobalSecondaryIndexUpdates"] = []any{object{"Delete": object{"IndexName": pick(g, "none", "global", "later", "local")}}}
	default:
		k := key{pick(g, "d", "a", "b", "pk"), g.kind()}
		definitions := []any{object{"AttributeName": k.name, "AttributeType": k.kind}}
		create := object{"IndexName": pick(g, "later", "global", "more"), "KeySchema": schema(k, key{}), "Projection": g.projection()}
		if g.chance(10) {
			create["ProvisionedThroughput"] = object{"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
		}
		body["AttributeDefinitions"] = definitions
		body["GlobalSecondaryIndexUpdates"] = []any{object{"Create": create}}
	}
	return request{"UpdateTable", body}
}
