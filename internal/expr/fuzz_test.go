package expr

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/attr"
)

// seed adds the sources of the text tests that begin with one of the commands.
func seed(f *testing.F, file string, commands ...string) {
	f.Helper()
	text, err := os.Open("testdata/" + file)
	if err != nil {
		f.Fatal(err)
	}
	defer text.Close()
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		input, _, ok := cutOutcome(lines.Text())
		command, src, _ := strings.Cut(input, " ")
		for _, c := range commands {
			if ok && command == c {
				f.Add(src)
			}
		}
	}
}

// fuzzWorld is what the fuzz tests bind and evaluate with.
func fuzzWorld(f *testing.F) (names map[string]string, values, old attr.Item) {
	names = map[string]string{"#a": "a", "#m": "m", "#n": "name"}
	values = item(f, `{":n":{"N":"5"},":n2":{"N":"9"},":s":{"S":"x"},":s2":{"S":"S"},":b":{"BOOL":true},":l":{"L":[{"N":"1"}]},":m":{"M":{"a":{"S":"b"}}},":ss":{"SS":["a"]},":ns":{"NS":["1"]},":bin":{"B":"eA=="},":null":{"NULL":true}}`)
	old = item(f, `{"a":{"N":"1"},"b":{"S":"x"},"c":{"B":"eA=="},"l":{"L":[{"N":"1"},{"M":{"a":{"S":"y"}}},{"L":[]}]},"m":{"M":{"a":{"S":"y"},"n":{"N":"1"},"m":{"M":{}}}},"n":{"N":"7"},"name":{"NULL":true},"s":{"S":"x"},"ss":{"SS":["a","b"]}}`)
	return names, values, old
}

// roundTrip checks that what is parsed and printed is parsed to the same.
func roundTrip(t *testing.T, parse func(string) (*tree, error), src string) (ok bool) {
	if len(src) > maxSize {
		return false
	}
	parsed, err := parse(src)
	if err != nil {
		if p := problem(""); !errors.As(err, &p) || p == "" {
			t.Errorf("%q: %v", src, err)
		}
		return false
	}
	printed := parsed.String()
	again, err := parse(printed)
	if err != nil {
		t.Fatalf("%q is printed as %q: %v", src, printed, err)
	}
	if again.String() != printed || again.operators != parsed.operators {
		t.Errorf("%q is printed as %q and then %q", src, printed, again)
	}
	return true
}

func FuzzCondition(f *testing.F) {
	seed(f, "condition.txt", "condition", "filter")
	seed(f, "matches.txt", "matches", "attributes")
	names, values, old := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, src string) {
		if !roundTrip(t, parseCondition, src) {
			return
		}
		c, err := NewBinder(names, values).Condition(FilterExpression, src)
		if err != nil {
			return
		}
		c.Matches(nil)
		opposite := &Condition{root: &not{c.root}, env: c.env}
		if c.Matches(old) == opposite.Matches(old) {
			t.Errorf("%q and its opposite are the same", src)
		}
	})
}

func FuzzKeyCondition(f *testing.F) {
	seed(f, "key.txt", "plan")
	seed(f, "plan.txt", "plan")
	names, values, _ := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, src string) {
		if !roundTrip(t, parseCondition, src) {
			return
		}
		k, err := NewBinder(names, values).KeyCondition(src)
		if err != nil {
			return
		}
		plan, err := k.Resolve([]KeyAttr{{"pk", attr.S}}, []KeyAttr{{"sk", attr.S}, {"n", attr.N}})
		if err == nil && (len(plan.Hash) != 1 || plan.Hash[0] == nil || (plan.Op == NoOp) != (plan.Low == nil)) {
			t.Errorf("%q: %v", src, plan)
		}
	})
}

func FuzzUpdate(f *testing.F) {
	seed(f, "update.txt", "update")
	seed(f, "apply.txt", "apply", "changed")
	seed(f, "charge.txt", "charge")
	names, values, old := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, src string) {
		if !roundTrip(t, parseUpdate, src) {
			return
		}
		u, err := NewBinder(names, values).Update(src)
		if err != nil {
			return
		}
		for _, was := range []attr.Item{old, nil} {
			u.Charge(was)
			is, err := u.Apply(was, values)
			if err != nil {
				continue
			}
			if err := is.Check(); err != nil {
				t.Errorf("%q: %v", src, err)
			}
			u.Changed(was)
			u.Changed(is)
		}
	})
}

func FuzzProjection(f *testing.F) {
	seed(f, "projection.txt", "projection")
	seed(f, "project.txt", "project")
	names, values, old := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, src string) {
		if !roundTrip(t, parseProjection, src) {
			return
		}
		p, err := NewBinder(names, values).Projection(src)
		if err != nil {
			return
		}
		part := p.Apply(old)
		if err := part.Check(); err != nil || part.Size() > old.Size() {
			t.Errorf("%q: %v %v", src, part, err)
		}
	})
}
