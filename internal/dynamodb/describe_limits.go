package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
)

// DescribeLimits returns the quotas of a new AWS account. Nothing enforces
// them.
func (s *Service) DescribeLimits(context.Context, *api.DescribeLimitsInput) (*api.DescribeLimitsOutput, error) {
	return &api.DescribeLimitsOutput{
		AccountMaxReadCapacityUnits:  api.Some[int64](80000),
		AccountMaxWriteCapacityUnits: api.Some[int64](80000),
		TableMaxReadCapacityUnits:    api.Some[int64](40000),
		TableMaxWriteCapacityUnits:   api.Some[int64](40000),
	}, nil
}
