package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/attr"
)

// A KeyCondition is a key condition of one request, which does not know its
// table yet. It is for any number of goroutines.
type KeyCondition struct {
	conditions []keyCondition
}

// A keyCondition is a condition on one attribute.
type keyCondition struct {
	name      string
	op        KeyOp
	low, high attr.Value // the same but for Between
}

// A KeyOp is how the last attribute of a key is restricted.
type KeyOp byte

// The operators of key conditions. NoOp restricts nothing. Only Between has an
// upper bound; the operand of all others is the lower one.
const (
	NoOp KeyOp = iota
	Equal
	Less
	LessEqual
	Greater
	GreaterEqual
	Between
	BeginsWith

	notIndexable // the other operators that KeyConditions can be given
)

// A KeyAttr is an attribute of a key schema.
type KeyAttr struct {
	Name string
	Kind attr.Kind
}

// A Plan says where in a table or index the items are that meet a key
// condition.
type Plan struct {
	Hash  []attr.Value // of all hash attributes
	Range []attr.Value // of the first range attributes that are given by =

	// Op restricts the range attribute after those; it is never Equal.
	Op   KeyOp
	Low  attr.Value
	High attr.Value // of Between
}

// KeyCondition parses src and binds it.
func (b *Binder) KeyCondition(src string) (*KeyCondition, error) {
	k, err := b.bindKeyCondition(src)
	return k, KeyConditionExpression.blame(err)
}

func (b *Binder) bindKeyCondition(src string) (*KeyCondition, error) {
	var e env
	t, err := b.bindCondition(KeyConditionExpression, src, &e)
	if err != nil {
		return nil, err
	}
	k := &KeyCondition{}
	return k, k.gather(&e, t.condition)
}

// gather collects the conditions in n, from left to right.
func (k *KeyCondition) gather(e *env, n node) error {
	if n, ok := n.(*and); ok {
		for _, part := range n.list {
			if err := k.gather(e, part); err != nil {
				return err
			}
		}
		return nil
	}
	c, err := e.keyCondition(n)
	if err != nil {
		return err
	}
	if k.find(c.name) != nil {
		return problem("KeyConditionExpressions must only contain one condition per key")
	}
	k.conditions = append(k.conditions, c)
	return nil
}

// find returns the condition on an attribute, or nil.
func (k *KeyCondition) find(name string) *keyCondition {
	for i := range k.conditions {
		if k.conditions[i].name == name {
			return &k.conditions[i]
		}
	}
	return nil
}

// keyOps are the comparators of key conditions and what they are when the
// operands change places.
var keyOps = map[tokenKind]struct{ straight, flipped KeyOp }{
	tokenEqual:        {Equal, Equal},
	tokenLess:         {Less, Greater},
	tokenLessEqual:    {LessEqual, GreaterEqual},
	tokenGreater:      {Greater, Less},
	tokenGreaterEqual: {GreaterEqual, LessEqual},
}

// keyCondition makes a condition on one attribute of n.
func (e *env) keyCondition(n node) (keyCondition, error) {
	switch n := n.(type) {
	case *compare:
		ops, ok := keyOps[n.op]
		if !ok {
			return keyCondition{}, invalidOperator(n.op.String())
		}
		if _, reversed := n.left.(*value); reversed {
			return e.keyOperands("", ops.flipped, n.right, n.left)
		}
		return e.keyOperands("", ops.straight, n.left, n.right)
	case *between:
		return e.keyOperands("BETWEEN", Between, n.x, n.low, n.high)
	case *call:
		if n.name == "begins_with" {
			return e.keyOperands(n.name, BeginsWith, n.args...)
		}
		return keyCondition{}, invalidOperator(n.name)
	case *in:
		return keyCondition{}, invalidOperator("IN")
	case *or:
		return keyCondition{}, invalidOperator("OR")
	default:
		return keyCondition{}, invalidOperator("NOT")
	}
}

func invalidOperator(op string) error {
	return &Error{"Invalid operator used in KeyConditionExpression: " + op}
}

