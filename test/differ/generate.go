package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator makes the requests of one conversation.
type generator struct {
	*rand.Rand
	tables []*table
}

// A table is one of a conversation, as it was made.
type table struct {
	name      string
	hash, rng key // rng.name is empty without a sort key
	indexes   []index
	stream    string // what it shows, nothing without a stream
}

type key struct{ name, kind string }

type index struct {
	name       string
	local      bool
	hash, rng  key
	projection object
}

func newGenerator(r *rand.Rand, prefix string) *generator {
	g := &generator{Rand: r}
	for i := range 1 + g.IntN(2) {
		t := &table{name: fmt.Sprint(prefix, i), hash: key{"pk", g.kind()}}
		if g.IntN(3) > 0 {
			t.rng = key{"sk", g.kind()}
			if g.IntN(2) == 0 {
				t.indexes = append(t.indexes, index{name: "local", local: true, hash: t.hash, rng: key{"a", g.kind()}, projection: g.projection()})
			}
		}
		if g.IntN(2) == 0 {
			ix := index{name: "global", hash: key{"b", g.kind()}, projection: g.projection()}
			if g.IntN(2) == 0 {
				ix.rng = key{"c", g.kind()}
			}
			t.indexes = append(t.indexes, ix)
		}
		if g.IntN(3) == 0 {
			t.stream = pick(g, "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY")
		}
		g.tables = append(g.tables, t)
	}
	return g
}

// pick returns one of several, the first ones more often.
func pick[T any](g *generator, of ...T) T { return of[min(g.IntN(len(of)), g.IntN(len(of)))] }

func (g *generator) kind() string { return pick(g, "S", "N", "B") }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) projection() object {
	switch g.IntN(3) {
	case 0:
		return object{"ProjectionType": "KEYS_ONLY"}
	case 1:
		return object{"ProjectionType": "INCLUDE", "NonKeyAttributes": []any{"d", "map"}}
	default:
		return object{"ProjectionType": "ALL"}
	}
}

func schema(hash, rng key) []any {
	s := []any{object{"AttributeName": hash.name, "KeyType": "HASH"}}
	if rng.name != "" {
		s = append(s, object{"AttributeName": rng.name, "KeyType": "RANGE"})
	}
	return s
}

func (t *table) create() object {
	kinds := map[string]string{t.hash.name: t.hash.kind}
	names := []string{t.hash.name}
	add := func(k key) {
		if k.name != "" && kinds[k.name] == "" {
			kinds[k.name], names = k.kind, append(names, k.name)
		}
	}
	add(t.rng)
	body := object{"TableName": t.name, "KeySchema": schema(t.hash, t.rng), "BillingMode": "PAY_PER_REQUEST"}
	for _, ix := range t.indexes {
		add(ix.hash)
		add(ix.rng)
		member := "GlobalSecondaryIndexes"
		if ix.local {
			member = "LocalSecondaryIndexes"
		}
		list, _ := body[member].([]any)
		body[member] = append(list, object{"IndexName": ix.name, "KeySchema": schema(ix.hash, ix.rng), "Projection": ix.projection})
	}
	var attributes []any
	for _, name := range names {
		attributes = append(attributes, object{"AttributeName": name, "AttributeType": kinds[name]})
	}
	body["AttributeDefinitions"] = attributes
	if t.stream != "" {
		body["StreamSpecification"] = object{"StreamEnabled": true, "StreamViewType": t.stream}
	}
	return body
}

// request returns a request, which in one of three cases is broken somewhere.
func (g *generator) request() request {
	t := pick(g, g.tables...)
	of := pick(g,
		[]func(*table) request{g.put, g.update, g.query, g.get, g.update, g.put, g.transactWrite, g.scan, g.remove, g.batchWrite, g.batchGet, g.transactGet},
		[]func(*table) request{g.execute, g.execute, g.batchExecute, g.executeTransaction},
		[]func(*table) request{g.legacyUpdate, g.legacyQuery, g.legacyPut, g.legacyScan, g.legacyRemove, g.legacyGet},
		[]func(*table) request{g.describe, g.timeToLive, g.tags, g.streams, g.alter},
	)
	r := pick(g, of...)(t)
	if g.chance(33) {
		r.body = g.breakIt(r.body)
	}
	return r
}

// Values are few, so that requests meet each other's items.

