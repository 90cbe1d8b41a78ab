package partiql

import (
	"strings"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

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
