package expr

import (
	"slices"
	"strconv"
)

// The grammar, in the words of the parser's methods. Keywords are keywords in
// any case and can be no names.
//
//	condition  = conjunction { OR conjunction }
//	conjunction = negation { AND negation }
//	negation   = NOT negation | test
//	test       = "(" condition ")" | call
//	           | operand comparator operand
//	           | operand BETWEEN operand AND operand
//	           | operand IN "(" operands ")"
//	operand    = "(" operand ")" | call | path | ":v"
//	call       = name "(" operands ")"
//	operands   = operand { "," operand }
//	path       = step { "." step | "[" number "]" }
//	step       = name | "#n"
//
//	update     = section { section }
//	section    = SET target "=" right { "," … } | REMOVE target { "," … }
//	           | ADD target ":v" { "," … } | DELETE target ":v" { "," … }
//	right      = "(" right ")" | operand [ ( "+" | "-" ) operand ]
//
//	projection = path { "," path }

// A parser reads one expression, left to right, with one token in hand.
type parser struct {
	lex  lexer
	prev token // the token before tok; its end is 0 before the first
	tok  token
	tree tree

	// The parentheses closed last, to tell whether others are only round them.
	opened, closed int
	redundant      bool
}

func newParser(src string) *parser {
	p := &parser{lex: lexer{src: src}, opened: -1, closed: -1}
	p.tok = p.lex.next()
	return p
}

