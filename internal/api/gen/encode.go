package main

// appenders are the functions that append a scalar or value.
var appenders = map[string]string{
	"string": "appendString", "boolean": "appendBool", "integer": "appendInt", "long": "appendInt",
	"double": "appendDouble", "timestamp": "appendTimestamp",
	"blob": "appendBlob", "item": "appendItem", "value": "appendValue", "items": "appendItems",
}

func writeEncoders(m *model, s *source) {
	s.line(`import "github.com/statordb/stator/internal/attr"`)
	for sh := range m.all() {
		if !m.response[sh.name] {
			continue
		}
		switch {
		case sh.Type == "structure":
			writeEncoder(m, s, sh)
		case sh.Type == "list" || sh.Type == "map" && !m.isStringMap(sh.name):
			s.line("\nfunc append%s(v *%s, dst []byte) []byte {", sh.name, m.element(sh.name))
			s.line("return append%s(dst, *v, %s)", map[string]string{"list": "List", "map": "Map"}[sh.Type], appender(m, sh.Of))
			s.line("}")
		}
	}
}

func writeEncoder(m *model, s *source, sh *shape) {
	s.line("\n// AppendJSON appends v as the wire has it.")
	s.line("func (v *%s) AppendJSON(dst []byte) []byte {", sh.name)
	if len(sh.Members) == 0 {
		s.line("return append(dst, \"{}\"...)")
		s.line("}")
		return
	}
	s.line("dst = append(dst, '{')")
	s.line("start := len(dst)")
	for _, f := range sh.Members {
		s.line("if %s {", m.present(f))
		then := "name(dst, start, `\"" + f.Name + "\":`)"
		switch k := m.kind(f.Type); {
		case k == "structure" || k == "item" || k == "value":
			s.line("dst = v.%s.AppendJSON(%s)", f.goName(), then)
		case scalars[k] != "":
			s.line("dst = %s(&v.%s.V, %s)", appenders[k], f.goName(), then)
		default:
			s.line("dst = %s(&v.%s, %s)", appender(m, f.Type), f.goName(), then)
		}
		s.line("}")
	}
	s.line("return append(dst, '}')")
	s.line("}")
}

func appender(m *model, t string) string {
	k := m.kind(t)
	switch {
	case k == "structure":
		return "(*" + t + ").AppendJSON"
	case m.isStringMap(t):
		return "appendStrings"
	case appenders[k] != "":
		return appenders[k]
	default:
		return "append" + t
	}
}
