package fault

import (
	"math"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var get = Request{
	Service: "dynamodb", Region: "eu-west-1", Operation: "GetItem", AccessKey: "AKID",
	Names: func() (tables, indexes []string) { return []string{"t", "u"}, []string{"i"} },
}

// with returns a set of rules.
func with(t *testing.T, random func() float64, rules ...Rule) *Set {
	t.Helper()
	s := New(random)
	if _, err := s.SetRules(rules); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSelectors(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want bool
	}{
		{Rule{}, true},
		{Rule{Service: "dynamodb"}, true},
		{Rule{Service: "dynamodbstreams"}, false},
		{Rule{Service: "s3"}, false},
		{Rule{Region: "eu-west-1"}, true},
		{Rule{Region: "us-east-1"}, false},
		{Rule{Operation: "GetItem"}, true},
		{Rule{Operation: "PutItem"}, false},
		{Rule{AccessKey: "AKID"}, true},
		{Rule{AccessKey: "AKI"}, false},
		{Rule{Table: "t"}, true},
		{Rule{Table: "u"}, true},
		{Rule{Table: "v"}, false},
		{Rule{Index: "i"}, true},
		{Rule{Index: "j"}, false},
		{Rule{Service: "dynamodb", Region: "eu-west-1", Operation: "GetItem", AccessKey: "AKID", Table: "t", Index: "i"}, true},
		{Rule{Service: "dynamodb", Region: "eu-west-1", Operation: "GetItem", AccessKey: "AKID", Table: "t", Index: "j"}, false},
	} {
		_, got := with(t, drawn(t), c.rule).Active().Fails(get)
		if got != c.want {
			t.Errorf("%+v: %v", c.rule, got)
		}
	}
}

// Making out the names of a request is left until a rule asks, and done once.
func TestNamesAreAskedForOnce(t *testing.T) {
	asked := 0
	r := get
	r.Names = func() (tables, indexes []string) { asked++; return nil, nil }
	with(t, nil, Rule{Region: "us-east-1", Table: "t"}, Rule{Operation: "PutItem"}).Active().Fails(r)
	if asked != 0 {
		t.Errorf("asked %d times, though the rules are about others", asked)
	}
	with(t, nil, Rule{Table: "t"}, Rule{Index: "i"}).Active().Fails(r)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		given *Error
		want  Error
	}{
		{nil, Error{503, "ServiceUnavailable", defaultMessage}},
		{&Error{}, Error{503, "ServiceUnavailable", defaultMessage}},
		{&Error{Code: "X"}, Error{503, "X", defaultMessage}},
		{&Error{StatusCode: 400, Code: "ThrottlingException", Message: "slow down"}, Error{400, "ThrottlingException", "slow down"}},
	} {
		got, fails := with(t, nil, Rule{Error: c.given}).Active().Fails(get)
		if !fails || got != c.want {
			t.Errorf("%+v: %+v", c.given, got)
		}
	}
}

// Each rule that applies has a draw of its own, in their order.
func TestTheFirstRuleThatSaysSo(t *testing.T) {
	first, second := Rule{Probability: new(.5), Error: &Error{Code: "First"}}, Rule{Probability: new(.2), Error: &Error{Code: "Second"}}
	a := with(t, drawn(t, .4, .6, .1, .6, .3), first, Rule{Operation: "PutItem"}, Rule{Probability: new(0.)}, second).Active()
	for _, want := range []string{"First", "Second", ""} {
		if got, _ := a.Fails(get); got.Code != want {
			t.Errorf("got %q, want %q", got.Code, want)
		}
	}
}

func TestCountIsOfFailures(t *testing.T) {
	s := with(t, drawn(t, .4, .6, .4), Rule{Probability: new(.5), Count: new(2)})
	for n, want := range []bool{true, false, true, false, false} {
		if _, got := s.Active().Fails(get); got != want {
			t.Errorf("request %d: %v", n, got)
		}
	}
	// It goes on where it was when other rules come and go, and begins anew
	// when it is set again.
	s = with(t, nil, Rule{Count: new(2)})
	s.Active().Fails(get)
	if _, err := s.AddRules([]Rule{{Operation: "PutItem"}}); err != nil {
		t.Fatal(err)
	}
	for n, want := range []bool{true, false} {
		if _, got := s.Active().Fails(get); got != want {
			t.Errorf("after a change, request %d: %v", n, got)
		}
	}
	if _, err := s.SetRules(s.Rules()); err != nil {
		t.Fatal(err)
	}
	if _, got := s.Active().Fails(get); !got {
		t.Error("a rule that was set again does not count anew")
	}
}

