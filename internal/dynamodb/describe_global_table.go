package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
)

// DescribeGlobalTable says which regions a global table of the version of 2017 is
// in. It can be asked in any region.
func (s *Service) DescribeGlobalTable(ctx context.Context, in *api.DescribeGlobalTableInput) (*api.DescribeGlobalTableOutput, error) {
	name := in.GlobalTableName.V
	members, err := s.members(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case len(members) == 0:
		return nil, notFoundGlobal(name)
	}
	return &api.DescribeGlobalTableOutput{GlobalTableDescription: s.describeGlobalTable(name, members)}, nil
}
