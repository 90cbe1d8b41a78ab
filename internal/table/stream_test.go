package table_test

import (
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/table"
)

// stored returns a table whose descriptor was stored before streams had
// generations.
func stored(t *testing.T, stream string) *table.Table {
	t.Helper()
	tab, err := table.Decode([]byte(`{"ID":"00000000-0000-4000-8000-000000000001","Account":"000000000000","Region":"us-east-1","Name":"tab",` +
		`"Attributes":[{"Name":"pk","Type":"S"}],"Schema":[{"Name":"pk","Type":"HASH"}],"Stream":` + stream + `,"NextStream":3}`))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestStreamOfAnEarlierVersion(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	on := stored(t, `{"Number":3,"Label":"2026-10-01T10:00:00.000","View":"KEYS_ONLY","Enabled":true,"Shards":4}`)
	if n := len(on.StreamsAt(now)); n != 1 {
		t.Errorf("%d streams", n)
	}
	if shards := on.Stream.ShardsAt(now); len(shards) != 4 || shards[3].ID != "shardId-00000001790848800000-00030003" || shards[3].Parent != "" || !shards[3].Closed.IsZero() {
		t.Errorf("shards are %+v", shards)
	}
	if at, ok := on.RolloverAt(); ok {
		t.Errorf("it is rolled over at %v", at)
	}
	if first, end := on.Dead(now); first != 1 || end != 3 {
		t.Errorf("dead are %d to %d", first, end)
	}
	off := stored(t, `{"Number":3,"Label":"2026-10-01T10:00:00.000","View":"KEYS_ONLY","Enabled":false,"Shards":4}`)
	if n := len(off.StreamsAt(now)); n != 0 {
		t.Errorf("%d streams", n)
	}
	if first, end := off.Dead(now); first != 1 || end != 4 {
		t.Errorf("dead are %d to %d", first, end)
	}
	if none := stored(t, `null`); table.Streaming(none.Raw()) || !table.Streaming(off.Raw()) {
		t.Error("Streaming does not tell who has a stream")
	}
}

func TestLabelsAreUnique(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 123_456_789, time.UTC)
	tab := stored(t, `null`)
	seen := map[string]bool{}
	for i := range 5 {
		if i > 0 {
			tab.StopStream(now)
		}
		tab.StartStream(now, "KEYS_ONLY", 1, 0)
		if label := tab.Stream.Label; seen[label] || !strings.HasPrefix(label, "2026-11-22T12:00:00.12") && i != 4 {
			t.Errorf("label %d is %s", i, label)
		}
		seen[tab.Stream.Label] = true
		now = now.Add(-time.Duration(i) * time.Hour) // somebody sets the clock back
	}
}

// A stream that is rolled over often keeps so many generations, and goes on
// when the first of them is gone.
func TestStreamKeepsSoManyGenerations(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tab := stored(t, `null`)
	tab.StartStream(now, "KEYS_ONLY", 2, time.Minute)
	rolled := 0
	for range 1000 {
		now = now.Add(time.Minute)
		if tab.RollOver(now) {
			rolled++
		}
	}
	shards := tab.Stream.ShardsAt(now)
	if rolled != 100 || len(shards) != 2*101 {
		t.Errorf("rolled over %d times, there are %d shards", rolled, len(shards))
	}
	for i, s := range shards {
		if i > 0 && s.ID <= shards[i-1].ID || i >= 2 && s.Parent != shards[i-2].ID {
			t.Errorf("shard %d is %+v", i, s)
		}
		if got, ok := tab.Stream.ShardByID(now, s.ID); !ok || got.Number != s.Number || got.Index != s.Index {
			t.Errorf("shard %s is %+v", s.ID, got)
		}
	}
	now = now.Add(24 * time.Hour)
	first, end := tab.Dead(now)
	if first != 1 || end != 104 { // all but the one that is open
		t.Errorf("dead are %d to %d", first, end)
	}
	tab.ForgetStreams(end)
	if first, end := tab.Dead(now); first != end || !tab.RollOver(now) {
		t.Errorf("dead are %d to %d", first, end)
	}
}
