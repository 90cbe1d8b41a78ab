package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// The programs of Pulumi that the Resource Browser shows make the tables that it makes.
func TestPulumi(t *testing.T) {
	ownServer(t)
	t.Parallel()
	programs := typescript(t, ".pulumi.txt")
	asked := map[string][]struct {
		Type   string
		Inputs json.RawMessage
	}{}
	readJSON(t, bytes.TrimSpace(inIAC(t, append([]string{"pulumi.mjs"}, slices.Sorted(maps.Values(programs))...)...)), &asked)
	url := start(t, "--memory").url
	eachDefinition(t, func(t *testing.T, name string, want definition) {
		var found resources
		for _, r := range asked[name] {
			switch r.Type {
			case "aws:dynamodb/table:Table":
				found.table = &dynamodbTable{}
				readJSON(t, r.Inputs, found.table)
			case "aws:dynamodb/resourcePolicy:ResourcePolicy":
				found.policy = &dynamodbPolicy{}
				readJSON(t, r.Inputs, found.policy)
			default:
				t.Fatalf("resource %s is not known", r.Type)
			}
		}
		if found.table == nil {
			t.Fatal("there is no table")
		}
		sameTables(t, url, found.definition(t), want)
	})
}
