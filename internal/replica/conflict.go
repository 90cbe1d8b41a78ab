package replica

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Conflict is two writes of one item, in two regions, of which neither had
// seen the other. It is kept once, whichever replicas met it.
type Conflict struct {
	Account string
	Table   string
	Key     attr.Item // of the item
	Met     time.Time // when a replica met it first, or again
	Winner  Side
	Loser   Side
}

// A Side is one of the writes of a conflict.
type Side struct {
	Version
	Deleted bool      `json:",omitempty"`
	Item    attr.Item `json:",omitempty"` // nil if it is deleted, or larger than is kept
}

// maxSide is how many bytes of an item are kept in a conflict.
const maxSide = 16 << 10

// ConflictRetention is how long conflicts are kept, by their winner's time.
const ConflictRetention = 24 * time.Hour

func conflictOf(t *table.Table, now time.Time, key attr.Item, here, arrived state) Conflict {
	c := Conflict{Account: t.Account, Table: t.Name, Key: key, Met: now.UTC(), Winner: sideOf(here), Loser: sideOf(arrived)}
	if c.Loser.compare(c.Winner.Version) > 0 {
		c.Winner, c.Loser = c.Loser, c.Winner
	}
	return c
}

func sideOf(s state) Side {
	side := Side{Version: s.vector.Last(), Deleted: s.item == nil}
	if len(s.item) <= maxSide {
		side.Item = bytes.Clone(s.item)
	}
	return side
}

func (c *Conflict) store(tx kv.Tx) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode conflict: %w", err)
	}
	id := fmt.Appendf(nil, "%s %d %s %d %s", c.Key, c.Winner.Time, c.Winner.Region, c.Loser.Time, c.Loser.Region)
	tx.Set(table.ConflictKey(c.Account, c.Table, c.Winner.Time, xxhash.Sum64(id)), raw)
	return nil
}

// conflicts returns up to so many conflicts of all tables, those of each table
// in the order of their winners' times, the latest first.
func conflicts(r kv.Reader, most int) (list []Conflict, err error) {
	in := kv.Prefix(table.AllConflicts())
	in.Reverse, in.Limit = true, most
	for pair, err := range r.Scan(in) {
		if err != nil || len(list) == most {
			return list, err
		}
		var c Conflict
		if err := json.Unmarshal(pair.Value, &c); err != nil {
			return list, fmt.Errorf("decode conflict: %w", err)
		}
		list = append(list, c)
	}
	return list, nil
}
