package dynamodb

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxStreams is how many streams ListStreams returns at most.
const maxStreams = 100

// ListStreams returns the streams of the region, or of one table, that can be
// read: by the names of their tables, and those of one name by their age. Those
// of deleted tables are among them.
func (s *Service) ListStreams(ctx context.Context, in *api.ListStreamsInput) (*api.ListStreamsOutput, error) {
	limit := int(in.Limit.Or(maxStreams))
	if limit > maxStreams {
		return nil, invalid(invalidValues+"Limit cannot be greater than the maximum allowed size: %d", maxStreams)
	}
	l := streamList{Service: s, only: in.TableName.V, limit: limit}
	if in.ExclusiveStartStreamArn.Set {
		var ok bool
		if l.name, l.label, ok = s.parseStreamARN(in.ExclusiveStartStreamArn.V); !ok {
			return &api.ListStreamsOutput{Streams: []api.Stream{}}, nil
		}
	}
	out := &api.ListStreamsOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		*out = api.ListStreamsOutput{}
		var err error
		if out.Streams, err = l.read(r); err == nil && len(out.Streams) > limit {
			out.Streams = out.Streams[:limit]
			out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
		}
		return err
	})
	return out, err
}

// A streamList is what ListStreams looks for.
type streamList struct {
	*Service
	only        string // the name of the tables, if it is given
	name, label string // of the stream before the first one
	limit       int
}

// read returns the streams that are looked for, in order, or at least one more
// than the limit of the first of them.
func (l *streamList) read(r kv.Reader) ([]api.Stream, error) {
	streams, err := l.live(r)
	if err != nil {
		return nil, err
	}
	from := table.RemainsFrom(l.account, l.region, max(l.only, l.name))
	if l.only != "" {
		from = table.RemainsOf(l.account, l.region, l.only)
	}
	for left, err := range l.remains(r, from) { // few: they go after a day
		if err != nil {
			return nil, err
		}
		streams = l.append(streams, left)
	}
	slices.SortStableFunc(streams, func(a, b api.Stream) int {
		return cmp.Or(cmp.Compare(a.TableName.V, b.TableName.V), cmp.Compare(a.StreamLabel.V, b.StreamLabel.V))
	})
	return streams, nil
}

// live returns the streams of tables that are there, as many as are needed.
func (l *streamList) live(r kv.Reader) ([]api.Stream, error) {
	streams := []api.Stream{}
	from := table.Descriptors(l.account, l.region, "")
	from.Start = table.DescriptorKey(l.account, l.region, max(l.only, l.name))
	for pair, err := range r.Scan(from) {
		if err != nil {
			return nil, err
		}
		if len(streams) > l.limit || l.only != "" && !bytes.Equal(pair.Key, table.DescriptorKey(l.account, l.region, l.only)) {
			break
		}
		if !table.Streaming(pair.Value) {
			continue
		}
		t, err := table.Decode(bytes.Clone(pair.Value))
		if err != nil {
			return nil, err
		}
		streams = l.append(streams, t)
	}
	return streams, nil
}

// append adds the streams of t that come after the one to begin after.
func (l *streamList) append(streams []api.Stream, t *table.Table) []api.Stream {
	for _, of := range l.streamsOf(t) {
		if t.Name < l.name || t.Name == l.name && of.Label <= l.label {
			continue
		}
		streams = append(streams, api.Stream{
			StreamArn: api.Some(t.ARNOf(of)), TableName: api.Some(t.Name), StreamLabel: api.Some(of.Label),
		})
	}
	return streams
}
