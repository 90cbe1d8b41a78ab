package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
)

// A model is all of the service: both of its APIs.
type model struct {
	operations []*operation // by name
	shapes     map[string]*shape
	request    map[string]bool // shapes that requests reach
	response   map[string]bool // shapes that responses and exceptions reach
}

// A file is one file of the model, for one API.
type file struct {
	Target     string
	Notice     string
	Operations map[string]*operation
	Shapes     map[string]*shape
}

type operation struct {
	name   string
	target string
	Input  string
	Output string
	Errors []string
}

// A shape is a type of the service.
type shape struct {
	name string
	Type string // structure, error, list, map, or the name of a scalar
	Note string

	Members []*member // of a structure or error, in the order of checking
	Of      string    // what a list or map holds
	Key     string    // what a map's keys are

	Min, Max *int64
	Pattern  string
	Go       string // Pattern for package regexp, where Java's differs
	Enum     []string
	ARN      bool // may be the ARN of a table

	Older     bool     // an input with a hand-written method older
	Extra     bool     // an input with a hand-written method checkMore
	Strict    bool     // an input that refuses null for a required member
	Namespace string   // of an error
	Status    int      // of an error
	Prints    []string // members that the service prints as null and the wire does not have
	Says      map[string]says
}

type member struct {
	Name     string
	Type     string
	Required bool
	Unless   string // a member that, when present, makes this one optional
	Min, Max *int64 // instead of the type's
	Says     map[string]says
	Note     string
}

// goName is the member's name as a field; some names on the wire are in lower
// case.
func (f *member) goName() string { return strings.ToUpper(f.Name[:1]) + f.Name[1:] }

// A says changes the words for one broken constraint: null, min, max,
// pattern, enum or keys.
type says struct {
	Text  string // all of the words
	Plain bool   // no echo of the value, and the path as in JSON
	Alone bool   // no other complaint beside it
	Bare  bool   // alone, and without the count of errors before it
	Last  bool   // only if there is no other complaint
	Echo  string // how the value is printed: json, or as Java does
}

// scalars are the types that have no structure, and what they are in Go.
var scalars = map[string]string{
	"string": "string", "boolean": "bool", "integer": "int64", "long": "int64",
	"double": "float64", "timestamp": "float64",
}

// values are the types that package attr or this package writes by hand.
var values = map[string]string{
	"blob": "[]byte", "item": "attr.Item", "value": "attr.Value", "items": "Items",
}

func load(names ...string) (*model, error) {
	m := &model{shapes: make(map[string]*shape), request: make(map[string]bool), response: make(map[string]bool)}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var f file
		dec := json.NewDecoder(strings.NewReader(string(text)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&f); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for n, o := range f.Operations {
			o.name, o.target = n, f.Target
			m.operations = append(m.operations, o)
		}
		for n, s := range f.Shapes {
			if m.shapes[n] != nil {
				return nil, fmt.Errorf("%s: shape %s is there twice", name, n)
			}
			s.name = n
			m.shapes[n] = s
		}
	}
	slices.SortFunc(m.operations, func(a, b *operation) int { return cmp.Compare(a.name, b.name) })
	if err := m.check(); err != nil {
		return nil, err
	}
	for _, o := range m.operations {
		m.reach(m.request, o.Input)
		m.reach(m.response, o.Output)
		for _, e := range o.Errors {
			m.reach(m.response, e)
		}
	}
	return m, nil
}

// check reports names that lead nowhere.
func (m *model) check() error {
	known := func(in, name string) error {
		if scalars[name] == "" && values[name] == "" && m.shapes[name] == nil {
			return fmt.Errorf("%s: no shape %q", in, name)
		}
		return nil
	}
	for s := range m.all() {
		for _, f := range s.Members {
			if err := known(s.name+"."+f.Name, f.Type); err != nil {
				return err
			}
		}
		if s.Type == "list" || s.Type == "map" {
			if err := known(s.name, s.Of); err != nil {
				return err
			}
		}
	}
	for _, o := range m.operations {
		for _, n := range append([]string{o.Input, o.Output}, o.Errors...) {
			if err := known(o.name, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// reach marks what a shape is made of.
func (m *model) reach(set map[string]bool, name string) {
	s := m.shapes[name]
	if s == nil || set[name] {
		return
	}
	set[name] = true
	for _, f := range s.Members {
		m.reach(set, f.Type)
	}
	m.reach(set, s.Of)
}

// all returns the shapes by name.
func (m *model) all() iter.Seq[*shape] {
	return func(yield func(*shape) bool) {
		for _, n := range slices.Sorted(maps.Keys(m.shapes)) {
			if !yield(m.shapes[n]) {
				return
			}
		}
	}
}

// kind returns what a type is: structure, list, map, or the name of a scalar
// or value.
func (m *model) kind(t string) string {
	if s := m.shapes[t]; s != nil {
		return s.Type
	}
	return t
}

// isScalar reports whether a type is one of scalars.
func (m *model) isScalar(t string) bool { return scalars[m.kind(t)] != "" }

// isStringMap reports whether a type is a map of strings, which is a map in Go.
// Other maps keep their order.
func (m *model) isStringMap(t string) bool {
	return m.kind(t) == "map" && m.kind(m.shapes[t].Of) == "string"
}

// element is a type's form in Go inside a list or map.
func (m *model) element(t string) string {
	switch k := m.kind(t); {
	case k == "structure":
		return t
	case k == "list":
		return "[]" + m.element(m.shapes[t].Of)
	case m.isStringMap(t):
		return "map[string]string"
	case k == "map":
		return "Map[" + m.element(m.shapes[t].Of) + "]"
	case scalars[k] != "":
		return scalars[k]
	default:
		return values[k]
	}
}

// field is a type's form in Go as a member of a structure.
func (m *model) field(t string) string {
	switch k := m.kind(t); {
	case k == "structure":
		return "*" + t
	case scalars[k] != "":
		return "Opt[" + scalars[k] + "]"
	default:
		return m.element(t)
	}
}

// present is the condition that a member is there.
func (m *model) present(f *member) string {
	switch k := m.kind(f.Type); {
	case scalars[k] != "":
		return "v." + f.goName() + ".Set"
	case k == "items":
		return "v." + f.goName() + ".Present"
	default:
		return "v." + f.goName() + " != nil"
	}
}
