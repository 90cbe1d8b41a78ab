package main

import (
	"context"
	"net/http"
	"slices"
)

// streams are requests about a table's stream that show only whether they are
// answered: servers number shards and records each in its own way.
func (g *generator) streams(t *table) request {
	switch g.IntN(3) {
	case 0:
		body := object{"TableName": t.name}
		if g.chance(20) {
			body["Limit"] = pick(g, 1, 0, 101, -1)
		}
		return request{"ListStreams", body}
	case 1:
		body := object{"StreamArn": streamOf + t.name}
		if g.chance(20) {
			body["Limit"] = pick(g, 1, 0, 101, -1)
		}
		return request{"DescribeStream", body}
	default:
		return request{"GetShardIterator", object{
			"StreamArn": streamOf + t.name, "ShardId": "shardId-00000000000000000000-00000000",
			"ShardIteratorType": pick(g, "TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "other"),
		}}
	}
}

// records reads the stream of a table on one server to its end. What can be
// compared is what happened to each item, one after the other.
func (s server) records(ctx context.Context, name string) (answer, error) {
	arn := s.names[streamOf+name]
	if arn == "" {
		return answer{status: http.StatusOK}, nil
	}
	items := object{}
	for _, shard := range s.shards(ctx, arn) {
		got, err := s.post(ctx, request{"GetShardIterator", object{"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}})
		if err != nil {
			return answer{}, err
		}
		for iterator := got["ShardIterator"]; iterator != nil; {
			page, err := s.post(ctx, request{"GetRecords", object{"ShardIterator": iterator}})
			if err != nil {
				return answer{}, err
			}
			all, _ := page["Records"].([]any)
			for _, r := range all {
				record, _ := r.(object)
				about, _ := record["dynamodb"].(object)
				for _, own := range []string{"ApproximateCreationDateTime", "SequenceNumber", "SizeBytes"} {
					delete(about, own)
				}
				key := text(about["Keys"])
				happened, _ := items[key].([]any)
				items[key] = append(happened, object{"eventName": record["eventName"], "dynamodb": sorted(about)})
			}
			if len(all) == 0 {
				break
			}
			iterator = page["NextShardIterator"]
		}
	}
	return answer{status: http.StatusOK, body: text(items)}, nil
}

func (s server) shards(ctx context.Context, arn string) (ids []any) {
	body, err := s.post(ctx, request{"DescribeStream", object{"StreamArn": arn}})
	if err != nil {
		return nil
	}
	description, _ := body["StreamDescription"].(object)
	shards, _ := description["Shards"].([]any)
	for _, shard := range shards {
		s, _ := shard.(object)
		ids = append(ids, s["ShardId"])
	}
	return ids
}

// Operations of the other API.
var streamOperations = []string{"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"}

func target(op string) string {
	if slices.Contains(streamOperations, op) {
		return "DynamoDBStreams_20120810." + op
	}
	return "DynamoDB_20120810." + op
}