func TestCountIsExact(t *testing.T) {
	a := with(t, nil, Rule{Count: new(100)}).Active()
	var all sync.WaitGroup
	var failed atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 100 {
				if _, fails := a.Fails(get); fails {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if failed.Load() != 100 {
		t.Errorf("%d requests failed", failed.Load())
	}
}

func TestChangesOfRules(t *testing.T) {
	a, b, c := Rule{Operation: "A"}, Rule{Operation: "B"}, Rule{Operation: "C"}
	s := New(nil)
	change := func(do func([]Rule) ([]Rule, error), rules, want []Rule) {
		t.Helper()
		got, err := do(rules)
		if err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(s.Rules(), want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	change(s.SetRules, []Rule{a, b, a}, []Rule{a, b, a})
	change(s.AddRules, []Rule{c}, []Rule{a, b, a, c})
	before := s.Active()
	change(s.RemoveRules, []Rule{a, {Operation: "D"}}, []Rule{b, c})
	if _, fails := before.Fails(Request{Operation: "A"}); !fails {
		t.Error("a request that had begun has other faults now")
	}
	// A rule is the same however its defaults are written.
	change(s.RemoveRules, []Rule{{Operation: "B", Probability: new(1.), Error: &Error{StatusCode: 503}}}, []Rule{c})
	change(s.RemoveRules, []Rule{{Operation: "C", Probability: new(.5)}}, []Rule{c})
	change(s.SetRules, nil, []Rule{})
	if s.Active() != nil {
		t.Error("faults remain that were taken back")
	}
}

// What is wrong is said, and nothing is changed.
func TestWrongRules(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{Rule{Probability: new(1.1)}, "rule 1: probability 1.1 is not a number from 0 to 1"},
		{Rule{Probability: new(-.1)}, "rule 1: probability -0.1 is not a number from 0 to 1"},
		{Rule{Probability: new(math.NaN())}, "rule 1: probability NaN is not a number from 0 to 1"},
		{Rule{Count: new(0)}, "rule 1: count 0 is not 1 or more"},
		{Rule{Error: &Error{StatusCode: 200}}, "rule 1: error.statusCode 200 is not one from 400 to 599"},
		{Rule{Error: &Error{Code: `a"b`}}, `rule 1: error.code "a\"b" is not`},
		{Rule{Error: &Error{Code: strings.Repeat("a", 101)}}, "rule 1: error.code"},
	} {
		s := with(t, nil, Rule{Operation: "A"})
		for _, do := range []func([]Rule) ([]Rule, error){s.SetRules, s.AddRules, s.RemoveRules} {
			if _, err := do([]Rule{{}, c.rule}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%+v: %v", c.rule, err)
			}
		}
		if got := s.Rules(); len(got) != 1 || got[0].Operation != "A" {
			t.Errorf("%+v: the rules are now %+v", c.rule, got)
		}
	}
	s := with(t, nil, make([]Rule, MaxRules)...)
	if _, err := s.AddRules([]Rule{{}}); err == nil || len(s.Rules()) != MaxRules {
		t.Errorf("%d rules, %v", len(s.Rules()), err)
	}
}

func TestDelay(t *testing.T) {
	s := New(drawn(t, 0, .5))
	if err := s.SetLatency(Latency{time.Second, 3 * time.Second}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []time.Duration{time.Second, 2 * time.Second} {
		if got := s.Active().Delay(); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if err := s.SetLatency(Latency{time.Second, time.Second}); err != nil || s.Active().Delay() != time.Second {
		t.Errorf("a fixed latency: %v", err)
	}
	for _, l := range []Latency{{-1, 1}, {2, 1}, {0, MaxLatency + 1}} {
		if s.SetLatency(l) == nil || s.Latency() != (Latency{time.Second, time.Second}) {
			t.Errorf("%v: the latency is now %v", l, s.Latency())
		}
	}
	if err := s.SetLatency(Latency{}); err != nil || s.Active() != nil {
		t.Errorf("no latency: %v, %v", err, s.Active())
	}
}
