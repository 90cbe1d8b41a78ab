package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A fakeServer refuses requests that have one of some texts in them, in order.
type fakeServer []string

func (s fakeServer) answer(r request) answer {
	for _, fault := range s {
		if strings.Contains(r.String(), fault) {
			return answer{status: 400, kind: "ValidationException", message: "told of " + fault}
		}
	}
	return answer{status: 200}
}

func TestOrderIsADifferenceOnlyIfBothKnowBoth(t *testing.T) {
	for _, c := range []struct {
		name               string
		stator, one, other fakeServer
		kind, least        string
	}{
		{
			"order",
			fakeServer{"bad", "wrong"},
			fakeServer{"wrong", "bad"},
			fakeServer{"wrong", "bad"},
			"Query order | stator: told of bad | others: told of wrong", `{"List":["bad"],"Other":"wrong"}`,
		},
		{"one of them knows both", fakeServer{"bad", "wrong"}, fakeServer{"wrong", "bad"}, fakeServer{"wrong"}, "Query order | stator: told of bad | others: told of wrong", `{"List":["bad"],"Other":"wrong"}`},
		{"unknown to the others", fakeServer{"bad", "wrong"}, fakeServer{"wrong"}, fakeServer{"wrong"}, "Query more | stator: told of bad | others: told of wrong", ""},
		{"unknown to stator", fakeServer{"bad"}, fakeServer{"wrong", "bad"}, fakeServer{"wrong", "bad"}, "", ""},
		{"accepted by stator", fakeServer{}, fakeServer{"wrong", "bad"}, fakeServer{"wrong", "bad"}, "", ""},
	} {
		ask := func(r request) ([]answer, error) {
			return []answer{c.stator.answer(r), c.one.answer(r), c.other.answer(r)}, nil
		}
		r := request{"Query", object{"List": []any{"good", "bad"}, "Other": "wrong", "Fine": object{"a": "b"}}}
		answers, _ := ask(r)
		kind, least, err := order(ask, r, answers)
		if err != nil || kind != c.kind {
			t.Errorf("%s: %q, %v", c.name, kind, err)
		}
		if c.least != "" && text(least.body) != c.least {
			t.Errorf("%s: %s", c.name, least)
		}
	}
}

func TestARequestRefusedInPartsIsRefused(t *testing.T) {
	part := func(codes string) answer { return answer{status: 200, codes: codes} }
	for _, c := range []struct {
		answers []answer
		want    bool
	}{
		{[]answer{{status: 400}, {status: 400}}, true},
		{[]answer{{status: 400}, {status: 200}}, false},
		{[]answer{{status: 500}, {status: 500}}, false},
		{[]answer{part("None X "), part("None Y ")}, true},
		{[]answer{part("None X "), part("X None ")}, false},
		{[]answer{part("None "), part("None ")}, false},
	} {
		if got := refused(c.answers); got != c.want {
			t.Errorf("%v: %v", c.answers, got)
		}
	}
}

func TestCutsTakeWithThemWhatTheyNeed(t *testing.T) {
	for _, c := range []struct {
		body object
		want string
	}{
		{
			object{"FilterExpression": "a = :a AND #b = :b", "ExpressionAttributeNames": object{"#b": "b"}, "ExpressionAttributeValues": object{":a": object{"S": "x"}, ":b": object{"S": "y"}}},
			`{"ExpressionAttributeValues":{":a":{"S":"x"}},"FilterExpression":"a = :a"}`,
		},
		{
			object{"FilterExpression": "a = :a", "ExpressionAttributeNames": object{"#unused": "b"}, "ExpressionAttributeValues": object{":a": object{"S": "x"}}},
			`{"ExpressionAttributeNames":{"#unused":"b"}}`,
		},
		{
			object{"Statement": "SELECT * FROM t WHERE a = ? AND b = ? AND c = ?", "Parameters": []any{1, 2, 3}},
			`{"Parameters":[1,3],"Statement":"SELECT * FROM t WHERE a = ? AND c = ?"}`,
		},
		{
			object{"Statement": "INSERT INTO t VALUE {'a': 1, 'b': ?}", "Parameters": []any{object{"N": "5"}}},
			`{"Statement":"INSERT INTO t VALUE {'a': 1}"}`,
		},
		{
			object{"Item": object{"a": object{"N": "x"}}},
			`{"Item":{"a":{"N":"1"}}}`,
		},
	} {
		before := text(c.body)
		all := cuts(request{"Any", c.body})
		if !slices.ContainsFunc(all, func(r request) bool { return text(r.body) == c.want }) {
			t.Errorf("%s: no %s in %v", before, c.want, all)
		}
		if text(c.body) != before {
			t.Errorf("%s was changed", before)
		}
	}
}

func TestPartsOfWords(t *testing.T) {
	sections := "SET a = 1, b = 2 REMOVE c"
	for _, want := range []string{"SET b = 2 REMOVE c", "REMOVE c", "SET a = 1, b = 2", "SET a = 1 REMOVE c"} {
		if !slices.ContainsFunc(partsOf(sections), func(p part) bool { return sections[:p.from]+sections[p.to:] == want }) {
			t.Errorf("no %q", want)
		}
	}
	if got := partsOf("a"); got != nil {
		t.Error(got)
	}
	var without []string
	for _, p := range partsOf("(a AND b)") {
		without = append(without, "(a AND b)"[:p.from]+"(a AND b)"[p.to:])
	}
	if want := []string{"(a", "b)", "AND b)", "(a", "(b)", "(a)"}; !reflect.DeepEqual(without, want) {
		t.Errorf("%q", without)
	}
}
