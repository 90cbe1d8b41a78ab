package dynamodb

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/table"
)

// maxTags is how many tags a table can have.
const maxTags = 50

// TagResource gives tags to a table. A tag whose key the table has already
// gets the new value.
func (s *Service) TagResource(ctx context.Context, in *api.TagResourceInput) (*api.TagResourceOutput, error) {
	if len(in.Tags) == 0 {
		return nil, invalid("Atleast one Tag needs to be provided as Input.") // sic, as AWS has it
	}
	err := s.retag(ctx, in.ResourceArn.V, func(old []table.Tag) ([]table.Tag, error) { return addTags(old, in.Tags) })
	if errors.Is(err, errNoTable) {
		// The misspelling is AWS's own.
		return nil, api.NewResourceNotFoundException(notFound + ": ResourcArn: " + in.ResourceArn.V + " not found")
	}
	return &api.TagResourceOutput{}, err
}

// addTags returns old with the tags of more, in the order of their keys.
func addTags(old []table.Tag, more []api.Tag) ([]table.Tag, error) {
	tags := slices.Clone(old)
	for _, tag := range more {
		if strings.HasPrefix(strings.ToLower(tag.Key.V), "aws:") {
			return nil, invalid(invalidValues + "Tag keys that begin with aws: are reserved")
		}
		i, found := findTag(tags, tag.Key.V)
		if !found {
			tags = slices.Insert(tags, i, table.Tag{Key: tag.Key.V})
		}
		tags[i].Value = tag.Value.V
	}
	if len(tags) > maxTags {
		return nil, invalid(invalidValues+"Too many tags: tag limit is %d", maxTags)
	}
	return tags, nil
}

// findTag returns where the tag with a key is in tags, or belongs.
func findTag(tags []table.Tag, key string) (int, bool) {
	return slices.BinarySearchFunc(tags, key, func(tag table.Tag, key string) int { return strings.Compare(tag.Key, key) })
}

// taggedTable returns the name of the table whose ARN is given. An ARN of
// another account or region is well formed, but no table of ours has it.
func (s *Service) taggedTable(arn string) (string, error) {
	parsed, ok := api.ParseTableARN(arn)
	if !ok || parsed.Table == "" || parsed.Rest != "" {
		return "", invalid("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	return s.tableOf(arn), nil
}

// retag replaces the tags of the table with an ARN by what change returns.
func (s *Service) retag(ctx context.Context, arn string, change func(old []table.Tag) ([]table.Tag, error)) error {
	name, err := s.taggedTable(arn)
	if err != nil {
		return err
	}
	return s.alter(ctx, name, nil, func(a *alteration) (err error) {
		a.t.Tags, err = change(a.t.Tags)
		return err
	})
}
