// Package table describes tables: their keys, indexes, stream and settings. It
// draws the store's key space, turns items into the keys and index entries
// under which they are stored, and checks that an item fits its table. It does
// not read or write items.
package table

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/statordb/stator/internal/attr"
)

// A Table is a table's descriptor. Descriptors are values: one that has been
// stored or loaded is never changed, but replaced by a changed Clone.
type Table struct {
	ID      string // a UUID, new for every CreateTable
	Account string
	Region  string
	Name    string
	Created time.Time

	Attributes []Attribute // exactly those that keys use
	Schema     []KeyElement
	Indexes    []*Index // in the order in which they were created

	Billing    Billing
	Throughput Throughput
	OnDemand   *OnDemand
	Warm       *Warm
	Class      Class
	Protected  bool // against deletion
	SSE        *SSE
	Stream     *Stream   // the latest one, on or off; nil if there never was one
	Former     []*Stream `json:",omitempty"` // those before it that can still be read, oldest first
	TTL        *TTL      `json:",omitempty"` // as last set; nil if it never was
	Tags       []Tag
	Policy     string // the resource policy it was created with

	// Replicas are the other tables of the global table that this is one of, in
	// the order in which they joined it. A change of them changes the descriptors
	// of all.
	Replicas []Replica `json:",omitempty"`
	// Strong says that the global table has strong consistency in all regions, of
	// which Witness has no table; "" if none is only a witness.
	Strong     bool      `json:",omitempty"`
	Witness    string    `json:",omitempty"`
	Override   *Override `json:",omitempty"` // what it has of its own of what replicas share
	Detachable bool      `json:",omitempty"` // it may leave the global table with its items
	// Global is set in a global table of the version of 2017, which may have no
	// other table.
	Global  *Global `json:",omitempty"`
	Scaling Scaling `json:",omitzero"`
	// Filling says that it is to be given the items of before it joined; nil if
	// it has them.
	Filling *Filling `json:",omitempty"`

	// Async is set while the table's changes are made in its replicas after their
	// commit, through the change log. All replicas have it, or none.
	Async *Async `json:",omitempty"`

	// State is what the table is on its way to or from. It passes by itself at
	// Until, so nothing has to happen for a table to become active.
	State State

	// NextIndex and NextStream number indexes (and queues of a TTL and version
	// vectors, see there)
	// and generations of streams, so that what is left of a dropped one is never
	// taken for a new one's.
	NextIndex  uint32
	NextStream uint32
	// Trimmed is the highest number of a generation whose logs, like those of
	// all before it, have been deleted.
	Trimmed uint32 `json:",omitempty"`

	id         [8]byte
	keys       Keys
	raw        []byte
	descriptor []byte   // key
	keyAttr    []string // names of the key's attributes
	byName     []*Index // Indexes, in the order of their names
}

// An Attribute is the declared type of an attribute that keys use.
type Attribute struct {
	Name string
	Type string // S, N or B
}

// A KeyElement is one attribute of a key.
type KeyElement struct {
	Name string
	Type string // HASH or RANGE
}

// Keys are the attributes of a key with their types.
type Keys struct {
	Hash, Range []Key
	all         []Key // both, one after the other
}

// A Key is one attribute of a key and the type its values must have.
type Key struct {
	Name string
	Kind attr.Kind
}

// All returns the hash keys followed by the range keys.
func (k Keys) All() []Key { return k.all }

// An Index is a global or local secondary index.
type Index struct {
	ID         uint32
	Name       string
	Local      bool
	Schema     []KeyElement
	Projection Projection
	Throughput Throughput
	OnDemand   *OnDemand
	Warm       *Warm
	State      State
	// Backfilling is set until the items that were there before the index
	// have their entries. Until then the index must not be read.
	Backfilling bool

	keys    Keys
	names   []string // of the attributes in an entry; nil means all
	keyAttr []string // of the table's key and the index's
}

// A Projection says which attributes an index entry has besides its keys.
type Projection struct {
	Type   string // ALL, KEYS_ONLY or INCLUDE
	NonKey []string
}

// Billing is how a table's requests are paid for.
type Billing struct {
	Mode    string    // PROVISIONED or PAY_PER_REQUEST
	Changed time.Time // when it last became PAY_PER_REQUEST; zero for never
}

// Throughput is provisioned capacity in units a second.
type Throughput struct {
	Read, Write          int64
	Increased, Decreased time.Time
	DecreasesToday       int64 // on the day of Decreased
}

// DecreasesAt returns how often the throughput was decreased on the day of
// now. A day is one of UTC.
func (p Throughput) DecreasesAt(now time.Time) int64 {
	const day = 24 * time.Hour
	if !p.Decreased.Truncate(day).Equal(now.Truncate(day)) {
		return 0
	}
	return p.DecreasesToday
}

