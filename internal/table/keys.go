package table

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
)

// The key space of a store. An id is the first 8 bytes of the table's UUID, so
// what belongs to a table stays apart from what belongs to a later one of the
// same name. Numbers are big endian.
//
//	c/<account>/<region>/<name>                      descriptor
//	i<id><hash32 of hk><hk><rk>                      item
//	x<id><index 4><hash32 of ihk><ihk><irk><hk><rk>  index entry: projected attributes
//	n<id><index 4><figure 1>                         counter; the table's own have index 0
//	s<id><generation 4><shard 2><version 8>          change record
//	e<id><queue 4><second 8><hash32 of hk><hk><rk>   when an item expires: nothing
//	v<id><number 4><hash32 of hk><hk><rk>            version vector of an item that is replicated through the log
//	r<id><id of another replica>                     how far the changes of that one have been made here
//	o/<account>/<name>\0<time 8><hash 8>             conflict of two replicas' writes
//	k/<account>/<region>/<token>                     client request token
//	d<id>[<index 4>|0]                               what is deleted and not yet cleared away
//	f/<account>/<region>/<name>\0<id>                what was a table, as long as its streams can be read
//	j/<name>                                         lease of background work, the note that wakes its holder, and what replication is held up by
//	l/<name>                                         a load that is under way, with the ids of its tables
//
// The hash first makes a scan's order look like DynamoDB's, makes segments
// of a parallel scan ranges of keys, and spreads writes. An index entry ends in
// its item's key, so that it belongs to exactly one item and the item's lock
// covers it.
const (
	descriptorSpace = "c/"
	itemSpace       = 'i'
	entrySpace      = 'x'
	counterSpace    = 'n'
	streamSpace     = 's'
	queueSpace      = 'e'
	versionSpace    = 'v'
	cursorSpace     = 'r'
	conflictSpace   = "o/"
	tokenSpace      = "k/"
	deletedSpace    = 'd'
	remainsSpace    = "f/"
	jobSpace        = "j/"
	loadSpace       = "l/"
)

// shortID returns the bytes of a UUID that stand in keys.
func shortID(uuid string) (id ID, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if err != nil || len(b) != 16 {
		return id, fmt.Errorf("table: %q is no table id", uuid)
	}
	copy(id[:], b)
	return id, nil
}

// DescriptorKey returns the key of a table's descriptor.
func DescriptorKey(account, region, name string) []byte {
	return []byte(descriptorSpace + account + "/" + region + "/" + name)
}

// Descriptors returns the range of the descriptors of a region's tables whose
// names come after a name, in byte order of the names.
func Descriptors(account, region, after string) kv.Range {
	r := kv.Prefix(DescriptorKey(account, region, ""))
	if after != "" {
		r.Start = append(DescriptorKey(account, region, after), 0)
	}
	return r
}

// PlaceOf returns the account and the region of the table whose descriptor's key is
// given.
func PlaceOf(descriptor []byte) (account, region string) {
	account, rest, _ := strings.Cut(strings.TrimPrefix(string(descriptor), descriptorSpace), "/")
	region, _, _ = strings.Cut(rest, "/")
	return account, region
}

// AllDescriptors returns the range of all descriptors of all regions.
func AllDescriptors() kv.Range { return kv.Prefix([]byte(descriptorSpace)) }

// TokenKey returns the key of a client request token.
func TokenKey(account, region, token string) []byte {
	return []byte(tokenSpace + account + "/" + region + "/" + token)
}

// Tokens returns the range of all client request tokens.
func Tokens() kv.Range { return kv.Prefix([]byte(tokenSpace)) }

// LeaseKey returns the key of the lease that background work is done under, in
// a store that several processes share.
func LeaseKey() []byte { return []byte(jobSpace + "lease") }

// WakeKey returns the key of the note that tells the lease's holder of new
// work.
func WakeKey() []byte { return []byte(jobSpace + "wake") }

// ControlKey returns the key of what replication is held up by.
func ControlKey() []byte { return []byte(jobSpace + "replication") }

func (t *Table) appendSpace(dst []byte, space byte) []byte {
	return append(append(dst, space), t.id[:]...)
}

