package main

// readers are the hand-written functions that read an element of a list or a
// map's value.
var readers = map[string]string{
	"string": "readString", "integer": "readInt", "long": "readLong", "double": "readDouble",
	"item": "readItem", "value": "readValue",
}

// pulls are the calls that read a member of a scalar or value type.
var pulls = map[string]string{
	"string": "d.Str()", "boolean": "d.Bool()", "integer": "d.Int()", "long": "d.Long()",
	"double": "d.Double()", "timestamp": "d.Double()",
	"blob": "d.Blob(nil)", "item": "attr.DecodeItem(d)", "value": "attr.DecodeValue(d)",
}

func writeDecoders(m *model, s *source) {
	s.line("import (")
	s.line(`"github.com/statordb/stator/internal/attr"`)
	s.line(`"github.com/statordb/stator/internal/awsjson"`)
	s.line(")")

	inputs := make(map[string]bool)
	for _, o := range m.operations {
		inputs[o.Input] = true
	}
	elements := elementTypes(m)
	writeWireShapes(m, s, inputs, elements)
	for sh := range m.all() {
		if !m.request[sh.name] {
			continue
		}
		if sh.Type == "structure" {
			writeDecoder(m, s, sh)
		}
		if elements[sh.name] {
			writeReader(m, s, sh)
		}
		if inputs[sh.name] {
			s.line("\n// Decode reads the request from the body that d was reset to.")
			s.line("func (v *%[1]s) Decode(d *awsjson.Decoder) error { return decodeBody(d, v, (*%[1]s).decode) }", sh.name)
		}
	}
}

// elementTypes are the structures and lists that requests have inside lists
// and maps.
func elementTypes(m *model) map[string]bool {
	set := make(map[string]bool)
	for sh := range m.all() {
		if m.request[sh.name] && sh.Of != "" && m.shapes[sh.Of] != nil && !m.isScalar(sh.Of) {
			set[sh.Of] = true
		}
	}
	return set
}

// writeWireShapes declares what awsjson is told before a structure or map.
func writeWireShapes(m *model, s *source, inputs, elements map[string]bool) {
	members := make(map[string]bool)
	for sh := range m.all() {
		if m.request[sh.name] {
			for _, f := range sh.Members {
				members[f.Type] = true
			}
		}
	}
	s.line("\nvar (")
	for sh := range m.all() {
		if !m.request[sh.name] || inputs[sh.name] {
			continue
		}
		switch sh.Type {
		case "structure":
			if members[sh.name] {
				s.line("member%[1]s = awsjson.Member(%[1]q)", sh.name)
			}
			if elements[sh.name] {
				s.line("element%[1]s = awsjson.Element(%[1]q)", sh.name)
			}
		case "map":
			switch m.kind(sh.Of) {
			case "structure":
				s.line("shape%s = awsjson.MapOf(%q)", sh.name, sh.Of)
			case "list":
				s.line("shape%s = awsjson.MapOfLists(%q)", sh.name, m.shapes[sh.Of].Of)
			}
		}
	}
	s.line(")")
}

func writeDecoder(m *model, s *source, sh *shape) {
	s.line("\nfunc (v *%s) decode(d *awsjson.Decoder, o awsjson.Object) (err error) {", sh.name)
	s.line("for o.Next() {")
	s.line("switch string(o.Key()) {")
	for _, f := range sh.Members {
		s.line("case %q:", f.Name)
		s.line("%s", pull(m, f))
		if sh.Strict && f.Required {
			s.line("if err == nil && !(%s) {", m.present(f))
			s.line("err = refuseNull(%q)", m.kind(f.Type))
			s.line("}")
		}
	}
	s.line("default:")
	s.line("err = d.Skip()")
	s.line("}")
	s.line("if err != nil { return err }")
	s.line("}")
	s.line("return o.Err()")
	s.line("}")
}

// pull is the statement that reads a member.
func pull(m *model, f *member) string {
	target := "v." + f.goName()
	switch k := m.kind(f.Type); {
	case scalars[k] != "":
		return target + ".V, " + target + ".Set, err = " + pulls[k]
	case values[k] != "":
		return target + ", _, err = " + pulls[k]
	case k == "structure":
		return target + ", err = decodeMember(d, &member" + f.Type + ", (*" + f.Type + ").decode)"
	default:
		return target + ", err = " + container(m, f.Type)
	}
}

// container is the call that reads a list or map.
func container(m *model, t string) string {
	sh := m.shapes[t]
	switch {
	case m.isStringMap(t):
		return "decodeStrings(d)"
	case sh.Type == "map":
		return "decodeMap(d, &shape" + t + ", " + reader(m, sh.Of) + ")"
	default:
		return "decodeList(d, " + reader(m, sh.Of) + ")"
	}
}

func reader(m *model, t string) string {
	if r := readers[m.kind(t)]; r != "" {
		return r
	}
	return "read" + t
}

// writeReader writes the function that reads a structure or list where it is
// an element.
func writeReader(m *model, s *source, sh *shape) {
	s.line("\nfunc read%s(d *awsjson.Decoder, v *%s) (err error) {", sh.name, m.element(sh.name))
	if sh.Type == "structure" {
		s.line("o, ok, err := d.Object(&element%s)", sh.name)
		s.line("if err != nil || !ok { return err }")
		s.line("return v.decode(d, o)")
	} else {
		s.line("*v, err = %s", container(m, sh.name))
		s.line("return err")
	}
	s.line("}")
}
