package e2e

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A writer is a client that knows what its own items are, as nobody else
// writes them: every answer that it gets can be compared.
type writer struct {
	l    *ledger
	name string
	rand *rand.Rand
	last int // distinguishes all that it has ever written

	items    map[place]attrs // those that are there, as acknowledged
	doubts   []*doubt
	doubtful map[place]bool // the items in doubt, which are left alone
}

// ownItems is how many items a writer has in each table, at most.
const ownItems = 16

func newWriter(l *ledger, name string, r *rand.Rand) *writer {
	return &writer{l: l, name: name, rand: r, items: map[place]attrs{}, doubtful: map[place]bool{}}
}

func (w *writer) run(ctx context.Context) {
	for ctx.Err() == nil && !w.l.t.Failed() {
		if !w.act() {
			return
		}
	}
}

// act does one thing. It returns false if there is no server, or nothing
// that could be done.
func (w *writer) act() bool {
	at, ok := w.place()
	if !ok {
		return false
	}
	switch n := w.rand.IntN(100); {
	case n < 15:
		return w.put(at)
	case n < 30:
		return w.update(at)
	case n < 38:
		return w.remove(at)
	case n < 50:
		return w.conditional(at)
	case n < 62:
		return w.count()
	case n < 78:
		return w.transact()
	case n < 86:
		return w.transfer()
	case n < 91:
		return w.batch()
	case n < 96:
		return w.read(at)
	default:
		return w.query(at)
	}
}

// place draws an item that is not in doubt.
func (w *writer) place() (place, bool) {
	for range 100 {
		at := place{lasting[w.rand.IntN(len(lasting))], w.name, fmt.Sprintf("%02d", w.rand.IntN(ownItems))}
		if !w.doubtful[at] {
			return at, true
		}
	}
	return place{}, false
}