// OnDemand limits on-demand throughput, in units a second; 0 is not set and -1
// no limit.
type OnDemand struct{ MaxRead, MaxWrite int64 }

// Warm is the throughput a table is ready for at once, in units a second.
type Warm struct{ Read, Write int64 }

// Class is the table class.
type Class struct {
	Name    string // STANDARD or STANDARD_INFREQUENT_ACCESS; empty is STANDARD
	Changed time.Time
}

// SSE is encryption at rest with a key other than the service's own.
type SSE struct{ KeyARN string }

// ManagedKey is the ID that stands for the key that AWS manages for DynamoDB.
const ManagedKey = "00000000-0000-0000-0000-000000000000"

// Managed reports whether the key is AWS's and not the user's own.
func (e *SSE) Managed() bool { return strings.HasSuffix(e.KeyARN, ManagedKey) }

// A Tag is a key and a value that users put on tables.
type Tag struct{ Key, Value string }

// State is a status that lasts from one moment until another. It is over, too,
// before it began: then somebody has set the clock back, and it would last for
// as long as that.
type State struct {
	Status       Status
	Since, Until time.Time
}

// Over reports whether the status has passed at now.
func (s State) Over(now time.Time) bool { return !now.Before(s.Until) || now.Before(s.Since) }

// A Status is what DynamoDB says a table or index is.
type Status string

// The statuses that this package gives.
const (
	Active   Status = "ACTIVE"
	Creating Status = "CREATING"
	Updating Status = "UPDATING"
	Deleting Status = "DELETING"
)

// At returns the status at now.
func (s State) At(now time.Time) Status {
	if s.Status == "" || s.Over(now) {
		return Active
	}
	return s.Status
}

// StatusAt returns the table's status at now. A table that is not there any
// more has none; see Gone. A table is active while one of its indexes is
// filled, but not while one is on its way out.
func (t *Table) StatusAt(now time.Time) Status {
	if t.State.Status == Deleting {
		return Deleting
	}
	if t.Filling != nil {
		return Creating
	}
	if status := t.State.At(now); status != Active {
		return status
	}
	if slices.ContainsFunc(t.Indexes, func(ix *Index) bool { return ix.State.Status == Deleting }) {
		return Updating
	}
	return Active
}

// Online returns the index that is being added to or dropped from a table that
// is in use, or nil. There is one at most.
func (t *Table) Online() *Index {
	for _, ix := range t.Indexes {
		if ix.Backfilling || ix.State.Status == Deleting {
			return ix
		}
	}
	return nil
}

// Gone reports whether the table was deleted and its time is over.
func (t *Table) Gone(now time.Time) bool {
	return t.State.Status == Deleting && t.State.Over(now)
}

// StatusAt returns the index's status at now. One on its way out is that until
// it is dropped.
func (ix *Index) StatusAt(now time.Time) Status {
	switch {
	case ix.State.Status == Deleting:
		return Deleting
	case ix.Backfilling:
		return Creating
	default:
		return ix.State.At(now)
	}
}

// FillingAt reports whether the index is being filled at now: what comes
// before, if statuses take their time, is over.
func (ix *Index) FillingAt(now time.Time) bool {
	return ix.Backfilling && ix.State.At(now) == Active && ix.State.Status != Deleting
}

// ARN returns the table's Amazon resource name.
func (t *Table) ARN() string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", t.Region, Owner(t.Account), t.Name)
}

// noOwner is the account in the names of what belongs to no account.
const noOwner = "000000000000"

// Owner returns the account that resource names show for an account under which
// tables are stored. That may be something else than an account: a namespace.
func Owner(account string) string {
	if len(account) != len(noOwner) || strings.Trim(account, "0123456789") != "" {
		return noOwner
	}
	return account
}

// StreamARN returns the resource name of the table's latest stream, or "".
func (t *Table) StreamARN() string {
	if t.Stream == nil {
		return ""
	}
	return t.ARNOf(t.Stream)
}

// IndexARN returns an index's resource name.
func (t *Table) IndexARN(ix *Index) string { return t.ARN() + "/index/" + ix.Name }

// Index returns the index called name, whatever its status is, or nil.
func (t *Table) Index(name string) *Index {
	for _, ix := range t.Indexes {
		if ix.Name == name {
			return ix
		}
	}
	return nil
}

// DropIndex takes ix out of the descriptor, with the attributes that no other
// key uses, and returns the key of its grave.
func (t *Table) DropIndex(ix *Index) (grave []byte) {
	t.Indexes = slices.DeleteFunc(t.Indexes, func(i *Index) bool { return i.ID == ix.ID })
	t.Attributes = slices.DeleteFunc(t.Attributes, func(a Attribute) bool { return !t.keyed(a.Name) })
	delete(t.Scaling.Indexes, ix.Name)
	return t.Bury(ix).Key
}