func (ix *Index) appendSpace(dst []byte, t *Table) []byte {
	return binary.BigEndian.AppendUint32(t.appendSpace(dst, entrySpace), ix.ID)
}

// space appends where the items of t, or the entries of ix if it is not nil,
// are stored.
func (t *Table) space(dst []byte, ix *Index) []byte {
	if ix == nil {
		return t.appendSpace(dst, itemSpace)
	}
	return ix.appendSpace(dst, t)
}

// appendHashed appends a hash key's parts with their hash before them.
func appendHashed(dst []byte, parts []attr.Value) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, v := range parts {
		dst = attr.AppendKey(dst, v)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(xxhash.Sum64(dst[at+4:])>>32))
	return dst
}

// appendKey appends the key that item has under keys, hash first. It reports
// false if an attribute is missing, empty or of another type.
func (k Keys) appendKey(dst []byte, item attr.Item) ([]byte, bool) {
	var room [4]attr.Value
	parts := room[:0]
	for _, key := range k.Hash {
		v := item.Get(key.Name)
		if !fits(v, key.Kind) {
			return dst, false
		}
		parts = append(parts, v)
	}
	dst = appendHashed(dst, parts)
	return appendParts(dst, k.Range, item)
}

func appendParts(dst []byte, keys []Key, item attr.Item) ([]byte, bool) {
	for _, key := range keys {
		v := item.Get(key.Name)
		if !fits(v, key.Kind) {
			return dst, false
		}
		dst = attr.AppendKey(dst, v)
	}
	return dst, true
}

func fits(v attr.Value, kind attr.Kind) bool {
	return v != nil && v.Kind() == kind && (kind == attr.N || len(v.Bytes()) > 0)
}

// itemKey returns where item is stored. The item must have been checked.
func (t *Table) itemKey(item attr.Item) []byte {
	key, ok := t.keys.appendKey(t.appendSpace(make([]byte, 0, 64), itemSpace), item)
	if !ok {
		panic("table: item without its key")
	}
	return key
}

// EntryKey returns where the entry of item in ix is stored, or nil if item has
// none: an index is sparse. An item that was there before the index may have
// attributes that cannot be its keys; it is not in the index.
func (t *Table) EntryKey(ix *Index, item attr.Item) []byte {
	if item == nil {
		return nil
	}
	key, ok := ix.keys.appendKey(ix.appendSpace(make([]byte, 0, 96), t), item)
	if !ok || len(key) > maxRangeKey && checkKeySizes(ix.keys, item) != nil {
		return nil
	}
	for _, k := range t.keys.Hash {
		key = attr.AppendKey(key, item.Get(k.Name))
	}
	key, _ = appendParts(key, t.keys.Range, item)
	return key
}

// Entry returns the attributes that the entry of item in ix has.
func (ix *Index) Entry(item attr.Item) attr.Item {
	if ix.names == nil {
		return item
	}
	return item.Project(ix.names)
}

// A Figure is something that is counted for tables and indexes.
type Figure byte

// What is counted.
const (
	Items Figure = 'c'
	Bytes Figure = 'b'
)

// Counter returns the key of a counter of t, or of ix if it is not nil.
func (t *Table) Counter(ix *Index, f Figure) []byte {
	id := uint32(0)
	if ix != nil {
		id = ix.ID
	}
	key := t.appendSpace(make([]byte, 0, 16), counterSpace)
	return append(binary.BigEndian.AppendUint32(key, id), byte(f))
}

// Log returns the key under which the changes of the item stored at key are
// appended.
func (t *Table) Log(key []byte) []byte {
	return t.Shard(SegmentOf(key, t.Stream.Shards))
}

// Shard returns the log of one shard of the latest generation of the table's
// latest stream.
func (t *Table) Shard(shard int) []byte { return t.Records(t.Stream.Number, shard) }

// Whole returns the range of all items of t, or of all entries of ix if it is
// not nil.
func (t *Table) Whole(ix *Index) kv.Range { return kv.Prefix(t.space(nil, ix)) }

