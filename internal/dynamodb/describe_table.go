package dynamodb

import (
	"context"
	"errors"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// DescribeTable returns a table's description. Its item count and size are
// those of this moment, not of hours ago.
func (s *Service) DescribeTable(ctx context.Context, in *api.DescribeTableInput) (*api.DescribeTableOutput, error) {
	name := s.tableOf(in.TableName.V)
	out := &api.DescribeTableOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		f, err := figuresOf(r, t)
		if err != nil {
			return err
		}
		replicas, err := s.replicasOf(r, t)
		out.Table = s.describe(t, f, replicas)
		return err
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	return out, err
}

// find reads a table's descriptor, whatever its status is.
func (s *Service) find(r kv.Reader, name string) (*table.Table, error) {
	values, err := r.Get(table.DescriptorKey(s.account, s.region, name))
	if err != nil {
		return nil, err
	}
	return s.decode(name, values[0])
}
