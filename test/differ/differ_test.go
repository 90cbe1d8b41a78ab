package main

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// A seed makes one conversation, whatever was generated before.
func TestASeedMakesOneConversation(t *testing.T) {
	talk := func(seed uint64) (said []string) {
		g := newGenerator(rand.New(rand.NewPCG(seed, 0)), "t")
		for range 200 {
			said = append(said, g.request().String())
		}
		return said
	}
	if !reflect.DeepEqual(talk(1), talk(1)) {
		t.Error("the same seed has made two conversations")
	}
	if reflect.DeepEqual(talk(1), talk(2)) {
		t.Error("two seeds have made the same conversation")
	}
}

func TestBrokenRequestsDiffer(t *testing.T) {
	g := newGenerator(rand.New(rand.NewPCG(1, 0)), "t")
	broken := 0
	for range 500 {
		body := g.put(g.tables[0]).body
		before := text(body)
		after := text(g.breakIt(body))
		if !json.Valid([]byte(after)) {
			t.Fatalf("no JSON: %s", after)
		}
		if text(body) != before {
			t.Fatal("the request itself was changed")
		}
		if after != before {
			broken++
		}
	}
	if broken < 450 {
		t.Errorf("only %d of 500 requests were broken", broken)
	}
}

func TestOnlyWhatIsStatorsAloneIsTold(t *testing.T) {
	ok := func(body string) answer { return answer{status: 200, body: body} }
	failed := func(message string) answer { return answer{status: 400, kind: "ValidationException", message: message} }
	for _, c := range []struct {
		name             string
		stator, one, two answer
		lead             string
		told, sameForAll bool
	}{
		{name: "all the same", stator: ok("a"), one: ok("a"), two: ok("a"), sameForAll: true},
		{name: "another answer", stator: ok("a"), one: ok("b"), two: ok("b"), told: true, sameForAll: true},
		{name: "no agreement", stator: ok("a"), one: ok("b"), two: ok("a"), sameForAll: true},
		{name: "the lead differs", stator: ok("a"), one: ok("b"), two: ok("a"), lead: "one", told: true, sameForAll: true},
		{name: "another message", stator: failed("x"), one: failed("y"), two: failed("y"), told: true, sameForAll: true},
		{name: "another envelope", stator: failed("1 validation error detected: y"), one: failed("y"), two: failed("y"), sameForAll: true},
		{name: "refused by stator", stator: failed("x"), one: ok("a"), two: ok("b"), told: true},
		{name: "one broke down", stator: ok("a"), one: answer{status: 500}, two: ok("b"), told: true},
		{name: "one broke down, the other has other words", stator: failed("x"), one: answer{status: 500}, two: failed("y")},
		{name: "stator broke down", stator: answer{status: 500}, one: answer{status: 500}, two: ok("b"), told: true},
		{name: "known", stator: failed("known thing"), one: ok("a"), two: ok("a")},
	} {
		var out strings.Builder
		all, err := readKnown("why\n\tknown thing\n")
		if err != nil {
			t.Fatal(err)
		}
		d := differ{servers: servers{{name: "stator"}, {name: "one"}, {name: "two"}}, lead: c.lead, known: all, out: &out, found: map[string]int{}}
		for range 2 { // the second time tells nothing new
			same, err := d.compare(t.Context(), 1, []request{{"PutItem", object{}}}, []answer{c.stator, c.one, c.two})
			if same != c.sameForAll || err != nil {
				t.Errorf("%s: same is %v, %v", c.name, same, err)
			}
		}
		if told := d.findings == 1 && strings.Count(out.String(), "PutItem {}") == 1; told != c.told {
			t.Errorf("%s: told %q", c.name, out.String())
		}
	}
}

func TestKnownDifferencesCanBeRead(t *testing.T) {
	if all, err := readKnown(knownText); err != nil || len(all) == 0 {
		t.Errorf("%v, %v", all, err)
	}
}
