package main

// The parameters of before there were expressions.

// expected gives a write conditions.
func (g *generator) expected(body object) {
	all := object{}
	for range 1 + g.IntN(2) {
		name := pick(g, "a", "b", "d", "list", "set", "name", "pk", "none")
		switch g.IntN(4) {
		case 0:
			all[name] = object{"Exists": false}
		case 1:
			all[name] = object{"Value": g.small()}
		case 2:
			all[name] = object{"Value": g.small(), "Exists": true}
		default:
			all[name] = g.comparison()
		}
	}
	body["Expected"] = all
	g.operator(body, len(all))
}

// operator joins conditions, mostly where that may be done.
func (g *generator) operator(body object, conditions int) {
	if conditions > 1 && g.chance(40) || g.chance(2) {
		body["ConditionalOperator"] = pick(g, "AND", "OR")
	}
}

// comparison is a condition on an attribute.
func (g *generator) comparison() object {
	operator := pick(g, "EQ", "NE", "GT", "LE", "LT", "GE", "BEGINS_WITH", "CONTAINS", "NOT_CONTAINS", "BETWEEN", "IN", "NULL", "NOT_NULL")
	n := map[string]int{"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2, "IN": 1 + g.IntN(2)}
	count, ok := n[operator]
	if !ok {
		count = 1
	}
	if g.chance(3) {
		count = g.IntN(3)
	}
	c := object{"ComparisonOperator": operator}
	kind := pick(g, "S", "N", "B")
	values := []any{}
	for range count {
		v := g.value(kind)
		if g.chance(25) {
			v = g.small()
		}
		values = append(values, v)
	}
	if len(values) > 0 || g.chance(20) {
		c["AttributeValueList"] = values
	}
	return c
}

func (g *generator) comparisons() object {
	all := object{}
	for range 1 + g.IntN(2) {
		all[pick(g, "a", "b", "d", "c", "list", "set", "name", "none", "pk")] = g.comparison()
	}
	return all
}

func (g *generator) legacyUpdate(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t)}
	all := object{}
	for range 1 + g.IntN(2) {
		name := pick(g, "a", "d", "b", "set", "list", "e", "none", "map")
		switch g.IntN(5) {
		case 0:
			all[name] = object{"Action": "DELETE"}
		case 1:
			all[name] = object{"Action": "DELETE", "Value": g.value(pick(g, "SS", "NS", "S", "L"))}
		case 2:
			all[name] = object{"Action": "ADD", "Value": g.value(pick(g, "N", "SS", "NS", "L", "S"))}
		case 3:
			all[name] = object{"Value": g.attribute(t, name)}
		default:
			all[name] = object{"Action": "PUT", "Value": g.attribute(t, name)}
		}
	}
	if g.chance(3) {
		all["pk"] = object{"Action": "PUT", "Value": g.any()}
	}
	body["AttributeUpdates"] = all
	if g.chance(40) {
		g.expected(body)
	}
	g.returns(body)
	return request{"UpdateItem", g.capacity(body)}
}

func (g *generator) legacyPut(t *table) request {
	body := object{"TableName": t.name, "Item": g.item(t)}
	g.expected(body)
	return request{"PutItem", g.capacity(body)}
}

func (g *generator) legacyRemove(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t), "ReturnValues": "ALL_OLD"}
	g.expected(body)
	return request{"DeleteItem", g.capacity(body)}
}

func (g *generator) attributesToGet(body object) {
	list := []any{}
	for range 1 + g.IntN(3) {
		list = append(list, pick(g, "a", "pk", "b", "sk", "map", "list", "none", "d", "c", "map.x"))
	}
	body["AttributesToGet"] = list
}

func (g *generator) legacyGet(t *table) request {
	body := object{"TableName": t.name, "Key": g.key(t)}
	g.attributesToGet(body)
	return request{"GetItem", g.capacity(body)}
}

func (g *generator) legacyQuery(t *table) request {
	body := object{"TableName": t.name}
	hash, rng := t.hash, t.rng
	if len(t.indexes) > 0 && g.chance(50) {
		ix := pick(g, t.indexes...)
		body["IndexName"], hash, rng = ix.name, ix.hash, ix.rng
	}
	conditions := object{hash.name: object{"ComparisonOperator": pick(g, "EQ", "EQ", "EQ", "EQ", "EQ", "EQ", "LE"), "AttributeValueList": []any{g.value(hash.kind)}}}
	if rng.name != "" && g.chance(60) {
		if g.chance(80) {
			operator := pick(g, "EQ", "BETWEEN", "GT", "BEGINS_WITH", "LE", "LT", "GE")
			values := []any{g.value(rng.kind)}
			if operator == "BETWEEN" {
				values = append(values, g.value(rng.kind))
			}
			conditions[rng.name] = object{"ComparisonOperator": operator, "AttributeValueList": values}
		} else {
			conditions[rng.name] = g.comparison()
		}
	}
	body["KeyConditions"] = conditions
	if g.chance(40) {
		filter := g.comparisons()
		body["QueryFilter"] = filter
		g.operator(body, len(filter))
	}
	g.legacyReading(body)
	return request{"Query", body}
}

func (g *generator) legacyScan(t *table) request {
	body := object{"TableName": t.name}
	if len(t.indexes) > 0 && g.chance(30) {
		body["IndexName"] = pick(g, t.indexes...).name
	}
	filter := g.comparisons()
	body["ScanFilter"] = filter
	g.operator(body, len(filter))
	g.legacyReading(body)
	return request{"Scan", body}
}

func (g *generator) legacyReading(body object) {
	if g.chance(30) {
		g.attributesToGet(body)
	}
	if g.chance(20) {
		body["Select"] = pick(g, "ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	}
	g.capacity(body)
}
