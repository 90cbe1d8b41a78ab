package dynamodb

import (
	"context"
	"errors"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
)

// DescribeTimeToLive says whether a table's items expire, and by which
// attribute.
func (s *Service) DescribeTimeToLive(ctx context.Context, in *api.DescribeTimeToLiveInput) (*api.DescribeTimeToLiveOutput, error) {
	name := s.tableOf(in.TableName.V)
	d := &api.TimeToLiveDescription{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		status := string(t.TTL.StatusAt(s.now()))
		*d = api.TimeToLiveDescription{TimeToLiveStatus: api.Some(status)}
		if status != api.TimeToLiveStatusDisabled {
			d.AttributeName = api.Some(t.TTL.Attribute)
		}
		return nil
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	return &api.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, err
}
