package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
)

// Lifetime adds the pages about the time to live of one table: what expires when,
// and a way to delete what has expired. expire does that, or only counts, and
// returns how many items it were. Like Handle, it must not be called once the
// server serves.
func (s *Server) Lifetime(db *dynamodb.DB, expire func(ctx context.Context, account, region, table string, dryRun bool) (int, error)) {
	s.Handle("GET /_admin/timetolive", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		l, err := db.Lifetime(r.Context(), query.Get("account"), query.Get("region"), query.Get("table"))
		if err != nil {
			s.refuseEvents(w, r, err)
			return
		}
		writeJSON(w, shownLife(l))
	}))
	s.Handle("POST /_admin/timetolive/expire", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in *sweep
		if err := readJSON(w, r, &in); err != nil || in == nil || in.Account == "" || in.Region == "" || in.Table == "" {
			refuse(w, `want {"account":"000000000000","region":"us-east-1","table":"music"}, and "dryRun":true to delete nothing`, err)
			return
		}
		n, err := expire(r.Context(), in.Account, in.Region, in.Table, in.DryRun)
		switch {
		case errors.Is(err, job.ErrNothingExpires):
			refuse(w, err.Error(), nil)
		case err != nil:
			plain(w, http.StatusInternalServerError, err.Error())
		default:
			writeJSON(w, swept{n, in.DryRun})
		}
	}))
}

// A sweep is what is to be deleted.
type sweep struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Table   string `json:"table"`
	DryRun  bool   `json:"dryRun"`
}

type swept struct {
	Expired int  `json:"expired"`
	DryRun  bool `json:"dryRun"`
}

// What the page shows.
type (
	shownLifetime struct {
		Account   string       `json:"account"`
		Region    string       `json:"region"`
		Table     string       `json:"table"`
		Now       string       `json:"now"`
		Status    string       `json:"status"`
		Attribute string       `json:"attribute,omitempty"`
		Filling   bool         `json:"filling,omitempty"`
		DeletedIn string       `json:"deletedIn,omitempty"`
		Complete  bool         `json:"complete"`
		Expired   shownExpired `json:"expired"`
		TooOld    shownDue     `json:"tooOld"`
		Due       []shownDue   `json:"due"`
	}
	shownExpired struct {
		shownDue
		First []shownKey `json:"first"`
	}
	shownKey struct {
		Key     rawItem `json:"key"`
		Expired uint64  `json:"expired"`
	}
	shownDue struct {
		Within int64 `json:"within,omitempty"` // in seconds
		Items  int   `json:"items"`
		More   bool  `json:"more,omitempty"`
	}
)

func shownLife(l *dynamodb.Lifetime) shownLifetime {
	out := shownLifetime{
		Account: l.Account, Region: l.Region, Table: l.Table, Now: instant(l.Now), Status: l.Status, Attribute: l.Attribute,
		Filling: l.Filling, DeletedIn: l.DeletedIn, Complete: l.Complete(), TooOld: shownExpiring(l.TooOld), Due: []shownDue{},
		Expired: shownExpired{shownExpiring(l.Expired), []shownKey{}},
	}
	for _, e := range l.First {
		out.Expired.First = append(out.Expired.First, shownKey{e.Key.AppendJSON(nil), e.Seconds})
	}
	for _, d := range l.Due {
		due := shownExpiring(d.Expiring)
		due.Within = int64(d.Within / time.Second)
		out.Due = append(out.Due, due)
	}
	return out
}

func shownExpiring(e dynamodb.Expiring) shownDue { return shownDue{Items: e.Items, More: e.More} }
