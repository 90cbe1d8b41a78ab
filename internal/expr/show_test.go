package expr

import (
	"testing"

	"github.com/statordb/stator/internal/attr"
)

func TestConditionIsShownWithNamesAndValues(t *testing.T) {
	names := map[string]string{"#d": "a.b", "#q": `say "it"`, "#r": "size"}
	values, err := attr.ParseItem(`{":s":{"S":"o'clock"},":n":{"N":"1.5"},":t":{"BOOL":true},":0":{"NULL":true},":b":{"B":"aGk="},":l":{"L":[{"N":"1"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ src, want string }{
		{"#d = :s", `"a.b" = 'o''clock'`},
		{"#q.x[1].#r <> :n", `"say ""it""".x[1].size <> 1.5`},
		{"a < :n AND (b <= :n OR NOT (c > :n AND d >= :n))", "a < 1.5 AND (b <= 1.5 OR NOT (c > 1.5 AND d >= 1.5))"},
		{"a IN (:t, :0) AND size(b) BETWEEN :n AND :n", "a IN (true, null) AND size(b) BETWEEN 1.5 AND 1.5"},
		{"a = :b OR b = :l", `a = {"B":"aGk="} OR b = {"L":[{"N":"1"}]}`},
	} {
		cond, err := NewBinder(names, values).Condition(FilterExpression, c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
		} else if got := cond.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.src, got, c.want)
		}
	}
}

func TestPlanIsShownAsCondition(t *testing.T) {
	one, two := attr.Int(1), attr.Int(2)
	hash, rng := []KeyAttr{{"h", attr.N}}, []KeyAttr{{"r", attr.N}, {"s", attr.N}}
	for want, p := range map[string]Plan{
		"h = 1":                         {Hash: []attr.Value{one}},
		"h IN (1, 2) AND r = 2":         {Hash: []attr.Value{one, two}, Range: []attr.Value{two}},
		"h = 1 AND r < 2":               {Hash: []attr.Value{one}, Op: Less, Low: two},
		"h = 1 AND r <= 2":              {Hash: []attr.Value{one}, Op: LessEqual, Low: two},
		"h = 1 AND r = 1 AND s > 2":     {Hash: []attr.Value{one}, Range: []attr.Value{one}, Op: Greater, Low: two},
		"h = 1 AND r >= 2":              {Hash: []attr.Value{one}, Op: GreaterEqual, Low: two},
		"h = 1 AND r BETWEEN 1 AND 2":   {Hash: []attr.Value{one}, Op: Between, Low: one, High: two},
		"h = 1 AND begins_with(r, 'x')": {Hash: []attr.Value{one}, Op: BeginsWith, Low: attr.String("x")},
	} {
		if got := p.Shown(hash, rng); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
