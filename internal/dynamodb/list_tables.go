package dynamodb

import (
	"context"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// maxTables is how many names ListTables returns at most.
const maxTables = 100

// ListTables returns the names of the region's tables in byte order.
func (s *Service) ListTables(ctx context.Context, in *api.ListTablesInput) (*api.ListTablesOutput, error) {
	limit := int(in.Limit.Or(maxTables))
	out := &api.ListTablesOutput{}
	err := s.store.View(ctx, func(r kv.Reader) error {
		*out = api.ListTablesOutput{TableNames: []string{}}
		names := table.Descriptors(s.account, s.region, in.ExclusiveStartTableName.V)
		names.Limit = limit + 1
		for pair, err := range r.Scan(names) {
			if err != nil {
				return err
			}
			t, err := table.Decode(pair.Value)
			if err != nil {
				return err
			}
			if t.Gone(s.now()) {
				continue
			}
			if len(out.TableNames) == limit {
				out.LastEvaluatedTableName = api.Some(out.TableNames[limit-1])
				return nil
			}
			out.TableNames = append(out.TableNames, t.Name)
		}
		return nil
	})
	if err == nil && len(out.TableNames) == 0 && !in.ExclusiveStartTableName.Set {
		s.hint(ctx)
	}
	return out, err
}
