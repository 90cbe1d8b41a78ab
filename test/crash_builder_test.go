package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// A builder is a writer that makes and deletes tables, with and without
// streams, and adds indexes to tables and drops them.
type builder struct {
	*writer
	tables  map[string]presence
	indexes map[indexName]presence
}

type indexName struct{ table, index string }

// A presence is whether a table or index is there.
type presence int

const (
	missed  presence = iota // it is not there, or was deleted
	present                 // its creation was acknowledged
	either                  // its creation or deletion was not answered
)

func newBuilder(l *ledger, r *rand.Rand) *builder {
	return &builder{
		writer: newWriter(l, "builder", r),
		tables: map[string]presence{}, indexes: map[indexName]presence{},
	}
}

func (b *builder) run(ctx context.Context) {
	for ctx.Err() == nil && !b.l.t.Failed() {
		if !b.act() {
			return
		}
	}
}

// act does one thing. It returns false if there is no server.
func (b *builder) act() bool {
	switch b.rand.IntN(10) {
	case 0, 1:
		return b.table()
	case 2, 3, 4:
		return b.index()
	default:
		return b.fill()
	}
}

// ask sends a request that makes or deletes something, and returns what became
// of it: after is what it is to be. It may be refused while another is on its
// way.
func (b *builder) ask(operation string, request m, before, after presence) (is presence, up bool) {
	a := b.l.ask(context.WithoutCancel(b.l.t.Context()), b.rand, operation, request)
	switch a.fate {
	case done:
		b.l.acts.Add(1)
		return after, true
	case unknown:
		return either, true
	case refused:
		if a.code != "ResourceInUseException" && a.code != "LimitExceededException" {
			b.l.find("%s %v is refused: %v", operation, request, a)
		}
	case unsent:
		return before, false
	}
	return before, true
}

// table makes a table or deletes it.
func (b *builder) table() (up bool) {
	name := fmt.Sprintf("passing-%d", b.rand.IntN(4))
	switch b.tables[name] {
	case missed:
		request := m{
			"TableName": name, "BillingMode": "PAY_PER_REQUEST",
			"KeySchema": schema("pk", "sk"), "AttributeDefinitions": definitions("pk", "sk"),
			"StreamSpecification": streamSpec(b.rand.IntN(2) == 0),
		}
		if b.rand.IntN(2) == 0 {
			request["AttributeDefinitions"] = definitions("pk", "sk", "g")
			request["GlobalSecondaryIndexes"] = []any{b.newIndex("by-g")}
		}
		b.tables[name], up = b.ask("CreateTable", request, missed, present)
	case present:
		if b.tables[name], up = b.ask("DeleteTable", m{"TableName": name}, present, missed); b.tables[name] == missed {
			b.forget(name)
		}
	case either:
		return true
	}
	return up
}

// forget is called when a table is known to be gone.
func (b *builder) forget(name string) {
	maps.DeleteFunc(b.items, func(at place, _ attrs) bool { return at.table == name })
	maps.DeleteFunc(b.doubtful, func(at place, _ bool) bool { return at.table == name })
	b.doubts = slices.DeleteFunc(b.doubts, func(d *doubt) bool {
		for at := range d.writes {
			return at.table == name // each is about one item
		}
		return false
	})
}

// indexKeys are the indexes that come and go.
var indexKeys = map[string][]string{"by-g": {"g"}, "by-n": {"n", "v"}, "by-gn": {"g", "n"}}

func (b *builder) newIndex(name string) m {
	projection := []m{
		{"ProjectionType": "ALL"},
		{"ProjectionType": "KEYS_ONLY"},
		{"ProjectionType": "INCLUDE", "NonKeyAttributes": []string{"v", "extra"}},
	}[b.rand.IntN(3)]
	if name == "by-n" { // v is in the key
		projection = m{"ProjectionType": "KEYS_ONLY"}
	}
	keys := indexKeys[name]
	return m{"IndexName": name, "KeySchema": schema(keys[0], keys[1:]...), "Projection": projection}
}

// index adds an index to a table that lasts, or drops it.
func (b *builder) index() (up bool) {
	names := slices.Sorted(maps.Keys(indexKeys))
	at := indexName{lasting[b.rand.IntN(len(lasting))], names[b.rand.IntN(len(names))]}
	switch b.indexes[at] {
	case missed:
		b.indexes[at], up = b.ask("UpdateTable", m{
			"TableName": at.table, "AttributeDefinitions": definitions(indexKeys[at.index]...),
			"GlobalSecondaryIndexUpdates": []any{m{"Create": b.newIndex(at.index)}},
		}, missed, present)
	case present:
		b.indexes[at], up = b.ask("UpdateTable", m{
			"TableName": at.table, "GlobalSecondaryIndexUpdates": []any{m{"Delete": m{"IndexName": at.index}}},
		}, present, missed)
	case either:
		return true
	}
	return up
}

// fill writes an item into a table that passes.
func (b *builder) fill() bool {
	at := place{fmt.Sprintf("passing-%d", b.rand.IntN(4)), "p", fmt.Sprint(b.rand.IntN(8))}
	if b.tables[at.table] != present || b.doubtful[at] {
		return b.read(place{streamed, b.name, "none"})
	}
	if b.rand.IntN(4) == 0 {
		return b.remove(at)
	}
	return b.put(at)
}

// learn finds out which tables and indexes there are that the builder is in
// doubt about, and checks the others. It waits until none is on its way.
func (b *builder) learn() {
	b.l.t.Helper()
	for name, is := range b.tables {
		if is != either {
			continue // ListTables tells
		}
		b.tables[name] = present
		if b.l.rested(name) == nil {
			b.tables[name] = missed
			b.forget(name)
		}
	}
	for _, table := range lasting {
		d := b.l.rested(table)
		if d == nil {
			b.l.find("table %s is lost", table)
			continue
		}
		there := map[string]bool{}
		for _, ix := range d.GlobalSecondaryIndexes {
			there[ix.IndexName] = true
		}
		for name := range indexKeys {
			at := indexName{table, name}
			if is := b.indexes[at]; is != either && (is == present) != there[name] {
				b.l.find("index %s of %s: there is %v, acknowledged %v", name, table, there[name], is == present)
			}
			b.indexes[at] = missed
			if there[name] {
				b.indexes[at] = present
			}
		}
	}
}

// decodes reads an answer where a test cannot be ended: in a client.
func (l *ledger) decodes(text []byte, v any) {
	if err := json.Unmarshal(text, v); err != nil {
		l.find("%s: %v", text, err)
	}
}
