package dynamodb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Who lists the tables of the wrong region, or with another access key than the
// one that made them, sees none and wonders where they are. The log says it.
const (
	hintEvery  = time.Minute // at most, to one account in one region
	hintReads  = 1000        // how many tables are looked at
	hintPlaces = 5           // how many places are named
	hintsKept  = 1000
)

// hints knows who was told when.
type hints struct {
	mu   sync.Mutex
	told map[place]time.Time
}

// A place is where tables are.
type place struct{ account, region string }

// due reports whether it is time to tell those of p something, and that it was
// told.
func (h *hints) due(p place, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.told[p]; ok && now.Sub(last).Abs() < hintEvery {
		return false
	}
	if h.told == nil || len(h.told) >= hintsKept {
		h.told = map[place]time.Time{}
	}
	h.told[p] = now
	return true
}

// hint logs where tables are, for somebody who has found none.
func (s *Service) hint(ctx context.Context) {
	here := place{s.account, s.region}
	if !s.hints.due(here, s.now()) {
		return
	}
	tables := map[place]int{}
	read := 0
	err := s.store.View(ctx, func(r kv.Reader) error {
		clear(tables)
		read = 0
		all := table.AllDescriptors()
		all.Limit = hintReads
		for pair, err := range r.Scan(all) {
			if err != nil {
				return err
			}
			account, region := table.PlaceOf(pair.Key)
			tables[place{account, region}]++
			read++
		}
		return nil
	})
	delete(tables, here) // of which some may be on their way out
	if err != nil || len(tables) == 0 {
		return
	}
	s.cfg.Logger.InfoContext(ctx, "ListTables has found no table "+s.cfg.Profile.placeName(here.account, here.region)+"; elsewhere there are some: "+
		s.cfg.Profile.list(tables, read == hintReads))
}

// list names places with tables, those with the most first.
func (p Profile) list(tables map[place]int, more bool) string {
	var places []place
	for where := range tables {
		places = append(places, where)
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(tables[b], tables[a]), strings.Compare(a.account, b.account), strings.Compare(a.region, b.region))
	})
	var names []string
	for _, where := range places[:min(len(places), hintPlaces)] {
		names = append(names, fmt.Sprintf("%d %s", tables[where], p.placeName(where.account, where.region)))
	}
	if more || len(places) > hintPlaces {
		names = append(names, "and more")
	}
	return strings.Join(names, ", ")
}
