package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// after returns what was done some seconds after the start: a request a second of
// each of so many tables.
func after(seconds, tables int) *dynamodb.Sample {
	s := &dynamodb.Sample{At: time.Date(2026, 11, 23, 0, 0, seconds, 0, time.UTC)}
	for i := range tables {
		s.Tables = append(s.Tables, dynamodb.TableSample{
			Account: "1", Region: "r", Table: fmt.Sprint("t", i),
			Activity: dynamodb.Activity{Operations: map[string]dynamodb.Latencies{"PutItem": {0, uint64(seconds)}}},
		})
	}
	return s
}

func TestHistoryIsOfMinutesAnHourAndADay(t *testing.T) {
	const ticks = 25*60*6 + 3
	end := ticks*10 + 4 // when it is asked for
	h := newUsageHistory(func(context.Context) (*dynamodb.Sample, error) { return after(end, 1), nil }, nil)
	for n := range ticks + 1 {
		h.add(n, after(n*10, 1))
	}
	for _, c := range []struct{ step, steps int }{{10, 60}, {60, 60}, {300, 288}} {
		w := httptest.NewRecorder()
		h.serve(w, httptest.NewRequest("GET", fmt.Sprintf("/?account=1&region=r&table=t0&step=%d", c.step), nil))
		var got shownHistory
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(w.Body)
		}
		if len(got.Past) != c.steps+1 || got.Step != c.step {
			t.Errorf("%d steps of %d s", len(got.Past), got.Step)
			continue
		}
		begun := end / c.step * c.step // the step that has not ended
		for i, want := range map[int]struct{ at, seconds int }{c.steps - 1: {begun, c.step}, c.steps: {end, end - begun}} {
			if p := got.Past[i]; p.At != after(want.at, 0).At || p.Seconds != float64(want.seconds) || p.Usage == nil || p.Usage.Count != uint64(want.seconds) {
				t.Errorf("step %d of %d s: %+v, want one of %d s at %d", i, c.step, p, want.seconds, want.at)
			}
		}
	}
	w := httptest.NewRecorder()
	h.serve(w, httptest.NewRequest("GET", "/?account=1&region=r&table=other&step=60", nil))
	if strings.Contains(w.Body.String(), "usage") {
		t.Error("another table: ", w.Body)
	}
	w = httptest.NewRecorder()
	if h.serve(w, httptest.NewRequest("GET", "/?step=7", nil)); w.Code != 400 {
		t.Error(w.Code)
	}
}

// Many tables leave a shorter history.
func TestHistoryIsBounded(t *testing.T) {
	r := &usageRing{every: 1, most: 100, mostTables: 50}
	for n := range 200 {
		r.add(after(n, 10))
	}
	if len(r.steps) != 5 || r.tables != 50 {
		t.Errorf("%d steps with %d tables", len(r.steps), r.tables)
	}
	r.add(after(200, 90))
	if len(r.steps) != 1 {
		t.Errorf("%d steps: the last one stays, however large", len(r.steps))
	}
	for n := range 200 {
		r.add(after(201+n, 0))
	}
	if len(r.steps) != 100 || r.tables != 0 {
		t.Errorf("%d steps with %d tables", len(r.steps), r.tables)
	}
}
