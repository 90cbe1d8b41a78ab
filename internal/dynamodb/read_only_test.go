package dynamodb

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv/memkv"
)

func TestCallsThatMayOnlyRead(t *testing.T) {
	writes := []string{
		"BatchWriteItem", "CreateGlobalTable", "CreateTable", "DeleteItem", "DeleteTable", "PutItem", "TagResource",
		"TransactWriteItems", "UntagResource", "UpdateGlobalTable", "UpdateGlobalTableSettings", "UpdateItem", "UpdateTable",
		"UpdateTableReplicaAutoScaling", "UpdateTimeToLive",
	}
	for target, built := range operations {
		for name := range built {
			// Without statements those of PartiQL do nothing.
			call := Call{Target: target, Operation: name, Body: []byte("{}")}
			if got := onlyReads(call); got != !slices.Contains(writes, name) {
				t.Errorf("%s only reads: %v", name, got)
			}
		}
	}
	db := New(Config{Store: memkv.Open()})
	for _, c := range []struct {
		operation, body string
		refused         bool
	}{
		{"ExecuteStatement", `{"Statement":"SELECT * FROM t"}`, false},
		{"ExecuteStatement", `{"Statement":"DELETE FROM t WHERE pk='a'"}`, true},
		{"ExecuteStatement", `{"Statement":"insert into t value {'pk':'a'}"}`, true},
		{"ExecuteStatement", `{"Statement":"DELETE nonsense"}`, false}, // and told that it is
		{"BatchExecuteStatement", `{"Statements":[{"Statement":"SELECT * FROM t WHERE pk='a'"}]}`, false},
		{"BatchExecuteStatement", `{"Statements":[{"Statement":"nonsense"},{"Statement":"UPDATE t SET a=1 WHERE pk='a'"}]}`, true},
		{"ExecuteTransaction", `{"TransactStatements":[{"Statement":"SELECT * FROM t WHERE pk='a'"}]}`, false},
		{"ExecuteTransaction", `{"TransactStatements":[{"Statement":"UPDATE t SET a=1 WHERE pk='a'"}]}`, true},
		{"PutItem", `{"TableName":"t","Item":{"pk":{"S":"a"}}}`, true},
		{"GetItem", `{"TableName":"t","Key":{"pk":{"S":"a"}}}`, false},
	} {
		call := Call{Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810", Operation: c.operation, Body: []byte(c.body), ReadOnly: "because"}
		_, err := db.Do(t.Context(), call, nil)
		var e *api.Error
		refused := errors.As(err, &e) && e.Type == api.AccessDeniedException && strings.Contains(e.Message, "because")
		if refused != c.refused {
			t.Errorf("%s %s: %v", c.operation, c.body, err)
		}
	}
}
