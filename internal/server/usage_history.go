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
const historyStep = 10 * time.Second

// A usageHistory is what was done with each table, in steps of ten seconds for ten
// minutes, of a minute for an hour and of five minutes for a day.
type usageHistory struct {
	sample func(context.Context) (*dynamodb.Sample, error)
	refuse func(http.ResponseWriter, *http.Request, error) // answers that there is no sample

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

func newUsageHistory(sample func(context.Context) (*dynamodb.Sample, error), refuse func(http.ResponseWriter, *http.Request, error)) *usageHistory {
	return &usageHistory{sample: sample, refuse: refuse, rings: []*usageRing{
		{every: 1, most: 60, mostTables: 6000},
		{every: 6, most: 60, mostTables: 6000},
		{every: 30, most: 288, mostTables: 12000},
	}}
}

// keep looks at each tick what was done since the one before, until ctx ends. It begins
// when nothing was done yet.
func (h *usageHistory) keep(ctx context.Context, tick <-chan time.Time, log *slog.Logger) {
	h.add(0, &dynamodb.Sample{At: time.Now()})
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		now, err := h.sample(ctx)
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

// serve shows the history of one table, with the step that has not ended yet.
func (h *usageHistory) serve(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	step, err := strconv.Atoi(query.Get("step"))
	seconds := int(historyStep / time.Second)
	i := slices.IndexFunc(h.rings, func(r *usageRing) bool { return r.every*seconds == step })
	if err != nil || i < 0 {
		plain(w, http.StatusBadRequest, "want account, region, table, and step=10 for the last ten minutes, step=60 for the last hour or step=300 for the last day")
		return
	}
	now, err := h.sample(r.Context())
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.mu.Lock()
	steps := slices.Clone(h.rings[i].steps) // they are never changed
	if before := h.rings[i].before; before != nil && now.At.After(before.At) {
		steps = append(steps, shownSince(before, now))
	}
	h.mu.Unlock()
	account, region, name := query.Get("account"), query.Get("region"), query.Get("table")
	out := shownHistory{Now: time.Now().UTC(), Step: step, Past: []shownPast{}}
	for _, s := range steps {
		past := shownPast{At: s.At, Seconds: *s.Seconds}
		if i := slices.IndexFunc(s.Tables, func(t shownTable) bool { return t.Account == account && t.Region == region && t.Table == name }); i >= 0 {
			past.Usage = &s.Tables[i]
		}
		out.Past = append(out.Past, past)
	}
	writeJSON(w, out)
}
