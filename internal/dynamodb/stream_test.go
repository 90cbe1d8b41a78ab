package dynamodb_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/table"
)

// send sends a request that is answered well, or, if want is not empty,
// refused with a message that has it.
func (w *world) send(t testing.TB, operation, body, want string) {
	t.Helper()
	answer := w.do(operation, body)
	if ok := strings.HasPrefix(answer, "200 "); ok != (want == "") || !strings.Contains(answer, want) {
		t.Fatalf("%s %s: %s, want %q", operation, body, answer, want)
	}
}

// image shows the attribute n of an item, - if there is no item.
func image(it attr.Item) string {
	if it == nil {
		return "-"
	}
	if v := it.Get("n"); v != nil {
		return string(v.Bytes())
	}
	return "nothing"
}

// log shows the log of a table: the event, the sort key, and n before and
// after.
func (w *world) log(t testing.TB, name string) (lines []string) {
	t.Helper()
	tab := w.storedTable(t, name)
	w.view(t, func(r kv.Reader) error {
		lines = nil
		records, err := logOf(r, tab)
		for _, record := range records {
			line := fmt.Sprintf("%s %s %s>%s", record.Event(), record.Key.Get("sk").Bytes(), image(record.Old), image(record.New))
			lines = append(lines, line)
			if !record.Time.Equal(w.now) || record.Identity != "" || record.Key.Len() != 2 {
				t.Errorf("%s: at %v, by %q, key %s", line, record.Time, record.Identity, record.Key)
			}
		}
		return err
	})
	return lines
}

// withStream runs a test on each engine in a world with a table called tab that
// has a stream.
func withStream(t *testing.T, test func(t *testing.T, w *world)) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			w := newWorld(store, dynamodb.Config{})
			w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S gsi gsi1(g:S) stream"), "")
			test(t, w)
		})
	}
}

// keyed returns the key with a sort key as a member of a request.
func keyed(sk string) string { return `"Key":{"pk":{"S":"a"},"sk":{"S":"` + sk + `"}}` }

// putting returns an item as a member of a request.
func putting(sk, n string) string {
	return `"Item":{"pk":{"S":"a"},"sk":{"S":"` + sk + `"},"n":{"N":"` + n + `"}}`
}

// setting returns an update of n as members of a request.
func setting(sk, n string) string {
	return keyed(sk) + `,"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{":n":{"N":"` + n + `"}}`
}

