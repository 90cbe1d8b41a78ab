package check_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/enginetest"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// do sends a request that must be answered well.
func do(t *testing.T, db *dynamodb.DB, operation, format string, args ...any) {
	t.Helper()
	_, err := db.Do(context.Background(), dynamodb.Call{
		Account: "000000000000", Region: "us-east-1", Target: "DynamoDB_20120810",
		Operation: operation, Body: fmt.Appendf(nil, format, args...),
	}, nil)
	if err != nil {
		t.Errorf("%s: %v", operation, err)
	}
}

// createRich creates a table with a stream, a local index, and global ones of
// each projection, of which one has a key of several attributes.
const createRich = `{"TableName":"%s","BillingMode":"PAY_PER_REQUEST","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},` +
	`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},{"AttributeName":"l","AttributeType":"S"},` +
	`{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"b","AttributeType":"B"},{"AttributeName":"n","AttributeType":"N"}],` +
	`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],` +
	`"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],` +
	`"GlobalSecondaryIndexes":[{"IndexName":"keys","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}},` +
	`{"IndexName":"some","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["v"]}},` +
	`{"IndexName":"many","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"b","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`

const (
	createPlain = `{"TableName":"%s","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`
	addIndex    = `{"TableName":"%s","AttributeDefinitions":[{"AttributeName":"%s","AttributeType":"S"}],` +
		`"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"added","KeySchema":[{"AttributeName":"%[2]s","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`
	dropIndex = `{"TableName":"%s","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"%s"}}]}`
	expire    = `{"TableName":"%s","TimeToLiveSpecification":{"Enabled":%t,"AttributeName":"expires"}}`
	streamOff = `{"TableName":"%s","StreamSpecification":{"StreamEnabled":false}}`
	streamOn  = `{"TableName":"%s","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`
)

// richItem returns item n of a table like createRich's. It is in all indexes,
// and with another version at other places in all.
func richItem(n int, version string) string {
	return fmt.Sprintf(`{"pk":{"S":"p%d"},"sk":{"N":"%d"},"l":{"S":"l%s"},"g":{"S":"g%[3]s"},"b":{"B":"AAEC"},"n":{"N":"%[2]d.5"},"v":{"S":"%[3]s"},"w":{"L":[{"NULL":true}]}}`, n%7, n, version)
}

// A garden is a store with something of everything, in which all is well.
type garden struct {
	store kv.Store
	db    *dynamodb.DB
}

// items is how many items rich has at first.
const items = 40

