package bench

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A workload is one kind of request, sent again and again with other keys.
type workload struct {
	name      string // as --workload says it
	title     string // as tables print it
	operation string
	goal      float64 // of docs/performance.md: server CPU as a multiple of the do-nothing server's
	body      string  // see newTemplate; <table> is the table's name
	check     func(answer) error
}

// Sizes of the workloads' requests.
const (
	pageSize       = 20
	batchWriteSize = 25
	batchGetSize   = 50
	transactSize   = 4
	scanSize       = 500
)

// itemText is an item of about 1 KB and 13 attributes. Its index key follows
// from its key, so that writing it again leaves every index partition as full
// as it was. @ stands for the number of the key.
var itemText = `{` +
	`"pk":{"S":"tenant#<p@>"},` +
	`"sk":{"S":"order#<s@>"},` +
	`"customer":{"S":"customer#<c@>"},` +
	`"placedAt":{"S":"2026-11-05T12:34:56.<p@>Z"},` +
	`"state":{"S":"<state@>"},` +
	`"amount":{"N":"<v@>.25"},` +
	`"quantity":{"N":"3"},` +
	`"paid":{"BOOL":true},` +
	`"labels":{"SS":["<wrap@>","express","insured"]},` +
	`"ratings":{"NS":["1","2.5","<v@>"]},` +
	`"address":{"M":{"street":{"S":"12 Long Meadow Lane"},"city":{"S":"Port Ellen"},"postcode":{"S":"PA42 7DU"},` +
	`"geo":{"M":{"lat":{"N":"55.6306"},"lon":{"N":"-6.1900"}}},"note":{"S":"` + note + `"}}},` +
	`"parts":{"L":[{"M":{"sku":{"S":"A-1001"},"count":{"N":"2"},"price":{"N":"19.99"}}},` +
	`{"M":{"sku":{"S":"B-2002"},"count":{"N":"1"},"price":{"N":"149.50"}}},{"S":"wrapped"},{"NULL":true}]},` +
	`"signature":{"B":"` + signature + `"}}`

var (
	note      = strings.Repeat("Leave it with the neighbour at number 14. ", 8)
	signature = strings.Repeat("c3RhdG9yIGJlbmNo", 14) // 168 bytes
)

// itemFor returns the text of an item with the request's n-th key.
func itemFor(n int) string { return numbered(itemText, n) }

func keyFor(n int) string {
	return numbered(`{"pk":{"S":"tenant#<p@>"},"sk":{"S":"order#<s@>"}}`, n)
}

func numbered(text string, n int) string {
	return strings.ReplaceAll(text, "@", strconv.Itoa(n))
}

// repeated joins what text gives for each of n keys with commas.
func repeated(n int, text func(int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = text(i)
	}
	return strings.Join(parts, ",")
}

// workloads returns all workloads, in the order in which they run and print.
func workloads() []workload {
	return []workload{
		{
			name: "get", title: "GetItem", operation: "GetItem", goal: 2.2,
			body:  `{"TableName":"<table>","Key":` + keyFor(0) + `}`,
			check: answer.isOneItem,
		},
		{
			name: "select", title: "PartiQL SELECT by key", operation: "ExecuteStatement", goal: 2.9, // 1.3 times GetItem's
			body: `{"Statement":"SELECT * FROM \"<table>\" WHERE pk = ? AND sk = ?",` +
				`"Parameters":[{"S":"tenant#<p>"},{"S":"order#<s>"}]}`,
			check: answer.isOneRow,
		},
		{
			name: "put", title: "PutItem", operation: "PutItem", goal: 4,
			body:  `{"TableName":"<table>","Item":` + itemFor(0) + `}`,
			check: answer.isEmpty,
		},
		{
			name: "update", title: "UpdateItem (SET and ADD)", operation: "UpdateItem", goal: 4.5,
			body: `{"TableName":"<table>","Key":` + keyFor(0) + `,` +
				`"UpdateExpression":"SET amount = :amount, address.geo.lat = :lat ADD quantity :one",` +
				`"ExpressionAttributeValues":{":amount":{"N":"<v>.25"},":lat":{"N":"55.<v>"},":one":{"N":"1"}}}`,
			check: answer.isEmpty,
		},
		{
			name: "cput", title: "conditional PutItem", operation: "PutItem", goal: 5,
			body: `{"TableName":"<table>","Item":` + itemFor(0) + `,` +
				`"ConditionExpression":"attribute_exists(pk) AND quantity >= :zero",` +
				`"ExpressionAttributeValues":{":zero":{"N":"0"}}}`,
			check: answer.isEmpty,
		},
		{
			name: "query", title: "Query, 20 items", operation: "Query", goal: 7,
			body: `{"TableName":"<table>","Limit":` + strconv.Itoa(pageSize) + `,` +
				`"KeyConditionExpression":"pk = :pk",` +
				`"ExpressionAttributeValues":{":pk":{"S":"tenant#<p>"}}}`,
			check: counts(pageSize, pageSize),
		},
		{
			name: "query-gsi", title: "Query on the GSI, 20 items, backwards", operation: "Query", goal: 8,
			body: `{"TableName":"<table>","IndexName":"` + indexName + `","Limit":` + strconv.Itoa(pageSize) + `,` +
				`"ScanIndexForward":false,"KeyConditionExpression":"customer = :customer",` +
				`"ExpressionAttributeValues":{":customer":{"S":"customer#<c>"}}}`,
			check: counts(pageSize, pageSize),
		},
		{
			name: "query-filter", title: "Query of 50 with filter and projection", operation: "Query", goal: 13,
			body: `{"TableName":"<table>","KeyConditionExpression":"pk = :pk",` +
				`"FilterExpression":"#state = :state AND quantity > :zero",` +
				`"ProjectionExpression":"pk, sk, amount, address.city, parts[0].sku",` +
				`"ExpressionAttributeNames":{"#state":"state"},` +
				`"ExpressionAttributeValues":{":pk":{"S":"tenant#<p>"},":state":{"S":"SHIPPED"},":zero":{"N":"0"}}}`,
			check: counts(partitionSize/2, partitionSize),
		},
		{
			name: "batch-write", title: "BatchWriteItem, 25", operation: "BatchWriteItem", goal: 40,
			body: `{"RequestItems":{"<table>":[` + repeated(batchWriteSize, func(n int) string {
				return `{"PutRequest":{"Item":` + itemFor(n) + `}}`
			}) + `]}}`,
			check: answer.isAllWritten,
		},
		{
			name: "batch-get", title: "BatchGetItem, 50", operation: "BatchGetItem", goal: 20,
			body:  `{"RequestItems":{"<table>":{"Keys":[` + repeated(batchGetSize, keyFor) + `]}}}`,
			check: answer.isAllRead,
		},
		{
			name: "transact", title: "TransactWriteItems, 4 conditional updates", operation: "TransactWriteItems", goal: 11,
			body: `{"TransactItems":[` + repeated(transactSize, func(n int) string {
				return numbered(`{"Update":{"TableName":"<table>","Key":`+keyFor(n)+`,`+
					`"UpdateExpression":"SET amount = :amount ADD quantity :one",`+
					`"ConditionExpression":"attribute_exists(pk) AND quantity >= :zero",`+
					`"ExpressionAttributeValues":{":amount":{"N":"<v@>.25"},":one":{"N":"1"},":zero":{"N":"0"}}}}`, n)
			}) + `]}`,
			check: answer.isEmpty,
		},
		{
			name: "scan", title: "Scan, 500 with filter", operation: "Scan", goal: 110,
			body: `{"TableName":"<table>","Limit":` + strconv.Itoa(scanSize) + `,` +
				`"FilterExpression":"contains(labels, :label) AND quantity > :zero",` +
				`"ExpressionAttributeValues":{":label":{"S":"gifts"},":zero":{"N":"0"}}}`,
			check: answer.isScanned,
		},
	}
}

