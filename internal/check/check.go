// Package check walks a store and tells where what is kept disagrees with
// itself: items without their index entries and entries without their items,
// replicas that differ, items that would not expire in time, wrong counters,
// change records that do not come down to the items, what deleted tables left
// behind. It changes nothing and mends nothing.
//
// Each table is checked in one View, so writers do not disturb a check and
// need not wait for it. Walks are in key order and keep nothing of what they
// passed but sums; only a log costs memory: some 100 bytes for each item that
// one of its shards knows.
package check

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Options says whom to tell what. Calls are made one after another.
type Options struct {
	// Found, if set, is told of each finding when it is found.
	Found func(Finding)

	// Progress, if set, is told how far the check has come: at the beginning
	// of the first table, and every now and then after that.
	Progress func(Progress)
}

// A Finding is one thing that is wrong.
type Finding struct {
	Kind   Kind   `json:"kind"`
	Table  string `json:"table,omitempty"` // resource name, if the table is known
	Index  string `json:"index,omitempty"` // name, if it is about one
	Key    string `json:"key,omitempty"`   // of the item, or of the pair as hexadecimal digits
	Detail string `json:"detail"`
}

func (f Finding) String() string {
	s := string(f.Kind)
	if f.Table != "" {
		s += " " + f.Table
	}
	if f.Index != "" {
		s += " index " + f.Index
	}
	if f.Key != "" {
		s += " " + f.Key
	}
	return s + ": " + f.Detail
}

// A Kind is a kind of damage.
type Kind string

// The kinds of damage.
const (
	DamagedDescriptor   Kind = "damaged-descriptor"   // nobody can read it
	MisplacedDescriptor Kind = "misplaced-descriptor" // it is not under its table's name
	DamagedItem         Kind = "damaged-item"
	MisplacedItem       Kind = "misplaced-item"     // it is not where its key says
	ItemWithoutEntry    Kind = "item-without-entry" // though it has the index's key
	EntryWithoutItem    Kind = "entry-without-item"
	StaleEntry          Kind = "stale-entry"         // its item has another one in this index, or none
	WrongEntry          Kind = "wrong-entry"         // its attributes are not those of its item
	DamagedEntry        Kind = "damaged-entry"       // nobody can read it
	MisplacedEntry      Kind = "misplaced-entry"     // it is not where its attributes say
	UnqueuedItem        Kind = "unqueued-item"       // it expires, and nobody would notice
	ExpiryWithoutItem   Kind = "expiry-without-item" // in the queue of a time to live
	StaleExpiry         Kind = "stale-expiry"        // its item expires at another time, or never
	DamagedExpiry       Kind = "damaged-expiry"
	WrongCounter        Kind = "wrong-counter"
	DamagedRecord       Kind = "damaged-record"
	MisplacedRecord     Kind = "misplaced-record" // it is not in its item's shard
	MissingRecord       Kind = "missing-record"   // what it found is not what the record before it left
	UnloggedChange      Kind = "unlogged-change"  // the item is not what its last record left
	Leftover            Kind = "leftover"         // of a table or index, or a shard, that is not there
	DamagedToken        Kind = "damaged-token"
	LiveGrave           Kind = "live-grave"        // a table, index or queue that is there is about to be cleared away
	LoneReplica         Kind = "lone-replica"      // another table of a global table is not there, or does not know it
	DifferentReplica    Kind = "different-replica" // another table of a global table has another item, or none
	UnknownKey          Kind = "unknown-key"
)

// Counts is what was seen.
type Counts struct {
	Tables  int64 `json:"tables"`
	Leaving int64 `json:"leaving,omitempty"` // tables on their way out, which are not checked
	Items   int64 `json:"items"`
	Entries int64 `json:"entries"`
	Records int64 `json:"records"`
}

func (c *Counts) add(d Counts) {
	c.Tables += d.Tables
	c.Leaving += d.Leaving
	c.Items += d.Items
	c.Entries += d.Entries
	c.Records += d.Records
}

// Progress is how far a check has come.
type Progress struct {
	Table string `json:"table,omitempty"` // the one that is being checked
	Counts
}

// A Report is what a check came to.
type Report struct {
	Counts
	Findings map[Kind]int64 `json:"findings"` // how many of each kind that was found
}

// Total returns how many findings there are.
func (r Report) Total() (n int64) {
	for _, of := range r.Findings {
		n += of
	}
	return n
}

// Run checks all that is in store. The error says that this could not be done,
// in which case the report is of what was; damage is no error.
func Run(ctx context.Context, store kv.Store, opts Options) (Report, error) {
	c := &checker{ctx: ctx, store: store, opts: opts, report: Report{Findings: map[Kind]int64{}}}
	err := c.tables()
	if err == nil {
		err = c.view((*view).leftovers)
	}
	if err != nil {
		return c.report, fmt.Errorf("check: %w", err)
	}
	return c.report, nil
}

type checker struct {
	ctx    context.Context
	store  kv.Store
	opts   Options
	report Report
	spoke  time.Time // when Progress was last told
}

// A view is one View of the store, and what was counted in it.
type view struct {
	kv.Reader
	*checker
	Counts
	of     string // the table
	walked int
	told   map[uint64]struct{} // findings, also of an earlier call for this View
}

