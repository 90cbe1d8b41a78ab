package main

import (
	"maps"
	"slices"
	"strings"
)

// breakIt returns the request with one place of it changed.
func (g *generator) breakIt(body any) any {
	copied := decoded(body)
	places := 0
	count(copied, &places)
	at := g.IntN(places)
	return g.change(copied, &at)
}

// count counts the values in v that can be changed.
func count(v any, n *int) {
	*n++
	switch v := v.(type) {
	case object:
		for _, member := range v {
			count(member, n)
		}
	case []any:
		for _, e := range v {
			count(e, n)
		}
	}
}

// gone stands for a value that is left out.
type gone struct{}

// change returns v with the value that comes at-th changed.
func (g *generator) change(v any, at *int) any {
	if *at--; *at == -1 {
		return g.other(v)
	}
	switch v := v.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if *at < 0 {
				break
			}
			if v[name] = g.change(v[name], at); v[name] == (gone{}) {
				delete(v, name)
			}
		}
	case []any:
		for i := 0; i < len(v) && *at >= 0; i++ {
			if v[i] = g.change(v[i], at); v[i] == (gone{}) {
				return slices.Delete(v, i, i+1)
			}
		}
	}
	return v
}

// large is how many bytes are too many to have them several times in a request.
const large = 5000

// other returns something in place of v.
func (g *generator) other(v any) any {
	switch v := v.(type) {
	case object:
		switch g.IntN(4) {
		case 0:
			v[pick(g, "Extra", "extra", "S", "")] = "more"
			return v
		case 1:
			return object{}
		}
	case []any:
		switch g.IntN(4) {
		case 0:
			return []any{}
		case 1:
			if len(v) > 0 {
				return append(v, v[0]) // twice
			}
		case 2:
			for len(text(v)) < large && len(v) > 0 && len(v) < 120 {
				v = append(v, v...)
			}
			return v
		}
	case string:
		switch g.IntN(4) {
		case 0:
			return v + pick(g, " ", "x", ")", " AND", ", ")
		case 1:
			if len(v) < large {
				return strings.Repeat(v+"x", 300)
			}
		case 2:
			return ""
		}
	}
	return pick[any](g, gone{}, nil, "", 1, true, []any{}, object{}, "other", -1, 1.5, []any{nil}, object{"S": "a"})
}
