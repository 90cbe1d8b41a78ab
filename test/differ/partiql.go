package main

import (
	"fmt"
	"strings"
)

// A statement is one of PartiQL on its way, with its parameters.
type statement struct {
	*generator
	parameters []any
}

func (g *generator) execute(t *table) request {
	s := &statement{generator: g}
	body := object{"Statement": s.any(t)}
	s.into(body)
	if g.chance(20) {
		body["ConsistentRead"] = g.IntN(2) == 0
	}
	if g.chance(20) {
		body["ReturnValuesOnConditionCheckFailure"] = pick(g, "ALL_OLD", "NONE")
	}
	return request{"ExecuteStatement", g.capacity(body)}
}

func (g *generator) batchExecute(*table) request {
	var all []any
	reads := g.IntN(2) == 0
	for range 1 + g.IntN(3) {
		s := &statement{generator: g}
		t := pick(g, g.tables...)
		one := object{}
		switch {
		case g.chance(5):
			one["Statement"] = s.any(t)
		case reads:
			one["Statement"] = "SELECT " + s.columns() + " FROM " + quoteName(t.name) + " WHERE " + s.whereKey(t)
		default:
			one["Statement"] = s.write(t)
		}
		s.into(one)
		if g.chance(15) {
			one["ConsistentRead"] = g.IntN(2) == 0
		}
		all = append(all, one)
	}
	return request{"BatchExecuteStatement", g.capacity(object{"Statements": all})}
}

func (g *generator) executeTransaction(*table) request {
	var all []any
	reads := g.IntN(3) == 0
	for range 1 + g.IntN(3) {
		s := &statement{generator: g}
		t := pick(g, g.tables...)
		one := object{}
		switch {
		case reads:
			one["Statement"] = "SELECT " + s.columns() + " FROM " + quoteName(t.name) + " WHERE " + s.whereKey(t)
		case g.chance(15):
			one["Statement"] = "EXISTS(SELECT * FROM " + quoteName(t.name) + " WHERE " + s.whereKey(t) + " AND " + s.condition(0) + ")"
		default:
			one["Statement"] = s.write(t)
		}
		s.into(one)
		all = append(all, one)
	}
	body := object{"TransactStatements": all}
	g.token(body)
	return request{"ExecuteTransaction", g.capacity(body)}
}

// into gives a request the parameters, now and then one less or more.
func (s *statement) into(body object) {
	if s.chance(2) && len(s.parameters) > 0 {
		s.parameters = s.parameters[1:]
	}
	if s.chance(1) {
		s.parameters = append(s.parameters, object{"S": "unused"})
	}
	if len(s.parameters) > 0 {
		body["Parameters"] = s.parameters
	}
}

func (s *statement) any(t *table) string {
	if s.IntN(5) < 2 {
		return s.query(t)
	}
	return s.write(t)
}

func (s *statement) query(t *table) string {
	text := "SELECT " + s.columns() + " FROM " + quoteName(t.name)
	hash, rng := t.hash, t.rng
	if len(t.indexes) > 0 && s.chance(30) {
		ix := pick(s.generator, t.indexes...)
		text += "." + quoteName(ix.name)
		hash, rng = ix.hash, ix.rng
	}
	switch s.IntN(6) {
	case 0:
		return text
	case 1:
		text += " WHERE " + s.condition(2)
	case 2:
		text += " WHERE " + hash.name + " IN [" + s.value(hash.kind) + ", " + s.value(hash.kind) + "]"
	default:
		text += " WHERE " + hash.name + " = " + s.value(hash.kind)
		if rng.name != "" && s.chance(60) {
			text += " AND " + s.narrow(rng)
		}
		if s.chance(30) {
			text += " AND " + s.condition(1)
		}
	}
	if s.chance(10) && rng.name != "" {
		text += " ORDER BY " + pick(s.generator, rng.name, hash.name) + pick(s.generator, "", " DESC", " ASC")
	}
	return text
}

func (s *statement) narrow(rng key) string {
	switch s.IntN(4) {
	case 0:
		return rng.name + " BETWEEN " + s.value(rng.kind) + " AND " + s.value(rng.kind)
	case 1:
		return "begins_with(" + rng.name + ", " + s.value(rng.kind) + ")"
	default:
		return rng.name + " " + pick(s.generator, "=", "<", ">=", ">", "<=", "<>") + " " + s.value(rng.kind)
	}
}

func (s *statement) write(t *table) string {
	name := quoteName(t.name)
	switch s.IntN(4) {
	case 0, 1:
		return "INSERT INTO " + name + " VALUE " + s.literal(object{"M": s.generator.item(t)})
	case 2:
		return "DELETE FROM " + name + " WHERE " + s.where(t) + s.returning()
	default:
		var sets []string
		for range 1 + s.IntN(2) {
			sets = append(sets, s.set(t))
		}
		if s.chance(20) {
			return "FROM " + name + " WHERE " + s.where(t) + " " + strings.Join(sets, " ") + s.returning()
		}
		return "UPDATE " + name + " " + strings.Join(sets, " ") + " WHERE " + s.where(t) + s.returning()
	}
}

func (s *statement) returning() string {
	if s.chance(70) {
		return ""
	}
	return " RETURNING " + pick(s.generator, "ALL OLD", "MODIFIED NEW", "ALL NEW", "MODIFIED OLD") + " *"
}

// whereKey names an item.
func (s *statement) whereKey(t *table) string {
	text := t.hash.name + " = " + s.value(t.hash.kind)
	if t.rng.name != "" {
		text += " AND " + t.rng.name + " = " + s.value(t.rng.kind)
	}
	return text
}

