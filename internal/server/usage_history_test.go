package server

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// after returns what was done some minutes after the start: a request a minute of
// each of so many tables.
func after(minutes, tables int) *dynamodb.Sample {
	s := &dynamodb.Sample{At: time.Date(2026, 11, 23, 0, minutes, 0, 0, time.UTC)}
	for i := range tables {
		s.Tables = append(s.Tables, dynamodb.TableSample{
			Account: "1", Region: "r", Table: fmt.Sprint("t", i),
			Activity: dynamodb.Activity{Operations: map[string]dynamodb.Latencies{"PutItem": {0, uint64(minutes)}}},
		})
	}
	return s
}

func TestHistoryIsOfAnHourAndADay(t *testing.T) {
	h := newUsageHistory()
	const minutes = 25*60 + 3
	for n := range minutes {
		h.add(n, after(n, 1))
	}
	for _, c := range []struct{ step, steps, count int }{{60, 60, 1}, {300, 288, 5}} {
		w := httptest.NewRecorder()
		h.serve(w, httptest.NewRequest("GET", fmt.Sprintf("/?account=1&region=r&table=t0&step=%d", c.step), nil))
		var got shownHistory
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(w.Body)
		}
		if len(got.Past) != c.steps || got.Step != c.step {
			t.Errorf("%d steps of %d s", len(got.Past), got.Step)
			continue
		}
		last := got.Past[c.steps-1]
		if want := after((minutes-1)/(c.step/60)*(c.step/60), 0).At; last.At != want || last.Seconds != float64(c.step) || last.Usage == nil || last.Usage.Count != uint64(c.count) {
			t.Errorf("the last of %d s: %+v, want one of %v", c.step, last, want)
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