func (g *generator) value(kind string) object {
	switch kind {
	case "S":
		return object{"S": pick(g, "a", "b", "c", "ab", "ä", "z\x00")}
	case "N":
		if g.chance(8) {
			return object{"N": pick(g, "9.9999999999999999999999999999999999999E+125", "1E-130", "-9.9999999999999999999999999999999999999E+125", "-1E-130", "0.1E1", "99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001", "1e38", "+5", "-0", "1E+125")}
		}
		return object{"N": pick(g, "1", "2", "10", "-1", "0", "1.5", "1e2", "00", "12345678901234567890123456789012345678")}
	case "B":
		return object{"B": pick(g, "YQ==", "Yg==", "YWI=", "/w==")}
	case "BOOL":
		return object{"BOOL": g.IntN(2) == 0}
	case "NULL":
		return object{"NULL": true}
	case "SS":
		return object{"SS": some(g, "a", "b", "c")}
	case "NS":
		return object{"NS": some(g, "1", "2", "3.0")}
	case "BS":
		return object{"BS": some(g, "YQ==", "Yg==", "Yw==")}
	case "L":
		list := []any{}
		for range g.IntN(4) {
			list = append(list, g.any())
		}
		return object{"L": list}
	default:
		m := object{}
		for range g.IntN(4) {
			m[pick(g, "x", "y", "z")] = g.any()
		}
		return object{"M": m}
	}
}

// any returns a value of any type, now and then one that may not be.
func (g *generator) any() object {
	if g.chance(2) {
		return g.large()
	}
	return g.small()
}

// small is any value that is not too large or too deep within, which only some
// look for wherever a value may be.
func (g *generator) small() object {
	if g.chance(4) {
		return pick(g,
			object{"S": ""}, object{"N": ""}, object{"N": "1e126"}, object{"N": "1e-131"}, object{"N": "123456789012345678901234567890123456789"},
			object{"N": " 1"}, object{"N": "abc"}, object{"B": ""}, object{"B": "?"}, object{"SS": []any{}}, object{"SS": []any{"a", "a"}},
			object{"NS": []any{"1", "1.0"}}, object{"NULL": false}, object{"X": "a"}, object{}, object{"S": "a", "N": "1"}, object{"SS": []any{""}},
		)
	}
	return g.value(pick(g, "S", "N", "S", "N", "BOOL", "L", "M", "SS", "NS", "B", "NULL", "BS"))
}

// large returns a value that is big, deep or empty within.
func (g *generator) large() object {
	switch g.IntN(4) {
	case 0:
		return object{"S": strings.Repeat("x", pick(g, 900, 1100, 2049, 5000))}
	case 1:
		return object{"S": strings.Repeat("y", pick(g, 409500, 409600, 300000))}
	case 2:
		v := object{"S": "leaf"}
		for range pick(g, 30, 31, 32, 29, 40) {
			if g.IntN(2) == 0 {
				v = object{"L": []any{v}}
			} else {
				v = object{"M": object{"x": v}}
			}
		}
		return v
	default:
		return pick(g, object{"L": []any{object{"S": ""}, object{"B": ""}}}, object{"M": object{"": object{"S": "a"}}}, object{"BS": []any{"", "YQ=="}}, object{"SS": []any{"", "a"}})
	}
}

