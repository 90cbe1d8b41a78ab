package server

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// historyStep is how often it is looked what was done.
const historyStep = time.Minute

// A usageHistory is what was done with each table, in steps of a minute for an hour
// and of five minutes for a day.
type usageHistory struct {
	mu    sync.Mutex
	rings []*usageRing
}

// A usageRing keeps the last steps of one length.
type usageRing struct {
	every int // of historyStep
	most  int // steps
	// mostTables is how many figures of tables there may be in all steps together:
	// the oldest steps give way. Those of a table take about a kilobyte.
	mostTables int

	before *dynamodb.Sample // when the step at hand began
	steps  []shownUsage
	tables int // in steps
}

func newUsageHistory() *usageHistory {
	return &usageHistory{rings: []*usageRing{
		{every: 1, most: 60, mostTables: 6000},
		{every: 5, most: 288, mostTables: 12000},
	}}
}

// keep looks at each tick what was done since the one before, until ctx ends. It begins
// when nothing was done yet.
func (h *usageHistory) keep(ctx context.Context, sample func(context.Context) (*dynamodb.Sample, error), tick <-chan time.Time, log *slog.Logger) {
	h.add(0, &dynamodb.Sample{At: time.Now()})
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		now, err := sample(ctx)
		if err == nil {
			h.add(n, now)
		} else if ctx.Err() == nil {
			log.WarnContext(ctx, "there is a gap in the history of metrics", "error", err)
		}
	}
}

// add ends the steps that end after n ticks.
func (h *usageHistory) add(n int, now *dynamodb.Sample) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rings {
		if n%r.every == 0 || r.before == nil {
			r.add(now)
		}
	}
}

func (r *usageRing) add(now *dynamodb.Sample) {
	before := r.before
	r.before = now
	if before == nil || now == before {
		return
	}
	step := shownSince(before, now)
	r.steps = append(r.steps, step)
	r.tables += len(step.Tables)
	drop := 0
	for len(r.steps)-drop > r.most || r.tables > r.mostTables && drop < len(r.steps)-1 {
		r.tables -= len(r.steps[drop].Tables)
		drop++
	}
	r.steps = slices.Delete(r.steps, 0, drop)
}

type (
	shownHistory struct {
		Now  time.Time   `json:"now"`
		Step int         `json:"step"` // seconds
		Past []shownPast `json:"steps"`
	}
	shownPast struct {
		At      time.Time   `json:"at"` // when the step ended
		Seconds float64     `json:"seconds"`
		Usage   *shownTable `json:"usage,omitempty"` // nil if nothing was done
	}
)

// serve shows the history of one table.
func (h *usageHistory) serve(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	step, err := strconv.Atoi(query.Get("step"))
	seconds := int(historyStep / time.Second)
	i := slices.IndexFunc(h.rings, func(r *usageRing) bool { return r.every*seconds == step })
	if err != nil || i < 0 {
		plain(w, http.StatusBadRequest, "want account, region, table, and step=60 for the last hour or step=300 for the last day")
		return
	}
	account, region, name := query.Get("account"), query.Get("region"), query.Get("table")
	out := shownHistory{Now: time.Now().UTC(), Step: step, Past: []shownPast{}}
	h.mu.Lock()
	for _, s := range h.rings[i].steps {
		past := shownPast{At: s.At, Seconds: *s.Seconds}
		if i := slices.IndexFunc(s.Tables, func(t shownTable) bool { return t.Account == account && t.Region == region && t.Table == name }); i >= 0 {
			past.Usage = &s.Tables[i]
		}
		out.Past = append(out.Past, past)
	}
	h.mu.Unlock() // steps are never changed
	writeJSON(w, out)
}
