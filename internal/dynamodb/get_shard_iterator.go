package dynamodb

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// GetShardIterator returns where GetRecords is to begin in a shard.
func (s *Service) GetShardIterator(ctx context.Context, in *api.GetShardIteratorInput) (*api.GetShardIteratorOutput, error) {
	if err := s.checkShardIterator(in); err != nil {
		return nil, err
	}
	out := &api.GetShardIteratorOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, of, err := s.streamOf(r, in.StreamArn.V)
		if err != nil {
			return err
		}
		shard, ok := of.ShardByID(s.now(), in.ShardId.V)
		if !ok {
			return noSuchShard()
		}
		at, err := s.position(r, t, shard, in)
		if err != nil {
			return err
		}
		out.ShardIterator = api.Some(iterator{
			arn: in.StreamArn.V, table: t.Short(), number: shard.Number, shard: uint16(shard.Index), at: at, made: s.now(),
		}.String())
		return nil
	})
	if errors.Is(err, stream.ErrTrimmed) {
		err = trimmedData()
	}
	return out, err
}

// checkShardIterator checks that what a type of iterator needs is there, and
// that nothing else is.
func (s *Service) checkShardIterator(in *api.GetShardIteratorInput) error {
	bySequence, byTime := false, false
	switch in.ShardIteratorType.V {
	case api.ShardIteratorTypeAtSequenceNumber, api.ShardIteratorTypeAfterSequenceNumber:
		bySequence = true
	case api.ShardIteratorTypeAtTimestamp:
		byTime = true
	}
	switch {
	case bySequence && !in.SequenceNumber.Set:
		return invalid(invalidValues + "Invalid SequenceNumber")
	case !bySequence && in.SequenceNumber.Set:
		return invalid(invalidValues + "SequenceNumber should not be passed for this iterator type")
	case byTime && !in.Timestamp.Set:
		return invalid(invalidValues + "Invalid Timestamp")
	case !byTime && in.Timestamp.Set:
		return invalid(invalidValues + "Timestamp should not be passed for this iterator type")
	case byTime && in.Timestamp.V > float64(s.now().UnixMilli())/1000:
		return invalid(invalidValues + "Timestamp should not be in the future")
	default:
		return nil
	}
}

// position returns the place in a shard that a request asks for.
func (s *Service) position(r kv.Reader, t *table.Table, shard table.Shard, in *api.GetShardIteratorInput) (stream.Position, error) {
	log := t.Records(shard.Number, shard.Index)
	switch in.ShardIteratorType.V {
	case api.ShardIteratorTypeTrimHorizon:
		return stream.Position{Oldest: true}, nil
	case api.ShardIteratorTypeLatest:
		last, err := stream.Last(r, log)
		return stream.Position{After: last}, err
	case api.ShardIteratorTypeAtTimestamp:
		return stream.Since(r, log, time.UnixMilli(int64(math.Round(in.Timestamp.V*1000))), s.now())
	}
	v, ok := stream.ParseSequenceNumber(in.SequenceNumber.V, shard.Number)
	if !ok {
		return stream.Position{}, invalid("Invalid SequenceNumber for the shard")
	}
	at, err := stream.Before(r, log, v, s.now())
	if err == nil && in.ShardIteratorType.V == api.ShardIteratorTypeAfterSequenceNumber {
		at.After = v
	}
	return at, err
}
