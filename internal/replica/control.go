package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Control is what holds up replication: it is part of the store, and so stays
// over restarts and holds for all processes.
type Control struct {
	Paused   []string `json:",omitempty"` // regions that get no changes of others
	Isolated []string `json:",omitempty"` // and those that give none, either
}

// Free reports whether nothing is held up.
func (c Control) Free() bool { return len(c.Paused) == 0 && len(c.Isolated) == 0 }

// Blocks reports whether a link between regions is held up.
func (c Control) Blocks(from, to string) bool {
	return slices.Contains(c.Paused, to) || slices.Contains(c.Isolated, to) || slices.Contains(c.Isolated, from)
}

// Pause holds up the changes that are on their way to a region.
func (c *Control) Pause(region string) {
	c.Heal(region)
	c.Paused = append(c.Paused, region)
	slices.Sort(c.Paused)
}

// Isolate holds up the changes that are on their way to a region or from it.
func (c *Control) Isolate(region string) {
	c.Heal(region)
	c.Isolated = append(c.Isolated, region)
	slices.Sort(c.Isolated)
}

// Heal lets the changes of a region go on.
func (c *Control) Heal(region string) {
	is := func(r string) bool { return r == region }
	c.Paused, c.Isolated = slices.DeleteFunc(c.Paused, is), slices.DeleteFunc(c.Isolated, is)
}

// ReadControl reads what holds up replication, and how that is stored.
func ReadControl(r kv.Reader) (c Control, raw []byte, err error) {
	values, err := r.Get(table.ControlKey())
	if err != nil || values[0] == nil {
		return c, nil, err
	}
	raw = bytes.Clone(values[0])
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, nil, fmt.Errorf("what holds up replication: %w", err)
	}
	return c, raw, nil
}

// change changes what holds up replication. When it returns, no change is made
// any more that is held up.
func change(ctx context.Context, store kv.Store, fn func(*Control)) error {
	key := table.ControlKey()
	return store.Update(ctx, kv.Locks{Hold: [][]byte{key}}, func(tx kv.Tx) error {
		c, _, err := ReadControl(tx)
		if err != nil {
			return err
		}
		fn(&c)
		if c.Free() {
			tx.Delete(key)
			return nil
		}
		raw, err := json.Marshal(c)
		tx.Set(key, raw)
		return err
	})
}
