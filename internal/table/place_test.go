package table_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

func newTable(t *testing.T) (*table.Table, *table.Index) {
	t.Helper()
	ix := &table.Index{ID: 7, Schema: []table.KeyElement{{Name: "g", Type: "HASH"}}, Projection: table.Projection{Type: "ALL"}}
	tab := &table.Table{
		ID: "0f0e0d0c-0b0a-0908-0706-050403020100", Account: "000000000000", Region: "us-east-1", Name: "tab",
		Attributes: []table.Attribute{{Name: "pk", Type: "S"}, {Name: "g", Type: "S"}},
		Schema:     []table.KeyElement{{Name: "pk", Type: "HASH"}},
		Indexes:    []*table.Index{ix},
		Stream:     &table.Stream{Number: 3, Shards: 4},
	}
	if _, err := tab.Encode(); err != nil {
		t.Fatal(err)
	}
	return tab, ix
}

func within(key []byte, r kv.Range) bool {
	return bytes.Compare(key, r.Start) >= 0 && (r.End == nil || bytes.Compare(key, r.End) < 0)
}

// Every key that is made is located, and nothing else.
func TestLocate(t *testing.T) {
	tab, ix := newTable(t)
	it, err := attr.ParseItem(`{"pk":{"S":"a"},"g":{"S":"b"}}`)
	if err != nil {
		t.Fatal(err)
	}
	key, err := tab.ItemKey(it)
	if err != nil {
		t.Fatal(err)
	}
	id, record := tab.Short(), append(tab.Shard(2), make([]byte, kv.VersionLen)...)
	for _, c := range []struct {
		key    []byte
		space  table.Space
		id     table.ID
		number uint32
		shard  int
		place  kv.Range
	}{
		{tab.DescriptorKey(), table.InDescriptors, table.ID{}, 0, 0, table.AllDescriptors()},
		{table.TokenKey("a", "r", "t"), table.InTokens, table.ID{}, 0, 0, table.Tokens()},
		{table.LeaseKey(), table.InLeases, table.ID{}, 0, 0, kv.Prefix([]byte("j/"))},
		{table.WakeKey(), table.InLeases, table.ID{}, 0, 0, kv.Prefix([]byte("j/"))},
		{tab.Bury(nil).Key, table.InGraves, id, 0, 0, table.Graves()},
		{tab.Bury(ix).Key, table.InGraves, id, 7, 0, table.Graves()},
		{key, table.InItems, id, 0, 0, tab.Whole(nil)},
		{tab.EntryKey(ix, it), table.InEntries, id, 7, 0, tab.Whole(ix)},
		{record, table.InRecords, id, 3, 2, kv.Prefix(tab.Shard(2))},
	} {
		p, ok := table.Locate(c.key)
		if !ok || p.Space != c.space || p.ID != c.id || p.Number != c.number || p.Shard != c.shard {
			t.Errorf("%q is in %s of %x, %d, %d: %t", c.key, p.Space, p.ID, p.Number, p.Shard, ok)
			continue
		}
		if r := p.Range(); !bytes.Equal(r.Start, c.place.Start) || !bytes.Equal(r.End, c.place.End) {
			t.Errorf("%q is in %q to %q, want %q to %q", c.key, r.Start, r.End, c.place.Start, c.place.End)
		}
	}
	for _, key := range []string{"", "c", "cx", "k", "i1234567", "x12345678901", "s1234567890123", "d12345678901", "n123456789012c", "z123456789"} {
		if p, ok := table.Locate([]byte(key)); ok {
			t.Errorf("%q is in %s", key, p.Space)
		}
	}
}

// A key is in the segment that SegmentOf says.
func TestSegmentOf(t *testing.T) {
	tab, ix := newTable(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		it, err := attr.ParseItem(fmt.Sprintf(`{"pk":{"S":"%d"},"g":{"S":"%d"}}`, r.Int(), r.Int()))
		if err != nil {
			t.Fatal(err)
		}
		key, err := tab.ItemKey(it)
		if err != nil {
			t.Fatal(err)
		}
		total := 1 + r.IntN(1000)
		if n := table.SegmentOf(key, total); !within(key, tab.Segment(nil, n, total)) {
			t.Errorf("%x is not in segment %d of %d", key, n, total)
		}
		entry := tab.EntryKey(ix, it)
		if n := table.SegmentOf(entry, total); !within(entry, tab.Segment(ix, n, total)) {
			t.Errorf("%x is not in segment %d of %d", entry, n, total)
		}
	}
}
