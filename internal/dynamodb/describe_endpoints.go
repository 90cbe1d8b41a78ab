package dynamodb

import (
	"cmp"
	"context"

	"github.com/statordb/stator/internal/api"
)

// DescribeEndpoints returns where clients that look for endpoints should send
// their requests: here.
func (s *Service) DescribeEndpoints(context.Context, *api.DescribeEndpointsInput) (*api.DescribeEndpointsOutput, error) {
	return &api.DescribeEndpointsOutput{Endpoints: []api.Endpoint{{
		Address:              api.Some(cmp.Or(s.cfg.Endpoint, "dynamodb."+s.region+".amazonaws.com")),
		CachePeriodInMinutes: api.Some[int64](1440),
	}}}, nil
}
