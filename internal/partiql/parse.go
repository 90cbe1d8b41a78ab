package partiql

import (
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
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
	return s, p.fold()
}

// fold builds the values that are the same for all parameters.
func (p *parser) fold() error {
	s := p.statement
	if s.item != nil {
		if err := s.item.fold(maxLevels); err != nil {
			return err
		}
	}
	constants := make([]attr.Value, 0, len(s.slots))
	for i := range s.slots {
		if err := s.slots[i].fold(maxLevels - 1); err != nil {
			return err
		}
		if s.slots[i].constant != nil {
			constants = append(constants, s.slots[i].constant)
		}
	}
	if len(constants) == len(s.slots) {
		s.constants = constants
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

// parseNothing reports what is no statement; an expression alone is told as
// one.
func (p *parser) parseNothing() error {
	if p.token().kind == tokenName && p.pos+1 < len(p.tokens) && p.tokens[p.pos+1].keyword("is") {
		if _, err := p.condition(); err != nil {
			return err
		}
		if err := p.end(); err != nil {
			return err
		}
		return &Error{"Unsupported operation: IsType"}
	}
	return malformed(noManipulation)
}

// parseSelect reads SELECT … FROM … WHERE … ORDER BY ….
func (p *parser) parseSelect() error {
	p.next()
	p.statement.Kind = Select
	if err := p.columns(); err != nil {
		return err
	}
	if !p.acceptWord("from") {
		return malformed(leftover)
	}
	if err := p.from(noTerm, true); err != nil {
		return err
	}
	if err := p.where(); err != nil {
		return err
	}
	if p.acceptWord("order") {
		if !p.acceptWord("by") {
			return malformed(leftover)
		}
		if err := p.order(); err != nil {
			return err
		}
	}
	if p.acceptWord("limit") {
		t := p.token()
		if _, err := p.operand(); err != nil {
			return err
		}
		p.mean("Unsupported clause: LIMIT" + t.at())
	}
	return nil
}

// columns reads what SELECT returns.
func (p *parser) columns() error {
	switch t := p.token(); {
	case t.is("*"):
		p.next()
		return nil
	case t.keyword("distinct"):
		p.next()
		p.mean("Unsupported token in expression: DISTINCT")
	case t.keyword("value"), t.keyword("pivot"):
		p.next()
		p.mean("Select projection doesn't support value or pivot keywords")
	}
	var paths []expr.Path
	for {
		before := p.meaning
		o, err := p.sum(false)
		if err != nil {
			return err
		}
		if o.isPath {
			paths = append(paths, o.path)
		} else if p.meaning = before; p.statement.Late == nil {
			p.statement.Late = &Error{"Unexpected path component" + o.token.at()}
		}
		if err := p.alias(); err != nil {
			return err
		}
		if !p.accept(",") {
			break
		}
	}
	p.statement.Columns = expr.NewColumns(paths)
	return nil
}

// alias reads what follows a table or column as its other name.
func (p *parser) alias() error {
	t := p.token()
	switch {
	case t.keyword("as"):
		p.next()
		if t := p.next(); t.kind != tokenName && t.kind != tokenQuoted {
			return malformed("Expected identifier for alias")
		}
	case t.kind == tokenName || t.kind == tokenQuoted:
		p.next()
	default:
		return nil
	}
	p.mean("Aliasing is not supported")
	return nil
}

// from reads the name of a table, perhaps with an index; missing is what is
// said if there is none.
func (p *parser) from(missing string, aliases bool) error {
	var names []string
	for {
		t := p.token()
		switch {
		case t.kind == tokenName || t.kind == tokenQuoted:
			names = append(names, t.text)
		case len(names) > 0:
			return malformed("Invalid path dot component")
		case missing == noTerm && t.kind == tokenKeyword:
			return malformed("Unexpected keyword")
		default:
			return malformed(missing)
		}
		p.next()
		if !p.accept(".") {
			break
		}
	}
	for _, name := range names {
		if name == "" {
			p.mean("Path component cannot be an empty string")
		}
	}
	if len(names) > 2 {
		p.mean("A path may contain at most 2 components in the FROM clause")
	}
	p.statement.Table = names[0]
	if len(names) > 1 {
		p.statement.Index = names[1]
	}
	if aliases {
		return p.alias()
	}
	return nil
}

const noPath = "Expected identifier for simple path"

// where reads WHERE and its condition, if there is one.
func (p *parser) where() error {
	if !p.acceptWord("where") {
		return nil
	}
	o, err := p.condition()
	if err != nil {
		return err
	}
	if !o.holds {
		p.mean("WHERE clause must contain an expression that resolves to a boolean")
		return nil
	}
	p.statement.where, p.statement.Conditional = o.node, true
	return nil
}

func (p *parser) order() error {
	for {
		t := p.token()
		o, err := p.sum(false)
		if err != nil {
			return err
		}
		by := Order{Path: o.path, Name: t.text}
		if !o.isPath {
			p.mean("Unexpected path component" + t.at())
		}
		if p.acceptWord("desc") {
			by.Descending = true
		} else {
			p.acceptWord("asc")
		}
		p.statement.Order = append(p.statement.Order, by)
		if !p.accept(",") {
			return nil
		}
	}
}

// parseInsert reads INSERT INTO … VALUE {…}.
func (p *parser) parseInsert() error {
	p.next()
	p.statement.Kind = Insert
	if !p.acceptWord("into") {
		return malformed("Unexpected term")
	}
	at := p.token().at()
	if err := p.from(noPath, false); err != nil {
		return err
	}
	if p.statement.Index != "" {
		p.mean("FROM clause may only contain a single table name in data manipulation statements" + at)
	}
	if !p.acceptWord("value") {
		return malformed(leftover)
	}
	t := p.token()
	if !t.is("{") {
		if _, err := p.condition(); err != nil {
			return err
		}
		p.mean("Unsupported format in item expression. Please use struct format {...} to express item values for insert statement." + t.at())
	} else {
		v, err := p.mapOf("")
		if err != nil {
			return err
		}
		p.statement.item = v
	}
	returning := p.token().word("returning")
	if err := p.returning(); err != nil {
		return err
	}
	if returning {
		p.mean("RETURNING is not supported in INSERT")
	}
	return nil
}

// parseUpdate reads UPDATE … SET … REMOVE … WHERE … RETURNING ….
func (p *parser) parseUpdate() error {
	p.next()
	p.statement.Kind = Update
	if err := p.from(noPath, true); err != nil {
		return err
	}
	if err := p.changes(); err != nil {
		return err
	}
	return p.guarded()
}

// parseFromUpdate reads the other order of an update: FROM … WHERE … SET ….
func (p *parser) parseFromUpdate() error {
	p.next()
	p.statement.Kind = Update
	if err := p.from(noPath, true); err != nil {
		return err
	}
	if err := p.where(); err != nil {
		return err
	}
	if err := p.changes(); err != nil {
		return err
	}
	return p.unindexed()
}

func (p *parser) parseDelete() error {
	p.next()
	p.statement.Kind = Delete
	if !p.acceptWord("from") {
		return malformed("Unexpected term")
	}
	if err := p.from(noPath, true); err != nil {
		return err
	}
	return p.guarded()
}

// guarded reads the end of an UPDATE or DELETE.
func (p *parser) guarded() error {
	if err := p.where(); err != nil {
		return err
	}
	return p.unindexed()
}

func (p *parser) unindexed() error {
	if p.statement.Index != "" {
		p.mean("This operation is not supported on an index")
	}
	return p.returning()
}

// returning reads RETURNING ALL OLD * and its like.
func (p *parser) returning() error {
	if !p.acceptWord("returning") {
		return nil
	}
	first, second := p.next(), p.next()
	which := strings.ToUpper(first.text) + " " + strings.ToUpper(second.text)
	switch which {
	case "ALL OLD", "ALL NEW", "MODIFIED OLD", "MODIFIED NEW":
	default:
		return malformed("Expected ALL or MODIFIED, OLD or NEW")
	}
	if !p.accept("*") {
		return malformed("Expected * in RETURNING")
	}
	if p.statement.Kind == Delete && which != "ALL OLD" {
		p.mean("Invalid returning clause: RETURNING " + which + " *. Only RETURNING ALL OLD * is allowed in DELETE statements.")
	}
	p.statement.Returning = which
	return nil
}

// parseExists reads EXISTS(SELECT …).
func (p *parser) parseExists() error {
	p.next()
	if !p.accept("(") || !p.token().keyword("select") {
		return malformed(noManipulation)
	}
	if err := p.parseSelect(); err != nil {
		return err
	}
	if !p.accept(")") {
		return malformed(leftover)
	}
	p.statement.Kind = Exists
	return nil
}

// changes reads the SET and REMOVE clauses, of which there is at least one.
func (p *parser) changes() error {
	for {
		switch {
		case p.acceptWord("set"):
			for {
				if err := p.set(); err != nil {
					return err
				}
				if !p.accept(",") {
					break
				}
			}
		case p.acceptWord("remove"):
			target, err := p.target()
			if err != nil {
				return err
			}
			p.statement.changes = append(p.statement.changes, change{Change: expr.Change{Action: expr.Remove, Target: target}})
		case p.statement.changes == nil:
			return malformed(noManipulation)
		default:
			return nil
		}
	}
}

// target reads the path that is changed.
func (p *parser) target() (expr.Path, error) {
	if k := p.token().kind; k != tokenName && k != tokenQuoted {
		return expr.Path{}, malformed(noPath)
	}
	o, err := p.pathOperand()
	return o.path, err
}

func (p *parser) set() error {
	target, err := p.target()
	if err != nil {
		return err
	}
	if !p.accept("=") {
		return malformed(leftover)
	}
	c := change{Change: expr.Change{Action: expr.Set, Target: target}, slot: -1}
	t := p.token()
	if following := p.tokens[min(p.pos+1, len(p.tokens)-1)]; following.is("(") {
		switch name := strings.ToLower(t.text); name {
		case "set_add", "set_delete":
			if err := p.setFunction(&c); err != nil {
				return err
			}
			p.statement.changes = append(p.statement.changes, c)
			return nil
		}
	}
	o, err := p.sum(true)
	if err != nil {
		return err
	}
	if o.missing || o.holds {
		p.mean("Unsupported data type: " + strings.ToUpper(t.text) + " under key root" + t.at())
	}
	c.Operand = o.node
	p.statement.changes = append(p.statement.changes, c)
	return nil
}

// setFunction reads set_add and set_delete.
func (p *parser) setFunction(c *change) error {
	name := p.next()
	upper := strings.ToUpper(name.text)
	c.Action = expr.AddTo
	if upper == "SET_DELETE" {
		c.Action = expr.DeleteFrom
	}
	args, err := p.arguments(true)
	if err != nil {
		return err
	}
	if len(args) != 2 {
		p.mean(upper + " must have exactly two arguments" + name.at())
		return nil
	}
	if !args[0].isPath || !args[0].path.Equal(c.Target) {
		p.mean("The first argument to " + upper + " must equal the assignment value" + name.at())
	}
	c.set = "The second argument to " + upper + " must be a value with type SET" + args[0].token.at()
	if v := args[1].value; v != nil {
		c.slot = args[1].slot
		if v.parameter == 0 && v.shape != attr.SS {
			p.mean(c.set)
		}
	} else {
		p.mean(c.set)
	}
	c.Operand = args[1].node
	return nil
}

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
