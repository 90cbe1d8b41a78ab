package dynamodb

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
)

// tagsPage is how many tags ListTagsOfResource returns at most.
const tagsPage = 10

// ListTagsOfResource returns a table's tags in the order of their keys. The
// token of a page is the last key before it, so tags that come and go between
// pages move no others from one page to the next.
func (s *Service) ListTagsOfResource(ctx context.Context, in *api.ListTagsOfResourceInput) (*api.ListTagsOfResourceOutput, error) {
	name, err := s.taggedTable(in.ResourceArn.V)
	if err != nil {
		return nil, err
	}
	after, err := base64.URLEncoding.DecodeString(in.NextToken.V)
	if err != nil {
		return nil, invalid("Invalid NextToken")
	}
	out := &api.ListTagsOfResourceOutput{}
	err = s.store.View(ctx, func(r kv.Reader) error {
		*out = api.ListTagsOfResourceOutput{Tags: []api.Tag{}}
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		tags := t.Tags
		if in.NextToken.Set {
			i, found := findTag(tags, string(after))
			if found {
				i++
			}
			tags = tags[i:]
		}
		if len(tags) > tagsPage {
			tags = tags[:tagsPage]
			out.NextToken = api.Some(base64.URLEncoding.EncodeToString([]byte(tags[tagsPage-1].Key)))
		}
		for _, tag := range tags {
			out.Tags = append(out.Tags, api.Tag{Key: api.Some(tag.Key), Value: api.Some(tag.Value)})
		}
		return nil
	})
	if errors.Is(err, errNoTable) {
		return nil, api.NewAccessDeniedException("User: arn:aws:iam::" + s.account + ":root is not authorized to perform: " +
			"dynamodb:ListTagsOfResource on resource: " + in.ResourceArn.V)
	}
	return out, err
}
