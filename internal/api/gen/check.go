package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A checks writes check_gen.go.
type checks struct {
	*model
	*source
	nested   map[string]bool   // structures with a check method, or not
	patterns map[string]string // variables by pattern
	elements map[string]bool   // shapes whose rule is about elements or keys
	printed  map[string]bool   // shapes that complaints print
}

func writeChecks(m *model, s *source) {
	s.line(`import "github.com/statordb/stator/internal/attr"`)
	c := &checks{
		m, s,
		make(map[string]bool), make(map[string]string), make(map[string]bool), make(map[string]bool),
	}
	for sh := range m.all() {
		if m.request[sh.name] && sh.Type == "structure" && c.checked(sh.name) {
			c.structure(sh)
		}
	}
	for _, o := range m.operations {
		c.input(m.shapes[o.Input])
	}
	c.elementRules()
	c.patternVars()
	c.printers()
}

// checked reports whether anything in a structure is constrained.
func (c *checks) checked(name string) bool {
	sh := c.shapes[name]
	if sh == nil {
		return false
	}
	if known, ok := c.nested[name]; ok {
		return known
	}
	c.nested[name] = false
	found := false
	for _, f := range sh.Members {
		found = found || f.Required || c.ruled(f.Type) || c.checked(f.Type) || c.checked(c.of(f.Type))
	}
	if sh.Type == "list" || sh.Type == "map" {
		found = c.checked(sh.Of)
	}
	c.nested[name] = found
	return found
}

func (c *checks) of(t string) string {
	if sh := c.shapes[t]; sh != nil {
		return sh.Of
	}
	return ""
}

// ruled reports whether a type itself, or one of its elements that is not a
// structure, is constrained.
func (c *checks) ruled(t string) bool {
	sh := c.shapes[t]
	if sh == nil {
		return false
	}
	if sh.Min != nil || sh.Max != nil || sh.Pattern != "" || sh.Enum != nil {
		return true
	}
	return sh.Type == "list" && c.kind(sh.Of) == "string" && c.ruled(sh.Of) || sh.Key != "" && c.ruled(sh.Key)
}

func (c *checks) input(sh *shape) {
	c.line("\n// Check implements Input.")
	c.line("func (v *%s) Check() error {", sh.name)
	defer c.line("}")
	if !c.checked(sh.name) {
		c.line("return nil")
		return
	}
	c.line("var c checker")
	c.line("v.check(&c, nil)")
	if sh.Extra {
		c.line("v.checkMore(&c)")
	}
	if sh.Older {
		c.line("if c.failed() && v.Older() {")
		c.line("c = checker{older: true}")
		c.line("v.check(&c, nil)")
		c.line("}")
	}
	c.line("return c.err()")
}

func (c *checks) structure(sh *shape) {
	var rules, body source
	outer := c.source
	for _, f := range sh.Members {
		if !f.Required && !c.ruled(f.Type) && !c.checked(f.Type) && !c.checked(c.of(f.Type)) {
			continue
		}
		name := "rule" + sh.name + f.Name
		if f.Required || c.ruled(f.Type) {
			c.source = &rules
			c.line("%s = rule{name: %q, %s}", name, f.Name, c.ruleFields(f))
		}
		c.source = &body
		c.member(f, "&"+name)
	}
	c.source = outer
	if rules.Len() > 0 {
		c.line("\nvar (\n%s)", rules.String())
	}
	c.line("\nfunc (v *%s) check(c *checker, p *path) {", sh.name)
	c.Write(body.Bytes())
	c.line("}")
}

// ruleFields is what the model says of a member.
func (c *checks) ruleFields(f *member) string {
	sh := shape{}
	if s := c.shapes[f.Type]; s != nil && s.Type != "structure" {
		sh = *s
	}
	if f.Min != nil {
		sh.Min = f.Min
	}
	if f.Max != nil {
		sh.Max = f.Max
	}
	fields := c.shapeFields(&sh)
	if f.Required {
		fields = append([]string{"required: true"}, fields...)
	}
	return strings.Join(append(fields, saysFields(f.Says)...), ", ")
}

func (c *checks) shapeFields(sh *shape) []string {
	var fields []string
	if sh.Min != nil {
		fields = append(fields, fmt.Sprintf("min: limit{%d, true}", *sh.Min))
	}
	if sh.Max != nil {
		fields = append(fields, fmt.Sprintf("max: limit{%d, true}", *sh.Max))
	}
	if sh.Pattern != "" {
		fields = append(fields, "pattern: "+c.pattern(sh))
	}
	if sh.Enum != nil {
		fields = append(fields, fmt.Sprintf("enum: []string{%s}", quoted(sh.Enum)))
	}
	if sh.ARN {
		fields = append(fields, "arn: true")
	}
	return fields
}

