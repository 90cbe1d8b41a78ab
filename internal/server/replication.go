package server

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/replica"
)

// Replication returns a page, for Handle, that shows by GET what is on its way
// between regions and what was in conflict, and holds replication up by POST.
// Changed is called after a change.
func Replication(newMover func() *replica.Mover, changed func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m := newMover()
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPost:
			var in *replicationChange
			if err := readJSON(w, r, &in); err != nil || in == nil || in.empty() {
				refuse(w, `want a JSON object with some of "pause": ["eu-west-1"], "isolate": ["us-west-2"], "heal": ["eu-west-1"] or ["*"], "flush": true`, err)
				return
			}
			if err := in.check(); err != nil {
				refuse(w, err.Error(), nil)
				return
			}
			if err := m.Change(r.Context(), in.apply, in.Flush); err != nil {
				plain(w, http.StatusInternalServerError, err.Error())
				return
			}
			changed()
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
			return
		}
		status, err := m.Status(r.Context())
		if err != nil {
			plain(w, http.StatusInternalServerError, err.Error())
			return
		}
		writeJSON(w, shownReplication(m.Delay, status))
	})
}

// A replicationChange is what a POST asks for: first heal, then the others, and
// flush at last.
type replicationChange struct {
	Pause   []string `json:"pause"`
	Isolate []string `json:"isolate"`
	Heal    []string `json:"heal"`
	// Flush makes what is on its way and not held up without waiting for its time.
	Flush bool `json:"flush"`
}

const everyRegion = "*"

func (c *replicationChange) check() error {
	for _, region := range slices.Concat(c.Pause, c.Isolate, c.Heal) {
		if !dynamodb.HasReplicas(region) && (region != everyRegion || !slices.Contains(c.Heal, region)) {
			return fmt.Errorf("%q is not a region that can have replicas", region)
		}
	}
	return nil
}

func (c *replicationChange) empty() bool {
	return len(c.Pause)+len(c.Isolate)+len(c.Heal) == 0 && !c.Flush
}

func (c *replicationChange) apply(now *replica.Control) {
	if slices.Contains(c.Heal, everyRegion) {
		*now = replica.Control{}
	}
	for _, region := range c.Heal {
		now.Heal(region)
	}
	for _, region := range c.Pause {
		now.Pause(region)
	}
	for _, region := range c.Isolate {
		now.Isolate(region)
	}
}

// What the page shows.
type (
	replicationState struct {
		Lag       string          `json:"lag"`
		Paused    []string        `json:"paused"`
		Isolated  []string        `json:"isolated"`
		Links     []shownLink     `json:"links"`
		Conflicts []shownConflict `json:"conflicts"`
	}
	shownLink struct {
		Account string `json:"account"`
		Table   string `json:"table"`
		From    string `json:"from"`
		To      string `json:"to"`
		Backlog int    `json:"backlog"`
		Oldest  string `json:"oldest,omitempty"`
		Held    bool   `json:"held,omitempty"`
	}
	shownConflict struct {
		Account string    `json:"account"`
		Table   string    `json:"table"`
		Key     rawItem   `json:"key"`
		Met     string    `json:"met"`
		Winner  shownSide `json:"winner"`
		Loser   shownSide `json:"loser"`
	}
	shownSide struct {
		Region  string  `json:"region"`
		Time    string  `json:"time"`
		Deleted bool    `json:"deleted,omitempty"`
		Item    rawItem `json:"item,omitempty"`
	}
)

// A rawItem is an item as the wire has it.
type rawItem []byte

// MarshalJSON implements json.Marshaler.
func (i rawItem) MarshalJSON() ([]byte, error) { return i, nil }

func shownReplication(lag replica.Delay, s replica.Status) replicationState {
	shown := replicationState{
		Lag: lag.String(), Links: []shownLink{}, Conflicts: []shownConflict{},
		Paused: append([]string{}, s.Paused...), Isolated: append([]string{}, s.Isolated...),
	}
	for _, l := range s.Links {
		link := shownLink{Account: l.Account, Table: l.Table, From: l.From, To: l.To, Backlog: l.Backlog, Held: l.Held}
		if l.Backlog > 0 {
			link.Oldest = instant(l.Oldest)
		}
		shown.Links = append(shown.Links, link)
	}
	for _, c := range s.Conflicts {
		shown.Conflicts = append(shown.Conflicts, shownConflict{
			c.Account, c.Table, c.Key.AppendJSON(nil), instant(c.Met), sideShown(c.Winner), sideShown(c.Loser),
		})
	}
	return shown
}

func sideShown(s replica.Side) shownSide {
	side := shownSide{Region: s.Region, Time: instant(s.At()), Deleted: s.Deleted}
	if s.Item != nil {
		side.Item = s.Item.AppendJSON(nil)
	}
	return side
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
