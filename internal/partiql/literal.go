package partiql

import (
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/attr"
)

// startsValue reports whether a value begins here.
func (p *parser) startsValue() bool {
	t := p.token()
	switch t.kind {
	case tokenString, tokenNumber, tokenParameter:
		return true
	case tokenKeyword:
		return t.text == "true" || t.text == "false" || t.text == "null"
	case tokenSign:
		return t.text == "{" || t.text == "[" || t.text == "<<" || t.text == "-" || t.text == "+"
	}
	return false
}

// value reads a literal or a parameter. Where is the way to it from the
// attribute's value, which is root.
func (p *parser) value(where string) (*value, error) {
	t := p.token()
	switch {
	case t.kind == tokenString:
		p.next()
		return &value{constant: attr.String(t.text)}, nil
	case t.kind == tokenParameter:
		p.next()
		p.statement.parameters++
		return &value{parameter: p.statement.parameters}, nil
	case t.keyword("true"), t.keyword("false"):
		p.next()
		return &value{constant: attr.Bool(t.text == "true")}, nil
	case t.keyword("null"):
		p.next()
		return &value{constant: attr.Value{byte(attr.NULL)}}, nil
	case t.is("{"):
		return p.mapOf(where)
	case t.is("["):
		return p.parts(attr.L, "[", "]", where)
	case t.is("<<"):
		return p.parts(attr.SS, "<<", ">>", where)
	case t.kind == tokenNumber, t.is("-"), t.is("+"):
		return p.number(where)
	}
	return p.unsupported()
}

func (p *parser) number(where string) (*value, error) {
	sign := ""
	for p.token().is("-") || p.token().is("+") {
		if p.next().text == "-" {
			sign = map[string]string{"": "-", "-": ""}[sign]
		}
	}
	t := p.next()
	switch t.kind {
	case tokenNumber:
	case tokenEnd:
		return nil, malformed(noTerm)
	default:
		return nil, malformed(leftover)
	}
	v, err := number(sign+t.text, where)
	if err != nil {
		p.mean(err.Error())
		v = attr.Int(0)
	}
	return &value{constant: v}, nil
}

// unsupported reports what is no value where one must be.
func (p *parser) unsupported() (*value, error) {
	t := p.token()
	if _, err := p.primary(true); err != nil {
		return nil, err
	}
	before := p.meaning
	p.meaning = nil
	p.mean("Unsupported data type: " + strings.ToLower(t.text) + " under key root" + t.at())
	if t.keyword("missing") {
		p.meaning = &Error{"Unsupported data type: MISSING under key root" + t.at()}
	}
	if before != nil && !strings.HasPrefix(before.Error(), "Unrecognized function: ") {
		p.meaning = before
	}
	return &value{constant: attr.Int(0)}, nil
}

// parts reads a list or a set.
func (p *parser) parts(shape attr.Kind, open, shut, where string) (*value, error) {
	p.accept(open)
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	v := &value{shape: shape}
	if p.accept(shut) {
		if shape == attr.SS {
			p.mean("Empty bags are not supported")
		}
		return v, nil
	}
	for {
		part, err := p.value(where + "[" + strconv.Itoa(len(v.parts)) + "]")
		if err != nil {
			return nil, err
		}
		v.parts = append(v.parts, part)
		if p.accept(shut) {
			return v, nil
		}
		if !p.accept(",") {
			return nil, malformed("Expected " + shut)
		}
	}
}

// mapOf reads a map. An empty where is that of an item, whose attributes each
// begin a way of their own.
func (p *parser) mapOf(where string) (*value, error) {
	p.accept("{")
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	v := &value{shape: attr.M}
	if p.accept("}") {
		return v, nil
	}
	seen := map[string]bool{}
	for {
		key := p.next()
		if key.kind != tokenString && key.kind != tokenQuoted {
			return nil, malformed(noTerm)
		}
		if !p.accept(":") {
			return nil, malformed("Expected :")
		}
		way := "root"
		if where != "" {
			way = where + "." + key.text
		}
		part, err := p.value(way)
		if err != nil {
			return nil, err
		}
		switch {
		case key.text == "":
			p.mean("Empty attribute name")
		case seen[key.text]:
			p.mean("Duplicate keys in tuple. Key: " + key.text + " under root" + key.at())
		}
		seen[key.text] = true
		v.parts, v.names = append(v.parts, part), append(v.names, key.text)
		if p.accept("}") {
			return v, nil
		}
		if !p.accept(",") {
			return nil, malformed("Expected }")
		}
	}
}