func quoted(list []string) string {
	var words []string
	for _, s := range list {
		words = append(words, fmt.Sprintf("%q", s))
	}
	return strings.Join(words, ", ")
}

func saysFields(all map[string]says) []string {
	if len(all) == 0 {
		return nil
	}
	var list []string
	for _, about := range slices.Sorted(maps.Keys(all)) {
		s := all[about]
		fields := "about: constraint" + camel(strings.ToUpper(about))
		if s.Text != "" {
			fields += fmt.Sprintf(", text: %q", s.Text)
		}
		for _, flag := range []struct {
			name string
			set  bool
		}{{"plain", s.Plain}, {"alone", s.Alone}, {"bare", s.Bare}, {"last", s.Last}} {
			if flag.set {
				fields += ", " + flag.name + ": true"
			}
		}
		list = append(list, "{"+fields+"}")
	}
	return []string{"says: []says{" + strings.Join(list, ", ") + "}"}
}

// pattern returns the variable that holds a shape's pattern.
func (c *checks) pattern(sh *shape) string {
	if c.patterns[sh.Pattern] == "" {
		c.patterns[sh.Pattern] = "pattern" + sh.name
	}
	return c.patterns[sh.Pattern]
}

func (c *checks) patternVars() {
	goForm := make(map[string]string)
	for sh := range c.all() {
		goForm[sh.Pattern] = sh.Go
	}
	c.line("\nvar (")
	for _, text := range slices.Sorted(maps.Keys(c.patterns)) {
		form := goForm[text]
		if form == "" {
			form = text
		}
		regexp.MustCompile(form)
		c.line("%s = newPattern(%q, %q)", c.patterns[text], text, form)
	}
	c.line(")")
}

// member writes the statements that check one member.
func (c *checks) member(f *member, rule string) {
	target := "v." + f.goName()
	if f.Unless != "" {
		c.line("if !v.%s.Set || %s {", f.Unless, c.present(f))
		defer c.line("}")
	}
	switch k := c.kind(f.Type); {
	case c.ruled(f.Type) && k == "string":
		c.line("c.str(p, %s, &%s)", rule, target)
	case c.ruled(f.Type) && (k == "integer" || k == "long"):
		c.line("c.number(p, %s, &%s)", rule, target)
	case (k == "list" || k == "map") && c.ruled(f.Type):
		c.container(f, rule)
	case f.Required:
		c.line("c.present(p, %s, %s)", rule, c.model.present(f))
	}
	switch k := c.kind(f.Type); {
	case k == "structure" && c.checked(f.Type):
		c.line("if %s != nil {", target)
		c.line("%s.check(c, &path{up: p, name: %q})", target, f.Name)
		c.line("}")
	case k == "list" && c.checked(f.Type):
		c.line("for i := range %s {", target)
		c.line("%s[i].check(c, &path{up: p, name: %q, index: i + 1})", target, f.Name)
		c.line("}")
	case k == "map" && c.checked(f.Type):
		c.line("for i := range %s {", target)
		c.line("e := &%s[i]", target)
		at := fmt.Sprintf("path{up: p, name: %q, key: e.Key, keyed: true}", f.Name)
		if of := c.shapes[c.of(f.Type)]; of.Type == "list" {
			c.line("at := %s", at)
			c.line("for j := range e.Value {")
			c.line("e.Value[j].check(c, &path{up: &at, index: j + 1})")
			c.line("}")
		} else {
			c.line("e.Value.check(c, &%s)", at)
		}
		c.line("}")
	}
}

// container checks the length of a list or map and what it holds that is not a
// structure.
func (c *checks) container(f *member, rule string) {
	target := "v." + f.goName()
	sh := c.shapes[f.Type]
	if f.Required || f.Min != nil || f.Max != nil || sh.Min != nil || sh.Max != nil {
		c.line("if c.miscounts(p, %s, %s != nil, len(%s)) {", rule, target, target)
		c.line("c.miscount(p, %s, len(%s), %s)", rule, target, c.countEcho(f, sh))
		c.line("}")
	}
	if sh.Key != "" && c.ruled(sh.Key) {
		c.elements[sh.Key] = true
		if c.isStringMap(f.Type) {
			panic(sh.name + ": keys of a map of strings are not checked")
		}
		c.line("for i := range %s {", target)
		c.line("if !element%sRule.allows(%s[i].Key) {", sh.Key, target)
		c.line("c.keys(p, %s, &element%sRule, %s)", rule, sh.Key, c.echo(f, f.Says["keys"].Echo))
		c.line("break")
		c.line("}")
		c.line("}")
	}
	switch of := c.shapes[sh.Of]; {
	case of == nil || !c.ruled(sh.Of):
	case of.Type == "string" && sh.Type == "list":
		c.elements[sh.Of] = true
		c.line("for i := range %s {", target)
		c.line("if !element%sRule.allows(%s[i]) {", sh.Of, target)
		c.line("c.elements(p, %s, &element%sRule, %s)", rule, sh.Of, c.echo(f, ""))
		c.line("break")
		c.line("}")
		c.line("}")
	case of.Type == "list" && sh.Type == "map":
		c.lists(f, sh, rule)
	}
}

