package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/enginetest"
)

// The tests here have many clients at once. On every engine each operation must
// seem to happen at one moment between its call and its answer.

// onEachEngine runs a test on a world that has a table called tab.
func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			w := newWorld(store, dynamodb.Config{})
			w.ok(t, "CreateTable", tableRequest(t, "tab pk:S"))
			test(t, w)
		})
	}
}

// ok sends a request that must be answered.
func (w *world) ok(t *testing.T, operation, body string) answered {
	t.Helper()
	a, refused := w.try(t, operation, body)
	if refused != "" {
		t.Errorf("%s %s: %s", operation, body, refused)
	}
	return a
}

// try sends a request and returns the answer, or else the exception.
func (w *world) try(t *testing.T, operation, body string) (a answered, refused string) {
	t.Helper()
	answer := w.do(operation, body)
	out, ok := strings.CutPrefix(answer, "200 ")
	if !ok {
		return a, answer
	}
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Errorf("%s: %v", answer, err)
	}
	return a, ""
}

// A row is an item with a number, as the tests here have it.
type row struct {
	PK struct{ S string } `json:"pk"`
	N  *struct {
		N int `json:",string"`
	} `json:"n"`
}

const absent = -1

// number is what a row holds, or absent.
func (r *row) number() int {
	if r == nil || r.N == nil {
		return absent
	}
	return r.N.N
}

// answered is what the tests here read of any response.
type answered struct {
	Item, Attributes *row
	Items            []row
	Responses        json.RawMessage
}

func (a *answered) sum(t *testing.T) int {
	rows := a.Items
	switch {
	case strings.HasPrefix(string(a.Responses), "["): // of TransactGetItems
		var list []struct{ Item row }
		if err := json.Unmarshal(a.Responses, &list); err != nil {
			t.Error(err)
		}
		for _, e := range list {
			rows = append(rows, e.Item)
		}
	case a.Responses != nil: // of BatchGetItem
		var tables map[string][]row
		if err := json.Unmarshal(a.Responses, &tables); err != nil {
			t.Error(err)
		}
		rows = tables["tab"]
	}
	sum := 0
	for _, r := range rows {
		sum += r.number()
	}
	return sum
}

// together runs n clients and waits for them.
func together(t *testing.T, n int, client func(i int, r *rand.Rand)) {
	t.Helper()
	seed := 1 + firstSeed(t)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { client(i, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	wg.Wait()
}

func TestTransfersKeepTheTotal(t *testing.T) {
	const accounts, each, transfers = 6, 100, 400
	onEachEngine(t, func(t *testing.T, w *world) {
		var gets, keys []string
		for i := range accounts {
			key := fmt.Sprintf(`{"pk":{"S":"%d"}}`, i)
			w.ok(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"n":{"N":"%d"}}}`, i, each))
			keys, gets = append(keys, key), append(gets, `{"Get":{"TableName":"tab","Key":`+key+`}}`)
		}
		reads := [][2]string{
			{"TransactGetItems", `{"TransactItems":[` + strings.Join(gets, ",") + `]}`},
			{"BatchGetItem", `{"RequestItems":{"tab":{"Keys":[` + strings.Join(keys, ",") + `]}}}`},
			{"Scan", `{"TableName":"tab"}`},
		}
		var moved atomic.Int64
		together(t, 6, func(i int, r *rand.Rand) {
			for range transfers {
				if i < len(reads) {
					a := w.ok(t, reads[i][0], reads[i][1])
					if sum := a.sum(t); sum != accounts*each {
						t.Errorf("%s: a total of %d, want %d", reads[i][0], sum, accounts*each)
					}
					continue
				}
				from := r.IntN(accounts)
				_, refused := w.try(t, "TransactWriteItems", transfer(from, (from+1+r.IntN(accounts-1))%accounts, 1+r.IntN(each)))
				switch {
				case refused == "":
					moved.Add(1)
				case !strings.Contains(refused, "ConditionalCheckFailed"):
					t.Error(refused)
				}
			}
		})
		if moved.Load() == 0 {
			t.Error("no transfer was carried out")
		}
	})
}

// transfer is a transaction that moves an amount if there is as much.
func transfer(from, to, amount int) string {
	return fmt.Sprintf(`{"TransactItems":[
		{"Update":{"TableName":"tab","Key":{"pk":{"S":"%d"}},"UpdateExpression":"SET n = n - :n","ConditionExpression":"n >= :n","ExpressionAttributeValues":{":n":{"N":"%d"}}}},
		{"Update":{"TableName":"tab","Key":{"pk":{"S":"%d"}},"UpdateExpression":"SET n = n + :n","ConditionExpression":"attribute_exists(n)","ExpressionAttributeValues":{":n":{"N":"%d"}}}}]}`, from, amount, to, amount)
}

func TestCountersLoseNothing(t *testing.T) {
	const clients, times = 8, 200
	onEachEngine(t, func(t *testing.T, w *world) {
		var seen sync.Map
		together(t, clients, func(int, *rand.Rand) {
			for range times {
				a := w.ok(t, "UpdateItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}},"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}`)
				if _, twice := seen.LoadOrStore(a.Attributes.number(), true); twice {
					t.Errorf("two clients counted to %d", a.Attributes.number())
				}
			}
		})
		if a := w.ok(t, "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"a"}}}`); a.Item.number() != clients*times {
			t.Errorf("counted to %d, want %d", a.Item.number(), clients*times)
		}
	})
}

