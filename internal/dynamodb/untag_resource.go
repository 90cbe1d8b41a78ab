package dynamodb

import (
	"context"
	"slices"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// UntagResource takes tags from a table. A key that it does not have is no
// error.
func (s *Service) UntagResource(ctx context.Context, in *api.UntagResourceInput) (*api.UntagResourceOutput, error) {
	if len(in.TagKeys) == 0 {
		return nil, invalid("Atleast one Tag Key needs to be provided as Input.") // sic, as AWS has it
	}
	err := s.retag(ctx, in.ResourceArn.V, func(old []table.Tag) ([]table.Tag, error) {
		return slices.DeleteFunc(old, func(tag table.Tag) bool { return slices.Contains(in.TagKeys, tag.Key) }), nil
	})
	return &api.UntagResourceOutput{}, err
}
