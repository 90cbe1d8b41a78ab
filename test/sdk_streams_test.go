package e2e

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// connectStreams returns a client of streams for the server of db.
func connectStreams(db *dynamodb.Client) *dynamodbstreams.Client {
	o := db.Options()
	return dynamodbstreams.New(dynamodbstreams.Options{
		Region: o.Region, Credentials: o.Credentials, BaseEndpoint: o.BaseEndpoint, HTTPClient: o.HTTPClient, Retryer: aws.NopRetryer{},
	})
}

func withStream(view types.StreamViewType) func(*dynamodb.CreateTableInput) {
	return func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: view}
	}
}

// readStream returns the records of a table's stream.
func readStream(t *testing.T, db *dynamodb.Client, table string) (records []streamtypes.Record) {
	t.Helper()
	streams := connectStreams(db)
	listed, err := streams.ListStreams(t.Context(), &dynamodbstreams.ListStreamsInput{TableName: &table})
	ok(t, err)
	if len(listed.Streams) != 1 {
		t.Fatalf("%d streams", len(listed.Streams))
	}
	arn := listed.Streams[0].StreamArn
	d, err := streams.DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	ok(t, err)
	for _, shard := range d.StreamDescription.Shards {
		it, err := streams.GetShardIterator(t.Context(), &dynamodbstreams.GetShardIteratorInput{
			StreamArn: arn, ShardId: shard.ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon,
		})
		ok(t, err)
		out, err := streams.GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: it.ShardIterator})
		ok(t, err)
		if out.NextShardIterator == nil {
			t.Errorf("shard %s is closed", *shard.ShardId)
		}
		records = append(records, out.Records...)
	}
	return records
}

func testStreams(t *testing.T, db *dynamodb.Client) {
	name := newTable(t, db, "streamed", withStream(types.StreamViewTypeNewAndOldImages))
	key := plain{"pk": "a", "sk": "1"}
	put(t, db, name, plain{"pk": "a", "sk": "1", "n": 1})
	put(t, db, name, plain{"pk": "a", "sk": "1", "n": 1})
	put(t, db, name, plain{"pk": "a", "sk": "1", "n": 2})
	_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &name, Key: item(t, key)})
	ok(t, err)
	var got []string
	for _, r := range readStream(t, db, name) {
		number := func(image map[string]streamtypes.AttributeValue) string {
			if n, is := image["n"].(*streamtypes.AttributeValueMemberN); is {
				return n.Value
			}
			return "-"
		}
		got = append(got, fmt.Sprintf("%s %s>%s", r.EventName, number(r.Dynamodb.OldImage), number(r.Dynamodb.NewImage)))
		if len(r.Dynamodb.Keys) != 2 || r.Dynamodb.ApproximateCreationDateTime == nil || aws.ToString(r.EventSource) != "aws:dynamodb" || aws.ToString(r.AwsRegion) != "us-east-1" {
			t.Errorf("record %+v", r)
		}
	}
	same(t, "records", got, []string{"INSERT ->1", "MODIFY 1>2", "REMOVE 2>-"})

	_, err = connectStreams(db).GetRecords(t.Context(), &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String("nonsense")})
	failsWith(t, err, "ValidationException", "Invalid ShardIterator")
	_, err = connectStreams(db).DescribeStream(t.Context(), &dynamodbstreams.DescribeStreamInput{
		StreamArn: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/streamed/stream/2000-01-01T00:00:00.000"),
	})
	fails[*streamtypes.ResourceNotFoundException](t, err)
}

// Records keep their sequence numbers and event IDs over a restart, and later
// ones come after them.
func TestStreamsAreThereAfterARestart(t *testing.T) {
	ownServer(t)
	data := t.TempDir()
	args := []string{"--data", data, "--stream-shards", "1"}
	p := start(t, args...)
	db := connect(t, p.url)
	lastingTable(t, db, "kept", withStream(types.StreamViewTypeKeysOnly))
	fill(t, db, "kept", "a", 10, nil)
	ids := func() (list []string) {
		for _, r := range readStream(t, db, "kept") {
			list = append(list, *r.Dynamodb.SequenceNumber+" "+*r.EventID)
		}
		return list
	}
	before := ids()
	p.stop(t)
	db = connect(t, start(t, args...).url)
	fill(t, db, "kept", "b", 10, nil)
	after := ids()
	if len(before) != 10 || len(after) != 20 {
		t.Fatalf("%d records, then %d", len(before), len(after))
	}
	same(t, "records of before", after[:10], before)
	for i, id := range after[1:] {
		if id <= after[i] {
			t.Errorf("record %s comes after %s", id, after[i])
		}
	}
}
