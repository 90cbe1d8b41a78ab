package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/enginetest"
)

// spending adds up what answers say of capacity, by table and index.
type spending map[string]dynamodb.Taken

type capacities struct {
	CapacityUnits, ReadCapacityUnits, WriteCapacityUnits float64
}

func (s spending) add(of string, c capacities, reads bool) {
	n := s[of]
	switch {
	case c.ReadCapacityUnits+c.WriteCapacityUnits > 0: // of a transaction
		n.Read += c.ReadCapacityUnits
		n.Write += c.WriteCapacityUnits
	case reads:
		n.Read += c.CapacityUnits
	default:
		n.Write += c.CapacityUnits
	}
	s[of] = n
}

func (s spending) answer(t *testing.T, answer string, reads bool) {
	t.Helper()
	var out struct{ ConsumedCapacity json.RawMessage }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &out); err != nil {
		t.Fatal(err)
	}
	list := string(out.ConsumedCapacity)
	if !strings.HasPrefix(list, "[") {
		list = "[" + list + "]"
	}
	var all []struct {
		TableName                                     string
		Table                                         capacities
		GlobalSecondaryIndexes, LocalSecondaryIndexes map[string]capacities
	}
	if err := json.Unmarshal([]byte(list), &all); err != nil || len(all) == 0 {
		t.Fatalf("%s: %v", answer, err)
	}
	for _, c := range all {
		s.add(c.TableName, c.Table, reads)
		for _, indexes := range []map[string]capacities{c.GlobalSecondaryIndexes, c.LocalSecondaryIndexes} {
			for name, units := range indexes {
				s.add(c.TableName+"/"+name, units, reads)
			}
		}
	}
}