// How often Progress is told, after how many pairs the time is looked at, and
// how many findings are remembered of one View.
const (
	interval = 250 * time.Millisecond
	stride   = 256
	memory   = 1 << 16
)

// view calls fn with one state of the store. If it is called again, with
// another state, what was counted is forgotten; what was found has been told,
// and is not told again.
func (c *checker) view(fn func(*view) error) error {
	told := map[uint64]struct{}{}
	var last Counts
	err := c.store.View(c.ctx, func(r kv.Reader) error {
		v := &view{Reader: r, checker: c, told: told}
		err := fn(v)
		last = v.Counts
		return err
	})
	c.report.add(last)
	return err
}

// found tells of a finding.
func (v *view) found(f Finding) {
	sum := xxhash.Sum64String(f.String())
	if _, again := v.told[sum]; again {
		return
	}
	if len(v.told) < memory {
		v.told[sum] = struct{}{}
	}
	v.report.Findings[f.Kind]++
	if v.opts.Found != nil {
		v.opts.Found(f)
	}
}

// each calls fn for each pair of a range. Both are valid until fn returns.
func (v *view) each(in kv.Range, fn func(key, value []byte) error) error {
	for pair, err := range v.Scan(in) {
		if err == nil {
			err = v.tick()
		}
		if err == nil {
			err = fn(pair.Key, pair.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tick is called for each pair.
func (v *view) tick() error {
	if v.walked++; v.walked%stride != 0 {
		return nil
	}
	v.speak()
	return v.ctx.Err()
}

func (v *view) speak() {
	now := time.Now()
	if v.opts.Progress == nil || now.Sub(v.spoke) < interval {
		return
	}
	v.spoke = now
	p := Progress{Table: v.of, Counts: v.report.Counts}
	p.add(v.Counts)
	v.opts.Progress(p)
}

// first returns a copy of the first pair of a range, whose Key is nil if there
// is none.
func (v *view) first(in kv.Range) (kv.Pair, error) {
	in.Limit = 1
	for pair, err := range v.Scan(in) {
		return kv.Pair{Key: bytes.Clone(pair.Key), Value: bytes.Clone(pair.Value)}, err
	}
	return kv.Pair{}, nil
}

// tables checks one table after another, and then what remains of deleted ones,
// each in a View of its own.
func (c *checker) tables() error {
	if err := c.descriptors(table.AllDescriptors(), (*view).descriptor); err != nil {
		return err
	}
	return c.descriptors(table.AllRemains(), (*view).remains)
}

func (c *checker) descriptors(in kv.Range, check func(*view, kv.Pair) error) error {
	for {
		var d kv.Pair
		err := c.view(func(v *view) (err error) {
			if d, err = v.first(in); err != nil || d.Key == nil {
				return err
			}
			return check(v, d)
		})
		if err != nil || d.Key == nil {
			return err
		}
		in.Start = append(d.Key, 0)
	}
}

// descriptor checks a descriptor and, if nothing is wrong with it, its table.
func (v *view) descriptor(d kv.Pair) error {
	t := v.decode(d, (*table.Table).DescriptorKey)
	if t == nil {
		return nil
	}
	buried, err := v.graves(t)
	if err != nil {
		return err
	}
	if t.State.Status == table.Deleting || buried {
		v.Leaving++
		return nil
	}
	return v.table(t)
}

// remains checks what remains of a deleted table, and the logs of its streams.
func (v *view) remains(d kv.Pair) error {
	t := v.decode(d, (*table.Table).RemainsKey)
	if t == nil {
		return nil
	}
	v.of = t.ARN()
	return (&walk{view: v, t: t, digest: xxhash.New()}).oldLogs()
}

// decode returns the table that d is the descriptor of, if it is stored at the
// key that it should have, or nil.
func (v *view) decode(d kv.Pair, at func(*table.Table) []byte) *table.Table {
	t, err := table.Decode(d.Value)
	switch {
	case err != nil:
		v.found(Finding{Kind: DamagedDescriptor, Key: string(d.Key), Detail: err.Error()})
		return nil
	case !bytes.Equal(at(t), d.Key):
		v.found(Finding{Kind: MisplacedDescriptor, Table: t.ARN(), Key: string(d.Key), Detail: fmt.Sprintf("belongs at %s", at(t))})
		return nil
	}
	return t
}

// graves finds graves of what is there. It reports whether t itself has one.
func (v *view) graves(t *table.Table) (buried bool, err error) {
	keys := [][]byte{t.Bury(nil).Key}
	for _, ix := range t.Indexes {
		keys = append(keys, t.Bury(ix).Key)
	}
	if t.Expiring() != nil {
		keys = append(keys, t.BuryQueue().Key)
	}
	values, err := v.Get(append(keys, table.BuryAll(t.Short()).Key)...)
	if err != nil || t.State.Status == table.Deleting {
		return false, err
	}
	if last := len(keys); values[last] != nil {
		values[0] = values[last] // which says more
	}
	values = values[:len(keys)]
	for i, value := range values {
		f := Finding{Kind: LiveGrave, Table: t.ARN(), Detail: "it is in use, and marked as deleted"}
		switch {
		case i > len(t.Indexes):
			f.Detail = "its queue of items that expire is in use, and marked as deleted"
		case i > 0:
			f.Index = t.Indexes[i-1].Name
		}
		if value != nil {
			v.found(f)
		}
	}
	return values[0] != nil, nil
}