func (s *statement) where(t *table) string {
	switch {
	case s.chance(3):
		return s.condition(1)
	case s.chance(30):
		return s.whereKey(t) + " AND " + s.condition(1)
	default:
		return s.whereKey(t)
	}
}

func (s *statement) columns() string {
	if s.chance(70) {
		return "*"
	}
	columns := []string{s.path()}
	for range s.IntN(3) {
		columns = append(columns, s.path())
	}
	return strings.Join(columns, ", ")
}

// quoted names need not be, but those that are keywords do.
func quoteName(name string) string { return `"` + name + `"` }

func (s *statement) path() string {
	name := pick(s.generator, "a", "d", "b", "map", "list", "e", "set", "c", "name", "pk", "sk", "none")
	path := name
	if name == "map" || name == "list" || name == "set" || name == "name" || s.chance(10) {
		path = quoteName(name)
	}
	for range s.IntN(3) * s.IntN(2) {
		if name == "list" {
			path += fmt.Sprintf("[%d]", s.IntN(4))
		} else {
			path += "." + pick(s.generator, "x", "y", "z")
		}
	}
	return path
}

// value is a value of a kind, as a literal or a parameter.
func (s *statement) value(kind string) string { return s.literal(s.generator.value(kind)) }

func (s *statement) literal(v object) string {
	if text, ok := literal(v); ok && s.chance(60) {
		return text
	}
	if m, ok := v["M"].(object); ok && (m["pk"] != nil || s.chance(3)) { // with parameters in it
		var entries []string
		for _, name := range sortedNames(m) {
			entries = append(entries, "'"+name+"': "+s.literal(m[name].(object)))
		}
		return "{" + strings.Join(entries, ", ") + "}"
	}
	s.parameters = append(s.parameters, v)
	return "?"
}

// literal writes a value in PartiQL, if that can be done.
func literal(v object) (string, bool) {
	if len(v) != 1 {
		return "", false
	}
	for kind, member := range v {
		switch member := member.(type) {
		case string:
			switch kind {
			case "S":
				return "'" + strings.ReplaceAll(member, "'", "''") + "'", !strings.Contains(member, "\x00")
			case "N":
				return member, member != "" && !strings.Contains(member, "E") // which not all can read
			}
		case bool:
			if kind == "BOOL" {
				return fmt.Sprint(member), true
			}
			return "NULL", kind == "NULL"
		case []any:
			return collection(kind, member)
		case object:
			var entries []string
			for _, name := range sortedNames(member) {
				text, ok := literal(member[name].(object))
				if !ok {
					return "", false
				}
				entries = append(entries, "'"+name+"': "+text)
			}
			return "{" + strings.Join(entries, ", ") + "}", kind == "M"
		}
	}
	return "", false
}

func collection(kind string, members []any) (string, bool) {
	var list []string
	for _, m := range members {
		v, ok := m.(object)
		if !ok {
			v = object{strings.TrimSuffix(kind, "S"): m}
		}
		text, ok := literal(v)
		if !ok || kind == "BS" {
			return "", false
		}
		list = append(list, text)
	}
	if kind == "L" {
		return "[" + strings.Join(list, ", ") + "]", true
	}
	return "<<" + strings.Join(list, ", ") + ">>", true
}

func (s *statement) operand() string {
	switch s.IntN(8) {
	case 0:
		return "size(" + s.path() + ")"
	case 1, 2, 3, 4:
		return s.literal(s.generator.any())
	default:
		return s.path()
	}
}

func (s *statement) condition(depth int) string {
	if depth > 0 {
		switch s.IntN(6) {
		case 0:
			return s.condition(depth-1) + " AND " + s.condition(depth-1)
		case 1:
			return s.condition(depth-1) + " OR " + s.condition(depth-1)
		case 2:
			return "NOT " + s.condition(depth-1)
		case 3:
			return "(" + s.condition(depth-1) + ")"
		}
	}
	switch s.IntN(11) {
	case 0:
		return "attribute_exists(" + s.path() + ")"
	case 1:
		return "attribute_not_exists(" + s.path() + ")"
	case 2:
		return "attribute_type(" + s.path() + ", '" + pick(s.generator, "S", "N", "L", "M", "SS", "Q") + "')"
	case 3:
		return "begins_with(" + s.path() + ", " + s.operand() + ")"
	case 4:
		return "contains(" + s.path() + ", " + s.operand() + ")"
	case 5:
		return s.path() + " BETWEEN " + s.operand() + " AND " + s.operand()
	case 6:
		return s.path() + " IN [" + s.operand() + ", " + s.operand() + "]"
	case 7:
		return s.path() + " IS " + pick(s.generator, "", "NOT ") + pick(s.generator, "MISSING", "NULL")
	default:
		return s.path() + " " + pick(s.generator, "=", "<>", "<", ">=", ">", "<=", "!=") + " " + s.operand()
	}
}

func (s *statement) set(t *table) string {
	path := s.path()
	switch s.IntN(9) {
	case 0:
		return "REMOVE " + path
	case 1:
		return "SET " + path + " = " + path + pick(s.generator, " + ", " - ") + s.value("N")
	case 2:
		return "SET " + path + " = list_append(" + path + ", " + s.value("L") + ")"
	case 3:
		return "SET " + path + " = if_not_exists(" + s.path() + ", " + s.operand() + ")"
	case 4:
		return "SET " + path + " = " + pick(s.generator, "set_add", "set_delete") + "(" + path + ", " + s.value(pick(s.generator, "SS", "NS", "S")) + ")"
	case 5:
		return "SET " + path + " = " + s.path()
	default:
		name := pick(s.generator, "a", "b", "c", "d")
		return "SET " + name + " = " + s.literal(s.attribute(t, name))
	}
}