// What is counted for tables and indexes is what answers say that requests took.
func TestTakenIsWhatAnswersSay(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			defer store.Close()
			w := newWorld(store, dynamodb.Config{})
			w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S gsi by-a(a:S) gsi by-c(c:S,KEYS_ONLY) lsi by-b(b:S,KEYS_ONLY) stream"), "")
			w.send(t, "CreateTable", tableRequest(t, "other pk:S"), "")
			want := spending{}
			do := func(operation, members string, reads bool) {
				t.Helper()
				answer := w.do(operation, "{"+expand(members)+`,"ReturnConsumedCapacity":"INDEXES"}`)
				if !strings.HasPrefix(answer, "200 ") {
					t.Fatalf("%s %s: %s", operation, members, answer)
				}
				want.answer(t, answer, reads)
			}
			const (
				in     = `"TableName":"tab"`
				key    = `"Key":{"pk":{"S":"p"},"sk":{"S":"1"}}`
				read   = true
				write  = false
				unused = `"Key":{"pk":{"S":"p"},"sk":{"S":"none"}}`
			)
			large := strings.Repeat("x", 5000)
			do("PutItem", in+`,"Item":{"pk":{"S":"p"},"sk":{"S":"1"},"a":{"S":"a"},"b":{"S":"b"},"big":{"S":"`+large+`"}}`, write)
			do("UpdateItem", in+`,`+key+`,"UpdateExpression":"SET a = :a, c = :a","ExpressionAttributeValues":{":a":{"S":"moved"}}`, write)
			do("UpdateItem", in+`,`+key+`,"UpdateExpression":"SET big = big"`, write)
			do("DeleteItem", in+`,`+unused, write)
			do("BatchWriteItem", `"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"S":"2"},"a":{"S":"a"}}}},{"DeleteRequest":{`+unused+`}}],"other":[{"PutRequest":{"Item":{"pk":{"S":"o"}}}}]}`, write)
			transaction := `"ClientRequestToken":"t","TransactItems":[{"Put":{` + in + `,"Item":{"pk":{"S":"p"},"sk":{"S":"3"},"a":{"S":"a"},"b":{"S":"b"}}}},{"ConditionCheck":{` + in + `,` + key + `,"ConditionExpression":"attribute_exists(pk)"}},` +
				`{"Delete":{"TableName":"other","Key":{"pk":{"S":"o"}}}}]`
			do("TransactWriteItems", transaction, write)
			do("TransactWriteItems", transaction, write) // it was carried out, and is only read
			do("GetItem", in+`,`+key, read)
			do("GetItem", in+`,`+key+`,"ConsistentRead":true`, read)
			do("GetItem", in+`,`+unused, read)
			do("BatchGetItem", `"RequestItems":{"tab":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"1"}},{"pk":{"S":"p"},"sk":{"S":"none"}}]},"other":{"Keys":[{"pk":{"S":"o"}}],"ConsistentRead":true}}`, read)
			do("TransactGetItems", `"TransactItems":[{"Get":{`+in+`,`+key+`}},{"Get":{`+in+`,`+unused+`}}]`, read)
			do("Query", in+`,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p"}}`, read)
			do("Query", in+`,"IndexName":"by-a","KeyConditionExpression":"a = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`, read)
			do("Query", in+`,"IndexName":"by-b","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"p"}},"Select":"ALL_ATTRIBUTES","ConsistentRead":true`, read)
			do("Scan", in, read)
			do("Scan", in+`,"IndexName":"by-c","Limit":1`, read)
			do("ExecuteStatement", `"Statement":"SELECT * FROM tab WHERE pk = 'p' AND sk = '1'"`, read)
			do("ExecuteStatement", `"Statement":"SELECT * FROM tab WHERE pk IN ['p', 'q']"`, read)
			do("ExecuteStatement", `"Statement":"SELECT * FROM tab.\"by-a\" WHERE a = 'a'"`, read)
			do("ExecuteStatement", `"Statement":"UPDATE tab SET a = 'b' WHERE pk = 'p' AND sk = '1'"`, write)
			do("BatchExecuteStatement", `"Statements":[{"Statement":"SELECT * FROM tab WHERE pk = 'p' AND sk = '1'"},{"Statement":"SELECT * FROM other WHERE pk = 'o'"},{"Statement":"SELECT * FROM none WHERE pk = 'o'"}]`, read)
			do("BatchExecuteStatement", `"Statements":[{"Statement":"INSERT INTO tab VALUE {'pk': 'p', 'sk': '4', 'a': 'a'}"},{"Statement":"INSERT INTO tab VALUE {'pk': 'p', 'sk': '1'}"}]`, write)
			do("ExecuteTransaction", `"TransactStatements":[{"Statement":"SELECT * FROM tab WHERE pk = 'p' AND sk = '1'"}]`, read)
			do("ExecuteTransaction", `"TransactStatements":[{"Statement":"INSERT INTO tab VALUE {'pk': 'p', 'sk': '5', 'a': 'a'}"},{"Statement":"DELETE FROM tab WHERE pk = 'p' AND sk = '4'"}]`, write)
			for _, failing := range []string{
				in + `,"Item":{"pk":{"S":"p"},"sk":{"S":"1"}},"ConditionExpression":"attribute_not_exists(pk)"`,
				in + `,"Item":{"pk":{"S":"p"}}`,
			} {
				if answer := w.do("PutItem", "{"+failing+"}"); !strings.HasPrefix(answer, "400 ") {
					t.Error(answer)
				}
			}

			pages := map[string]uint64{"tab": 4, "tab/by-a": 2, "tab/by-b": 1, "tab/by-c": 1} // IN reads two
			for of, n := range pages {
				taken := want[of]
				taken.Pages = n
				want[of] = taken
			}
			tab := want["tab"]
			tab.Write += 5  // of the write whose condition failed: what is there is that large
			tab.Records = 8 // that wrote something else than there was
			want["tab"] = tab
			sample, err := w.db.Sample(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := spending{}
			for _, table := range sample.Tables {
				got[table.Table] = table.Taken
				for _, ix := range table.Indexes {
					got[table.Table+"/"+ix.Name] = ix.Taken
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if fmt.Sprint(want["tab/by-a"].Read, want["tab/by-a"].Write, tab.Read) == "0 0 0" {
				t.Error("answers say nothing")
			}
		})
	}
}