func TestEveryChangeIsLogged(t *testing.T) {
	const failing = `,"ConditionExpression":"attribute_exists(nope)"`
	const tab = `"TableName":"tab",`
	transaction := `{"ClientRequestToken":"t","TransactItems":[{"Update":{` + tab + setting("1", "7") + `}},{"Delete":{` + tab + keyed("3") + `}},` +
		`{"Put":{` + tab + putting("4", "4") + `}},{"ConditionCheck":{` + tab + keyed("5") + `,"ConditionExpression":"attribute_not_exists(pk)"}}]}`
	steps := []struct {
		operation, body, refused string
		want                     []string
	}{
		{"PutItem", "{" + tab + putting("1", "1") + "}", "", []string{"INSERT 1 ->1"}},
		{"PutItem", "{" + tab + putting("1", "2") + "}", "", []string{"MODIFY 1 1>2"}},
		{"PutItem", "{" + tab + putting("1", "2") + "}", "", nil},
		{"PutItem", "{" + tab + putting("1", "02.0") + "}", "", nil},
		{"PutItem", "{" + tab + `"Item":{"n":{"N":"2"},"sk":{"S":"1"},"pk":{"S":"a"}}}`, "", nil},
		{"PutItem", "{" + tab + putting("1", "3") + failing + "}", "ConditionalCheckFailed", nil},
		{"PutItem", "{" + tab + `"Item":{"pk":{"S":"a"}}}`, "ValidationException", nil},
		{"UpdateItem", "{" + tab + setting("1", "4") + "}", "", []string{"MODIFY 1 2>4"}},
		{"UpdateItem", "{" + tab + setting("1", "4") + "}", "", nil},
		{"UpdateItem", "{" + tab + setting("1", "5") + failing + "}", "ConditionalCheckFailed", nil},
		{"UpdateItem", "{" + tab + keyed("1") + `,"UpdateExpression":"REMOVE nope"}`, "", nil},
		{"UpdateItem", "{" + tab + keyed("1") + "}", "", nil},
		{"UpdateItem", "{" + tab + keyed("2") + "}", "", []string{"INSERT 2 ->nothing"}},
		{"UpdateItem", "{" + tab + keyed("1") + `,"UpdateExpression":"REMOVE n"}`, "", []string{"MODIFY 1 4>nothing"}},
		{"DeleteItem", "{" + tab + keyed("1") + failing + "}", "ConditionalCheckFailed", nil},
		{"DeleteItem", "{" + tab + keyed("1") + "}", "", []string{"REMOVE 1 nothing>-"}},
		{"DeleteItem", "{" + tab + keyed("1") + "}", "", nil},
		{
			"BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{` + putting("3", "1") + `}},{"PutRequest":{` + putting("1", "6") + `}},` +
				`{"DeleteRequest":{` + keyed("2") + `}},{"DeleteRequest":{` + keyed("none") + `}}]}}`, "",
			[]string{"INSERT 3 ->1", "INSERT 1 ->6", "REMOVE 2 nothing>-"},
		},
		{"TransactWriteItems", transaction, "", []string{"MODIFY 1 6>7", "REMOVE 3 1>-", "INSERT 4 ->4"}},
		{"TransactWriteItems", transaction, "", nil},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{` + tab + putting("4", "4") + `}}]}`, "", nil},
		{
			"TransactWriteItems", `{"TransactItems":[{"Put":{` + tab + putting("4", "5") + `}},{"ConditionCheck":{` + tab + keyed("1") + failing + `}}]}`,
			"TransactionCanceled", nil,
		},
	}
	withStream(t, func(t *testing.T, w *world) {
		var want []string
		for _, s := range steps {
			w.send(t, s.operation, s.body, s.refused)
			want = append(want, s.want...)
			if diff := cmp.Diff(want, w.log(t, "tab")); diff != "" {
				t.Fatalf("%s %s: %s", s.operation, s.body, diff)
			}
		}
	})
}

// Both images are logged whole, whatever the stream shows of them.
func TestImagesAreWhole(t *testing.T) {
	withStream(t, func(t *testing.T, w *world) {
		w.send(t, "CreateTable", strings.Replace(tableRequest(t, "keys pk:S stream"), "NEW_AND_OLD_IMAGES", "KEYS_ONLY", 1), "")
		const first, second = `{"m":{"M":{"x":{"SS":["b","a"]}}},"pk":{"S":"a"}}`, `{"b":{"B":"AAEC"},"pk":{"S":"a"}}`
		w.send(t, "PutItem", `{"TableName":"keys","Item":`+first+`}`, "")
		w.send(t, "PutItem", `{"TableName":"keys","Item":`+second+`}`, "")
		w.view(t, func(r kv.Reader) error {
			records, err := logOf(r, w.storedTable(t, "keys"))
			if len(records) != 2 {
				t.Fatalf("%d records, %v", len(records), err)
			}
			last := records[1]
			got := []string{last.Key.String(), last.Old.String(), last.New.String()}
			want := []string{`{"pk":{"S":"a"}}`, strings.Replace(first, `["b","a"]`, `["a","b"]`, 1), second}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			return nil
		})
	})
}

func TestLogBeginsAnewWithItsStream(t *testing.T) {
	const off = `{"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}`
	const on = `{"TableName":"tab","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`
	put := func(n string) string { return `{"TableName":"tab",` + putting("1", n) + "}" }
	withStream(t, func(t *testing.T, w *world) {
		expect := func(want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, w.log(t, "tab")); diff != "" {
				t.Fatal(diff)
			}
		}
		w.send(t, "PutItem", put("1"), "")
		expect("INSERT 1 ->1")
		w.send(t, "UpdateTable", off, "")
		w.send(t, "PutItem", put("2"), "")
		expect("INSERT 1 ->1")
		w.send(t, "UpdateTable", on, "")
		expect()
		w.send(t, "PutItem", put("3"), "")
		expect("MODIFY 1 2>3")
		w.send(t, "DeleteTable", `{"TableName":"tab"}`, "")
		w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S stream"), "")
		expect()
		w.send(t, "PutItem", put("4"), "")
		expect("INSERT 1 ->4")
		if err := w.runner.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect("INSERT 1 ->4")
		w.send(t, "DeleteTable", `{"TableName":"tab"}`, "")
		w.send(t, "CreateTable", tableRequest(t, "tab pk:S sk:S"), "")
		w.send(t, "PutItem", put("5"), "")
		if w.storedTable(t, "tab").Stream != nil {
			t.Error("the table has the stream of the one before it")
		}
	})
}

// replayed returns the items that the log of a table comes down to.
func replayed(r kv.Reader, tab *table.Table) (map[string]string, error) {
	items := map[string]string{}
	records, err := logOf(r, tab)
	for _, record := range records {
		key, old := record.Key.String(), ""
		if record.Old != nil {
			old = record.Old.String()
		}
		if items[key] != old {
			return nil, fmt.Errorf("%s was %s, the log has %s", key, items[key], old)
		}
		if delete(items, key); record.New != nil {
			items[key] = record.New.String()
		}
	}
	return items, err
}

// A change and its record are one commit: there is no state of the store in
// which the log does not come down to the items.
func TestLogAndItemsChangeTogether(t *testing.T) {
	withStream(t, func(t *testing.T, w *world) {
		tab := w.storedTable(t, "tab")
		var writers sync.WaitGroup
		for i := range 4 {
			writers.Go(func() {
				for n := range 40 {
					item := fmt.Sprintf(`{"pk":{"S":"%d"},"sk":{"S":"%d"},"n":{"N":"%d"}}`, n%3, i%2, n)
					w.do("PutItem", `{"TableName":"tab","Item":`+item+`}`)
					if n%5 == 0 {
						w.do("DeleteItem", fmt.Sprintf(`{"TableName":"tab","Key":{"pk":{"S":"%d"},"sk":{"S":"%d"}}}`, n%3, i%2))
					}
					w.do("TransactWriteItems", fmt.Sprintf(`{"TransactItems":[{"Put":{"TableName":"tab","Item":%s}},{"Update":{"TableName":"tab","Key":{"pk":{"S":"both"},"sk":{"S":"x"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}}]}`, item))
				}
			})
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			w.view(t, func(r kv.Reader) error {
				want, err := itemsOf(r, tab)
				if err != nil {
					return err
				}
				got, err := replayed(r, tab)
				if err == nil && !maps.Equal(want, got) {
					t.Error(cmp.Diff(want, got))
				}
				return err
			})
		}
		w.check(t)
	})
}