// keyed reports whether an attribute is part of any key.
func (t *Table) keyed(name string) bool {
	uses := func(e KeyElement) bool { return e.Name == name }
	if slices.ContainsFunc(t.Schema, uses) {
		return true
	}
	return slices.ContainsFunc(t.Indexes, func(ix *Index) bool { return slices.ContainsFunc(ix.Schema, uses) })
}

// HasLocal reports whether the table has a local index, and so item
// collections.
func (t *Table) HasLocal() bool {
	return slices.ContainsFunc(t.Indexes, func(ix *Index) bool { return ix.Local })
}

// Keys returns the attributes of the table's key.
func (t *Table) Keys() Keys { return t.keys }

// Keys returns the attributes of the index's key, without the table's.
func (ix *Index) Keys() Keys { return ix.keys }

// Projects reports whether entries have the attribute called name.
func (ix *Index) Projects(name string) bool {
	if ix.names == nil {
		return true
	}
	return slices.Contains(ix.names, name)
}

// KeyAttributes returns the names of the attributes that tell an entry of ix,
// or an item of t if ix is nil, from all others.
func (t *Table) KeyAttributes(ix *Index) []string {
	if ix != nil {
		return ix.keyAttr
	}
	return t.keyAttr
}

func keyNames(keys []Key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return names
}

// DescriptorKey returns the key the descriptor is stored under.
func (t *Table) DescriptorKey() []byte { return t.descriptor }

// Raw returns the bytes the descriptor was loaded from or encoded to.
func (t *Table) Raw() []byte { return t.raw }

// Clone returns a copy of t that can be changed and then encoded.
func (t *Table) Clone() *Table {
	c, err := Decode(t.raw)
	if err != nil {
		panic(err) // t was decoded from it
	}
	return c
}

// Encode returns the descriptor as it is stored, and makes t ready for use.
func (t *Table) Encode() ([]byte, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("encode descriptor of %s: %w", t.Name, err)
	}
	t.raw = raw
	return raw, t.prepare()
}

// Decode reads a stored descriptor. It keeps raw.
func Decode(raw []byte) (*Table, error) {
	t := &Table{raw: raw}
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("decode descriptor: %w", err)
	}
	return t, t.prepare()
}

var (
	backfilling = []byte(`Backfilling":true`) // it is looked for faster from a letter on
	deleting    = []byte(Deleting + `"`)
	streaming   = []byte(`"Stream":{`)
)

// Streaming reports whether the table whose descriptor is raw has, or had, a
// stream. It does not decode raw.
func Streaming(raw []byte) bool { return bytes.Contains(raw, streaming) }

// Settled reports whether nothing is left to do for the table whose descriptor
// is raw: it is not on its way out, no index is being added or dropped, and no
// queue filled. It does not decode raw, and when it reports false the descriptor
// tells: a tag may read like a status.
func Settled(raw []byte) bool {
	return !bytes.Contains(raw, backfilling) && !bytes.Contains(raw, deleting)
}

// prepare works out what the descriptor only implies.
func (t *Table) prepare() error {
	id, err := shortID(t.ID)
	if err != nil {
		return err
	}
	t.id = id
	t.descriptor = DescriptorKey(t.Account, t.Region, t.Name)
	t.keys = t.resolve(t.Schema)
	t.keyAttr = keyNames(t.keys.All())
	for _, s := range t.Known() {
		s.prepare()
	}
	for _, ix := range t.Indexes {
		ix.keys = t.resolve(ix.Schema)
		ix.keyAttr = union(t.keyAttr, keyNames(ix.keys.All()))
		ix.names = nil
		if ix.Projection.Type != "ALL" {
			ix.names = union(ix.keyAttr, ix.Projection.NonKey)
		}
	}
	t.byName = slices.SortedFunc(slices.Values(t.Indexes), func(a, b *Index) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

func (t *Table) resolve(schema []KeyElement) Keys {
	var k Keys
	for _, e := range schema {
		key := Key{Name: e.Name, Kind: attr.KindOf(t.TypeOf(e.Name))}
		if e.Type == "HASH" {
			k.Hash = append(k.Hash, key)
		} else {
			k.Range = append(k.Range, key)
		}
	}
	k.all = slices.Concat(k.Hash, k.Range)
	return k
}

// TypeOf returns the declared type of a key attribute, or "".
func (t *Table) TypeOf(name string) string {
	for _, a := range t.Attributes {
		if a.Name == name {
			return a.Type
		}
	}
	return ""
}

// union returns the names of a followed by those of b that are not in a.
func union(a, b []string) []string {
	out := append([]string(nil), a...)
next:
	for _, name := range b {
		for _, have := range out {
			if have == name {
				continue next
			}
		}
		out = append(out, name)
	}
	return out
}

// NewID returns a new UUID for a table.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