// chooseWorkloads returns the workloads that a comma-separated list names;
// "all" names all of them.
func chooseWorkloads(list string) ([]workload, error) {
	all := workloads()
	var chosen []workload
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "all" {
			return all, nil
		}
		i := slices.IndexFunc(all, func(w workload) bool { return w.name == name })
		if i < 0 {
			names := make([]string, len(all))
			for i, w := range all {
				names[i] = w.name
			}
			return nil, fmt.Errorf("no workload called %q; there are %s and all", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// answer is what the checks look at in a response. A check is made of a
// sample of the responses only; it tells a server that does the work from one
// that does not.
type answer struct {
	Item             map[string]json.RawMessage
	Count            int
	ScannedCount     int
	Items            []json.RawMessage
	Responses        map[string][]json.RawMessage
	UnprocessedItems map[string]json.RawMessage
	UnprocessedKeys  map[string]json.RawMessage

	size int
}

func parseAnswer(body []byte) (answer, error) {
	a := answer{size: len(body)}
	err := json.Unmarshal(body, &a)
	return a, err
}

func (a answer) isOneItem() error {
	if len(a.Item) != 13 {
		return fmt.Errorf("an item of %d attributes, not 13", len(a.Item))
	}
	return nil
}

func (a answer) isOneRow() error {
	if len(a.Items) != 1 {
		return fmt.Errorf("%d items, not 1", len(a.Items))
	}
	return nil
}

func (a answer) isEmpty() error {
	if a.size > len(`{}`) {
		return fmt.Errorf("a response of %d bytes, not {}", a.size)
	}
	return nil
}

func counts(count, scanned int) func(answer) error {
	return func(a answer) error {
		if a.Count != count || a.ScannedCount != scanned || len(a.Items) != count {
			return fmt.Errorf("%d items, Count %d, ScannedCount %d; want %d of %d",
				len(a.Items), a.Count, a.ScannedCount, count, scanned)
		}
		return nil
	}
}

func (a answer) isAllWritten() error {
	if n := len(a.UnprocessedItems); n > 0 {
		return fmt.Errorf("unprocessed items in %d tables", n)
	}
	return nil
}

func (a answer) isAllRead() error {
	n := 0
	for _, items := range a.Responses {
		n += len(items)
	}
	if n != batchGetSize || len(a.UnprocessedKeys) > 0 {
		return fmt.Errorf("%d items, unprocessed keys in %d tables; want %d items", n, len(a.UnprocessedKeys), batchGetSize)
	}
	return nil
}

// isScanned leaves open how many items pass the filter: where a scan begins
// is the server's choice.
func (a answer) isScanned() error {
	if a.ScannedCount != scanSize || a.Count == 0 || a.Count == scanSize || len(a.Items) != a.Count {
		return fmt.Errorf("%d items, Count %d, ScannedCount %d; want some of %d", len(a.Items), a.Count, a.ScannedCount, scanSize)
	}
	return nil
}