// keyOperands makes a condition of an operator and its operands: one attribute
// and one or two values. The operator is named if the attribute must come
// first.
func (e *env) keyOperands(operator string, op KeyOp, operands ...node) (keyCondition, error) {
	const invalid = "Invalid condition in KeyConditionExpression: "
	c := keyCondition{op: op}
	paths := 0
	for _, n := range operands {
		switch n := n.(type) {
		case *call:
			return c, &Error{"KeyConditionExpressions cannot contain nested operations"}
		case *path:
			paths++
			if len(n.elements) > 1 {
				return c, problem("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			c.name = e.name(&n.elements[0])
		case *value:
			if c.low == nil {
				c.low = e.values[n.ref]
			}
			c.high = e.values[n.ref]
		}
	}
	_, first := operands[0].(*path)
	switch {
	case paths == 0:
		return c, &Error{invalid + "No key attribute specified"}
	case operator != "" && !first:
		return c, &Error{invalid + operator + " operator must have the key attribute as its first operand"}
	case paths > 1:
		return c, &Error{invalid + "Multiple attribute names used in one condition"}
	}
	return c, nil
}

// Resolve joins the condition with the key of a table or index: one or more
// hash attributes and any number of range attributes.
func (k *KeyCondition) Resolve(hash, rng []KeyAttr) (Plan, error) {
	var plan Plan
	if n, most := len(k.conditions), len(hash)+len(rng); n > most {
		return plan, &Error{"The number of query conditions (" + strconv.Itoa(n) +
			") exceeds the number of key attributes defined in the schema (" + strconv.Itoa(most) + ")"}
	}
	for _, a := range hash {
		c := k.find(a.Name)
		if c == nil {
			return plan, missed(a)
		}
		if c.op != Equal {
			return plan, &Error{"Query key condition not supported"}
		}
		plan.Hash = append(plan.Hash, c.low)
	}
	if err := k.known(hash, rng); err != nil {
		return plan, err
	}
	if err := k.types(slices.Concat(hash, rng)); err != nil {
		return plan, err
	}
	return plan, k.ranges(&plan, rng)
}

// known reports a condition on an attribute that is not in the key. The
// service does so in terms of the range attribute that is left out instead.
func (k *KeyCondition) known(hash, rng []KeyAttr) error {
	var left *KeyAttr
	count := len(hash)
	for i := range rng {
		if k.find(rng[i].Name) != nil {
			count++
		} else if left == nil {
			left = &rng[i]
		}
	}
	if count == len(k.conditions) {
		return nil
	}
	return missed(*left) // there is one, as there are not too many conditions
}

func missed(a KeyAttr) error {
	return &Error{"Query condition missed key schema element: " + a.Name}
}

// types checks the operands against the types of the key attributes.
func (k *KeyCondition) types(key []KeyAttr) error {
	for _, a := range key {
		c := k.find(a.Name)
		if c == nil || c.op == notIndexable {
			continue
		}
		if c.low.Kind() != a.Kind || c.high.Kind() != a.Kind {
			return invalidParameter("Condition parameter type does not match schema type")
		}
	}
	return nil
}

// ranges fills in the range attributes: equalities, then at most one condition
// of another sort, then nothing.
func (k *KeyCondition) ranges(plan *Plan, rng []KeyAttr) error {
	var open []string // the attributes so far that are not given by =
	for _, a := range rng {
		c := k.find(a.Name)
		switch {
		case c == nil:
			open = append(open, a.Name)
			continue
		case c.op == notIndexable:
			return &Error{"Attempted conditional constraint is not an indexable operation"}
		case len(open) > 0:
			return &Error{"RANGE key attributes " + strings.Join(open, ", ") +
				" must have equality conditions specified in the query because a condition is present on key attribute " + a.Name}
		case c.op == Equal:
			plan.Range = append(plan.Range, c.low)
		default:
			plan.Op, plan.Low = c.op, c.low
			if c.op == Between {
				plan.High = c.high
			}
			open = append(open, a.Name)
		}
	}
	return nil
}