func grow(t *testing.T, store kv.Store) *garden {
	t.Helper()
	g := &garden{store, dynamodb.New(dynamodb.Config{Store: store})}
	do(t, g.db, "CreateTable", createPlain, "brief")
	do(t, g.db, "UpdateTimeToLive", expire, "brief", true)
	// What remains of a table whose stream can still be read.
	do(t, g.db, "CreateTable", createRich, "former")
	for n := range items {
		do(t, g.db, "PutItem", `{"TableName":"former","Item":%s}`, richItem(n, "1"))
	}
	do(t, g.db, "DeleteTable", `{"TableName":"former"}`)
	if err := job.New(store, time.Now, slog.New(slog.DiscardHandler), job.Config{}).Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rich", "rested", "cleared"} {
		do(t, g.db, "CreateTable", createRich, name)
		for n := range items {
			do(t, g.db, "PutItem", `{"TableName":"%s","Item":%s}`, name, richItem(n, "1"))
		}
	}
	for _, name := range []string{"plain", "empty", "leaving", "left", "filling", "queueing", "endless"} {
		do(t, g.db, "CreateTable", createPlain, name)
	}
	// Items that expire, items that would if their table were looked through, and
	// a queue that is still to be cleared away.
	for n := range items {
		for _, name := range []string{"brief", "queueing"} {
			do(t, g.db, "PutItem", `{"TableName":"%s","Item":{"pk":{"S":"%d"},"expires":{"N":"%[2]d"}}}`, name, n)
		}
	}
	do(t, g.db, "PutItem", `{"TableName":"brief","Item":{"pk":{"S":"never"},"expires":{"S":"1"}}}`)
	do(t, g.db, "UpdateItem", `{"TableName":"brief","Key":{"pk":{"S":"3"}},"UpdateExpression":"SET expires = :e","ExpressionAttributeValues":{":e":{"N":"1000"}}}`)
	do(t, g.db, "UpdateTimeToLive", expire, "queueing", true)
	do(t, g.db, "PutItem", `{"TableName":"queueing","Item":{"pk":{"S":"3"},"expires":{"N":"1000"}}}`)
	before := dynamodb.New(dynamodb.Config{Store: store, Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	do(t, before, "UpdateTimeToLive", expire, "endless", true)
	do(t, g.db, "PutItem", `{"TableName":"endless","Item":{"pk":{"S":"a"},"expires":{"N":"1"}}}`)
	do(t, g.db, "UpdateTimeToLive", expire, "endless", false)
	for n := range items {
		do(t, g.db, "PutItem", `{"TableName":"rich","Item":%s}`, richItem(n, "2"))
		do(t, g.db, "PutItem", `{"TableName":"plain","Item":{"pk":{"S":"%d"},"x":{"S":"1"}}}`, n)
		do(t, g.db, "PutItem", `{"TableName":"left","Item":{"pk":{"S":"%d"}}}`, n)
		do(t, g.db, "PutItem", `{"TableName":"filling","Item":{"pk":{"S":"%d"},"x":{"S":"1"}}}`, n)
	}
	// A global table of three regions.
	do(t, g.db, "CreateTable", createPlain, "global")
	do(t, g.db, "UpdateTable", `{"TableName":"global","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}},{"Create":{"RegionName":"ap-east-1"}}]}`)
	for n := range items {
		do(t, g.db, "PutItem", `{"TableName":"global","Item":{"pk":{"S":"%d"},"x":{"S":"1"}}}`, n)
	}
	do(t, g.db, "DeleteItem", `{"TableName":"rich","Key":{"pk":{"S":"p1"},"sk":{"N":"1"}}}`)
	do(t, g.db, "UpdateItem", `{"TableName":"rich","Key":{"pk":{"S":"p2"},"sk":{"N":"2"}},"UpdateExpression":"REMOVE g, l"}`)
	do(t, g.db, "PutItem", `{"TableName":"rich","Item":{"pk":{"S":"bare"},"sk":{"N":"0"}}}`)
	do(t, g.db, "TransactWriteItems", `{"ClientRequestToken":"token","TransactItems":[{"Put":{"TableName":"rich","Item":%s}},{"Put":{"TableName":"plain","Item":{"pk":{"S":"t"}}}}]}`, richItem(3, "3"))
	// A stream that was off for a while, and one that is off.
	do(t, g.db, "UpdateTable", streamOff, "rested")
	do(t, g.db, "PutItem", `{"TableName":"rested","Item":%s}`, richItem(4, "off"))
	do(t, g.db, "UpdateTable", streamOn, "rested")
	do(t, g.db, "PutItem", `{"TableName":"rested","Item":%s}`, richItem(4, "on"))
	do(t, g.db, "UpdateTable", streamOff, "cleared")
	do(t, g.db, "PutItem", `{"TableName":"cleared","Item":%s}`, richItem(5, "5"))
	// Nobody works in the background, so what is deleted is still there, and
	// what is filled has only the entries of items that changed since.
	do(t, g.db, "UpdateTable", dropIndex, "cleared", "many")
	do(t, g.db, "DeleteTable", `{"TableName":"left"}`)
	slow := dynamodb.New(dynamodb.Config{Store: store, TransientStatus: time.Hour})
	do(t, slow, "DeleteTable", `{"TableName":"leaving"}`)
	do(t, g.db, "UpdateTable", addIndex, "filling", "x")
	do(t, g.db, "PutItem", `{"TableName":"filling","Item":{"pk":{"S":"1"},"x":{"S":"2"}}}`)
	return g
}

// table returns the descriptor of a table.
func (g *garden) table(t *testing.T, name string) (tab *table.Table) {
	t.Helper()
	err := g.store.View(t.Context(), func(r kv.Reader) error {
		values, err := r.Get(table.DescriptorKey("000000000000", "us-east-1", name))
		if err == nil {
			tab, err = table.Decode(bytes.Clone(values[0]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func (g *garden) update(t *testing.T, fn func(tx kv.Tx)) {
	t.Helper()
	if err := g.store.Update(t.Context(), kv.Locks{}, func(tx kv.Tx) error { fn(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// run checks the store and returns what was found, without the details.
func run(t *testing.T, store kv.Store) ([]string, check.Report) {
	t.Helper()
	var found []string
	counts := map[check.Kind]int64{}
	report, err := check.Run(t.Context(), store, check.Options{Found: func(f check.Finding) {
		line := string(f.Kind)
		if f.Table != "" {
			line += " " + f.Table[strings.LastIndex(f.Table, "/")+1:]
		}
		if f.Index != "" {
			line += "/" + f.Index
		}
		found = append(found, line)
		counts[f.Kind]++
		if f.Detail == "" || f.Kind != check.LiveGrave && f.Kind != check.WrongCounter && f.Key == "" && !strings.HasPrefix(f.Detail, "counters") {
			t.Errorf("it is not said what is wrong and where: %s", f)
		}
	}})
	if err != nil {
		t.Error(err)
	}
	if !maps.Equal(counts, report.Findings) || report.Total() != int64(len(found)) {
		t.Errorf("told %v, the report has %v", counts, report.Findings)
	}
	slices.Sort(found)
	return found, report
}

func TestHealthyStore(t *testing.T) {
	for name, open := range enginetest.All {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t)
			t.Cleanup(func() { _ = store.Close() })
			if found, report := run(t, store); found != nil || report.Counts != (check.Counts{}) {
				t.Errorf("an empty store has %v, %v", report, found)
			}
			grow(t, store)
			found, report := run(t, store)
			if found != nil {
				t.Errorf("found %v", found)
			}
			// rich has one item less and one more, and in each of four indexes two
			// entries less than that; cleared has three indexes; filling has one
			// entry, of the item that changed.
			want := check.Counts{Tables: 9 + 3, Leaving: 1, Items: (7+3)*items + 3, Entries: 11*items - 8 + 1, Records: (5+3)*items + 5}
			if diff := cmp.Diff(want, report.Counts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// subject returns what wounds are made in.
func (g *garden) subject(t *testing.T) subject {
	t.Helper()
	s := subject{item: parse(richItem(6, "2")), other: parse(richItem(5, "2"))}
	for name, tab := range map[string]**table.Table{
		"brief": &s.brief, "queueing": &s.queueing, "endless": &s.endless,
		"global": &s.global, "rich": &s.rich, "plain": &s.plain, "rested": &s.rested, "filling": &s.filling, "cleared": &s.cleared,
	} {
		*tab = g.table(t, name)
	}
	s.key, _ = s.rich.ItemKey(s.item)
	err := g.store.View(t.Context(), func(r kv.Reader) error {
		s.records, s.three = nil, nil
		for pair, err := range r.Scan(table.AllRemains()) {
			if err == nil {
				s.former, err = table.Decode(bytes.Clone(pair.Value))
			}
			if err != nil {
				return err
			}
		}
		for pair, err := range r.Scan(kv.Range{}) {
			if err != nil {
				return err
			}
			pair = kv.Pair{Key: bytes.Clone(pair.Key), Value: bytes.Clone(pair.Value)}
			p, _ := table.Locate(pair.Key)
			if p.Space != table.InRecords {
				continue
			}
			record, err := stream.Decode(pair.Value)
			switch {
			case err != nil:
				return err
			case p.ID == s.rested.Short() && p.Number == 1:
				s.old = pair
			case p.ID != s.rich.Short():
			case record.Key.String() == s.item.Project(s.rich.KeyAttributes(nil)).String():
				s.records = append(s.records, pair)
			case record.Key.String() == `{"pk":{"S":"p3"},"sk":{"N":"3"}}`:
				s.three = append(s.three, pair)
			}
		}
		return nil
	})
	if err != nil || len(s.records) != 2 || len(s.three) != 3 || s.old.Key == nil {
		t.Fatalf("%d, %d records: %v", len(s.records), len(s.three), err)
	}
	return s
}

func TestDamageIsFound(t *testing.T) {
	for name, open := range enginetest.All {
		if strings.HasPrefix(name, "pgkv") { // makes all others wait, and finds what they find
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, wound := range wounds {
				t.Run(name, func(t *testing.T) {
					store := open(t)
					t.Cleanup(func() { _ = store.Close() })
					g := grow(t, store)
					s := g.subject(t)
					g.update(t, func(tx kv.Tx) { wound.damage(tx, s) })
					found, _ := run(t, store)
					if diff := cmp.Diff(wound.want, found); diff != "" {
						t.Error(diff)
					}
				})
			}
		})
	}
}

// A wound is made by damage, and found as want says.
type wound struct {
	damage func(tx kv.Tx, s subject)
	want   []string
}

// A subject is what the wounds are made in: rich, and an item of it.
type subject struct {
	rich, plain, rested, filling, cleared *table.Table
	brief, queueing, endless              *table.Table // with a time to live
	former                                *table.Table // what remains of a deleted one
	global                                *table.Table // in us-east-1; its replicas are in eu-west-1 and ap-east-1

	item, other attr.Item // in all indexes
	key         []byte    // of item
	records     []kv.Pair // of item, which are two
	three       []kv.Pair // of an item that changed twice
	old         kv.Pair   // a record of rested's first stream
}

func (s subject) index(name string) *table.Index { return s.rich.Index(name) }

func (s subject) entry(name string, it attr.Item) []byte { return s.rich.EntryKey(s.index(name), it) }

// count corrects a counter of rich, or of an index.
func (s subject) count(tx kv.Tx, ix *table.Index, items int, bytes int) {
	tx.Add(s.rich.Counter(ix, table.Items), int64(items))
	tx.Add(s.rich.Counter(ix, table.Bytes), int64(bytes))
}

// queued returns where the item called pk is in the queue if it expires at a
// second.
func (s subject) queued(tab *table.Table, pk string, seconds uint64) []byte {
	key, _ := tab.ItemKey(parse(`{"pk":{"S":"` + pk + `"}}`))
	return tab.TTL.Queued(tab, key, seconds)
}

func parse(json string) attr.Item {
	it, err := attr.ParseItem(json)
	if err != nil {
		panic(err)
	}
	return it
}

// changed returns the item with one attribute more.
func changed(it attr.Item) attr.Item {
	return parse(strings.Replace(it.String(), "{", `{"a":{"S":"changed"},`, 1))
}

func short(tab *table.Table) string { id := tab.Short(); return string(id[:]) }

var wounds = map[string]wound{
	"lost item": {
		func(tx kv.Tx, s subject) { tx.Delete(s.key) },
		[]string{
			"entry-without-item rich/keys", "entry-without-item rich/local", "entry-without-item rich/many", "entry-without-item rich/some",
			"unlogged-change rich", "wrong-counter rich",
		},
	},
	"damaged item":           {func(tx kv.Tx, s subject) { tx.Set(s.key, s.item[:len(s.item)-1]) }, []string{"damaged-item rich"}},
	"item that is not there": {func(tx kv.Tx, s subject) { tx.Set(s.key, nil) }, []string{"damaged-item rich"}},
	"misplaced item": {
		func(tx kv.Tx, s subject) { tx.Set(append(bytes.Clone(s.key), 'x'), s.item) },
		[]string{"misplaced-item rich", "wrong-counter rich"},
	},
	"item without a key": {
		func(tx kv.Tx, s subject) { tx.Set(s.key, parse(`{"pk":{"S":"a"}}`)) },
		[]string{
			"entry-without-item rich/keys", "entry-without-item rich/local", "entry-without-item rich/many", "entry-without-item rich/some",
			"misplaced-item rich", "unlogged-change rich", "wrong-counter rich",
		},
	},
	"item at no hash": {
		func(tx kv.Tx, s subject) { tx.Set([]byte("i"+short(s.plain)+"ab"), parse(`{"pk":{"S":"a"}}`)) },
		[]string{"misplaced-item plain", "wrong-counter plain"},
	},
	"item that changed by itself": {
		func(tx kv.Tx, s subject) {
			now := changed(s.item)
			tx.Set(s.key, now)
			s.count(tx, nil, 0, now.Size()-s.item.Size())
		},
		[]string{"unlogged-change rich", "wrong-entry rich/local", "wrong-entry rich/many"},
	},
	"item that moved by itself": {
		func(tx kv.Tx, s subject) {
			now := parse(strings.Replace(s.item.String(), `"l":{"S":"l2"}`, `"l":{"S":"l9"}`, 1))
			tx.Set(s.key, now)
		},
		[]string{
			"item-without-entry rich/local", "item-without-entry rich/many", "stale-entry rich/local", "stale-entry rich/many", "unlogged-change rich",
		},
	},
	"item that was never put": {
		func(tx kv.Tx, s subject) {
			it := parse(richItem(1000, "1"))
			key, _ := s.rich.ItemKey(it)
			tx.Set(key, it)
		},
		[]string{
			"item-without-entry rich/keys", "item-without-entry rich/local", "item-without-entry rich/many", "item-without-entry rich/some",
			"wrong-counter rich",
		},
	},
	"lost entry": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.entry("keys", s.item))
			s.count(tx, s.index("keys"), -1, -s.index("keys").Entry(s.item).Size())
		},
		[]string{"item-without-entry rich/keys"},
	},
	"lost entry that is counted": {
		func(tx kv.Tx, s subject) { tx.Delete(s.entry("local", s.item)) },
		[]string{"item-without-entry rich/local", "wrong-counter rich/local"},
	},
	"entry of an item that is gone": {
		func(tx kv.Tx, s subject) {
			it := parse(richItem(1000, "1"))
			tx.Set(s.entry("some", it), s.index("some").Entry(it))
		},
		[]string{"entry-without-item rich/some", "wrong-counter rich/some"},
	},
	"entry of before": {
		func(tx kv.Tx, s subject) {
			it := parse(richItem(6, "1"))
			tx.Set(s.entry("keys", it), s.index("keys").Entry(it))
			s.count(tx, s.index("keys"), 1, s.index("keys").Entry(it).Size())
		},
		[]string{"stale-entry rich/keys"},
	},
	"entry of an item that should have none": {
		func(tx kv.Tx, s subject) {
			it := parse(`{"pk":{"S":"bare"},"sk":{"N":"0"},"g":{"S":"g"}}`)
			tx.Set(s.entry("keys", it), it)
		},
		[]string{"stale-entry rich/keys", "wrong-counter rich/keys"},
	},
	"entry with too much": {
		func(tx kv.Tx, s subject) {
			tx.Set(s.entry("keys", s.item), s.item)
			s.count(tx, s.index("keys"), 0, s.item.Size()-s.index("keys").Entry(s.item).Size())
		},
		[]string{"wrong-entry rich/keys"},
	},
	"entry with another's attributes": {
		func(tx kv.Tx, s subject) { tx.Set(s.entry("local", s.item), s.other) },
		[]string{"misplaced-entry rich/local"},
	},
	"entry at a wrong key": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.entry("many", s.item))
			tx.Set(append(s.entry("many", s.item), 'x'), s.item)
		},
		[]string{"item-without-entry rich/many", "misplaced-entry rich/many"},
	},
	"entry at no hash": {
		func(tx kv.Tx, s subject) {
			tx.Set([]byte("x"+short(s.rich)+"\x00\x00\x00\x01\xff"), s.item)
		},
		[]string{"misplaced-entry rich/keys", "wrong-counter rich/keys"},
	},
	"damaged entry":            {func(tx kv.Tx, s subject) { tx.Set(s.entry("some", s.item), []byte{0xff, 0}) }, []string{"damaged-entry rich/some"}},
	"entry without a key":      {func(tx kv.Tx, s subject) { tx.Set(s.entry("keys", s.item), parse(`{}`)) }, []string{"damaged-entry rich/keys", "wrong-counter rich/keys"}},
	"wrong number of items":    {func(tx kv.Tx, s subject) { s.count(tx, nil, 1, 0) }, []string{"wrong-counter rich"}},
	"wrong number of bytes":    {func(tx kv.Tx, s subject) { s.count(tx, s.index("local"), 0, -1) }, []string{"wrong-counter rich/local"}},
	"counted where nothing is": {func(tx kv.Tx, s subject) { tx.Add(s.filling.Counter(s.filling.Indexes[0], table.Items), 1) }, []string{"wrong-counter filling/added"}},
	"wrong entry while filling": {func(tx kv.Tx, s subject) {
		tx.Set(s.filling.EntryKey(s.filling.Indexes[0], parse(`{"pk":{"S":"2"},"x":{"S":"9"}}`)), parse(`{"pk":{"S":"2"},"x":{"S":"9"}}`))
	}, []string{"stale-entry filling/added", "wrong-counter filling/added"}},

	"lost record":            {func(tx kv.Tx, s subject) { tx.Delete(s.records[1].Key) }, []string{"unlogged-change rich"}},
	"trimmed record":         {func(tx kv.Tx, s subject) { tx.Delete(s.records[0].Key) }, nil},
	"trimmed log":            {func(tx kv.Tx, s subject) { tx.Delete(s.records[0].Key); tx.Delete(s.records[1].Key) }, nil},
	"lost record in between": {func(tx kv.Tx, s subject) { tx.Delete(s.three[1].Key) }, []string{"missing-record rich"}},
	"record of nothing":      {func(tx kv.Tx, s subject) { tx.Append(s.rich.Log(s.key), s.records[1].Value) }, []string{"missing-record rich"}},
	"record of one who is gone": {
		func(tx kv.Tx, s subject) {
			it := parse(richItem(1000, "1"))
			w := item.Write{Table: s.rich, New: it}
			w.Key, _ = s.rich.ItemKey(it)
			_ = w.Do(appends{tx})
		},
		[]string{"unlogged-change rich"},
	},
	"damaged record": {func(tx kv.Tx, s subject) { tx.Set(s.records[0].Key, []byte{9}) }, []string{"damaged-record rich"}},
	"damaged image": {func(tx kv.Tx, s subject) {
		v := bytes.Clone(s.records[0].Value)
		v[len(v)-8] ^= 0xff
		tx.Set(s.records[0].Key, v)
	}, []string{"damaged-record rich"}},
	"record without a version": {func(tx kv.Tx, s subject) { tx.Set(append(s.rich.Log(s.key), 1), s.records[1].Value) }, []string{"damaged-record rich"}},
	"misplaced record": {
		func(tx kv.Tx, s subject) {
			shard := (table.SegmentOf(s.key, s.rich.Stream.Shards) + 1) % s.rich.Stream.Shards
			tx.Append(s.rich.Shard(shard), s.records[1].Value)
		},
		[]string{"misplaced-record rich"},
	},
	"lost record at a rollover": {
		func(tx kv.Tx, s subject) {
			now := s.rich.Clone()
			now.Stream.Rollover = time.Hour
			now.RollOver(now.Stream.Opened.Add(time.Hour))
			raw, _ := now.Encode()
			tx.Set(now.DescriptorKey(), raw)
			tx.Append(now.Log(s.key), s.records[1].Value)
		},
		[]string{"missing-record rich"},
	},
	"trimmed generation": {
		func(tx kv.Tx, s subject) {
			now := s.rested.Clone()
			now.ForgetStreams(2)
			raw, _ := now.Encode()
			tx.Set(now.DescriptorKey(), raw)
		},
		slices.Repeat([]string{"leftover rested"}, 3), // one of four shards is empty
	},
	"shard that never was of an earlier stream": {
		func(tx kv.Tx, s subject) { tx.Append(s.rested.Records(1, 9), s.old.Value) },
		[]string{"leftover rested", "misplaced-record rested"},
	},
	"lost record of an earlier stream":    {func(tx kv.Tx, s subject) { tx.Append(s.old.Key[:15], s.old.Value) }, []string{"missing-record rested"}},
	"damaged record of an earlier stream": {func(tx kv.Tx, s subject) { tx.Set(s.old.Key, nil) }, []string{"damaged-record rested"}},

	"item that is not in the queue": {
		func(tx kv.Tx, s subject) { tx.Delete(s.queued(s.brief, "7", 7)) },
		[]string{"unqueued-item brief"},
	},
	"item that is in the queue at another time": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.queued(s.brief, "7", 7))
			tx.Set(s.queued(s.brief, "7", 8), nil)
		},
		[]string{"stale-expiry brief", "unqueued-item brief"},
	},
	"item that is in the queue twice": {
		func(tx kv.Tx, s subject) { tx.Set(s.queued(s.brief, "7", 70), nil) },
		[]string{"stale-expiry brief"},
	},
	"item that never expires in the queue": {
		func(tx kv.Tx, s subject) { tx.Set(s.queued(s.brief, "never", 1), nil) },
		[]string{"stale-expiry brief"},
	},
	"item that is not there in the queue": {
		func(tx kv.Tx, s subject) { tx.Set(s.queued(s.brief, "nobody", 1), nil) },
		[]string{"expiry-without-item brief"},
	},
	"something in the queue": {
		func(tx kv.Tx, s subject) { tx.Set(s.queued(s.brief, "7", 7), []byte("x")) },
		[]string{"damaged-expiry brief"},
	},
	"cut off in the queue": {
		func(tx kv.Tx, s subject) { tx.Set(s.queued(s.brief, "7", 7)[:20], nil) },
		[]string{"damaged-expiry brief", "unknown-key"},
	},
	"item at another time in a queue that is being filled": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.queued(s.queueing, "3", 1000)) // it may not have been reached
			tx.Set(s.queued(s.queueing, "3", 3), nil)
		},
		[]string{"stale-expiry queueing"},
	},
	"queue that was forgotten": {
		func(tx kv.Tx, s subject) {
			now := s.brief.Clone()
			now.TTL = nil
			raw, _ := now.Encode()
			tx.Set(now.DescriptorKey(), raw)
		},
		[]string{"leftover brief"},
	},
	"forgotten grave of a queue": {
		func(tx kv.Tx, s subject) { tx.Delete([]byte("d" + short(s.endless) + "\x00\x00\x00\x01")) },
		[]string{"leftover endless"},
	},
	"buried queue": {func(tx kv.Tx, s subject) { tx.Set(s.brief.BuryQueue().Key, nil) }, []string{"live-grave brief"}},

	"damaged descriptor": {
		func(tx kv.Tx, s subject) { tx.Set(s.plain.DescriptorKey(), s.plain.Raw()[1:]) },
		[]string{"damaged-descriptor"},
	},
	"misplaced descriptor": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.plain.DescriptorKey())
			tx.Set(append(bytes.Clone(s.plain.DescriptorKey()), 'x'), s.plain.Raw())
		},
		[]string{"misplaced-descriptor plain"},
	},
	"replica that is not there": {
		func(tx kv.Tx, s subject) { tx.Delete(table.DescriptorKey("000000000000", "eu-west-1", "global")) },
		[]string{"leftover", "leftover", "lone-replica global", "lone-replica global"},
	},
	"replica that nobody knows": {
		func(tx kv.Tx, s subject) {
			now := s.global.Clone()
			now.Replicas = nil
			raw, _ := now.Encode()
			tx.Set(now.DescriptorKey(), raw)
		},
		[]string{"lone-replica global", "lone-replica global"},
	},
	"item that replicas do not have": {
		func(tx kv.Tx, s subject) {
			it := parse(`{"pk":{"S":"more"}}`)
			key, _ := s.global.ItemKey(it)
			w := item.Write{Table: s.global, Key: key, New: it, Now: time.Now()}
			_ = w.Do(tx)
		},
		[]string{"different-replica global"},
	},
	"item that only replicas have": {
		func(tx kv.Tx, s subject) {
			it := parse(`{"pk":{"S":"7"},"x":{"S":"1"}}`)
			key, _ := s.global.ItemKey(it)
			w := item.Write{Table: s.global, Key: key, Old: it, Now: time.Now()}
			_ = w.Do(tx)
		},
		[]string{"different-replica global"},
	},
	"item that replicas have otherwise": {
		func(tx kv.Tx, s subject) {
			it, other := parse(`{"pk":{"S":"7"},"x":{"S":"1"}}`), parse(`{"pk":{"S":"7"},"x":{"S":"2"}}`)
			key, _ := s.global.ItemKey(it)
			w := item.Write{Table: s.global, Key: key, Old: it, New: other, Now: time.Now()}
			_ = w.Do(tx)
		},
		[]string{"different-replica global", "different-replica global"},
	},
	"damaged remains": {
		func(tx kv.Tx, s subject) { tx.Set(s.former.RemainsKey(), []byte("{}")) },
		[]string{"damaged-descriptor"},
	},
	"misplaced remains": {
		func(tx kv.Tx, s subject) {
			tx.Delete(s.former.RemainsKey())
			tx.Set(append(s.former.RemainsKey(), 'x'), s.former.Raw())
		},
		[]string{"misplaced-descriptor former"},
	},
	"lost remains": {
		func(tx kv.Tx, s subject) { tx.Delete(s.former.RemainsKey()) },
		[]string{"leftover"},
	},
	"record of remains": {
		func(tx kv.Tx, s subject) { tx.Append(s.former.Records(1, 0), []byte{9}) },
		[]string{"damaged-record former"},
	},
	"item of remains": {
		func(tx kv.Tx, s subject) { tx.Set([]byte("i"+short(s.former)+"hash"), s.item) },
		[]string{"leftover"},
	},
	"lost descriptor": {
		func(tx kv.Tx, s subject) { tx.Delete(s.rich.DescriptorKey()) },
		[]string{"leftover", "leftover", "leftover"},
	},
	"index that was forgotten": {
		func(tx kv.Tx, s subject) {
			now := s.rich.Clone()
			now.Indexes = slices.DeleteFunc(now.Indexes, func(ix *table.Index) bool { return ix.Name == "some" })
			raw, _ := now.Encode()
			tx.Set(now.DescriptorKey(), raw)
		},
		[]string{"leftover rich", "leftover rich"}, // entries and counters
	},
	"forgotten grave of an index": {
		func(tx kv.Tx, s subject) { tx.Delete(s.cleared.Bury(s.index("many")).Key) },
		[]string{"leftover cleared", "leftover cleared"},
	},
	"forgotten grave": {
		func(tx kv.Tx, s subject) { tx.DeleteRange(table.Graves().Start, table.Graves().End) },
		[]string{"leftover", "leftover cleared", "leftover cleared", "leftover endless"}, // of left
	},
	"index that never was": {
		func(tx kv.Tx, s subject) { tx.Set([]byte("x"+short(s.plain)+"\x00\x00\x00\x09hash"), s.item) },
		[]string{"leftover plain"},
	},
	"stream that never was": {
		func(tx kv.Tx, s subject) {
			tx.Append([]byte("s"+short(s.plain)+"\x00\x00\x00\x01\x00\x00"), s.records[1].Value)
		},
		[]string{"leftover plain"},
	},
	"shard that never was": {
		func(tx kv.Tx, s subject) { tx.Append(s.rich.Shard(s.rich.Stream.Shards), s.records[1].Value) },
		[]string{"leftover rich"},
	},
	"table that never was": {
		func(tx kv.Tx, s subject) {
			tx.Set([]byte("i\x00\x00\x00\x00\x00\x00\x00\x00hash"), s.item)
			tx.Set([]byte("x\xff\xff\xff\xff\xff\xff\xff\xffsomehash"), s.item)
		},
		[]string{"leftover", "leftover"},
	},
	"buried table": {func(tx kv.Tx, s subject) { tx.Set(s.plain.Bury(nil).Key, nil) }, []string{"live-grave plain"}},
	"buried index": {func(tx kv.Tx, s subject) { tx.Set(s.rich.Bury(s.index("keys")).Key, nil) }, []string{"live-grave rich/keys"}},
	"damaged token": {func(tx kv.Tx, s subject) {
		tx.Set(table.TokenKey("000000000000", "us-east-1", "other"), []byte("used"))
	}, []string{"damaged-token"}},
	"unknown keys": {
		func(tx kv.Tx, s subject) {
			for _, key := range []string{"\x00", "a", "c", "i", "x" + short(s.rich) + "abc", "s" + short(s.rich) + "abcde", "d" + short(s.rich) + "abc", "n" + short(s.rich) + "abcdc", "e" + short(s.plain) + "\x00\x00\x00\x01abcdefg", "z", "\xff\xff"} {
				tx.Set([]byte(key), s.item)
			}
		},
		slices.Repeat([]string{"unknown-key"}, 11),
	},
}

// appends is a Tx of which only appends are carried out.
type appends struct{ kv.Tx }

func (appends) Set([]byte, []byte) {}
func (appends) Add([]byte, int64)  {}