func TestOneConditionalPutWins(t *testing.T) {
	const clients, races = 6, 150
	onEachEngine(t, func(t *testing.T, w *world) {
		var winners [races]atomic.Int64
		together(t, clients, func(i int, _ *rand.Rand) {
			for race := range races {
				_, refused := w.try(t, "PutItem", fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"n":{"N":"%d"}},"ConditionExpression":"attribute_not_exists(pk)"}`, race, i))
				if refused == "" {
					winners[race].Add(1)
				}
			}
		})
		for race := range winners {
			if n := winners[race].Load(); n != 1 {
				t.Errorf("race %d has %d winners", race, n)
			}
		}
	})
}

// The history of a few items that several clients use at once must be one that
// a single client could have made.
func TestHistoryIsLinearizable(t *testing.T) {
	const clients, requests = 4, 300
	onEachEngine(t, func(t *testing.T, w *world) {
		var (
			clock   atomic.Int64
			history [clients][]porcupine.Operation
		)
		together(t, clients, func(i int, r *rand.Rand) {
			for range requests {
				in := deed(r)
				called := clock.Add(1)
				out := in.do(t, w)
				history[i] = append(history[i], porcupine.Operation{ClientId: i, Input: in, Call: called, Output: out, Return: clock.Add(1)})
			}
		})
		var all []porcupine.Operation
		for _, h := range history {
			all = append(all, h...)
		}
		if got := porcupine.CheckOperationsTimeout(items, all, time.Minute); got != porcupine.Ok {
			t.Errorf("the history is %v", got)
		}
	})
}

// An act is what a client does to one item, or to two.
type act struct {
	kind    string
	key, to int
	number  int
}

const fewItems = 3

// A state is the numbers of all items.
type state [fewItems]int

// A outcome is what a client is told: the number before or after, or all of
// them; refused if the condition failed.
type outcome struct {
	refused bool
	number  int
	all     state
}

// deed returns something to do.
func deed(r *rand.Rand) act {
	kinds := []string{"get", "get", "put", "create", "add", "delete", "move", "all"}
	key := r.IntN(fewItems)
	return act{kinds[r.IntN(len(kinds))], key, (key + 1 + r.IntN(fewItems-1)) % fewItems, 1 + r.IntN(9)}
}

// do does it, and returns what the client was told.
func (a act) do(t *testing.T, w *world) outcome {
	key := `{"TableName":"tab","Key":{"pk":{"S":"` + strconv.Itoa(a.key) + `"}}`
	put := fmt.Sprintf(`{"TableName":"tab","Item":{"pk":{"S":"%d"},"n":{"N":"%d"}}`, a.key, a.number)
	switch a.kind {
	case "get":
		got := w.ok(t, "GetItem", key+`}`)
		return outcome{number: got.Item.number()}
	case "put":
		got := w.ok(t, "PutItem", put+`,"ReturnValues":"ALL_OLD"}`)
		return outcome{number: got.Attributes.number()}
	case "create":
		_, refused := w.try(t, "PutItem", put+`,"ConditionExpression":"attribute_not_exists(pk)"}`)
		return outcome{refused: refused != ""}
	case "add":
		got := w.ok(t, "UpdateItem", fmt.Sprintf(`%s,"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"%d"}},"ReturnValues":"UPDATED_NEW"}`, key, a.number))
		return outcome{number: got.Attributes.number()}
	case "delete":
		got := w.ok(t, "DeleteItem", key+`,"ReturnValues":"ALL_OLD"}`)
		return outcome{number: got.Attributes.number()}
	case "move":
		_, refused := w.try(t, "TransactWriteItems", transfer(a.key, a.to, a.number))
		return outcome{refused: refused != ""}
	default:
		got := w.ok(t, "Scan", `{"TableName":"tab"}`)
		out := outcome{all: empty}
		for i := range got.Items {
			at, err := strconv.Atoi(got.Items[i].PK.S)
			if err != nil {
				t.Error(err)
			}
			out.all[at] = got.Items[i].number()
		}
		return out
	}
}

var empty = state{absent, absent, absent}

// items is what one client would see.
var items = porcupine.Model{
	Init: func() any { return empty },
	Step: func(was, input, output any) (bool, any) {
		s, a, out := was.(state), input.(act), output.(outcome)
		now := s
		want := outcome{number: s[a.key]}
		switch a.kind {
		case "put":
			now[a.key] = a.number
		case "create":
			if want = (outcome{refused: s[a.key] != absent}); !want.refused {
				now[a.key] = a.number
			}
		case "add":
			now[a.key] = max(s[a.key], 0) + a.number
			want.number = now[a.key]
		case "delete":
			now[a.key] = absent
		case "move":
			if want = (outcome{refused: s[a.key] < a.number || s[a.to] == absent}); !want.refused {
				now[a.key] -= a.number
				now[a.to] += a.number
			}
		case "all":
			want = outcome{all: s}
		}
		return out == want, now
	},
}
