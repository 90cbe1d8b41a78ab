package server

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
)

// Usage adds the pages that show what is done with each table, and returns what keeps
// their history until its context ends. Like Handle, it must not be called once the
// server serves.
func (s *Server) Usage(db *dynamodb.DB) (keep func(context.Context)) {
	history := newUsageHistory(db.Sample, s.refuseEvents)
	s.Handle("GET /_admin/metrics/history", http.HandlerFunc(history.serve))
	s.Handle("GET /_admin/metrics", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now, err := db.Sample(r.Context())
		if err != nil {
			s.refuseEvents(w, r, err)
			return
		}
		writeJSON(w, shownSince(&dynamodb.Sample{}, now))
	}))
	s.Handle("GET /_admin/metrics/live", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.listen(w, r, func(ctx context.Context, out *events) error { return sendUsage(ctx, db.Sample, out) })
	}))
	return func(ctx context.Context) {
		tick := time.NewTicker(historyStep)
		defer tick.Stop()
		history.keep(ctx, tick.C, s.log)
	}
}

// usageEvery is how often a listener hears what was done.
const usageEvery = time.Second

// sendUsage sends what is done, of each second what was done in it.
func sendUsage(ctx context.Context, sample func(context.Context) (*dynamodb.Sample, error), out *events) error {
	tick := time.NewTicker(usageEvery)
	defer tick.Stop()
	before, err := sample(ctx)
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var now *dynamodb.Sample
		if now, err = sample(ctx); err != nil || now == before {
			continue
		}
		var body []byte
		if body, err = json.Marshal(shownSince(before, now)); err == nil {
			out.add("", "metrics", body)
			out.flush()
		}
		before = now
	}
	return err
}

// What the pages show.
type (
	shownUsage struct {
		At time.Time `json:"at"`
		// Seconds is of how long the figures are; nil is since the start.
		Seconds *float64     `json:"seconds,omitempty"`
		Tables  []shownTable `json:"tables"`
		Other   shownWork    `json:"other"`
	}
	shownTable struct {
		Account string `json:"account"`
		Region  string `json:"region"`
		Table   string `json:"table"`
		shownSize
		shownTaken
		Records uint64       `json:"records"`
		Indexes []shownIndex `json:"indexes"`
		Stream  *shownStream `json:"stream,omitempty"`
		shownWork
	}
	// A shownStream is how far behind a reader of the stream was that was seen in the
	// time.
	shownStream struct {
		Behind int64     `json:"behindMilliseconds"`
		At     time.Time `json:"at"`
	}
	shownIndex struct {
		Index string `json:"index"`
		shownSize
		shownTaken
	}
	shownTaken struct {
		Consumed    shownUnits  `json:"consumed"`
		Provisioned *shownUnits `json:"provisioned,omitempty"` // a second
		Reads       uint64      `json:"reads"`
	}
	shownUnits struct {
		Read  float64 `json:"read"`
		Write float64 `json:"write"`
	}
	shownSize struct {
		Items int64 `json:"items"`
		Bytes int64 `json:"bytes"`
	}
	shownWork struct {
		shownLatency
		Operations map[string]shownLatency `json:"operations"`
		Errors     map[string]uint64       `json:"errors"`
		// Throttles counts requests by why they were throttled.
		Throttles map[dynamodb.Throttle]uint64 `json:"throttles,omitempty"`
	}
	shownLatency struct {
		Count uint64 `json:"count"`
		P50   int64  `json:"p50"`
		P99   int64  `json:"p99"`
	}
)

// shownSince returns what was done between two samples, with the tables where
// there was something. If the first sample is empty, it is all there is.
func shownSince(before, now *dynamodb.Sample) shownUsage {
	out := shownUsage{At: now.At.UTC(), Tables: []shownTable{}, Other: work(now.Rest.Since(before.Rest))}
	if !before.At.IsZero() {
		seconds := now.At.Sub(before.At).Seconds()
		out.Seconds = &seconds
	}
	type name struct{ account, region, table string }
	earlier := map[name]dynamodb.TableSample{}
	for _, t := range before.Tables {
		earlier[name{t.Account, t.Region, t.Table}] = t
	}
	for _, t := range now.Tables {
		was := earlier[name{t.Account, t.Region, t.Table}]
		shown := shownTable{
			Account: t.Account, Region: t.Region, Table: t.Table, shownSize: shownSize{t.Items, t.Bytes}, Indexes: []shownIndex{},
			shownWork: work(t.Activity.Since(was.Activity)),
		}
		taken := t.Taken.Since(was.Taken)
		shown.shownTaken, shown.Records = takenShown(taken, t.Provisioned), taken.Records
		for _, ix := range t.Indexes {
			shown.Indexes = append(shown.Indexes, shownIndex{ix.Name, shownSize{ix.Items, ix.Bytes}, takenShown(ix.Taken.Since(was.Index(ix.Name).Taken), ix.Provisioned)})
		}
		if t.Stream != nil && (was.Stream == nil || was.Stream.At != t.Stream.At) {
			shown.Stream = &shownStream{t.Stream.Behind.Milliseconds(), t.Stream.At}
		}
		if out.Seconds == nil || shown.Count > 0 || shown.Stream != nil || t.Items != was.Items || t.Bytes != was.Bytes {
			out.Tables = append(out.Tables, shown)
		}
	}
	return out
}

func takenShown(n dynamodb.Taken, p *dynamodb.Provisioned) shownTaken {
	shown := shownTaken{Consumed: shownUnits{n.Read, n.Write}, Reads: n.Pages}
	if p != nil {
		shown.Provisioned = &shownUnits{float64(p.Read), float64(p.Write)}
	}
	return shown
}

func work(a dynamodb.Activity) shownWork {
	out := shownWork{Operations: map[string]shownLatency{}, Errors: a.Errors, Throttles: a.Throttles}
	var all dynamodb.Latencies
	for name, l := range a.Operations {
		out.Operations[name] = quantiles(l)
		all = all.With(l)
	}
	out.shownLatency = quantiles(all)
	return out
}

func quantiles(l dynamodb.Latencies) shownLatency {
	return shownLatency{l.Count(), l.Quantile(.5), l.Quantile(.99)}
}
