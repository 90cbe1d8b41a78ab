package dynamodb

import (
	"context"
	"errors"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// The most that GetRecords returns.
const (
	maxRecords     = 1000
	maxRecordsSize = 1 << 20
)

// GetRecords returns the records after an iterator, and an iterator for those
// after them unless the shard is closed and there will be none.
func (s *Service) GetRecords(ctx context.Context, in *api.GetRecordsInput) (*api.GetRecordsOutput, error) {
	limit := int(in.Limit.Or(maxRecords))
	if limit > maxRecords {
		return nil, invalid(invalidValues+"Limit should be less than or equal to %d", maxRecords)
	}
	it, err := parseIterator(in.ShardIterator.V)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if now.Sub(it.made) > iteratorAge {
		return nil, api.NewExpiredIteratorException("The shard iterator has expired")
	}
	out := &api.GetRecordsOutput{}
	var (
		of   *table.Table
		last time.Time // of the records
	)
	err = s.store.View(ctx, func(r kv.Reader) error {
		*out = api.GetRecordsOutput{Records: []api.Record{}}
		last = now
		t, stored, err := s.streamOf(r, it.arn)
		if err != nil {
			return err
		}
		if t.Short() != it.table { // another one of the same name
			return noSuchStream(it.arn)
		}
		of = t
		shard, ok := stored.ShardAt(now, it.number, int(it.shard))
		if !ok {
			return stream.ErrTrimmed
		}
		size := 0
		log := t.Records(shard.Number, shard.Index)
		next, more, err := stream.Read(r, log, it.at, now, limit, func(e stream.Entry) bool {
			record := s.record(stored, shard, log, e)
			size += int(record.Dynamodb.SizeBytes.V)
			if n := len(out.Records); n == limit || n > 0 && size > maxRecordsSize {
				return false
			}
			out.Records = append(out.Records, record)
			last = e.Time
			return true
		})
		if more || shard.Closed.IsZero() {
			it := it
			it.at, it.made = next, now
			out.NextShardIterator = api.Some(it.String())
		}
		return err
	})
	if errors.Is(err, stream.ErrTrimmed) {
		err = trimmedData()
	}
	if err == nil && s.metered {
		s.meter.of(of).readStream(max(now.Sub(last), 0))
	}
	return out, err
}

// record returns a record as a stream shows it. Its size is that of what is
// shown; its time is rounded down to a second, as on AWS.
func (s *Service) record(of *table.Stream, shard table.Shard, log []byte, e stream.Entry) api.Record {
	old, now := e.Images(of.View)
	size := e.Key.Size()
	if old != nil {
		size += old.Size()
	}
	if now != nil {
		size += now.Size()
	}
	record := api.Record{
		EventID:      api.Some(stream.EventID(log, e.Version)),
		EventName:    api.Some(string(e.Event())),
		EventVersion: api.Some("1.1"),
		EventSource:  api.Some("aws:dynamodb"),
		AwsRegion:    api.Some(s.region),
		Dynamodb: &api.StreamRecord{
			ApproximateCreationDateTime: api.Some(float64(e.Time.Unix())),
			Keys:                        e.Key,
			NewImage:                    now,
			OldImage:                    old,
			SequenceNumber:              api.Some(stream.SequenceNumber(shard.Number, e.Version)),
			SizeBytes:                   api.Some(int64(size)),
			StreamViewType:              api.Some(of.View),
		},
	}
	if e.Identity != "" {
		record.UserIdentity = &api.Identity{Type: api.Some("Service"), PrincipalId: api.Some(e.Identity)}
	}
	return record
}
