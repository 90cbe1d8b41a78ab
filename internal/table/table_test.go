package table_test

import (
	"testing"
	"time"

	"github.com/statordb/stator/internal/table"
)

// Settled says of encoded descriptors what their fields say.
func TestSettled(t *testing.T) {
	states := []table.State{{}}
	for _, status := range []table.Status{table.Creating, table.Updating, table.Deleting} {
		states = append(states, table.State{Status: status}, table.State{Status: status, Until: time.Unix(1e9, 0)})
	}
	for _, ofTable := range states {
		for _, ofIndex := range states {
			for _, backfilling := range []bool{false, true} {
				tab := &table.Table{
					ID: "0f0e0d0c-0b0a-0908-0706-050403020100", Name: "Backfilling", State: ofTable,
					Tags:    []table.Tag{{Key: "DELETING or not", Value: `"Backfilling":true, "DELETING"`}},
					Indexes: []*table.Index{{ID: 1}, {ID: 2, State: ofIndex, Backfilling: backfilling}},
				}
				raw, err := tab.Encode()
				if err != nil {
					t.Fatal(err)
				}
				want := ofTable.Status != table.Deleting && tab.Online() == nil
				if got := table.Settled(raw); got != want {
					t.Errorf("table %v, index %v, backfilling %t: got %t, want %t", ofTable, ofIndex, backfilling, got, want)
				}
			}
		}
	}
}