// lists checks the lengths of the lists that a map holds.
func (c *checks) lists(f *member, sh *shape, rule string) {
	c.elements[sh.Of] = true
	element := "element" + sh.Of + "Rule"
	c.line("for i := range v.%s {", f.goName())
	c.line("e := &v.%s[i]", f.goName())
	c.line("switch n := len(e.Value); {")
	c.line("case !c.miscounts(p, &%s, true, n):", element)
	c.line("case %s.sayings(n):", element)
	c.line("c.miscount(&path{up: p, name: %q, key: e.Key, keyed: true}, &%s, n, nil)", f.Name, element)
	c.line("default:")
	c.line("c.values(p, %s, &%s, %s)", rule, element, c.echo(f, ""))
	c.line("}")
	c.line("}")
}

// countEcho is what prints a list or map of which the length is wrong. Often
// that can only be an empty one, or it is not printed.
func (c *checks) countEcho(f *member, sh *shape) string {
	upper := sh.Max != nil || f.Max != nil
	switch {
	case f.Says["min"].Plain && (f.Says["max"].Plain || !upper):
		return "nil"
	case upper:
		return c.echo(f, "")
	case sh.Type == "map":
		return `[]byte("{}")`
	default:
		return `[]byte("[]")`
	}
}

// echo is the call that prints a member.
func (c *checks) echo(f *member, as string) string {
	if as == "json" {
		return fmt.Sprintf("append%s(&v.%s, nil)", f.Type, f.goName())
	}
	return fmt.Sprintf("%s(&v.%s, nil)", c.printer(f.Type), f.goName())
}

func (c *checks) elementRules() {
	c.line("\nvar (")
	for _, n := range slices.Sorted(maps.Keys(c.elements)) {
		fields := append(c.shapeFields(c.shapes[n]), saysFields(c.shapes[n].Says)...)
		c.line("element%sRule = rule{%s}", n, strings.Join(fields, ", "))
	}
	c.line(")")
}

// printer returns the function that prints a type as Java does.
func (c *checks) printer(t string) string {
	switch k := c.kind(t); {
	case k == "string":
		return "javaString"
	case k == "boolean":
		return "javaBool"
	case k == "integer" || k == "long":
		return "javaInt"
	case k == "double" || k == "timestamp":
		return "javaDouble"
	case k == "item":
		return "javaItem"
	case k == "value":
		return "javaValue"
	case c.isStringMap(t):
		return "javaStrings"
	default:
		c.printed[t] = true
		return "java" + t
	}
}

// printers writes the functions of printed, which grows meanwhile.
func (c *checks) printers() {
	done := make(map[string]bool)
	for len(done) < len(c.printed) {
		for _, n := range slices.Sorted(maps.Keys(c.printed)) {
			if !done[n] {
				done[n] = true
				c.javaPrinter(c.shapes[n])
			}
		}
	}
}

func (c *checks) javaPrinter(sh *shape) {
	c.line("\nfunc java%s(v *%s, dst []byte) []byte {", sh.name, c.element(sh.name))
	defer c.line("}")
	switch sh.Type {
	case "list":
		c.line("return javaList(dst, *v, %s)", c.printer(sh.Of))
		return
	case "map":
		c.line("return javaMap(dst, *v, %s)", c.printer(sh.Of))
		return
	}
	c.line(`dst = append(dst, "%s("...)`, sh.name)
	for _, f := range sh.Members {
		name := strings.ToLower(f.Name[:1]) + f.Name[1:]
		show := c.printer(f.Type)
		switch {
		case c.isScalar(f.Type):
			c.line("dst = javaOpt(dst, %q, &v.%s, %s)", name, f.goName(), show)
		case c.kind(f.Type) == "structure":
			c.line("dst = javaField(dst, %q, v.%s, %s)", name, f.goName(), show)
		default:
			c.line("dst = javaField(dst, %q, &v.%s, %s)", name, f.goName(), show)
		}
	}
	for _, name := range sh.Prints {
		c.line("dst = append(dst, %q...)", ", "+name+"=null")
	}
	c.line("return append(dst, ')')")
}