// Segment returns the part of Whole that a parallel scan's segment reads.
func (t *Table) Segment(ix *Index, segment, total int) kv.Range {
	r := t.Whole(ix)
	prefix := t.space(nil, ix)
	bound := func(i int) []byte {
		at := (uint64(i)<<32 + uint64(total) - 1) / uint64(total)
		return binary.BigEndian.AppendUint32(prefix[:len(prefix):len(prefix)], uint32(at))
	}
	if segment > 0 {
		r.Start = bound(segment)
	}
	if segment < total-1 {
		r.End = bound(segment + 1)
	}
	return r
}

// SegmentOf returns which of total segments the item stored at key is in, or the
// entry, or the item whose place in a queue is key. A key that is too short to have a hash is in one of them.
func SegmentOf(key []byte, total int) int {
	at := 9
	switch key[0] {
	case entrySpace:
		at = 13
	case queueSpace:
		at = queueHead + expiryLen
	}
	var hash [4]byte
	if len(key) > at {
		copy(hash[:], key[at:])
	}
	return int(uint64(binary.BigEndian.Uint32(hash[:])) * uint64(total) >> 32)
}

// A Bound narrows a query to some range keys below one hash key.
type Bound struct {
	Equal     []attr.Value // of the first range keys
	Low, High attr.Value   // of the next one; nil is open
	LowOpen   bool         // Low itself is not included
	HighOpen  bool
	Begins    attr.Value // instead of Low and High: what the next one begins with
}

// Collection returns the range of the items, or the entries of ix if it is not
// nil, with one hash key, narrowed by b.
func (t *Table) Collection(ix *Index, hash []attr.Value, b Bound) kv.Range {
	prefix := appendHashed(t.space(nil, ix), hash)
	for _, v := range b.Equal {
		prefix = attr.AppendKey(prefix, v)
	}
	r := kv.Prefix(prefix)
	grow := prefix[:len(prefix):len(prefix)]
	if b.Begins != nil {
		return kv.Prefix(attr.AppendKeyPrefix(grow, b.Begins.Bytes()))
	}
	if b.Low != nil {
		r.Start = attr.AppendKey(grow, b.Low)
		if b.LowOpen {
			r.Start = kv.After(r.Start)
		}
	}
	if b.High != nil {
		r.End = attr.AppendKey(grow, b.High)
		if !b.HighOpen {
			r.End = kv.After(r.End)
		}
	}
	return r
}

// A Grave is what is left of a deleted table, index or queue: the ranges to clear
// and the key that says so.
type Grave struct {
	Key    []byte
	Ranges []kv.Range
}

// Bury returns the grave of all of t but its streams, or of ix alone if it is
// not nil.
func (t *Table) Bury(ix *Index) Grave {
	if ix != nil {
		return t.buryPart(ix.ID)
	}
	g, _ := Exhume(t.appendSpace(nil, deletedSpace))
	return g
}

// BuryAll returns the grave of all of the table with an ID, streams included.
func BuryAll(id ID) Grave {
	g, _ := Exhume(append(append([]byte{deletedSpace}, id[:]...), 0))
	return g
}

// buryPart returns the grave of the index or queue with a number.
func (t *Table) buryPart(number uint32) Grave {
	g, _ := Exhume(binary.BigEndian.AppendUint32(t.appendSpace(nil, deletedSpace), number))
	return g
}

// Graves returns the range of the keys of all graves.
func Graves() kv.Range { return kv.Prefix([]byte{deletedSpace}) }

// Exhume returns the grave with the given key. It reports false if the key is
// of something else.
func Exhume(key []byte) (Grave, bool) {
	if len(key) < 9 || key[0] != deletedSpace {
		return Grave{}, false
	}
	of := key[1:]
	spaces := []byte{itemSpace, entrySpace, counterSpace, queueSpace, versionSpace, cursorSpace}
	switch len(key) {
	case 9:
	case 10: // of a table with its streams
		of = key[1:9]
		spaces = append(spaces, streamSpace)
	default: // of one index, of a queue, or of version vectors
		spaces = []byte{entrySpace, counterSpace, queueSpace, versionSpace}
	}
	g := Grave{Key: key}
	for _, space := range spaces {
		prefix := append([]byte{space}, of...)
		g.Ranges = append(g.Ranges, kv.Prefix(prefix))
	}
	return g, true
}