// places draws up to n different items that are not in doubt.
func (w *writer) places(n int) (all []place) {
	for range n {
		if at, ok := w.place(); ok && !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	return all
}

// item makes an item that is like none before.
func (w *writer) item(at place) attrs {
	it := at.key()
	maps.Copy(it, w.changes())
	if w.rand.IntN(3) > 0 {
		it["g"] = stringValue(fmt.Sprintf("group %d", w.rand.IntN(4)))
	}
	if w.rand.IntN(3) > 0 {
		it["n"] = numberValue(w.rand.IntN(10))
	}
	size := w.rand.IntN(200)
	switch w.rand.IntN(50) {
	case 0:
		size = w.rand.IntN(60_000)
	case 1, 2, 3:
		size = w.rand.IntN(4_000)
	}
	it["blob"] = stringValue(strings.Repeat(string(rune('a'+w.last%26)), size))
	return it
}

// changes is what every change of an item sets.
func (w *writer) changes() attrs {
	w.last++
	return attrs{"v": numberValue(w.last)}
}

// write sends a request that writes, and takes its outcome down. It returns
// the answer, and false if there is no server.
func (w *writer) write(operation string, request m, d *doubt) (answer, bool) {
	// A request that was begun is always seen to its end.
	a := w.l.ask(context.WithoutCancel(w.l.t.Context()), w.rand, operation, request)
	switch a.fate {
	case done:
		w.l.acts.Add(1)
		w.learnt(d)
		for i, n := range d.adds {
			w.l.counters[i].add(n, 0)
		}
	case unknown:
		w.doubt(d)
	case refused, unsent:
	}
	return a, a.fate != unsent
}

// doubt takes down that a write was not answered.
func (w *writer) doubt(d *doubt) {
	for i, n := range d.adds {
		w.l.counters[i].add(0, n)
	}
	w.doubts = append(w.doubts, d)
	for at := range d.writes {
		w.doubtful[at] = true
	}
	for _, at := range d.looks {
		w.doubtful[at] = true
	}
}

// change sends a write of one item that must be carried out, and checks the
// item that is returned with it.
func (w *writer) change(operation string, request m, at place, it, returned attrs) bool {
	a, ok := w.write(operation, request, &doubt{writes: map[place]attrs{at: it}})
	switch a.fate {
	case refused:
		w.l.find("%s of %s is refused: %v\nacknowledged: %s", operation, at, a, brief(returned))
	case done:
		var out struct{ Attributes attrs }
		w.l.decodes(a.body, &out)
		if !equal(out.Attributes, returned) {
			w.l.find("%s of %s returns %s\nacknowledged: %s", operation, at, brief(out.Attributes), brief(returned))
		}
	case unknown, unsent:
	}
	return ok
}

func (w *writer) put(at place) bool {
	it := w.item(at)
	return w.change("PutItem", m{"TableName": at.table, "Item": it, "ReturnValues": "ALL_OLD"}, at, it, w.items[at])
}

func (w *writer) update(at place) bool {
	it := at.key()
	maps.Copy(it, w.items[at])
	set := w.changes()
	maps.Copy(it, set)
	expression, values := "SET v = :v", m{":v": set["v"]}
	switch w.rand.IntN(3) {
	case 0:
		expression += " REMOVE n"
		delete(it, "n")
	case 1:
		it["g"] = stringValue(fmt.Sprintf("group %d", w.rand.IntN(4)))
		expression, values[":g"] = expression+", g = :g", it["g"]
	}
	return w.change("UpdateItem", m{
		"TableName": at.table, "Key": at.key(), "UpdateExpression": expression,
		"ExpressionAttributeValues": values, "ReturnValues": "ALL_NEW",
	}, at, it, it)
}

func (w *writer) remove(at place) bool {
	return w.change("DeleteItem", m{"TableName": at.table, "Key": at.key(), "ReturnValues": "ALL_OLD"}, at, nil, w.items[at])
}

// guard returns a condition that holds for what is acknowledged of an item, or
// one that does not.
func (w *writer) guard(at place, holds bool) m {
	it := w.items[at]
	if it == nil {
		if holds {
			return m{"ConditionExpression": "attribute_not_exists(pk)"}
		}
		return m{"ConditionExpression": "attribute_exists(pk)"}
	}
	operator := "="
	if !holds {
		operator = "<>"
	}
	return m{"ConditionExpression": "v " + operator + " :is", "ExpressionAttributeValues": m{":is": it["v"]}}
}

// conditional puts an item on a condition.
func (w *writer) conditional(at place) bool {
	it, holds := w.item(at), w.rand.IntN(3) > 0
	request := w.guard(at, holds)
	request["TableName"], request["Item"], request["ReturnValues"] = at.table, it, "ALL_OLD"
	if holds {
		return w.change("PutItem", request, at, it, w.items[at])
	}
	a := w.l.ask(context.WithoutCancel(w.l.t.Context()), w.rand, "PutItem", request)
	if a.fate == done || a.fate == refused && a.code != "ConditionalCheckFailedException" {
		w.l.find("PutItem of %s with %v: %v\nacknowledged: %s", at, request["ConditionExpression"], a, brief(w.items[at]))
	}
	return a.fate != unsent
}

// count adds to a counter of all writers.
func (w *writer) count() bool {
	i, n := w.rand.IntN(counters), 1+w.rand.IntN(3)
	request := addTo(i, n)
	request["ReturnValues"] = "UPDATED_NEW"
	c := &w.l.counters[i]
	c.mu.Lock()
	least := c.sure
	c.mu.Unlock()
	a, ok := w.write("UpdateItem", request, &doubt{adds: map[int]int{i: n}})
	switch a.fate {
	case refused:
		w.l.find("counter %d is not counted: %v", i, a)
	case done:
		var out struct{ Attributes attrs }
		w.l.decodes(a.body, &out)
		if got := numberIn(out.Attributes, "n"); got < least+n {
			w.l.find("counter %d becomes %d by an addition of %d, when %d had been acknowledged", i, got, n, least)
		}
	case unknown, unsent:
	}
	return ok
}

func addTo(counter, n int) m {
	at := counterPlace(counter)
	return m{
		"TableName": at.table, "Key": at.key(), "UpdateExpression": "ADD n :n",
		"ExpressionAttributeValues": m{":n": numberValue(n)},
	}
}

// transact changes several items, and a counter, in one transaction.
func (w *writer) transact() bool {
	all := w.places(2 + w.rand.IntN(4))
	if len(all) == 0 {
		return false
	}
	d := &doubt{writes: map[place]attrs{}}
	var actions []any
	for i, at := range all {
		// The first is a put, so that one can always tell.
		kind := 0
		if i > 0 {
			kind = w.rand.IntN(4)
		}
		action := w.guard(at, true)
		action["TableName"] = at.table
		switch kind {
		case 0, 1:
			it := w.item(at)
			d.writes[at], action["Item"] = it, it
			actions = append(actions, m{"Put": action})
		case 2:
			d.writes[at], action["Key"] = nil, at.key()
			actions = append(actions, m{"Delete": action})
		default:
			d.looks, action["Key"] = append(d.looks, at), at.key()
			actions = append(actions, m{"ConditionCheck": action})
		}
	}
	if w.rand.IntN(2) == 0 {
		i := w.rand.IntN(counters)
		d.adds = map[int]int{i: 1}
		actions = append(actions, m{"Update": addTo(i, 1)})
	}
	request := m{"TransactItems": actions}
	if w.rand.IntN(2) == 0 {
		w.last++
		request["ClientRequestToken"] = fmt.Sprintf("%s-%d", w.name, w.last)
		d.again = request
	}
	a, ok := w.write("TransactWriteItems", request, d)
	if a.fate == refused && !conflict(a) {
		w.l.find("a transaction is refused: %v\n%v", a, request)
	}
	return ok
}

// conflict tells whether a transaction was refused because of another.
func conflict(a answer) bool {
	text := string(a.body)
	return strings.Contains(text, "TransactionConflict") && !strings.Contains(text, "ConditionalCheckFailed")
}

// transfer moves an amount between two accounts of all writers, if there is as
// much.
func (w *writer) transfer() bool {
	from := w.rand.IntN(accounts)
	to := (from + 1 + w.rand.IntN(accounts-1)) % accounts
	amount := m{":n": numberValue(1 + w.rand.IntN(deposit/2))}
	move := func(at place, update, condition string) m {
		return m{"Update": m{
			"TableName": at.table, "Key": at.key(), "UpdateExpression": update,
			"ConditionExpression": condition, "ExpressionAttributeValues": amount,
		}}
	}
	a, ok := w.write("TransactWriteItems", m{"TransactItems": []any{
		move(accountPlace(from), "SET balance = balance - :n", "balance >= :n"),
		move(accountPlace(to), "SET balance = balance + :n", "attribute_exists(balance)"),
	}}, &doubt{})
	if a.fate == refused && !conflict(a) && !strings.Contains(string(a.body), "[ConditionalCheckFailed, None]") {
		w.l.find("a transfer is refused: %v", a)
	}
	return ok
}

// batch writes several items at once: stator does it in one commit.
func (w *writer) batch() bool {
	d := &doubt{writes: map[place]attrs{}}
	requests := map[string][]any{}
	for _, at := range w.places(2 + w.rand.IntN(8)) {
		if w.rand.IntN(4) == 0 {
			d.writes[at] = nil
			requests[at.table] = append(requests[at.table], m{"DeleteRequest": m{"Key": at.key()}})
			continue
		}
		it := w.item(at)
		d.writes[at] = it
		requests[at.table] = append(requests[at.table], m{"PutRequest": m{"Item": it}})
	}
	a, ok := w.write("BatchWriteItem", m{"RequestItems": requests}, d)
	if a.fate == refused || a.fate == done && !strings.Contains(string(a.body), `"UnprocessedItems":{}`) {
		w.l.find("a batch is not carried out: %v", a)
	}
	return ok
}

func (w *writer) read(at place) bool {
	a := w.l.ask(context.WithoutCancel(w.l.t.Context()), w.rand, "GetItem", m{"TableName": at.table, "Key": at.key(), "ConsistentRead": true})
	switch a.fate {
	case refused:
		w.l.find("GetItem of %s is refused: %v", at, a)
	case done:
		var out struct{ Item attrs }
		w.l.decodes(a.body, &out)
		if !equal(out.Item, w.items[at]) {
			w.l.find("GetItem finds %s\nacknowledged: %s", brief(out.Item), brief(w.items[at]))
		}
	case unknown, unsent:
	}
	return a.fate != unsent
}

// query reads all of the writer's items in a table.
func (w *writer) query(at place) bool {
	a := w.l.ask(context.WithoutCancel(w.l.t.Context()), w.rand, "Query", m{
		"TableName": at.table, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
		"ExpressionAttributeValues": m{":pk": stringValue(w.name)},
	})
	if a.fate != done {
		if a.fate == refused {
			w.l.find("Query is refused: %v", a)
		}
		return a.fate != unsent
	}
	var out struct {
		Items            []attrs
		LastEvaluatedKey attrs
	}
	w.l.decodes(a.body, &out)
	if out.LastEvaluatedKey != nil {
		return true // the items are large just now
	}
	got := map[place]attrs{}
	for _, it := range out.Items {
		got[placeOf(at.table, it)] = it
	}
	for i := range ownItems {
		at.sk = fmt.Sprintf("%02d", i)
		if !w.doubtful[at] && !equal(got[at], w.items[at]) {
			w.l.find("Query finds %s\nacknowledged: %s", brief(got[at]), brief(w.items[at]))
		}
	}
	return true
}
