package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// cuts are r, each with one part less: a member, an element of a list, a part of
// an expression or statement, or with a plain value in place of another.
func cuts(r request) (all []request) {
	body := decoded(r.body)
	before := used(body)
	less(body, func(v any) {
		v = decoded(v)
		tidy(v, before)
		all = append(all, request{r.op, v})
	})
	return all
}

// less calls with with each v that has one part less, and is of the caller for
// the length of the call only.
func less(v any, with func(any)) {
	switch v := v.(type) {
	case object:
		if isValue(v) {
			for _, plain := range []object{{"S": "a"}, {"N": "1"}, {"B": "YQ=="}} {
				if text(plain) != text(v) {
					with(plain)
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member := v[name]
			if !isValue(v) {
				delete(v, name)
				with(v)
			}
			less(member, func(lesser any) {
				v[name] = lesser
				with(v)
			})
			v[name] = member
		}
		if statement, ok := v["Statement"].(string); ok {
			lessOf(v, statement, with)
		}
	case []any:
		for i := range v {
			with(without(v, i, 1))
			less(v[i], func(lesser any) {
				with(slices.Concat(v[:i], []any{lesser}, v[i+1:]))
			})
		}
	case string:
		for _, p := range partsOf(v) {
			with(v[:p.from] + v[p.to:])
		}
		for n := range min(4, len(v)) { // of what breakIt put there
			with(v[:len(v)-1-n])
		}
	}
}

// lessOf is less for a statement and the parameters of v, which go with the part
// where they stand.
func lessOf(v object, statement string, with func(any)) {
	parameters, _ := v["Parameters"].([]any)
	for _, p := range partsOf(statement) {
		lesser := maps.Clone(v)
		lesser["Statement"] = statement[:p.from] + statement[p.to:]
		rest := without(parameters, strings.Count(statement[:p.from], "?"), strings.Count(statement[p.from:p.to], "?"))
		if lesser["Parameters"] = rest; len(rest) == 0 {
			delete(lesser, "Parameters")
		}
		with(lesser)
	}
}

// isValue reports whether v is an attribute value.
func isValue(v object) bool {
	for name := range v {
		return len(v) == 1 && slices.Contains([]string{"S", "N", "B", "SS", "NS", "BS", "L", "M", "BOOL", "NULL"}, name)
	}
	return false
}

func without(list []any, from, n int) []any {
	from = min(from, len(list))
	return append(append([]any{}, list[:from]...), list[min(from+n, len(list)):]...)
}

// A part is where in an expression or statement something stands that can be
// left out.
type part struct{ from, to int }

var between = regexp.MustCompile(` (AND|OR|SET|REMOVE|ADD|DELETE|RETURNING|WHERE) |, ?`)

// section is what a list begins with.
var section = regexp.MustCompile(`^(SET|REMOVE|ADD|DELETE|SELECT|INSERT INTO \S+ VALUE) \{?`)

// partsOf are the parts between words and commas, each with what stands before
// it, or if that makes no sense with what stands behind it.
func partsOf(s string) (parts []part) {
	words := between.FindAllStringIndex(s, -1)
	for i, w := range words {
		end, begin := len(s), 0
		if i+1 < len(words) {
			end = words[i+1][0]
		}
		if i > 0 {
			begin = words[i-1][1]
		}
		parts = append(parts, part{w[0], end}, part{begin, w[1]}, part{0, w[0] + 1}, part{w[0], len(s)})
		if word := section.FindString(s[begin:w[0]]); word != "" {
			parts = append(parts, part{begin + len(word), w[1]})
		}
		if open := strings.LastIndexAny(s[begin:w[0]], "{[( "); open >= 0 {
			parts = append(parts, part{begin + open + 1, w[1]})
		}
		if shut := strings.IndexAny(s[w[1]:end], "}])"); shut >= 0 {
			parts = append(parts, part{w[0], w[1] + shut})
		}
	}
	return parts
}

// tidy removes the placeholders that expressions used before something was cut,
// and do not use any more.
func tidy(v any, before map[string]bool) {
	switch v := v.(type) {
	case object:
		for _, name := range []string{"ExpressionAttributeNames", "ExpressionAttributeValues"} {
			placeholders, ok := v[name].(object)
			if !ok || len(placeholders) == 0 {
				continue
			}
			now := used(v)
			maps.DeleteFunc(placeholders, func(p string, _ any) bool { return before[p] && !now[p] })
			if len(placeholders) == 0 {
				delete(v, name)
			}
		}
		for _, member := range v {
			tidy(member, before)
		}
	case []any:
		for _, e := range v {
			tidy(e, before)
		}
	}
}

var placeholder = regexp.MustCompile(`[#:]\w+`)

// used are the placeholders in the expressions of v.
func used(v any) map[string]bool {
	all := map[string]bool{}
	switch v := v.(type) {
	case object:
		for name, member := range v {
			if s, ok := member.(string); ok && strings.HasSuffix(name, "Expression") {
				for _, p := range placeholder.FindAllString(s, -1) {
					all[p] = true
				}
			} else {
				maps.Copy(all, used(member))
			}
		}
	case []any:
		for _, e := range v {
			maps.Copy(all, used(e))
		}
	}
	return all
}

// decoded returns a copy of v.
func decoded(v any) (copied any) {
	if err := json.Unmarshal([]byte(text(v)), &copied); err != nil {
		panic(err) // it came from JSON
	}
	return copied
}
