package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// A page has a hundred names, whether that was asked for or not.
func TestListTablesReturnsHundredNames(t *testing.T) {
	store := memkv.Open()
	defer store.Close()
	w := newWorld(store, dynamodb.Config{})
	for i := range 101 {
		w.send(t, "CreateTable", tableRequest(t, fmt.Sprintf("t%03d pk:S", i)), "")
	}
	for _, limit := range []string{"", `,"Limit":100`} {
		var page struct {
			TableNames             []string
			LastEvaluatedTableName string
		}
		answer := w.do("ListTables", `{"ExclusiveStartTableName":"t00"`+limit+"}")
		if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &page); err != nil {
			t.Fatal(err)
		}
		if len(page.TableNames) != 100 || page.LastEvaluatedTableName != "t099" {
			t.Errorf("%d names, the last is %q", len(page.TableNames), page.LastEvaluatedTableName)
		}
	}
}