// parseCondition parses a condition, filter or key condition expression.
func parseCondition(src string) (*tree, error) {
	p := newParser(src)
	n, err := p.condition()
	if err == nil && !isCondition(n) {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	p.tree.condition = n
	return p.finish()
}

// parseUpdate parses an update expression.
func parseUpdate(src string) (*tree, error) {
	p := newParser(src)
	for ok := true; ok; ok = p.tok.kind != tokenEOF {
		if err := p.section(); err != nil {
			return nil, err
		}
	}
	return p.finish()
}

// parseProjection parses a projection expression.
func parseProjection(src string) (*tree, error) {
	p := newParser(src)
	for ok := true; ok; ok = p.accept(tokenComma) {
		path, err := p.path()
		if err != nil {
			return nil, err
		}
		p.tree.paths = append(p.tree.paths, path)
	}
	return p.finish()
}

// finish ends the parsing and does the checks that need no request.
func (p *parser) finish() (*tree, error) {
	if p.tok.kind != tokenEOF {
		return nil, p.unexpected()
	}
	if p.redundant {
		return nil, errRedundant
	}
	if err := p.tree.check(); err != nil {
		return nil, err
	}
	return &p.tree, nil
}

func (p *parser) advance() {
	p.prev = p.tok
	p.tok = p.lex.next()
}

// accept passes over the token in hand if it is of kind k.
func (p *parser) accept(k tokenKind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// expect passes over the token in hand, which must be of kind k.
func (p *parser) expect(k tokenKind) error {
	if !p.accept(k) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) text(t token) string { return p.lex.src[t.pos:t.end] }

var errRedundant = problem("The expression has redundant parentheses;")

// unexpected reports the token in hand, with its neighbours on both sides as
// they stand in the source, or redundant parentheses before it.
func (p *parser) unexpected() error {
	if p.redundant {
		return errRedundant
	}
	src, from := p.lex.src, 0
	if p.prev.end > 0 {
		from = p.prev.pos
	}
	if p.tok.kind == tokenEOF {
		return problem(`Syntax error; token: "<EOF>", near: "` + src[from:] + `"`)
	}
	next := p.lex.next()
	return problem(`Syntax error; token: "` + p.text(p.tok) + `", near: "` + src[from:next.end] + `"`)
}

// isCondition reports whether n can stand as a condition. Whether a function
// may is told later, because the service says it in other words.
func isCondition(n node) bool {
	switch n.(type) {
	case *path, *value:
		return false
	}
	return true
}

// isOperand reports whether n can be compared with something.
func isOperand(n node) bool {
	switch n.(type) {
	case *path, *value, *call:
		return true
	}
	return false
}

// condition parses a condition, or a lone operand, which can only stand in
// parentheses on the left of a comparator: (a) = :v.
func (p *parser) condition() (node, error) {
	list, err := p.chain(tokenOr, p.conjunction)
	if err != nil || len(list) == 1 {
		return first(list), err
	}
	return &or{list}, nil
}

func (p *parser) conjunction() (node, error) {
	list, err := p.chain(tokenAnd, p.negation)
	if err != nil || len(list) == 1 {
		return first(list), err
	}
	return &and{list}, nil
}

func first(list []node) node {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// chain parses one or more parts with op between them.
func (p *parser) chain(op tokenKind, part func() (node, error)) ([]node, error) {
	n, err := part()
	if err != nil {
		return nil, err
	}
	list := []node{n}
	for p.tok.kind == op {
		if !isCondition(list[0]) {
			return nil, p.unexpected()
		}
		p.advance()
		p.tree.operators++
		if n, err = part(); err != nil {
			return nil, err
		}
		if !isCondition(n) {
			return nil, p.unexpected()
		}
		list = append(list, n)
	}
	return list, nil
}

func (p *parser) negation() (node, error) {
	if !p.accept(tokenNot) {
		return p.test()
	}
	p.tree.operators++
	n, err := p.negation()
	if err == nil && !isCondition(n) {
		err = p.unexpected()
	}
	return &not{n}, err
}

// test parses a condition without AND, OR and NOT, or a lone operand.
func (p *parser) test() (node, error) {
	left, err := p.primary()
	if err != nil || !isOperand(left) {
		return left, err
	}
	switch op := p.tok.kind; {
	case op.isComparison():
		p.advance()
		p.tree.operators++
		right, err := p.operand()
		return &compare{op, left, right}, err
	case op == tokenBetween:
		return p.between(left)
	case op == tokenIn:
		return p.in(left)
	}
	return left, nil
}

func (p *parser) between(x node) (node, error) {
	p.advance()
	p.tree.operators++
	low, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(tokenAnd); err != nil {
		return nil, err
	}
	high, err := p.operand()
	return &between{x, low, high}, err
}

func (p *parser) in(x node) (node, error) {
	p.advance()
	p.tree.operators++
	if err := p.expect(tokenOpen); err != nil {
		return nil, err
	}
	list, err := p.operands()
	return &in{x, list}, err
}

// primary parses what a test may begin with.
func (p *parser) primary() (node, error) {
	if p.tok.kind == tokenOpen {
		return p.parentheses(p.condition)
	}
	return p.operand()
}

// parentheses parses what inside accepts, in parentheses. The tree has no node
// for them: they show in its shape.
func (p *parser) parentheses(inside func() (node, error)) (node, error) {
	open := p.tok.pos
	p.advance()
	content := p.tok.pos
	n, err := inside()
	if err != nil {
		return nil, err
	}
	twice := p.opened == content && p.closed == p.prev.pos
	closing := p.tok.pos
	if err := p.expect(tokenClose); err != nil {
		return nil, err
	}
	p.redundant = p.redundant || twice
	p.opened, p.closed = open, closing
	return n, nil
}

func (p *parser) operand() (node, error) {
	switch p.tok.kind {
	case tokenOpen:
		return p.parentheses(p.operand)
	case tokenValueRef:
		return p.value()
	case tokenName:
		name := p.text(p.tok)
		p.advance()
		if p.tok.kind == tokenOpen {
			return p.call(name)
		}
		return p.pathAfter(element{name, -1, -1})
	default:
		return p.path()
	}
}

func (p *parser) value() (node, error) {
	name := p.text(p.tok)
	if err := p.expect(tokenValueRef); err != nil {
		return nil, err
	}
	return &value{name, reference(&p.tree.values, name)}, nil
}

func (p *parser) call(name string) (node, error) {
	p.advance()
	p.tree.operators++
	args, err := p.operands()
	return &call{name, functions[name], args}, err
}

// operands parses a list of operands and the parenthesis that closes it.
func (p *parser) operands() ([]node, error) {
	var list []node
	for ok := true; ok; ok = p.accept(tokenComma) {
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, p.expect(tokenClose)
}

func (p *parser) path() (*path, error) {
	e, err := p.step()
	if err != nil {
		return nil, err
	}
	return p.pathAfter(e)
}

// pathAfter parses the rest of a path.
func (p *parser) pathAfter(e element) (*path, error) {
	elements := []element{e}
	for {
		var err error
		switch {
		case p.accept(tokenDot):
			e, err = p.step()
		case p.accept(tokenOpenIndex):
			e, err = p.index()
		default:
			return &path{slices.Clip(elements)}, nil
		}
		if err != nil {
			return nil, err
		}
		elements = append(elements, e)
	}
}

// step parses a name or a placeholder for one.
func (p *parser) step() (element, error) {
	name := p.text(p.tok)
	switch {
	case p.accept(tokenName):
		return element{name, -1, -1}, nil
	case p.accept(tokenNameRef):
		return element{name, reference(&p.tree.names, name), -1}, nil
	default:
		return element{}, p.unexpected()
	}
}

// index parses the index of an element and the bracket after it. One that is
// too large keeps its text, for the complaint.
func (p *parser) index() (element, error) {
	text := p.text(p.tok)
	if err := p.expect(tokenNumber); err != nil {
		return element{}, err
	}
	e := element{ref: -1}
	i, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		e.name = text
	}
	e.index = int(i)
	return e, p.expect(tokenCloseIndex)
}

// reference returns the place of a placeholder in list, adding it if it is new.
func reference(list *[]string, name string) int {
	i := slices.Index(*list, name)
	if i < 0 {
		i = len(*list)
		*list = append(*list, name)
	}
	return i
}

// section parses a section of an update expression.
func (p *parser) section() error {
	action := p.tok.kind
	if !action.isSection() {
		return p.unexpected()
	}
	p.advance()
	for opens := true; opens || p.accept(tokenComma); opens = false {
		target, err := p.path()
		if err != nil {
			return err
		}
		operand, err := p.clauseOperand(action)
		if err != nil {
			return err
		}
		p.tree.clauses = append(p.tree.clauses, clause{action, opens, target, operand})
	}
	return nil
}

// clauseOperand parses what follows the target of an action.
func (p *parser) clauseOperand(action tokenKind) (node, error) {
	switch action {
	case tokenSet:
		if err := p.expect(tokenEqual); err != nil {
			return nil, err
		}
		return p.right()
	case tokenRemove:
		return nil, nil
	default:
		return p.value()
	}
}

// right parses the right side of SET.
func (p *parser) right() (node, error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	op := p.tok.kind
	if _, twice := left.(*arithmetic); twice || op != tokenPlus && op != tokenMinus {
		return left, nil
	}
	p.advance()
	p.tree.operators++
	right, err := p.operand()
	return &arithmetic{op, left, right}, err
}

// term parses an operand, or a whole right side in parentheses.
func (p *parser) term() (node, error) {
	if p.tok.kind == tokenOpen {
		return p.parentheses(p.right)
	}
	return p.operand()
}
