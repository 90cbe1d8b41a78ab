package partiql

import (
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/expr"
)

// sum reads operands joined by + and -. Update says whether it is the right
// side of SET.
func (p *parser) sum(update bool) (operand, error) {
	left, err := p.primary(update)
	if err != nil {
		return operand{}, err
	}
	depth := p.depth
	defer func() { p.depth = depth }()
	for p.token().is("+") || p.token().is("-") || p.token().is("*") || p.token().is("/") || p.token().is("%") || p.token().is("||") {
		op := p.next()
		if err := p.down(); err != nil {
			return operand{}, err
		}
		if p.token().kind == tokenEnd {
			return operand{}, malformed(noRight)
		}
		right, err := p.primary(update)
		if err != nil {
			return operand{}, err
		}
		if !update || op.text != "+" && op.text != "-" || left.holds || right.holds || left.missing || right.missing || left.isList || right.isList {
			p.mean("Unsupported operator in Condition Expression. Operator: " + op.text)
			left = operand{token: op}
			continue
		}
		left = operand{node: expr.Calculate(left.node, op.text == "-", right.node), token: op}
	}
	return left, nil
}

// operand reads an operand that stands by itself.
func (p *parser) operand() (operand, error) { return p.sum(false) }

func (p *parser) primary(update bool) (operand, error) {
	t := p.token()
	following := p.tokens[min(p.pos+1, len(p.tokens)-1)]
	switch {
	case t.kind == tokenEnd:
		return operand{}, malformed(noTerm)
	case (t.kind == tokenName || t.kind == tokenKeyword && callable[t.text]) && following.is("("):
		return p.call(update)
	case t.kind == tokenName || t.kind == tokenQuoted:
		return p.pathOperand()
	case t.keyword("missing"):
		p.next()
		return operand{missing: true, token: t}, nil
	case t.is("("):
		return p.parentheses(update)
	}
	if p.startsValue() {
		v, err := p.value("root")
		if err != nil {
			return operand{}, err
		}
		return p.literal(v, t), nil
	}
	switch {
	case t.kind == tokenKeyword && infixWords[t.text]:
		return operand{}, malformed("Unexpected operator")
	case t.kind == tokenKeyword:
		return operand{}, malformed("Unexpected keyword")
	case t.kind == tokenSign && (isComparison(t.text) || strings.Contains("*/%||", t.text)):
		return operand{}, malformed("Unexpected operator")
	}
	return operand{}, malformed(noTerm)
}

// callable are the keywords that are functions, too.
var callable = map[string]bool{
	"size": true, "exists": true, "count": true, "sum": true, "avg": true, "min": true, "max": true, "upper": true, "lower": true,
	"char_length": true, "character_length": true, "bit_length": true, "octet_length": true, "position": true, "coalesce": true,
	"nullif": true, "extract": true, "trim": true, "substring": true, "cast": true, "char": true, "date": true, "time": true,
}

var infixWords = map[string]bool{
	"is": true, "like": true, "and": true, "or": true, "in": true, "between": true, "union": true, "intersect": true, "except": true,
}

// literal returns a value as an operand and gives it a slot.
func (p *parser) literal(v *value, t token) operand {
	s := p.statement
	s.slots = append(s.slots, *v)
	at := len(s.slots) - 1
	return operand{node: expr.Slot(at), value: v, slot: at, token: t}
}

// parentheses reads (condition), (operand) or (a, b).
func (p *parser) parentheses(update bool) (operand, error) {
	t := p.next()
	if err := p.down(); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	var list []operand
	for {
		o, err := p.inner(update)
		if err != nil {
			return operand{}, err
		}
		list = append(list, o)
		if p.accept(")") {
			break
		}
		if !p.accept(",") {
			if p.token().kind == tokenEnd {
				return operand{}, malformed("Expected )")
			}
			return operand{}, malformed(leftover)
		}
	}
	if len(list) > 1 {
		return operand{list: list, isList: true, token: t}, nil
	}
	return list[0], nil
}

func (p *parser) inner(update bool) (operand, error) {
	if update {
		return p.sum(true)
	}
	return p.condition()
}

// pathOperand reads a path.
func (p *parser) pathOperand() (operand, error) {
	first := p.next()
	steps := []expr.Step{{Name: first.text}}
	if first.text == "" {
		p.mean("Path component cannot be an empty string")
		steps[0].Name = "?"
	}
	for {
		switch {
		case p.accept("."):
			t := p.next()
			if t.kind != tokenName && t.kind != tokenQuoted || t.text == "" {
				return operand{}, malformed("Invalid path dot component")
			}
			steps = append(steps, expr.Step{Name: t.text})
		case p.token().is("["):
			p.next()
			t := p.next()
			step := expr.Step{Name: t.text}
			if t.kind != tokenString || t.text == "" {
				index, err := strconv.Atoi(t.text)
				if t.kind != tokenNumber || err != nil || index > 1<<31-1 {
					return operand{}, malformed("Invalid path component")
				}
				step = expr.Step{Index: index}
			}
			if !p.accept("]") {
				return operand{}, malformed("Expected ]")
			}
			steps = append(steps, step)
		default:
			path := expr.NewPath(steps...)
			return operand{node: path.Node(), isPath: true, path: path, token: first}, nil
		}
	}
}

// arguments reads what a function is called with.
func (p *parser) arguments(update bool) ([]operand, error) {
	p.accept("(")
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if p.accept(")") {
		return nil, nil
	}
	var args []operand
	for {
		if p.token().is("*") { // COUNT(*)
			args = append(args, operand{token: p.next(), missing: true})
		} else {
			o, err := p.inner(update)
			if err != nil {
				return nil, err
			}
			args = append(args, o)
		}
		if p.accept(")") {
			return args, nil
		}
		if !p.accept(",") {
			return nil, malformed(leftover)
		}
	}
}

func (p *parser) call(update bool) (operand, error) {
	t := p.next()
	name := strings.ToLower(t.text)
	args, err := p.arguments(update)
	if err != nil {
		return operand{}, err
	}
	out := operand{token: t}
	nodes := make([]expr.Node, len(args))
	for i, a := range args {
		if a.holds || a.isList || a.missing {
			p.mean("Unrecognized function: " + name + t.at())
			return out, nil
		}
		nodes[i] = a.node
	}
	switch {
	case update && name == "if_not_exists" && len(args) == 2:
		out.node = expr.IfNotExists(nodes...)
		return out, nil
	case update && name == "list_append" && len(args) == 2:
		out.node = expr.ListAppend(nodes...)
		return out, nil
	}
	node, ok := expr.Call(name, nodes...)
	if !ok || update {
		p.mean("Unrecognized function: " + name + t.at())
		return out, nil
	}
	out.node, out.holds = node, name != "size"
	return out, nil
}
