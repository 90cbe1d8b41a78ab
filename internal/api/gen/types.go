package main

import "strings"

func writeTypes(m *model, s *source) {
	s.line(`import "github.com/statordb/stator/internal/attr"`)
	for sh := range m.all() {
		if !m.request[sh.name] && !m.response[sh.name] {
			continue
		}
		switch {
		case sh.Type == "structure":
			writeStruct(m, s, sh)
		case sh.Enum != nil:
			writeEnum(s, sh)
		}
	}
}

func writeStruct(m *model, s *source, sh *shape) {
	s.line("\n// %s is %s.", sh.name, role(m, sh))
	s.line("type %s struct {", sh.name)
	for _, f := range sh.Members {
		s.line("%s %s", f.goName(), m.field(f.Type))
	}
	s.line("}")
}

// role says where a structure is used.
func role(m *model, sh *shape) string {
	for _, o := range m.operations {
		if o.Input == sh.name {
			return "the request of " + o.name
		}
		if o.Output == sh.name {
			return "the response of " + o.name
		}
	}
	switch {
	case !m.response[sh.name]:
		return "a part of requests"
	case !m.request[sh.name]:
		return "a part of responses"
	default:
		return "a part of requests and responses"
	}
}

func writeEnum(s *source, sh *shape) {
	s.line("\n// The values of %s.", sh.name)
	s.line("const (")
	for _, v := range sh.Enum {
		s.line("%s%s = %q", sh.name, camel(v), v)
	}
	s.line(")")
}

// camel turns KEYS_ONLY into KeysOnly and leaves what is camel case already.
func camel(v string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(v, func(r rune) bool { return r == '_' || r == '-' || r == '.' }) {
		if word == strings.ToUpper(word) {
			word = word[:1] + strings.ToLower(word[1:])
		}
		b.WriteString(word)
	}
	return b.String()
}

func writeOperations(m *model, s *source) {
	s.line("// Operations lists what the service does, by name.")
	s.line("var Operations = []Operation{")
	for _, o := range m.operations {
		s.line("{Name: %q, Target: %q, New: func() Input { return new(%s) }},", o.name, o.target, o.Input)
	}
	s.line("}")
}

// writeOutputs lists the responses for tests.
func writeOutputs(m *model, s *source) {
	s.line("var outputs = []Output{")
	for _, o := range m.operations {
		s.line("new(%s),", o.Output)
	}
	s.line("}")
}

func writeErrors(m *model, s *source) {
	s.line("// The names of the exceptions.")
	s.line("const (")
	for sh := range m.all() {
		if sh.Type == "error" {
			s.line("%[1]s ErrorType = %[1]q", sh.name)
		}
	}
	s.line(")\n")
	s.line("var errorTypes = map[ErrorType]errorType{")
	for sh := range m.all() {
		if sh.Type != "error" {
			continue
		}
		s.line("%s: {%s},", sh.name, errorFields(sh))
	}
	s.line("}")
	for sh := range m.all() {
		if sh.Type == "error" {
			s.line("\n// New%[1]s returns an exception with a message.", sh.name)
			s.line("func New%[1]s(message string) *Error { return newError(%[1]s, message) }", sh.name)
		}
	}
}

// errorFields says how an error differs from the most.
func errorFields(sh *shape) string {
	var fields []string
	if sh.Namespace != "" {
		fields = append(fields, "namespace: \""+sh.Namespace+"\"")
	}
	if sh.Status != 0 {
		fields = append(fields, "status: 500")
	}
	for _, f := range sh.Members {
		switch f.Name {
		case "Message":
			fields = append(fields, `message: "Message"`)
		case "throttlingReasons":
			fields = append(fields, `throttlingReasons: "throttlingReasons"`)
		}
	}
	return strings.Join(fields, ", ")
}
