package fault

import "testing"

// drawn returns a source of these numbers, and fails the test when there are no
// more.
func drawn(t *testing.T, numbers ...float64) func() float64 {
	return func() float64 {
		t.Helper()
		if len(numbers) == 0 {
			t.Fatal("one draw too many")
		}
		n := numbers[0]
		numbers = numbers[1:]
		return n
	}
}

func TestWithoutFaultsNothingIsActive(t *testing.T) {
	var none *Set
	if none.Active() != nil || New(nil).Active() != nil {
		t.Error("faults of nobody's making")
	}
	s := New(nil)
	s.ChangeChances(func(c *Chances) { c.Read = .5 })
	if s.Active() == nil || s.Chances() != (Chances{Read: .5}) {
		t.Errorf("chances %+v", s.Chances())
	}
	s.ChangeChances(func(c *Chances) { *c = Chances{} })
	if s.Active() != nil {
		t.Error("faults remain that were taken back")
	}
}

func TestThrottles(t *testing.T) {
	for _, c := range []struct {
		chances Chances
		kind    Kind
		draw    float64
		want    bool
	}{
		{Chances{Any: .5}, Read, .49, true},
		{Chances{Any: .5}, Write, .49, true},
		{Chances{Any: .5}, Read, .5, false},
		{Chances{Read: .5}, Read, .49, true},
		{Chances{Read: .5}, Write, 0, false},
		{Chances{Write: .5}, Write, .49, true},
		{Chances{Write: .5}, Read, 0, false},
		{Chances{Any: .5, Read: .1}, Read, .4, true},
		{Chances{Any: .1, Read: .5}, Read, .4, true},
		{Chances{Any: .1, Read: .5}, Write, .4, false},
		{Chances{Any: 1}, Read, .999999, true},
		{Chances{Any: 1}, None, 0, false},
	} {
		s := New(drawn(t, c.draw))
		s.ChangeChances(func(all *Chances) { *all = c.chances })
		if got := s.Active().Throttles(c.kind); got != c.want {
			t.Errorf("%+v of kind %d, drawn %v: %v", c.chances, c.kind, c.draw, got)
		}
	}
}

func TestKindOf(t *testing.T) {
	for operation, want := range map[string]Kind{
		"GetItem": Read, "Query": Read, "Scan": Read, "TransactGetItems": Read,
		"PutItem": Write, "UpdateItem": Write, "DeleteItem": Write, "TransactWriteItems": Write,
		"BatchWriteItem": None, "ExecuteStatement": None, "DescribeTable": None, "GetRecords": None,
	} {
		if got := KindOf(operation); got != want {
			t.Errorf("%s: %d", operation, got)
		}
	}
}
