package expr

import (
	"strings"
	"testing"

	"github.com/statordb/stator/internal/attr"
)

// benchItem has 13 attributes and 1 KB.
func benchItem(t testing.TB) attr.Item {
	return item(t, `{"pk":{"S":"customer#00001234"},"sk":{"S":"order#2026-11-02#000042"},"status1":{"S":"shipped"},"amount":{"N":"129.95"},"n":{"N":"41"},"active":{"BOOL":true},"created":{"S":"2026-11-02T10:11:12Z"},"email":{"S":"someone@example.com"},"tags":{"SS":["a","b","c"]},"address":{"M":{"street":{"S":"Main Street 1"},"city":{"S":"Springfield"},"zip":{"S":"12345"}}},"items1":{"L":[{"M":{"sku":{"S":"A-1"},"qty":{"N":"2"}}},{"M":{"sku":{"S":"B-2"},"qty":{"N":"1"}}}]},"note":{"S":"`+strings.Repeat("n", 600)+`"},"version":{"N":"7"}}`)
}

var benchNames = map[string]string{"#n": "n", "#s": "status1", "#v": "version", "#c": "city"}

func benchValues(t testing.TB) attr.Item {
	return item(t, `{":v":{"S":"value"},":one":{"N":"1"},":s":{"S":"shipped"},":ver":{"N":"7"}}`)
}

func benchCondition(t testing.TB, src string) *Condition {
	c, err := NewBinder(benchNames, benchValues(t)).Condition(ConditionExpression, src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func benchUpdate(t testing.TB, src string) *Update {
	u, err := NewBinder(benchNames, benchValues(t)).Update(src)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func benchProjection(t testing.TB, src string) *Projection {
	p, err := NewBinder(benchNames, benchValues(t)).Projection(src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAllocations(t *testing.T) {
	it, names, values := benchItem(t), benchNames, benchValues(t)
	two := benchCondition(t, "#s = :s AND #v >= :ver")
	nested := benchCondition(t, "attribute_exists(address.#c) AND begins_with(pk, :v) OR contains(tags, :s)")
	set := benchUpdate(t, "SET a = :v ADD #n :one")
	top := benchProjection(t, "pk, sk, amount")
	for _, c := range []struct {
		name string
		most float64
		fn   func()
	}{
		{"Matches", 0, func() { two.Matches(it) }},
		{"Matches, nested", 0, func() { nested.Matches(it) }},
		{"Update.Apply", 4, func() { _, _ = set.Apply(it, nil) }},
		{"Projection.Apply", 1, func() { top.Apply(it) }},
		{"Binder.Condition", 4, func() { _, _ = NewBinder(names, values).Condition(ConditionExpression, "#s = :s AND #v >= :ver") }},
		{"Binder.Update", 5, func() { _, _ = NewBinder(names, values).Update("SET a = :v ADD #n :one") }},
		{"Binder.Projection", 4, func() { _, _ = NewBinder(names, values).Projection("pk, sk, amount") }},
	} {
		if got := testing.AllocsPerRun(100, c.fn); got > c.most {
			t.Errorf("%s allocates %v times, not %v", c.name, got, c.most)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	it := benchItem(b)
	for name, src := range map[string]string{
		"two":    "#s = :s AND #v >= :ver",
		"nested": "attribute_exists(address.#c) AND begins_with(pk, :v) OR contains(tags, :s)",
		"absent": "attribute_not_exists(pk2)",
	} {
		c := benchCondition(b, src)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Matches(it)
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	it := benchItem(b)
	for name, src := range map[string]string{
		"two":    "SET a = :v ADD #n :one",
		"nested": "SET address.#c = :v, items1[1].qty = :one REMOVE note",
	} {
		u := benchUpdate(b, src)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = u.Apply(it, nil)
			}
		})
	}
}

func BenchmarkProject(b *testing.B) {
	it := benchItem(b)
	for name, src := range map[string]string{
		"top":    "pk, sk, amount",
		"nested": "pk, address.#c, items1[0].sku",
	} {
		p := benchProjection(b, src)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Apply(it)
			}
		})
	}
}

func BenchmarkBind(b *testing.B) {
	values := benchValues(b)
	b.Run("condition", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = NewBinder(benchNames, values).Condition(ConditionExpression, "#s = :s AND #v >= :ver")
		}
	})
	b.Run("update", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = NewBinder(benchNames, values).Update("SET a = :v ADD #n :one")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = parseCondition("#s = :s AND #v >= :ver")
	}
}

// The most branches an update can have, added in the worst order.
func BenchmarkBindWorst(b *testing.B) {
	src := "REMOVE " + repeat("b%d", ",", 700)
	for b.Loop() {
		_, _ = NewBinder(nil, nil).Update(src)
	}
}
