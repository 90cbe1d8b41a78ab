package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// maxShards is how many shards DescribeStream returns at most.
const maxShards = 100

// DescribeStream returns a stream's description and its shards, parents before
// their children. Those that were closed a day ago are not there any more.
func (s *Service) DescribeStream(ctx context.Context, in *api.DescribeStreamInput) (*api.DescribeStreamOutput, error) {
	limit := int(in.Limit.Or(maxShards))
	if limit > maxShards {
		return nil, invalid(invalidValues+"Limit cannot be greater than the maximum: %d", maxShards)
	}
	out := &api.DescribeStreamOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, of, err := s.streamOf(r, in.StreamArn.V)
		if err != nil {
			return err
		}
		d := &api.StreamDescription{
			StreamArn:               in.StreamArn,
			StreamLabel:             api.Some(of.Label),
			StreamStatus:            api.Some(streamStatus(of)),
			StreamViewType:          api.Some(of.View),
			CreationRequestDateTime: seconds(of.Created()),
			TableName:               api.Some(t.Name),
			KeySchema:               describeSchema(t.Schema),
			Shards:                  []api.Shard{},
		}
		out.StreamDescription = d
		for _, shard := range of.ShardsAt(s.now()) {
			if shard.ID <= in.ExclusiveStartShardId.V || !admits(in.ShardFilter, shard) {
				continue
			}
			if len(d.Shards) == limit {
				d.LastEvaluatedShardId = d.Shards[limit-1].ShardId
				return nil
			}
			described, err := describeShard(r, t, shard)
			if err != nil {
				return err
			}
			d.Shards = append(d.Shards, described)
		}
		return nil
	})
	return out, err
}

func streamStatus(s *table.Stream) string {
	if s.Enabled {
		return "ENABLED"
	}
	return "DISABLED"
}

// admits reports whether a filter lets a shard pass. The only filter there is
// asks for the children of a shard.
func admits(f *api.ShardFilter, shard table.Shard) bool {
	return f == nil || !f.Type.Set || !f.ShardId.Set || shard.Parent == f.ShardId.V
}

// describeShard returns a shard as clients see it. Its range begins before the
// first record it ever had and, if it is closed, ends with its last.
func describeShard(r kv.Reader, t *table.Table, shard table.Shard) (api.Shard, error) {
	numbers := &api.SequenceNumberRange{StartingSequenceNumber: api.Some(stream.SequenceNumber(shard.Number, 0))}
	d := api.Shard{ShardId: api.Some(shard.ID), SequenceNumberRange: numbers}
	if shard.Parent != "" {
		d.ParentShardId = api.Some(shard.Parent)
	}
	if shard.Closed.IsZero() {
		return d, nil
	}
	last, err := stream.Last(r, t.Records(shard.Number, shard.Index))
	numbers.EndingSequenceNumber = api.Some(stream.SequenceNumber(shard.Number, last))
	return d, err
}