func some(g *generator, of ...string) []any {
	list := []any{}
	for _, s := range of {
		if g.IntN(2) == 0 {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		list = append(list, of[0])
	}
	return list
}

// key is the key of an item, or sometimes nearly one.
func (g *generator) key(t *table) object {
	k := object{t.hash.name: g.value(t.hash.kind)}
	if t.rng.name != "" {
		k[t.rng.name] = g.value(t.rng.kind)
	}
	if g.chance(3) {
		k[pick(g, "pk", "sk", "more")] = g.any()
	}
	return k
}

func (g *generator) item(t *table) object {
	item := g.key(t)
	for _, name := range []string{"a", "b", "c"} {
		if g.chance(60) {
			item[name] = g.attribute(t, name)
		}
	}
	for _, name := range []string{"d", "e", "list", "map", "set", "name"} {
		if g.chance(40) {
			item[name] = g.attribute(t, name)
		}
	}
	return item
}

// attribute returns a value that mostly is of the type that one expects of the
// name.
func (g *generator) attribute(t *table, name string) object {
	for _, ix := range t.indexes {
		for _, k := range []key{ix.hash, ix.rng} {
			if k.name == name && !g.chance(4) {
				return g.value(k.kind)
			}
		}
	}
	kind := map[string]string{"list": "L", "map": "M", "set": "SS"}[name]
	if kind == "" || g.chance(10) {
		return g.any()
	}
	return g.value(kind)
}

// capacity asks for the consumed capacity, sometimes, and for item collections.
func (g *generator) capacity(body object) object {
	if g.chance(4) && (body["Item"] != nil || body["Key"] != nil || body["TransactItems"] != nil || body["RequestItems"] != nil) {
		body["ReturnItemCollectionMetrics"] = pick(g, "SIZE", "NONE", "OTHER")
	}
	if g.chance(30) {
		body["ReturnConsumedCapacity"] = pick(g, "TOTAL", "INDEXES", "NONE")
	}
	return body
}

func (g *generator) put(t *table) request {
	body := object{"TableName": t.name, "Item": g.item(t)}
	g.condition(body)
	if g.chance(30) {
		body["ReturnValues"] = pick(g, "ALL_OLD", "NONE", "ALL_NEW")
	}
	return request{"PutItem", g.capacity(body)}
}

func (g *generator) remove(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t)}
	g.condition(body)
	if g.chance(50) {
		body["ReturnValues"] = pick(g, "ALL_OLD", "NONE", "UPDATED_NEW")
	}
	return request{"DeleteItem", g.capacity(body)}
}

func (g *generator) update(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t)}
	w := &words{generator: g}
	if g.chance(95) {
		body["UpdateExpression"] = w.update(t)
	}
	if g.chance(35) {
		body["ConditionExpression"] = w.condition(2)
	}
	w.into(body)
	g.returns(body)
	return request{"UpdateItem", g.capacity(body)}
}

// returns says what an update is to answer, sometimes.
func (g *generator) returns(body object) {
	if g.chance(60) {
		body["ReturnValues"] = pick(g, "ALL_NEW", "UPDATED_NEW", "UPDATED_OLD", "ALL_OLD", "NONE")
	}
	if g.chance(10) {
		body["ReturnValuesOnConditionCheckFailure"] = pick(g, "ALL_OLD", "NONE")
	}
}

// condition gives a write a condition, sometimes.
func (g *generator) condition(body object) {
	if !g.chance(35) {
		return
	}
	w := &words{generator: g}
	body["ConditionExpression"] = w.condition(2)
	w.into(body)
	if g.chance(30) {
		body["ReturnValuesOnConditionCheckFailure"] = pick(g, "ALL_OLD", "NONE")
	}
}

func (g *generator) get(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t)}
	if g.chance(40) {
		w := &words{generator: g}
		body["ProjectionExpression"] = w.projection()
		w.into(body)
	}
	if g.chance(30) {
		body["ConsistentRead"] = g.IntN(2) == 0
	}
	return request{"GetItem", g.capacity(body)}
}

