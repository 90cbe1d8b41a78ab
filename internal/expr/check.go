package expr

import "strconv"

// maxElements is how many elements a path may have.
const maxElements = 32

// check finds what can be wrong with a tree whatever the request: functions
// that do not exist or stand in the wrong place, reserved words and paths that
// are too deep, whichever comes first in the text, and then sections that come
// twice.
func (t *tree) check() error {
	if t.condition != nil {
		return checkCondition(t.condition)
	}
	for _, p := range t.paths {
		if err := p.check(); err != nil {
			return err
		}
	}
	return checkClauses(t.clauses)
}

func checkCondition(n node) error {
	switch n := n.(type) {
	case *and:
		return checkAll(n.list, checkCondition)
	case *or:
		return checkAll(n.list, checkCondition)
	case *not:
		return checkCondition(n.x)
	case *compare:
		return checkAll([]node{n.left, n.right}, checkOperand)
	case *between:
		return checkAll([]node{n.x, n.low, n.high}, checkOperand)
	case *in:
		if err := checkOperand(n.x); err != nil {
			return err
		}
		return checkAll(n.list, checkOperand)
	case *call:
		return n.check(inCondition, n.fn != nil && n.fn.isCondition(), checkOperand)
	}
	return nil
}

// checkOperand checks an operand of a condition.
func checkOperand(n node) error {
	switch n := n.(type) {
	case *path:
		return n.check()
	case *call:
		return n.check(inCondition, n.fn != nil && !n.fn.isCondition(), checkOperand)
	}
	return nil
}

// checkRight checks the whole right side of SET.
func checkRight(n node) error {
	if c, ok := n.(*call); ok {
		return c.check(inUpdate, true, checkPart)
	}
	return checkPart(n)
}

// checkPart checks an operand within the right side of SET, where the only
// function is if_not_exists.
func checkPart(n node) error {
	switch n := n.(type) {
	case *path:
		return n.check()
	case *arithmetic:
		return checkAll([]node{n.left, n.right}, checkPart)
	case *call:
		return n.check(inUpdate, n.fn == ifNotExists, checkPart)
	}
	return nil
}

func checkAll(list []node, check func(node) error) error {
	for _, n := range list {
		if err := check(n); err != nil {
			return err
		}
	}
	return nil
}

// check checks a call in a condition or an update expression; fits says
// whether a function of its sort may stand where it does.
func (c *call) check(where place, fits bool, operand func(node) error) error {
	switch {
	case c.fn == nil:
		return problem("Invalid function name; function: " + c.name)
	case c.fn.place != where:
		return problem("The function is not allowed in " + string(where) + "; function: " + c.name)
	case !fits:
		return problem("The function is not allowed to be used this way in an expression; function: " + c.name)
	}
	return checkAll(c.args, operand)
}

func checkClauses(clauses []clause) error {
	for _, c := range clauses {
		if err := c.target.check(); err != nil {
			return err
		}
		if err := checkRight(c.operand); err != nil {
			return err
		}
	}
	return checkSections(clauses)
}

func checkSections(clauses []clause) error {
	seen := map[tokenKind]bool{}
	for _, c := range clauses {
		if c.opens && seen[c.action] {
			return problem(`The "` + c.action.String() + `" section can only be used once in an update expression;`)
		}
		seen[c.action] = true
	}
	return nil
}

func (p *path) check() error {
	for _, e := range p.elements {
		switch {
		case e.isIndex() && e.name != "":
			return problem("List index is not within the allowable range; index: [" + e.name + "]")
		case !e.isIndex() && e.ref < 0 && isReserved(e.name):
			return problem("Attribute name is a reserved keyword; reserved keyword: " + e.name)
		}
	}
	if n := len(p.elements); n > maxElements {
		return problem("The document path has too many nesting levels; nesting levels: " + strconv.Itoa(n))
	}
	return nil
}
