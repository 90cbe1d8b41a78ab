// Package partiql parses statements of PartiQL and says what they mean in terms
// of package expr: conditions, updates, columns and values. It knows nothing of
// tables, nor of how a statement is carried out.
//
// A statement is parsed once and kept by its text; what its parameters stand
// for is joined with it by Bind.
package partiql

import (
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

// An Error is what the service has to say about a statement or its parameters.
type Error struct {
	Message string
}

func (e *Error) Error() string { return e.Message }

// A ParameterError is an Error about the value of a parameter, wherever in the
// statement it stands. In a transaction the service does not say in which
// statement it is.
type ParameterError struct {
	Message string
}

func (e *ParameterError) Error() string { return e.Message }

// A Kind is what a statement does.
type Kind byte

// The kinds of statements.
const (
	Select Kind = iota
	Insert
	Update
	Delete
	Exists // EXISTS(SELECT …)
)

// IsRead reports whether a statement of kind k reads.
func (k Kind) IsRead() bool { return k == Select }

// A Statement is a parsed statement. It belongs to no request and never
// changes.
type Statement struct {
	Kind  Kind
	Table string
	Index string // empty is the table itself
	// Columns are what a SELECT returns; nil is all attributes.
	Columns *expr.Columns
	Order   []Order
	// Returning is what stands after RETURNING, such as ALL OLD; empty is
	// nothing.
	Returning string
	// Late is what is wrong with the statement but told only after what is
	// wrong with the table or index.
	Late error

	Conditional bool // whether there is a WHERE
	where       expr.Node
	item        *value // of INSERT
	changes     []change
	slots       []value
	parameters  int

	// What Bind returns if there are no parameters, whatever the request.
	bound Bound
	wrong error
}

// An Order is an entry of ORDER BY.
type Order struct {
	Path       expr.Path
	Name       string // as it is shown
	Descending bool
}

// A change is an action of an UPDATE.
type change struct {
	expr.Change
	// set is what is said of an operand of set_add and set_delete that is no
	// set; empty of other actions.
	set  string
	slot int
}

// A Bound is a statement joined with its parameters. What it has belongs to all
// requests that have the same statement.
type Bound struct {
	*Statement
	Where  *expr.Condition // nil if there is none
	Item   attr.Item       // of INSERT
	Update *expr.Update    // of UPDATE
}

var statements = expr.NewCache(parse)

// Parse returns the statement that src is. The error is an *Error.
func Parse(src string) (*Statement, error) { return statements.Get(src) }

// Bind joins the statement with the parameters of a request, which may have
// faults.
func (s *Statement) Bind(parameters []attr.Value) (Bound, error) {
	if len(parameters) < s.parameters {
		return Bound{}, &Error{"Number of parameters in request and statement don't match."}
	}
	if err := checkParameters(parameters); err != nil {
		return Bound{}, err
	}
	if s.parameters == 0 {
		return s.bound, s.wrong
	}
	return s.bind(parameters)
}

// bind is Bind with parameters that have no faults.
func (s *Statement) bind(parameters []attr.Value) (Bound, error) {
	slots, err := s.fill(parameters)
	if err != nil {
		return Bound{}, err
	}
	b := Bound{Statement: s}
	if s.Conditional {
		if b.Where, err = s.where.Bind(slots); err != nil {
			return Bound{}, err
		}
	}
	switch s.Kind {
	case Insert:
		v, err := s.item.build(parameters)
		if err != nil {
			return Bound{}, err
		}
		if v.Depth() > maxLevels {
			return Bound{}, &Error{attr.Nesting}
		}
		b.Item = attr.ItemOf(v)
	case Update:
		if b.Update, err = s.update(slots); err != nil {
			return Bound{}, err
		}
	case Delete:
		if s.Returning != "" && s.Returning != "ALL OLD" {
			return Bound{}, &Error{"Invalid returning clause: RETURNING " + s.Returning + " *. Only RETURNING ALL OLD * is allowed in DELETE statements."}
		}
	}
	return b, nil
}

// maxLevels is how many maps and lists a value may be, the item included.
const maxLevels = 32

// fill returns the values of the slots.
func (s *Statement) fill(parameters []attr.Value) ([]attr.Value, error) {
	slots := make([]attr.Value, len(s.slots))
	for i := range s.slots {
		v, err := s.slots[i].build(parameters)
		if err != nil {
			return nil, err
		}
		if v.Depth() >= maxLevels {
			return nil, &Error{attr.Nesting}
		}
		slots[i] = v
	}
	return slots, nil
}

func (s *Statement) update(slots []attr.Value) (*expr.Update, error) {
	changes := make([]expr.Change, len(s.changes))
	for i, c := range s.changes {
		if c.set != "" && (c.slot < 0 || !slots[c.slot].Kind().IsSet()) {
			return nil, &Error{c.set}
		}
		changes[i] = c.Change
	}
	return expr.BindChanges(changes, slots)
}

// checkParameters reports the first parameter that is too deep or no number,
// or else the first that has another fault. Observed on AWS, October 2026.
func checkParameters(parameters []attr.Value) error {
	var other *attr.Fault
	for _, v := range parameters {
		if v == nil {
			return &ParameterError{(&attr.Fault{Kind: attr.NoType}).Message(attr.Older)}
		}
		f := v.Fault()
		switch {
		case f == nil:
		case f.First != nil:
			return parameterError(f.First)
		case other == nil:
			other = f
		}
	}
	if other != nil {
		return parameterError(other)
	}
	return nil
}

func parameterError(f *attr.Fault) error {
	if f.Unconvertible() && f.Sent[0] != "" {
		return &ParameterError{"The parameter cannot be converted to a numeric value: " + f.Sent[0]}
	}
	return &ParameterError{f.Message(attr.Older)}
}
