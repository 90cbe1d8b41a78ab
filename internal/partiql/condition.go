package partiql

import (
	"strings"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

// An operand is a condition or what stands in one.
type operand struct {
	node    expr.Node
	token   token // that shows where it stands
	isPath  bool
	path    expr.Path
	value   *value // if it is one
	slot    int    // of the value
	holds   bool   // whether it is a condition
	missing bool   // whether it is MISSING
	list    []operand
	isList  bool // whether it is (a, b)
}

// condition reads an OR of conditions.
func (p *parser) condition() (operand, error) {
	return p.infix("or", expr.Any, func() (operand, error) {
		return p.infix("and", expr.All, p.negation)
	})
}

// infix reads operands joined by AND or OR. A chain of them is a list, however
// long.
func (p *parser) infix(word string, join func(...expr.Node) expr.Node, part func() (operand, error)) (operand, error) {
	first, err := part()
	if err != nil || !p.token().keyword(word) {
		return first, err
	}
	list := []operand{first}
	for p.acceptWord(word) {
		if p.token().kind == tokenEnd {
			return operand{}, malformed(noRight)
		}
		next, err := part()
		if err != nil {
			return operand{}, err
		}
		list = append(list, next)
	}
	nodes := make([]expr.Node, len(list))
	for i, o := range list {
		if !o.holds {
			p.mean("The arguments to AND/OR must be Expressions")
			return operand{holds: true, token: first.token}, nil
		}
		nodes[i] = o.node
	}
	return operand{node: join(nodes...), holds: true, token: first.token}, nil
}

func (p *parser) negation() (operand, error) {
	t := p.token()
	if !t.keyword("not") {
		return p.predicate()
	}
	p.next()
	if err := p.down(); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	o, err := p.negation()
	if err != nil {
		return operand{}, err
	}
	if !o.holds {
		p.mean("The arguments to NOT must be Expressions")
		return operand{holds: true, token: t}, nil
	}
	return operand{node: expr.Opposite(o.node), holds: true, token: t}, nil
}

// predicate reads an operand and what compares it.
func (p *parser) predicate() (operand, error) {
	left, err := p.sum(false)
	if err != nil {
		return operand{}, err
	}
	for n := 0; ; n++ {
		if n > maxNesting {
			return operand{}, malformed("")
		}
		t := p.token()
		switch {
		case t.kind == tokenSign && isComparison(t.text):
			p.next()
			right, err := p.right()
			if err != nil {
				return operand{}, err
			}
			left = p.compare(t, left, right)
		case t.keyword("between"):
			left, err = p.between(left)
		case t.keyword("in"):
			left, err = p.in(left)
		case t.keyword("is"):
			left, err = p.is(left)
		case t.keyword("like"):
			left, err = p.like(left)
		case t.keyword("not"):
			if left, err = p.negated(left); err == nil && !left.holds {
				return operand{}, malformed(leftover)
			}
		default:
			return left, nil
		}
		if err != nil {
			return operand{}, err
		}
	}
}

func isComparison(sign string) bool {
	switch sign {
	case "=", "<>", "!=", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// right reads the right side of an operator.
func (p *parser) right() (operand, error) {
	if p.token().kind == tokenEnd {
		return operand{}, malformed(noRight)
	}
	return p.sum(false)
}

func (p *parser) compare(op token, left, right operand) operand {
	sign := op.text
	if sign == "!=" {
		sign = "<>"
	}
	out := operand{holds: true, token: left.token}
	if left.missing || right.missing {
		p.mean("MISSING must be compared using IS operator")
		return out
	}
	if left.holds != right.holds {
		return p.truth(sign, left, right)
	}
	if left.isList || right.isList || left.holds {
		p.mean("Unsupported operator in Condition Expression. Operator: " + sign)
		return out
	}
	out.node = expr.Compare(sign, left.node, right.node)
	return out
}

// truth compares a condition with TRUE or FALSE.
func (p *parser) truth(sign string, left, right operand) operand {
	if right.holds {
		left, right = right, left
	}
	out := operand{holds: true, token: left.token}
	if right.value == nil || right.value.constant == nil || right.value.constant.Kind() != attr.BOOL || sign != "=" && sign != "<>" {
		p.mean("Unsupported operator in Condition Expression. Operator: " + sign)
		return out
	}
	out.node = left.node
	if right.value.constant.Bool() != (sign == "=") {
		out.node = expr.Opposite(left.node)
	}
	return out
}

func (p *parser) between(x operand) (operand, error) {
	p.next()
	low, err := p.right()
	if err != nil {
		return operand{}, err
	}
	if !p.acceptWord("and") {
		return operand{}, malformed("Expected AND after BETWEEN")
	}
	high, err := p.right()
	if err != nil {
		return operand{}, err
	}
	out := operand{holds: true, token: x.token}
	for _, o := range []operand{x, low, high} {
		if o.holds || o.isList || o.missing {
			p.mean("Unsupported operator in Condition Expression. Operator: between")
			return out, nil
		}
	}
	out.node = expr.Within(x.node, low.node, high.node)
	return out, nil
}

func (p *parser) in(x operand) (operand, error) {
	p.next()
	t := p.token()
	var list []operand
	var err error
	switch {
	case t.kind == tokenEnd:
		return operand{}, malformed(noRight)
	case t.is("("):
		list, err = p.sequence("(", ")")
	case t.is("["):
		list, err = p.sequence("[", "]")
	case t.is("<<"):
		list, err = p.sequence("<<", ">>")
	default:
		_, err = p.sum(false)
	}
	out := operand{holds: true, token: x.token}
	if err != nil {
		return operand{}, err
	}
	if len(list) == 0 || !x.isPath {
		p.mean("IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq with at least one member")
		return out, nil
	}
	nodes := make([]expr.Node, len(list))
	for i, o := range list {
		if o.holds || o.isList || o.missing {
			p.mean("Unsupported operator in Condition Expression. Operator: in")
			return out, nil
		}
		nodes[i] = o.node
	}
	out.node = expr.OneOf(x.node, nodes)
	return out, nil
}

// sequence reads operands between signs.
func (p *parser) sequence(open, shut string) ([]operand, error) {
	p.accept(open)
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	var list []operand
	if p.accept(shut) {
		return nil, nil
	}
	for {
		o, err := p.sum(false)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
		if p.accept(shut) {
			return list, nil
		}
		if !p.accept(",") {
			return nil, malformed("Expected " + shut)
		}
	}
}

// types are the names of types after IS and the kinds that they are; those of
// other databases have none.
var types = map[string]attr.Kind{
	"null": attr.NULL, "bool": attr.BOOL, "boolean": attr.BOOL, "blob": attr.B, "string": attr.S, "numeric": attr.N,
	"struct": attr.M, "tuple": attr.M, "list": attr.L, "missing": attr.Invalid,
	"smallint": attr.Invalid, "int": attr.Invalid, "integer": attr.Invalid, "int4": attr.Invalid, "int8": attr.Invalid,
	"integer4": attr.Invalid, "integer8": attr.Invalid, "bigint": attr.Invalid, "float": attr.Invalid, "real": attr.Invalid,
	"decimal": attr.Invalid, "dec": attr.Invalid, "double": attr.Invalid, "character": attr.Invalid, "char": attr.Invalid,
	"varchar": attr.Invalid, "timestamp": attr.Invalid, "date": attr.Invalid, "time": attr.Invalid, "symbol": attr.Invalid,
	"clob": attr.Invalid, "sexp": attr.Invalid, "bag": attr.Invalid, "any": attr.Invalid,
}

func (p *parser) is(x operand) (operand, error) {
	p.next()
	not := p.acceptWord("not")
	t := p.next()
	name := strings.ToLower(t.text)
	kind, known := types[name]
	if t.kind != tokenKeyword && t.kind != tokenName || !known {
		return operand{}, malformed("Expected type name")
	}
	switch name {
	case "int":
		name = "integer"
	case "double":
		p.acceptWord("precision")
	case "character":
		p.acceptWord("varying")
	}
	out := operand{holds: true, token: x.token}
	if x.holds || x.isList || x.missing {
		p.mean("Unsupported operator in Condition Expression. Operator: is")
		return out, nil
	}
	switch {
	case name == "missing":
		out.node, _ = expr.Call("attribute_not_exists", x.node)
	case kind == attr.Invalid:
		p.mean("Unsupported data type for IS operator: " + strings.ToUpper(name) +
			". Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]" + t.at())
		return out, nil
	default:
		of := p.literal(&value{constant: attr.String(kind.String())}, t)
		out.node, _ = expr.Call("attribute_type", x.node, of.node)
	}
	if not {
		out.node = expr.Opposite(out.node)
	}
	return out, nil
}

func (p *parser) like(x operand) (operand, error) {
	p.next()
	if _, err := p.right(); err != nil {
		return operand{}, err
	}
	p.mean("Unsupported operator in Condition Expression. Operator: like")
	return operand{holds: true, token: x.token}, nil
}

// negated reads NOT IN, NOT BETWEEN and NOT LIKE. Without any of these the
// result is no condition.
func (p *parser) negated(x operand) (operand, error) {
	p.next()
	var (
		out operand
		err error
	)
	switch t := p.token(); {
	case t.keyword("in"):
		out, err = p.in(x)
	case t.keyword("between"):
		out, err = p.between(x)
	case t.keyword("like"):
		out, err = p.like(x)
	default:
		return operand{}, nil
	}
	out.node = expr.Opposite(out.node)
	return out, err
}
