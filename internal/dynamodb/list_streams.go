package dynamodb

import (
	"bytes"
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxStreams is how many streams ListStreams returns at most.
const maxStreams = 100

// ListStreams returns the streams of the region, or of one table, that can be
// read: by the names of their tables, and those of one table by their age.
func (s *Service) ListStreams(ctx context.Context, in *api.ListStreamsInput) (*api.ListStreamsOutput, error) {
	limit := int(in.Limit.Or(maxStreams))
	if limit > maxStreams {
		return nil, invalid(invalidValues+"Limit cannot be greater than the maximum allowed size: %d", maxStreams)
	}
	only := in.TableName.V
	var name, label string
	if in.ExclusiveStartStreamArn.Set {
		var ok bool
		if name, label, ok = s.parseStreamARN(in.ExclusiveStartStreamArn.V); !ok {
			return &api.ListStreamsOutput{Streams: []api.Stream{}}, nil
		}
	}
	descriptors := table.Descriptors(s.account, s.region, "")
	descriptors.Start = table.DescriptorKey(s.account, s.region, max(only, name))
	out := &api.ListStreamsOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		*out = api.ListStreamsOutput{Streams: []api.Stream{}}
		for pair, err := range r.Scan(descriptors) {
			if err != nil {
				return err
			}
			if only != "" && !bytes.Equal(pair.Key, table.DescriptorKey(s.account, s.region, only)) {
				return nil
			}
			if !table.Streaming(pair.Value) {
				continue
			}
			t, err := table.Decode(pair.Value)
			if err != nil {
				return err
			}
			if t.State.Status == table.Deleting {
				continue
			}
			for _, of := range t.StreamsAt(s.now()) {
				if t.Name == name && of.Label <= label {
					continue
				}
				if len(out.Streams) == limit {
					out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
					return nil
				}
				out.Streams = append(out.Streams, api.Stream{
					StreamArn: api.Some(t.ARNOf(of)), TableName: api.Some(t.Name), StreamLabel: api.Some(of.Label),
				})
			}
		}
		return nil
	})
	return out, err
}