// reading gives a Query or Scan what both may have.
func (g *generator) reading(body object, w *words) {
	if g.chance(35) {
		body["FilterExpression"] = w.condition(2)
	}
	if g.chance(25) {
		body["ProjectionExpression"] = w.projection()
	}
	if g.chance(20) {
		body["Select"] = pick(g, "ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	}
	if g.chance(20) {
		body["ConsistentRead"] = g.IntN(2) == 0
	}
	w.into(body)
	g.capacity(body)
}

func (g *generator) query(t *table) request {
	body := object{"TableName": t.name}
	hash, rng := t.hash, t.rng
	if len(t.indexes) > 0 && g.chance(50) {
		ix := pick(g, t.indexes...)
		body["IndexName"], hash, rng = ix.name, ix.hash, ix.rng
	}
	w := &words{generator: g}
	body["KeyConditionExpression"] = w.keyCondition(hash, rng)
	if g.chance(30) {
		body["ScanIndexForward"] = g.IntN(2) == 0
	}
	if g.chance(20) {
		body["Limit"] = pick(g, 1, 2, 100, 0, -1)
	}
	if g.chance(5) {
		body["ExclusiveStartKey"] = g.key(t)
	}
	g.reading(body, w)
	return request{"Query", body}
}

func (g *generator) scan(t *table) request {
	body := object{"TableName": t.name}
	if len(t.indexes) > 0 && g.chance(40) {
		body["IndexName"] = pick(g, t.indexes...).name
	}
	if g.chance(5) {
		body["Segment"], body["TotalSegments"] = g.IntN(3), g.IntN(3)
	}
	if g.chance(10) {
		body["Limit"] = pick(g, 1000, 0, -1) // what comes first is each server's own
	}
	g.reading(body, &words{generator: g})
	return request{"Scan", body}
}

func (g *generator) batchGet(*table) request {
	tables := object{}
	for _, t := range g.tables {
		keys := []any{}
		for range 1 + g.IntN(3) {
			keys = append(keys, g.key(t))
		}
		get := object{"Keys": keys}
		if g.chance(30) {
			w := &words{generator: g}
			get["ProjectionExpression"] = w.projection()
			w.into(get)
		}
		tables[t.name] = get
	}
	return request{"BatchGetItem", g.capacity(object{"RequestItems": tables})}
}

func (g *generator) batchWrite(*table) request {
	tables := object{}
	for _, t := range g.tables {
		var writes []any
		for range 1 + g.IntN(3) {
			if g.chance(70) {
				writes = append(writes, object{"PutRequest": object{"Item": g.item(t)}})
			} else {
				writes = append(writes, object{"DeleteRequest": object{"Key": g.key(t)}})
			}
		}
		tables[t.name] = writes
	}
	return request{"BatchWriteItem", g.capacity(object{"RequestItems": tables})}
}

func (g *generator) transactGet(*table) request {
	var gets []any
	for range 1 + g.IntN(3) {
		t := pick(g, g.tables...)
		get := object{"TableName": t.name, "Key": g.key(t)}
		if g.chance(30) {
			w := &words{generator: g}
			get["ProjectionExpression"] = w.projection()
			w.into(get)
		}
		gets = append(gets, object{"Get": get})
	}
	return request{"TransactGetItems", g.capacity(object{"TransactItems": gets})}
}

func (g *generator) transactWrite(*table) request {
	var writes []any
	for range 1 + g.IntN(3) {
		t := pick(g, g.tables...)
		w := &words{generator: g}
		write := object{"TableName": t.name}
		name := pick(g, "Put", "Update", "ConditionCheck", "Delete")
		switch name {
		case "Put":
			write["Item"] = g.item(t)
		case "Update":
			write["Key"], write["UpdateExpression"] = g.key(t), w.update(t)
		default:
			write["Key"] = g.key(t)
		}
		if name == "ConditionCheck" || g.chance(25) {
			write["ConditionExpression"] = w.condition(1)
			if g.chance(30) {
				write["ReturnValuesOnConditionCheckFailure"] = pick(g, "ALL_OLD", "NONE")
			}
		}
		w.into(write)
		writes = append(writes, object{name: write})
	}
	body := object{"TransactItems": writes}
	g.token(body)
	return request{"TransactWriteItems", g.capacity(body)}
}

// words are the expressions of one request and what they refer to.
type words struct {
	*generator
	names  map[string]string // attributes by placeholder
	values object
}

// into gives a request the placeholders that were used, sometimes one less or
// one more.
func (w *words) into(body object) {
	if w.chance(2) && w.names != nil {
		delete(w.names, "#n0")
	}
	if w.chance(2) {
		w.value(object{"S": "unused"})
	}
	if len(w.names) > 0 {
		body["ExpressionAttributeNames"] = w.names
	}
	if len(w.values) > 0 {
		body["ExpressionAttributeValues"] = w.values
	}
}

func (w *words) value(v object) string {
	if w.values == nil {
		w.values = object{}
	}
	name := fmt.Sprint(":v", len(w.values))
	w.values[name] = v
	return name
}

func (w *words) name(name string) string {
	if name != "name" && w.chance(70) || w.chance(2) {
		return name
	}
	for placeholder, n := range w.names {
		if n == name {
			return placeholder
		}
	}
	if w.names == nil {
		w.names = map[string]string{}
	}
	placeholder := fmt.Sprint("#n", len(w.names))
	w.names[placeholder] = name
	return placeholder
}

func (w *words) path() string {
	name := pick(w.generator, "a", "d", "b", "map", "list", "e", "set", "c", "name", "pk", "sk", "none")
	path := w.name(name)
	for range w.IntN(3) * w.IntN(2) {
		if name == "list" {
			path += fmt.Sprintf("[%d]", w.IntN(4))
		} else {
			path += "." + w.name(pick(w.generator, "x", "y", "z"))
		}
	}
	return path
}

func (w *words) projection() string {
	paths := []string{w.path()}
	for range w.IntN(3) {
		paths = append(paths, w.path())
	}
	return strings.Join(paths, pick(w.generator, ", ", ","))
}

func (w *words) operand() string {
	switch w.IntN(8) {
	case 0:
		return "size(" + w.path() + ")"
	case 1, 2, 3:
		return w.value(w.any())
	default:
		return w.path()
	}
}

func (w *words) condition(depth int) string {
	if depth > 0 {
		switch w.IntN(6) {
		case 0:
			return w.condition(depth-1) + " AND " + w.condition(depth-1)
		case 1:
			return w.condition(depth-1) + " OR " + w.condition(depth-1)
		case 2:
			return "NOT " + w.condition(depth-1)
		case 3:
			return "(" + w.condition(depth-1) + ")"
		}
	}
	switch w.IntN(10) {
	case 0:
		return "attribute_exists(" + w.path() + ")"
	case 1:
		return "attribute_not_exists(" + w.path() + ")"
	case 2:
		return "attribute_type(" + w.path() + ", " + w.value(object{"S": pick(w.generator, "S", "N", "L", "M", "SS", "Q")}) + ")"
	case 3:
		return "begins_with(" + w.path() + ", " + w.operand() + ")"
	case 4:
		return "contains(" + w.path() + ", " + w.operand() + ")"
	case 5:
		return w.operand() + " BETWEEN " + w.operand() + " AND " + w.operand()
	case 6:
		return w.operand() + " IN (" + w.operand() + ", " + w.operand() + ")"
	default:
		return w.operand() + " " + pick(w.generator, "=", "<>", "<", ">=", ">", "<=", "!=") + " " + w.operand()
	}
}

func (w *words) keyCondition(hash, rng key) string {
	value := func(k key) string {
		if w.chance(4) {
			return w.value(w.any())
		}
		return w.value(w.generator.value(k.kind))
	}
	cond := w.name(hash.name) + " " + pick(w.generator, "=", "=", "=", "=", "=", "=", "=", "=", "<") + " " + value(hash)
	if rng.name == "" && !w.chance(5) || w.chance(40) {
		return cond
	}
	if rng.name == "" {
		rng = key{"sk", "S"}
	}
	name := w.name(rng.name)
	switch w.IntN(4) {
	case 0:
		cond += " AND begins_with(" + name + ", " + value(rng) + ")"
	case 1:
		cond += " AND " + name + " BETWEEN " + value(rng) + " AND " + value(rng)
	default:
		cond += " AND " + name + " " + pick(w.generator, "=", "<", ">", ">=", "<=", "<>") + " " + value(rng)
	}
	if w.chance(4) {
		cond += " AND " + w.condition(0)
	}
	return cond
}

func (w *words) update(t *table) string {
	var clauses []string
	for range 1 + w.IntN(2) {
		switch w.IntN(7) {
		case 0:
			clauses = append(clauses, "REMOVE "+w.path())
		case 1:
			clauses = append(clauses, "ADD "+w.path()+" "+w.value(w.generator.value(pick(w.generator, "N", "SS", "NS", "S"))))
		case 2:
			clauses = append(clauses, "DELETE "+w.path()+" "+w.value(w.generator.value(pick(w.generator, "SS", "NS", "S"))))
		default:
			sets := []string{w.set(t)}
			for range w.IntN(2) {
				sets = append(sets, w.set(t))
			}
			clauses = append(clauses, "SET "+strings.Join(sets, ", "))
		}
	}
	return strings.Join(clauses, " ")
}

func (w *words) set(t *table) string {
	if w.chance(30) {
		name := pick(w.generator, "a", "b", "c", "d", "name")
		return w.name(name) + " = " + w.value(w.attribute(t, name))
	}
	path := w.path() + " = "
	switch w.IntN(6) {
	case 0:
		return path + w.operandOf("N") + pick(w.generator, " + ", " - ") + w.operandOf("N")
	case 1:
		return path + "if_not_exists(" + w.path() + ", " + w.operand() + ")"
	case 2:
		return path + "list_append(" + w.operandOf("L") + ", " + w.operandOf("L") + ")"
	case 3:
		return path + w.path()
	default:
		return path + w.value(w.any())
	}
}

func (w *words) operandOf(kind string) string {
	if w.chance(40) {
		return w.path()
	}
	return w.value(w.generator.value(kind))
}
