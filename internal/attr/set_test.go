package attr

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// setOf returns the set of members, and whether there are any.
func setOf(t *testing.T, kind Kind, members map[string]bool) Value {
	t.Helper()
	if len(members) == 0 {
		return nil
	}
	json := `{"` + kind.String() + `":[`
	for i, m := range slices.Collect(maps.Keys(members)) {
		if i > 0 {
			json += ","
		}
		json += `"` + m + `"`
	}
	return parse(t, json+`]}`)
}

// Sets of few members out of few are every sort of pair there is.
func TestUnionAndSubtractAreThoseOfSets(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, kind := range []Kind{SS, NS, BS} {
		some := func() map[string]bool {
			set := map[string]bool{}
			for range 1 + r.IntN(5) {
				n := r.IntN(8)
				set[map[Kind]string{SS: []string{"", "a", "aa", "b", "é", "~", "a b", "z"}[n], NS: strconv.Itoa(n*7 - 20), BS: []string{"", "AA==", "AAE=", "/w==", "gA==", "AAA=", "QUE=", "Zg=="}[n]}[kind]] = true
			}
			return set
		}
		for range 2000 {
			v, w := some(), some()
			union, rest := maps.Clone(v), map[string]bool{}
			maps.Copy(union, w)
			for m := range v {
				if !w[m] {
					rest[m] = true
				}
			}
			a, b := setOf(t, kind, v), setOf(t, kind, w)
			if got, want := Union(a, b), setOf(t, kind, union); !got.Equal(want) || got.Check() != nil {
				t.Fatalf("%v and %v are %v, want %v", a, b, got, want)
			}
			if got, want := Subtract(a, b), setOf(t, kind, rest); !got.Equal(want) {
				t.Fatalf("%v less %v is %v, want %v", a, b, got, want)
			}
		}
	}
}

// Sets of 300 KB may have 100 000 members; a client may send as many to be added
// or taken away.
func TestUnionAndSubtractCompareEachMemberOnce(t *testing.T) {
	const n = 100_000
	var even, odd []Value
	for i := range n {
		even, odd = append(even, Value(fmt.Sprintf("%06d", 2*i))), append(odd, Value(fmt.Sprintf("%06d", 2*i+1)))
	}
	v, w := rawSet(even), rawSet(odd)
	all := Union(v, w)
	if all.Len() != 2*n || all.Check() != nil {
		t.Errorf("%d members: %v", all.Len(), all.Check())
	}
	if !Subtract(all, w).Equal(v) {
		t.Error("what was added is not what was taken away")
	}
	if got := Union(all, v); &got[0] != &all[0] {
		t.Error("a union that adds nothing should be the set itself")
	}
	if got := Subtract(v, w); &got[0] != &v[0] {
		t.Error("a set less what it has not should be the set itself")
	}
	if most := testing.AllocsPerRun(1, func() { Union(v, w) }); most > 3 {
		t.Errorf("%v allocations", most)
	}
}

// rawSet returns a string set of members in order.
func rawSet(members []Value) Value {
	v := NewList(members)
	v[0] = byte(SS)
	return v
}
