package table

import (
	"bytes"
	"slices"
)

// A Replica is another table of the global table that a table is one of. The
// tables of a global table have the same name and key in different regions,
// name each other, and have the same items. None of them is above the others.
type Replica struct {
	Region string
	ID     string // of the table there
}

// Filling is where a new replica's items of before it joined come from.
type Filling struct {
	Region      string
	Backfilling bool // is set, for Settled to see
}

// An Override is what a replica has of its own instead of what all replicas
// share; see Overridden.
type Override struct {
	Read    int64                    `json:",omitempty"` // provisioned read capacity units
	MaxRead int64                    `json:",omitempty"` // on-demand read units
	Class   string                   `json:",omitempty"`
	Indexes map[string]IndexOverride `json:",omitempty"` // by name; there need not be such an index
}

// An IndexOverride is what a replica has of its own of an index.
type IndexOverride struct {
	Read    int64 `json:",omitempty"`
	MaxRead int64 `json:",omitempty"`
}

// Replicated reports whether t is one of the tables of a global table.
func (t *Table) Replicated() bool { return len(t.Replicas) > 0 }

// ReplicaKeys returns the keys of the descriptors of the replicas of t.
func (t *Table) ReplicaKeys() [][]byte {
	keys := make([][]byte, len(t.Replicas))
	for i, r := range t.Replicas {
		keys[i] = DescriptorKey(t.Account, r.Region, t.Name)
	}
	return keys
}

// Join makes t, which must have none, a replica of other and of its replicas, and
// all of them replicas of t.
func (t *Table) Join(other *Table, replicas []*Table) {
	for _, r := range append([]*Table{other}, replicas...) {
		t.Replicas = append(t.Replicas, Replica{Region: r.Region, ID: r.ID})
		r.Replicas = append(r.Replicas, Replica{Region: t.Region, ID: t.ID})
	}
}

// Part makes t a table that is no replica of others.
func (t *Table) Part(replicas []*Table) {
	for _, r := range replicas {
		r.Replicas = slices.DeleteFunc(r.Replicas, func(m Replica) bool { return m.ID == t.ID })
		if !r.Replicated() {
			r.alone()
		}
	}
	t.Replicas = nil
	t.Global = nil
	t.alone()
}

// alone forgets what only replicas have, overrides with it.
func (t *Table) alone() {
	t.Override = nil
	t.Detachable = false
	t.Strong, t.Witness = false, ""
	t.Filling, t.Async = nil, nil
	if t.Global == nil {
		t.Scaling = Scaling{}
	}
}

// Twin returns where t has the item that is stored at key in another replica.
func (t *Table) Twin(key []byte) []byte {
	twin := bytes.Clone(key)
	copy(twin[1:], t.id[:])
	return twin
}

// Replica returns a table that is to be a replica of t in a region: it has the
// key and the settings that replicas share, its own ID, and neither items nor
// a stream.
func (t *Table) Replica(id, region string) *Table {
	r := &Table{
		ID: id, Account: t.Account, Region: region, Name: t.Name, Schema: slices.Clone(t.Schema),
		Strong: t.Strong, Witness: t.Witness, Scaling: t.Scaling.clone(),
	}
	r.Follow(t)
	for _, ix := range r.Indexes { // there are no items yet
		ix.Backfilling = false
	}
	if r.TTL != nil {
		r.TTL.Backfilling = false
	}
	return r
}

// Follow gives t those settings of another replica that all replicas share. It
// returns the keys of the graves of what t does not have any more. New indexes
// and queues are to be filled.
func (t *Table) Follow(other *Table) (graves [][]byte) {
	t.Attributes = slices.Clone(other.Attributes)
	t.Billing, t.Throughput, t.OnDemand, t.Warm, t.Class = other.Billing, other.Throughput, other.OnDemand, other.Warm, other.Class
	graves = t.followIndexes(other)
	return append(graves, t.followTTL(other)...)
}

func (t *Table) followIndexes(other *Table) (graves [][]byte) {
	var list []*Index
	for _, ix := range other.Indexes {
		mine := *ix
		if old := t.Index(ix.Name); old != nil {
			mine.ID, mine.Backfilling = old.ID, old.Backfilling
		} else {
			t.NextIndex++
			mine.ID, mine.Backfilling = t.NextIndex, true
		}
		list = append(list, &mine)
	}
	for _, ix := range t.Indexes {
		if other.Index(ix.Name) == nil {
			delete(t.Scaling.Indexes, ix.Name)
			graves = append(graves, t.Bury(ix).Key)
		}
	}
	t.Indexes = list
	return graves
}

func (t *Table) followTTL(other *Table) (graves [][]byte) {
	switch {
	case other.TTL == nil, t.TTL != nil && t.TTL.Changed.Equal(other.TTL.Changed):
		return nil
	case t.Expiring() != nil:
		graves = [][]byte{t.BuryQueue().Key}
	}
	ttl := *other.TTL
	if ttl.Queue, ttl.Backfilling = 0, ttl.Enabled; ttl.Enabled {
		t.NextIndex++
		ttl.Queue = t.NextIndex
	}
	t.TTL = &ttl
	return graves
}

// Overridden returns t with what it overrides in place of what all replicas
// share. It is to be looked at only.
func (t *Table) Overridden() *Table {
	own := t.Override
	if own == nil {
		return t
	}
	mine := *t
	mine.Throughput.Read = instead(own.Read, t.Throughput.Read)
	mine.OnDemand = limited(own.MaxRead, t.OnDemand)
	if own.Class != "" {
		mine.Class.Name = own.Class
	}
	mine.Indexes = slices.Clone(t.Indexes)
	for i, ix := range t.Indexes {
		of, ok := own.Indexes[ix.Name]
		if !ok {
			continue
		}
		with := *ix
		with.Throughput.Read = instead(of.Read, ix.Throughput.Read)
		with.OnDemand = limited(of.MaxRead, ix.OnDemand)
		mine.Indexes[i] = &with
	}
	return &mine
}

// instead returns own instead of what all have, if both are set.
func instead(own, all int64) int64 {
	if own > 0 && all > 0 {
		return own
	}
	return all
}

func limited(own int64, all *OnDemand) *OnDemand {
	if own == 0 {
		return all
	}
	limits := OnDemand{MaxRead: own}
	if all != nil {
		limits.MaxWrite = all.MaxWrite
	}
	return &limits
}
