package dynamodb_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/kv/memkv"
)

// list writes n things, with commas between them.
func list(n int, format string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// nest writes x with n of open and close around it.
func nest(n int, open, x, end string) string {
	return strings.Repeat(open, n) + x + strings.Repeat(end, n)
}

// Requests that are made to be slow are answered in a time and a memory that is
// in proportion to their length, and with what the service says of them.
func TestHostileRequests(t *testing.T) {
	const (
		validation = "400 ValidationException: "
		nesting    = "Nesting Levels have exceeded supported limits"
		put        = `{"TableName":"tab","Item":{"pk":{"S":"a"},`
		key        = `{"TableName":"tab","Key":{"pk":{"S":"a"}},`
	)
	w := newWorld(memkv.Open(), dynamodb.Config{})
	w.ok(t, "CreateTable", tableRequest(t, "tab pk:S"))
	w.ok(t, "CreateTable", tableRequest(t, "comp pk:S sk:S"))
	evens, odds := list(50_000, `"%06d0"`), list(50_000, `"%06d1"`)
	long := strings.Repeat("a", 5<<20)
	huge := 15 << 20
	for _, c := range []struct{ name, operation, body, want string }{
		{"deep lists", "PutItem", put + `"v":` + nest(4000, `{"L":[`, `{"S":"x"}`, `]}`) + `}}`, validation + nesting},
		{"deep maps", "PutItem", put + `"v":` + nest(4000, `{"M":{"a":`, `{"S":"x"}`, `}}`) + `}}`, validation + nesting},
		{"deeper than a reader goes", "PutItem", put + `"v":` + nest(1_000_000, `{"L":[`, `{"S":"x"}`, `]}`) + `}}`, "400 SerializationException"},
		{"deep and unknown", "PutItem", `{"Unknown":` + nest(1_000_000, `[`, `1`, `]`) + `}`, "400 SerializationException"},
		{"deep and unclosed", "PutItem", put + `"v":` + strings.Repeat(`{"L":[`, 1_000_000), "400 SerializationException"},
		{"many deep", "PutItem", put + `"v":{"L":[` + list(10_000, nest(40, `{"L":[`, `{"N":"%d"}`, `]}`)) + `]}}}`, validation},

		{"a long condition", "PutItem", put + `"v":{"S":"x"}},"ConditionExpression":"` + long + `"}`, validation + "1 validation error detected: Invalid ConditionExpression: Expression size has exceeded"},
		{"a long update", "UpdateItem", key + `"UpdateExpression":"` + long + `"}`, validation + "1 validation error detected: Invalid UpdateExpression: Expression size has exceeded"},
		{"a long projection", "GetItem", key + `"ProjectionExpression":"` + long + `"}`, validation + "Invalid ProjectionExpression: Expression size has exceeded"},
		{"a long filter", "Scan", `{"TableName":"tab","FilterExpression":"` + long + `"}`, validation + "Invalid FilterExpression: Expression size has exceeded"},
		{"many parentheses", "PutItem", put + `"v":{"S":"x"}},"ConditionExpression":"` + nest(2000, "(", "a=b", ")") + `"}`, validation},
		{"many negations", "PutItem", put + `"v":{"S":"x"}},"ConditionExpression":"` + strings.Repeat("NOT ", 1000) + `a=b"}`, validation},
		{"many indexes", "GetItem", key + `"ProjectionExpression":"a` + strings.Repeat("[0]", 1300) + `"}`, validation},

		{"not UTF-8", "PutItem", put + "\"v\":{\"S\":\"\xff\"}}}", "400 SerializationException"},
		{"not UTF-8 in a name", "PutItem", put + "\"\xc3\":{\"S\":\"x\"}}}", "400 SerializationException"},
		{"not UTF-8 in what is ignored", "PutItem", "{\"Unknown\":\"\xed\xa0\x80\"}", "400 SerializationException"},

		{"many members", "PutItem", put + `"v":{"SS":[` + evens + `]}}}`, "200 {}"},
		{"many members more", "UpdateItem", key + `"UpdateExpression":"ADD v :v","ExpressionAttributeValues":{":v":{"SS":[` + odds + `]}}}`, validation + "Item size to update"},
		{"many members less", "UpdateItem", key + `"UpdateExpression":"DELETE v :v","ExpressionAttributeValues":{":v":{"SS":[` + odds + `]}}}`, "200 {}"},
		{"many members of a legacy update", "UpdateItem", key + `"AttributeUpdates":{"v":{"Action":"DELETE","Value":{"SS":[` + odds + `]}}}}`, "200 {}"},
		{"many numbers", "PutItem", put + `"v":{"NS":[` + list(100_000, `"%d"`) + `]}}}`, "200 {}"},
		{"many numbers backwards, one of them twice", "PutItem", put + `"v":{"NS":[` + list(500_000, `"-%d"`) + `,"-0.0"]}}}`, validation},
		{"many members, one of them twice", "PutItem", put + `"v":{"SS":[` + evens + `,` + evens + `]}}}`, validation},
		{"many members, one of them twice, in a batch", "BatchWriteItem", `{"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"b"},"v":{"BS":[` + list(500_000, `"%08d"`) + `,"00000000"]}}}}]}}`, validation},

		{"many values", "PutItem", put + `"v":{"S":"x"}},"ConditionExpression":"a = :v1","ExpressionAttributeValues":{` + list(200_000, `":v%d":{"S":"x"}`) + `}}`, validation},
		{"many names", "PutItem", put + `"v":{"S":"x"}},"ConditionExpression":"#n1 = b","ExpressionAttributeNames":{` + list(200_000, `"#n%d":"a%[1]d"`) + `}}`, validation},
		{"many names for one attribute", "GetItem", key + `"ProjectionExpression":"#n1","ExpressionAttributeNames":{` + list(200_000, `"#n%d":"a"`) + `}}`, validation},

		{"many attributes", "PutItem", put + list(400_000, `"a%d":{"NULL":true}`) + `}}`, validation + "Item size has exceeded"},
		{"one attribute, many times", "PutItem", put + strings.Repeat(`"a":{"S":"x"},`, 500_000) + `"b":{"S":"x"}}}`, "200 {}"},
		{"many updates", "UpdateItem", key + `"AttributeUpdates":{` + list(30_000, `"u%d":{"Value":{"S":"x"}}`) + `}}`, "200 {}"},
		{"many that are expected", "PutItem", put + `"v":{"S":"x"}},"Expected":{` + list(200_000, `"z%d":{"Exists":false}`) + `}}`, "200 {}"},
		{"many filters", "Scan", `{"TableName":"tab","ScanFilter":{` + list(200_000, `"z%d":{"ComparisonOperator":"NULL"}`) + `}}`, "200 "},
		{"many key conditions", "Query", `{"TableName":"comp","KeyConditions":{` + list(200_000, `"e%d":{"ComparisonOperator":"NULL"}`) + `}}`, validation},
		{"many tables", "BatchGetItem", `{"RequestItems":{` + list(100_000, `"tab%d":{"Keys":[{"pk":{"S":"x"}}]}`) + `}}`, validation},
		{"many actions", "TransactWriteItems", `{"TransactItems":[` + list(100_000, `{"Delete":{"TableName":"tab","Key":{"pk":{"S":"%d"}}}}`) + `]}`, validation},
		{"many writes", "BatchWriteItem", `{"RequestItems":{"tab":[` + list(100_000, `{"DeleteRequest":{"Key":{"pk":{"S":"%d"}}}}`) + `]}}`, validation},
		{"much to repeat", "BatchWriteItem", `{"RequestItems":{"bad!":[{"PutRequest":{"Item":{"pk":{"L":[` + list(100_000, `{"N":"%d"}`) + `]}}}}]}}`, validation},

		{"a huge string", "PutItem", put + `"v":{"S":"` + strings.Repeat("x", huge) + `"}}}`, validation + "Item size has exceeded"},
		{"a huge binary", "PutItem", put + `"v":{"B":"` + strings.Repeat("AAAA", huge/4) + `"}}}`, validation + "Item size has exceeded"},
		{"a huge number", "PutItem", put + `"v":{"N":"` + strings.Repeat("1", huge) + `"}}}`, validation},
		{"a huge number of zeros", "PutItem", put + `"v":{"N":"` + strings.Repeat("0", huge) + `"}}}`, "200 {}"},
		{"a huge exponent", "PutItem", put + `"v":{"N":"1e` + strings.Repeat("1", huge) + `"}}}`, validation},
		{"a huge name", "PutItem", put + `"` + strings.Repeat("x", huge) + `":{"S":""}}}`, validation + "Item size has exceeded"},
		{"a huge table name", "GetItem", `{"TableName":"` + strings.Repeat("x", huge) + `","Key":{}}`, validation},
		{"a huge key", "GetItem", `{"TableName":"tab","Key":{"pk":{"S":"` + strings.Repeat("x", huge) + `"}}}`, validation},
		{"a huge token", "TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"tab","Key":{"pk":{"S":"a"}}}}],"ClientRequestToken":"` + strings.Repeat("x", huge) + `"}`, validation},
		{"a huge operator", "PutItem", put + `"v":{"S":"x"}},"Expected":{"a":{"ComparisonOperator":"` + strings.Repeat("x", huge) + `"}}}`, validation},
		{"huge white space", "PutItem", put + `"v":{"S":"x"}}` + strings.Repeat(" ", huge) + `}`, "200 {}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			answer := w.do(c.operation, c.body)
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			if !strings.HasPrefix(answer, c.want) {
				t.Errorf("%.300s", answer)
			}
			// All take milliseconds. What grows with the square of a request
			// takes minutes, or gigabytes.
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if spent, most := after.TotalAlloc-before.TotalAlloc, uint64(300*len(c.body)+4<<20); spent > most {
				t.Errorf("allocated %d bytes for a request of %d", spent, len(c.body))
			}
		})
	}
}
