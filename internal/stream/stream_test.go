package stream_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

func parse(t testing.TB, json string) attr.Item {
	t.Helper()
	if json == "" {
		return nil
	}
	it, err := attr.ParseItem(json)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// newTable returns a table keyed on pk whose stream has the given number, or
// that has none if it is 0.
func newTable(t testing.TB, number uint32, enabled bool) *table.Table {
	t.Helper()
	tab := &table.Table{
		ID: "00000000-0000-4000-8000-000000000001", Account: "000000000000", Region: "us-east-1", Name: "tab",
		Attributes: []table.Attribute{{Name: "pk", Type: "S"}},
		Schema:     []table.KeyElement{{Name: "pk", Type: "HASH"}},
	}
	if number > 0 {
		tab.Stream = &table.Stream{Number: number, Enabled: enabled, Shards: 4}
	}
	if _, err := tab.Encode(); err != nil {
		t.Fatal(err)
	}
	return tab
}

// logged returns the values of all logs of tab's latest stream.
func logged(t testing.TB, store kv.Store, tab *table.Table) (values [][]byte) {
	t.Helper()
	err := store.View(t.Context(), func(r kv.Reader) error {
		for shard := range tab.Stream.Shards {
			for pair, err := range r.Scan(kv.Prefix(tab.Shard(shard))) {
				if err != nil {
					return err
				}
				values = append(values, append([]byte(nil), pair.Value...))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// appendRecord logs r in a commit of its own and returns what was stored.
func appendRecord(t testing.TB, r *stream.Record) []byte {
	t.Helper()
	store, tab := memkv.Open(), newTable(t, 1, true)
	defer store.Close()
	key, err := tab.Key(parse(t, `{"pk":{"S":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error { stream.Append(tx, tab, key, r); return nil }); err != nil {
		t.Fatal(err)
	}
	values := logged(t, store, tab)
	if len(values) != 1 {
		t.Fatalf("%d records", len(values))
	}
	return values[0]
}

func records(t testing.TB) map[string]*stream.Record {
	key := parse(t, `{"pk":{"S":"a"}}`)
	one, two := parse(t, `{"pk":{"S":"a"},"n":{"N":"1"}}`), parse(t, `{"pk":{"S":"a"},"l":{"L":[{"NULL":true}]}}`)
	now := time.UnixMilli(1795348800123)
	return map[string]*stream.Record{
		"INSERT": {Time: now, Key: key, New: one},
		"MODIFY": {Time: now, Key: key, Old: one, New: two},
		"REMOVE": {Time: now, Key: key, Old: two, Identity: "dynamodb.amazonaws.com"},
	}
}

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	for event, r := range records(t) {
		got, err := stream.Decode(appendRecord(t, r))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("%s: %s", event, diff)
		}
		if string(got.Event()) != event {
			t.Errorf("event is %s, want %s", got.Event(), event)
		}
	}
}

func TestAppendDoesNothingWithoutAStream(t *testing.T) {
	for name, tab := range map[string]*table.Table{"none": newTable(t, 0, false), "off": newTable(t, 1, false)} {
		store := memkv.Open()
		err := store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
			stream.Append(tx, tab, []byte("i00000000hash"), records(t)["INSERT"])
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = store.View(t.Context(), func(r kv.Reader) error {
			for pair := range r.Scan(kv.Range{}) {
				t.Errorf("%s: %x was written", name, pair.Key)
			}
			return nil
		})
		_ = store.Close()
	}
}

// What is logged for a stream does not show in the next one of the table.
func TestStreamsOfATableAreApart(t *testing.T) {
	store, first, second := memkv.Open(), newTable(t, 1, true), newTable(t, 2, true)
	defer store.Close()
	key, err := first.Key(parse(t, `{"pk":{"S":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error {
		stream.Append(tx, first, key, records(t)["INSERT"])
		stream.Append(tx, first, key, records(t)["MODIFY"])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(logged(t, store, first)); n != 2 {
		t.Errorf("the first stream has %d records, want 2", n)
	}
	if n := len(logged(t, store, second)); n != 0 {
		t.Errorf("the second stream has %d records, want none", n)
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	good := appendRecord(t, records(t)["MODIFY"])
	for n := range good {
		if _, err := stream.Decode(good[:n]); err == nil {
			t.Errorf("the first %d bytes of %d are a record", n, len(good))
		}
	}
	if _, err := stream.Decode(append(good[:len(good):len(good)], 0)); err == nil {
		t.Error("a record may have something after it")
	}
	if _, err := stream.Decode(append([]byte{99}, good[1:]...)); err == nil {
		t.Error("a record may be of any version")
	}
}

// Whatever is decoded can be logged again and is the same then.
func FuzzDecode(f *testing.F) {
	for _, r := range records(f) {
		f.Add(appendRecord(f, r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := stream.Decode(b)
		if err != nil {
			return
		}
		again, err := stream.Decode(appendRecord(t, r))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Error(diff)
		}
	})
}

// A change of little of a large item is logged in little more than the item.
func TestOldImageTakesTheRoomOfTheDifference(t *testing.T) {
	large := func(n, text string) attr.Item {
		return parse(t, `{"a":{"S":"`+strings.Repeat("x", 5000)+`"},"n":{"N":"`+n+`"},"pk":{"S":"a"},"z":{"S":"`+text+strings.Repeat("y", 5000)+`"}}`)
	}
	key := parse(t, `{"pk":{"S":"a"}}`)
	for _, c := range []struct{ old, now attr.Item }{
		{large("1", ""), large("2", "")},
		{large("1", ""), large("1000001", "")},
		{large("1", "short"), large("1", "much longer than it was")},
		{large("1", "xyxyx"), large("1", "xyx")},
		{large("1", ""), large("1", "")},
		{large("1", "y"), large("1", "yyyy")},
	} {
		for _, r := range []*stream.Record{
			{Time: time.UnixMilli(1), Key: key, Old: c.old, New: c.now},
			{Time: time.UnixMilli(1), Key: key, Old: c.now, New: c.old},
		} {
			raw := appendRecord(t, r)
			if most := len(r.New) + 120; len(raw) > most {
				t.Errorf("%d bytes, want at most %d", len(raw), most)
			}
			got, err := stream.Decode(raw)
			if diff := cmp.Diff(r, got); err != nil || diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
		}
	}
}

// Stores have records of before old images were made short.
func TestRecordOfWholeImages(t *testing.T) {
	key, old, now := parse(t, `{"pk":{"S":"a"}}`), parse(t, `{"pk":{"S":"a"},"n":{"N":"1"}}`), parse(t, `{"pk":{"S":"a"},"n":{"N":"2"}}`)
	raw := binary.AppendUvarint([]byte{1}, 1795348800123)
	for _, part := range [][]byte{key, old, now, []byte("someone")} {
		raw = append(binary.AppendUvarint(raw, uint64(len(part))), part...)
	}
	got, err := stream.Decode(raw)
	want := &stream.Record{Time: time.UnixMilli(1795348800123), Key: key, Old: old, New: now, Identity: "someone"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}
