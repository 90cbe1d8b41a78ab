package dynamodb_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// The id that CreateTable returns is that of every later description. [2.5]
func TestTableIDStays(t *testing.T) {
	store := memkv.Open()
	defer store.Close()
	w := newWorld(store, dynamodb.Config{})
	var created struct{ TableDescription struct{ TableId string } }
	answer := w.do("CreateTable", tableRequest(t, "tab pk:S"))
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &created); err != nil {
		t.Fatal(err)
	}
	id := created.TableDescription.TableId
	if !uuid.MatchString(id) {
		t.Errorf("the id is %q", id)
	}
	for range 2 {
		if table, _ := w.description(t, "tab"); table["TableId"] != id {
			t.Errorf("the id %s became %v", id, table["TableId"])
		}
	}
}
