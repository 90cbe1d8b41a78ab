package dynamodb_test

import (
	"context"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
)

// An interrupted store has something happen in the middle of an Update.
type interrupted struct {
	kv.Store
	during func()
}

func (s *interrupted) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	return s.Store.Update(ctx, locks, func(tx kv.Tx) error {
		if during := s.during; during != nil {
			s.during = nil
			during()
		}
		return fn(tx)
	})
}

// A write of an item that a request in another region is writing fails, where
// consistency is strong. It does not wait, and nothing else fails.
func TestReplicatedWriteConflict(t *testing.T) {
	mem := memkv.Open()
	store := &interrupted{Store: mem}
	w := newWorld(store, dynamodb.Config{})
	w.send(t, "CreateTable", tableRequest(t, "tab pk:S"), "")
	w.send(t, "UpdateTable", `{"TableName":"tab","MultiRegionConsistency":"STRONG","ReplicaUpdates":[{"Create":{"RegionName":"us-east-2"}},{"Create":{"RegionName":"us-west-2"}}]}`, "")
	const put = `{"TableName":"tab","Item":{"pk":{"S":"a"}}}`
	w.send(t, "PutItem", put, "") // so that the table is known as it is now
	for name, c := range map[string]struct{ operation, body, want string }{
		"put":    {"PutItem", put, "ReplicatedWriteConflictException"},
		"update": {"UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`, "ReplicatedWriteConflictException"},
		"delete": {"DeleteItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`, "ReplicatedWriteConflictException"},
		"batch":  {"BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"b"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"a"}}}}]}}`, "ReplicatedWriteConflictException"},
		"get":    {"GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`, "200"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			store.during = func() {
				w.call.Region = "us-west-2"
				got = w.do(c.operation, c.body)
				w.call.Region = "us-east-1"
			}
			if answer := w.do("PutItem", put); !strings.HasPrefix(answer, "200") {
				t.Errorf("the first: %s", answer)
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("the second: %s", got)
			}
			w.call.Region = "us-west-2"
			if answer := w.do("PutItem", put); !strings.HasPrefix(answer, "200") {
				t.Errorf("after both: %s", answer)
			}
			w.call.Region = "us-east-1"
		})
	}
	w.check(t)
	if err := mem.Close(); err != nil {
		t.Error(err)
	}
}
