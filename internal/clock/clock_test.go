package clock

import (
	"testing"
	"testing/synctest"
	"time"
)

// noon is what clocks are set to here.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func change(t *testing.T, c *Clock, by Change) {
	t.Helper()
	state, err := c.Change(by)
	if err != nil {
		t.Fatal(err)
	}
	if now := c.State(); !now.Now.Equal(state.Now) || now.Frozen != state.Frozen || now.Offset != state.Offset {
		t.Errorf("the answer was %v, it is %v", state, now)
	}
}

// expect expects the clock to say some time, and so in its state.
func expect(t *testing.T, c *Clock, want time.Time, frozen bool) {
	t.Helper()
	state := c.State()
	if !c.Now().Equal(want) || !state.Now.Equal(want) || state.Frozen != frozen || state.Offset != time.Until(want) {
		t.Errorf("it is %v, %v; want %v, frozen: %t", c.Now(), state, want, frozen)
	}
}

func TestClock(t *testing.T) {
	yes, no := true, false
	synctest.Test(t, func(t *testing.T) { // so that the machine's clock only moves in Sleep
		c := &Clock{}
		expect(t, c, time.Now(), false)
		change(t, c, Change{})
		expect(t, c, time.Now(), false)

		change(t, c, Change{Now: noon})
		expect(t, c, noon, false)
		time.Sleep(time.Hour)
		expect(t, c, noon.Add(time.Hour), false)
		change(t, c, Change{Advance: 25 * time.Hour})
		expect(t, c, noon.Add(26*time.Hour), false)

		change(t, c, Change{Frozen: &yes})
		time.Sleep(time.Minute)
		expect(t, c, noon.Add(26*time.Hour), true)
		change(t, c, Change{Advance: -time.Hour})
		expect(t, c, noon.Add(25*time.Hour), true)
		change(t, c, Change{Now: noon})
		time.Sleep(time.Minute)
		expect(t, c, noon, true)

		// It goes on from where it stood.
		change(t, c, Change{Frozen: &no})
		expect(t, c, noon, false)
		time.Sleep(time.Second)
		expect(t, c, noon.Add(time.Second), false)

		change(t, c, Change{Reset: true})
		expect(t, c, time.Now(), false)
		change(t, c, Change{Now: noon, Advance: time.Second, Frozen: &yes})
		expect(t, c, noon.Add(time.Second), true)
		change(t, c, Change{Reset: true, Frozen: &yes})
		expect(t, c, time.Now(), true)
	})
}

func TestClockCannotBeSetToAnyTime(t *testing.T) {
	c := &Clock{}
	yes := true
	if _, err := c.Change(Change{Now: noon, Frozen: &yes}); err != nil {
		t.Fatal(err)
	}
	for _, by := range []Change{
		{Now: time.Unix(-1, 0)},
		{Now: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
		{Advance: 1<<63 - 1},
		{Advance: -1 << 63},
		{Now: time.Unix(0, 0), Advance: -1},
	} {
		if state, err := c.Change(by); err == nil {
			t.Errorf("%v: it is %v", by, state)
		}
		if state := c.State(); !state.Now.Equal(noon) || !state.Frozen {
			t.Errorf("%v: it is %v", by, state)
		}
	}
}
