package partiql

import (
	"github.com/statordb/stator/internal/attr"
)

// A parser reads a statement. What is wrong with its form is told before what
// is wrong with its meaning, of which the first is told.
type parser struct {
	tokens    []token
	pos       int
	depth     int
	meaning   error
	statement *Statement
}

// maxNesting is how deep parentheses, values and calculations go; it bounds
// recursion here and in what is made of the statement.
const maxNesting = 200

func parse(src string) (*Statement, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, statement: &Statement{}}
	if err := p.parse(); err != nil {
		return nil, err
	}
	s := p.statement
	if p.meaning != nil {
		return nil, p.meaning
	}
	if err := p.fold(); err != nil {
		return nil, err
	}
	if s.parameters == 0 {
		s.bound, s.wrong = s.bind(nil)
	}
	return s, nil
}

// fold builds the values that are the same for all parameters.
func (p *parser) fold() error {
	s := p.statement
	if s.item != nil {
		if err := s.item.fold(maxLevels); err != nil {
			return err
		}
	}
	for i := range s.slots {
		if err := s.slots[i].fold(maxLevels - 1); err != nil {
			return err
		}
	}
	return nil
}

func (v *value) fold(levels int) error {
	if v.shape == attr.Invalid || v.hasParameters() {
		return nil
	}
	built, err := v.build(nil)
	if err != nil {
		return err
	}
	if built.Depth() > levels {
		return &Error{attr.Nesting}
	}
	*v = value{constant: built}
	return nil
}

func (p *parser) token() token { return p.tokens[p.pos] }

// next returns the token in hand and passes over it.
func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

func (p *parser) accept(sign string) bool {
	if !p.token().is(sign) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) acceptWord(word string) bool {
	if !p.token().word(word) {
		return false
	}
	p.pos++
	return true
}

// mean notes what is wrong with the meaning.
func (p *parser) mean(message string) {
	if p.meaning == nil {
		p.meaning = &Error{message}
	}
}

// down goes a level deeper; the caller comes up again by p.depth--.
func (p *parser) down() error {
	p.depth++
	if p.depth > maxNesting {
		return malformed("")
	}
	return nil
}

const (
	noManipulation = "Expected data manipulation"
	leftover       = "Unexpected token after expression"
	noTerm         = "Unexpected term"
	noRight        = "Missing right-hand side expression of infix operator"
)

func (p *parser) parse() error {
	t := p.token()
	var err error
	switch {
	case t.keyword("select"):
		err = p.parseSelect()
	case t.keyword("insert"):
		err = p.parseInsert()
	case t.keyword("update"):
		err = p.parseUpdate()
	case t.keyword("from"):
		err = p.parseFromUpdate()
	case t.keyword("delete"):
		err = p.parseDelete()
	case t.keyword("exists"):
		err = p.parseExists()
	default:
		return p.parseNothing()
	}
	if err != nil {
		return err
	}
	return p.end()
}

// end expects the end of the statement.
func (p *parser) end() error {
	for p.accept(";") {
	}
	if p.token().kind != tokenEnd {
		return malformed(leftover)
	}
	return nil
}
