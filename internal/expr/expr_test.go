package expr

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/statordb/stator/internal/attr"
)

func item(t testing.TB, json string) attr.Item {
	t.Helper()
	i, err := attr.ParseItem(json)
	if err != nil {
		t.Fatal(json, err)
	}
	return i
}

// errorOf binds src as kind, with the value :n and nothing else.
func errorOf(t testing.TB, kind Kind, src string) string {
	b := NewBinder(nil, item(t, `{":n":{"N":"1"}}`))
	var err error
	switch kind {
	case UpdateExpression:
		_, err = b.Update(src)
	case ProjectionExpression:
		_, err = b.Projection(src)
	case KeyConditionExpression:
		_, err = b.KeyCondition(src)
	default:
		_, err = b.Condition(kind, src)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// repeat returns part n times with sep between; %d in part counts.
func repeat(part, sep string, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(part, "%d", fmt.Sprint(i))
	}
	return strings.Join(parts, sep)
}

func TestLimits(t *testing.T) {
	const operators = "The expression contains too many operators; operator count: 301"
	long := strings.Repeat("x", 4096)
	deep := "a" + strings.Repeat(".a", 31)
	for _, c := range []struct {
		kind Kind
		src  string
		want string
	}{
		{ConditionExpression, "", "The expression can not be empty;"},
		{FilterExpression, "", "The expression can not be empty;"},
		{UpdateExpression, "", "The expression can not be empty;"},
		{ProjectionExpression, "", "The expression can not be empty;"},
		{KeyConditionExpression, "", "The expression can not be empty;"},
		{ConditionExpression, " ", `Syntax error; token: "<EOF>", near: " "`},
		{UpdateExpression, "  ", `Syntax error; token: "<EOF>", near: "  "`},
		{ConditionExpression, "a = ", `Syntax error; token: "<EOF>", near: "= "`},
		{UpdateExpression, " foo bar", `Syntax error; token: "foo", near: " foo bar"`},
		{UpdateExpression, "REMOVE a, b, ", `Syntax error; token: "<EOF>", near: ", "`},

		{ConditionExpression, "a = " + long[4:], ""},
		{ConditionExpression, "a = " + long, "Expression size has exceeded the maximum allowed size; expression size: 4100"},
		{FilterExpression, "a = " + long, "Expression size has exceeded the maximum allowed size; expression size: 4100"},
		{KeyConditionExpression, "a = " + long, "Expression size has exceeded the maximum allowed size; expression size: 4100"},
		{ProjectionExpression, long, ""},
		{ProjectionExpression, long + "x", "Expression size has exceeded the maximum allowed size; expression size: 4097"},
		{UpdateExpression, "REMOVE " + long[7:], ""},
		{UpdateExpression, "REMOVE " + long, "Expression size has exceeded the maximum allowed size;"},

		{ConditionExpression, repeat("a=:n", " AND ", 150), ""},
		{ConditionExpression, repeat("a=:n", " AND ", 151), operators},
		{ConditionExpression, strings.Repeat("NOT ", 299) + "a=:n", ""},
		{ConditionExpression, strings.Repeat("NOT ", 300) + "a=:n", operators},
		{ConditionExpression, repeat("attribute_exists(a)", " OR ", 151), operators},
		{ConditionExpression, repeat("size(a)=:n", " OR ", 101), operators},
		{ConditionExpression, repeat("a BETWEEN :n AND :n", " OR ", 151), operators},
		{ConditionExpression, "a=:zz AND " + repeat("a=:n", " AND ", 151), "An expression attribute value used in expression is not defined; attribute value: :zz"},
		{UpdateExpression, "SET " + repeat("a%d=n+:n", ",", 300), ""},
		{UpdateExpression, "SET " + repeat("a%d=n+:n", ",", 301), operators},
		{UpdateExpression, "SET " + repeat("a%d=:n", ",", 400), ""},
		{ProjectionExpression, repeat("a%d", ",", 400), ""},

		{ConditionExpression, "a IN (" + repeat(":n", ",", 100) + ")", ""},
		{ConditionExpression, "a IN (" + repeat(":n", ",", 101) + ")", "The IN operator is provided with too many operands; number of operands: 101"},

		{ConditionExpression, "attribute_exists(" + deep + ")", ""},
		{ConditionExpression, "attribute_exists(" + deep + ".a)", "The document path has too many nesting levels; nesting levels: 33"},
		{ProjectionExpression, deep + "[0]", "The document path has too many nesting levels; nesting levels: 33"},
		{UpdateExpression, "REMOVE " + deep + "[0]", "The document path has too many nesting levels; nesting levels: 33"},
		{ConditionExpression, "a[2147483647] = :n", ""},
		{ConditionExpression, "a[2147483648] = :n", "List index is not within the allowable range; index: [2147483648]"},
		{ConditionExpression, "a[99999999999999999999] = :n", "List index is not within the allowable range; index: [99999999999999999999]"},

		{ConditionExpression, strings.Repeat("(", 2000) + "a=:n" + strings.Repeat(")", 2000), "The expression has redundant parentheses;"},
		{ConditionExpression, strings.Repeat("(", 4096), `Syntax error; token: "<EOF>", near: "("`},
		{ConditionExpression, strings.Repeat("a(", 2048), `Syntax error; token: "<EOF>", near: "("`},
	} {
		want := c.want
		if want != "" {
			want = "Invalid " + string(c.kind) + ": " + want
		}
		if got := errorOf(t, c.kind, c.src); got != want {
			t.Errorf("%.60s\n got %s\nwant %s", c.src, got, want)
		}
	}
}

func TestHugeExpressionsAnswerQuickly(t *testing.T) {
	start := time.Now()
	for _, part := range []string{"(", "a=:n AND ", "a.", "NOT ", "x"} {
		src := strings.Repeat(part, 5<<20/len(part))
		for _, kind := range []Kind{ConditionExpression, UpdateExpression, ProjectionExpression, KeyConditionExpression} {
			if errorOf(t, kind, src) == "" {
				t.Errorf("%s of %d bytes is accepted", kind, len(src))
			}
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// Every one of the 573 reserved words is refused, in any case. The eight
// keywords of the grammar are syntax errors.
func TestReservedWords(t *testing.T) {
	words := strings.Fields(reservedWords)
	if len(words) != 573 {
		t.Errorf("%d reserved words", len(words))
	}
	for _, w := range words {
		for _, written := range []string{w, strings.ToLower(w), w[:1] + strings.ToLower(w[1:])} {
			got := errorOf(t, FilterExpression, written+" = :n")
			want := "Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: " + written
			if got != want && !strings.Contains(got, "Syntax error") {
				t.Errorf("%s: %s", written, got)
			}
		}
	}
	if isReserved("pk") || isReserved("reserved") {
		t.Error("pk or reserved is reserved")
	}
}

func TestResultMayNotBeTooDeep(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat(`{"M":{"k":`, depth) + `{"S":"leaf"}` + strings.Repeat("}}", depth)
	}
	values := item(t, `{":v30":`+nested(30)+`,":v31":`+nested(31)+`}`)
	old := item(t, `{"m":{"M":{"k":{"M":{}}}}}`)
	for src, want := range map[string]string{
		"SET a = :v31":     "",
		"SET m.a = :v30":   "",
		"SET m.a = :v31":   attr.Nesting,
		"SET m.k.a = :v30": attr.Nesting,
	} {
		u, err := NewBinder(nil, values).Update(src)
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Apply(old, nil)
		if got := fmt.Sprint(err); got != want && (err != nil || want != "") {
			t.Errorf("%s: %s", src, got)
		}
	}
}

// The placeholders of all expressions of a request count as used.
func TestBinderRemembersAcrossExpressions(t *testing.T) {
	names := map[string]string{"#a": "a", "#b": "b"}
	b := NewBinder(names, item(t, `{":v":{"S":"x"},":w":{"S":"y"}}`))
	if _, err := b.Update("SET #a = :v"); err != nil {
		t.Fatal(err)
	}
	if err := b.Unused(); err == nil {
		t.Fatal("nothing is unused")
	}
	if _, err := b.Condition(ConditionExpression, "#b = :w OR #a = :w"); err != nil {
		t.Fatal(err)
	}
	if err := b.Unused(); err != nil {
		t.Fatal(err)
	}
}

func TestManyPlaceholders(t *testing.T) {
	names, values := map[string]string{}, "{"
	for i := range 300 {
		names[fmt.Sprintf("#n%d", i)] = fmt.Sprintf("a%d", i)
		values += fmt.Sprintf(`":v%d":{"N":"%d"},`, i, i)
	}
	b := NewBinder(names, item(t, strings.TrimSuffix(values, ",")+"}"))
	u, err := b.Update("SET " + repeat("#n%d=:v%d", ",", 299))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := b.Unused().Error(), "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n299}"; got != want {
		t.Error(got)
	}
	after, err := u.Apply(nil, nil)
	if err != nil || after.Len() != 299 || after.Get("a77").String() != `{"N":"77"}` {
		t.Error(after, err)
	}
}

func TestTouched(t *testing.T) {
	names := map[string]string{"#z": "zz"}
	u, err := NewBinder(names, item(t, `{":n":{"N":"1"}}`)).Update("SET #z.a = :n, b[1] = :n REMOVE #z.b ADD a :n")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(u.Touched()); got != "[a b zz]" {
		t.Error(got)
	}
	p, err := NewBinder(names, nil).Projection("#z.a, b[1], #z.b, a")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Attributes()); got != "[a b zz]" {
		t.Error(got)
	}
}

func TestNilConditionHolds(t *testing.T) {
	var c *Condition
	if !c.Matches(nil) || c.Attributes() != nil {
		t.Error("it does not")
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := NewCache(parseProjection)
	for i := range 3 * maxTrees {
		if _, err := c.Get(fmt.Sprintf("a%d", i)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Get("kept"); err != nil { // in use, so it survives
			t.Fatal(err)
		}
	}
	if len(c.young) > maxTrees || len(c.old) > maxTrees || c.young["kept"] == nil {
		t.Errorf("%d young, %d old", len(c.young), len(c.old))
	}
	long := strings.Repeat("x", 4000)
	for i := range 1000 {
		if _, err := c.Get(fmt.Sprintf("%s%d", long, i)); err != nil {
			t.Fatal(err)
		}
		if c.size > maxSource {
			t.Fatalf("%d bytes in one generation", c.size)
		}
	}
	if _, err := c.Get("a b"); err == nil || c.young["a b"] != nil {
		t.Error("an error is kept")
	}
}

func TestCacheIsConcurrent(t *testing.T) {
	c := NewCache(parseProjection)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				src := fmt.Sprintf("a%d", (i*7+g)%500)
				if tree, err := c.Get(src); err != nil || tree.String() != src {
					t.Error(tree, err)
				}
			}
		})
	}
	wg.Wait()
}
