package expr

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/attr"
)

// A Binder holds the names and values of one request and remembers which of
// them its expressions used. It is for one goroutine.
type Binder struct {
	names     map[string]string
	values    attr.Item
	usedNames set
	usedVals  set
	index     map[string]attr.Value // of values, when they are many
}

// NewBinder returns a Binder for ExpressionAttributeNames and
// ExpressionAttributeValues; nil stands for one that was not given. An expression
// is bound only if CheckValues finds no fault.
func NewBinder(names map[string]string, values attr.Item) *Binder {
	return &Binder{names: names, values: values}
}

const (
	namesParameter  = "ExpressionAttributeNames"
	valuesParameter = "ExpressionAttributeValues"

	maxPlaceholder = 255   // bytes of a placeholder
	maxName        = 65535 // bytes of an attribute name
)

// CheckNames reports what is wrong with the names, whatever the expressions: that
// there are none, or that they are not called #name.
func (b *Binder) CheckNames() error {
	if b.names != nil && len(b.names) == 0 {
		return &Error{namesParameter + " must not be empty"}
	}
	return b.eachName(func(ref, _ string) error { return checkPlaceholder(namesParameter, '#', ref) })
}

// CheckValues reports what is wrong with the values, which comes after what is
// wrong with the names: that there are none, a fault of theirs, as fault tells it,
// or that they are not called :value. Names of nothing come last.
func (b *Binder) CheckValues(fault func(attr.Item) error) error {
	if err := fault(b.values); err != nil {
		return err
	}
	if b.values != nil && b.values.Len() == 0 {
		return &Error{valuesParameter + " must not be empty"}
	}
	for name := range b.values.All() {
		if err := checkPlaceholder(valuesParameter, ':', string(name)); err != nil {
			return err
		}
	}
	return b.eachName(checkName)
}

// eachName returns what check reports of the first name, in the order of
// placeholders, as a map has none.
func (b *Binder) eachName(check func(ref, name string) error) error {
	var worst string
	var found error
	for ref, name := range b.names {
		if err := check(ref, name); err != nil && (found == nil || ref < worst) {
			worst, found = ref, err
		}
	}
	return found
}

func checkPlaceholder(parameter string, sign byte, ref string) error {
	invalid := parameter + " contains invalid key: "
	switch {
	case ref == "":
		return &Error{invalid + "The expression attribute map contains an empty key;"}
	case len(ref) > maxPlaceholder:
		return &Error{invalid + "The expression attribute map contains a key that is too long; size of key: " + strconv.Itoa(len(ref))}
	case ref[0] != sign || len(ref) == 1 || strings.IndexFunc(ref[1:], isNoWord) >= 0:
		return &Error{invalid + `Syntax error; key: "` + ref + `"`}
	}
	return nil
}

func isNoWord(r rune) bool { return r > 0x7F || !isWordByte(byte(r)) }

func checkName(ref, name string) error {
	invalid := namesParameter + " contains invalid value: "
	switch {
	case name == "":
		return &Error{invalid + "Empty attribute name for key " + ref}
	case len(name) > maxName:
		return &Error{invalid + "Attribute name is too large, must be less than 65536 bytes for key " + ref}
	}
	return nil
}

// Unused reports names, or else values, that no expression bound so far used.
func (b *Binder) Unused() error {
	if len(b.names) > b.usedNames.len() {
		return unused(namesParameter, b.usedNames.without(slices.Sorted(maps.Keys(b.names))))
	}
	if b.values.Len() > b.usedVals.len() {
		var all []string
		for name := range b.values.All() {
			all = append(all, string(name))
		}
		return unused(valuesParameter, b.usedVals.without(all))
	}
	return nil
}

func unused(parameter string, keys []string) error {
	return &Error{"Value provided in " + parameter + " unused in expressions: keys: {" + strings.Join(keys, ", ") + "}"}
}

// few is how many values are looked up one after the other.
const few = 16

// value returns the value called name, or nil.
func (b *Binder) value(name string) attr.Value {
	if b.values.Len() <= few {
		return b.values.Get(name)
	}
	if b.index == nil {
		b.index = make(map[string]attr.Value, b.values.Len())
		for name, v := range b.values.All() {
			b.index[string(name)] = v
		}
	}
	return b.index[name]
}

// A set of strings is a slice while it is small. It must not be copied.
type set struct {
	buf   [4]string
	small []string
	large map[string]bool
}

func (s *set) len() int { return max(len(s.small), len(s.large)) }

func (s *set) add(name string) {
	switch {
	case s.large != nil:
		s.large[name] = true
	case slices.Contains(s.small, name):
	case s.small == nil:
		s.small = append(s.buf[:0], name)
	case len(s.small) < few:
		s.small = append(s.small, name)
	default:
		s.large = map[string]bool{name: true}
		for _, old := range s.small {
			s.large[old] = true
		}
	}
}

// without returns those of all that are not in s.
func (s *set) without(all []string) []string {
	return slices.DeleteFunc(all, func(name string) bool {
		return s.large[name] || slices.Contains(s.small, name)
	})
}

// An env is what the placeholders of one tree stand for.
type env struct {
	names  []string
	values []attr.Value
	// attributes are those of the item that is looked at, by name; nil if they
	// are to be looked for in the item.
	attributes map[string]attr.Value
}

// name returns the name of an element that has one.
func (e *env) name(el *element) string {
	if el.ref < 0 {
		return el.name
	}
	return e.names[el.ref]
}

// kind returns the type of an operand if it is known before there is an item,
// or else attr.Invalid.
func (e *env) kind(n node) attr.Kind {
	switch n := n.(type) {
	case *value:
		return e.values[n.ref].Kind()
	case *call:
		return n.fn.result
	}
	return attr.Invalid
}

// resolved returns p as the service prints paths: [a, b, [0]].
func (e *env) resolved(p *path) string {
	var s strings.Builder
	s.WriteByte('[')
	for i := range p.elements {
		if i > 0 {
			s.WriteString(", ")
		}
		if el := &p.elements[i]; el.isIndex() {
			s.WriteString("[" + strconv.Itoa(el.index) + "]")
		} else {
			s.WriteString(e.name(el))
		}
	}
	s.WriteByte(']')
	return s.String()
}

// samePath reports whether p and q lead to the same place.
func (e *env) samePath(p, q *path) bool {
	return slices.EqualFunc(p.elements, q.elements, func(a, b element) bool {
		return a.index == b.index && (a.isIndex() || e.name(&a) == e.name(&b))
	})
}

// A binding joins a tree with a request. Its methods fill the env, from left
// to right and from the inside out, and check operands on the way: that is the
// order in which the service finds problems.
type binding struct {
	*Binder
	env *env
}

// bind returns a binding that fills e.
func (b *Binder) bind(t *tree, e *env) binding {
	if n := len(t.names); n > 0 {
		e.names = make([]string, n)
	}
	if n := len(t.values); n > 0 {
		e.values = make([]attr.Value, n)
	}
	return binding{b, e}
}

// tooManyOperators is found last of all.
func (t *tree) tooManyOperators() error {
	if t.operators > 300 {
		return problem("The expression contains too many operators; operator count: 301")
	}
	return nil
}

func (b *binding) path(p *path) error {
	for i := range p.elements {
		el := &p.elements[i]
		if el.ref < 0 {
			continue
		}
		name, ok := b.names[el.name]
		if !ok {
			return problem("An expression attribute name used in the document path is not defined; attribute name: " + el.name)
		}
		if b.env.names[el.ref] == "" {
			b.usedNames.add(el.name)
			b.env.names[el.ref] = name
		}
	}
	return nil
}

func (b *binding) value(v *value) error {
	if b.env.values[v.ref] != nil {
		return nil
	}
	val := b.Binder.value(v.name)
	if val == nil {
		return problem("An expression attribute value used in expression is not defined; attribute value: " + v.name)
	}
	b.usedVals.add(v.name)
	b.env.values[v.ref] = val
	return nil
}

func (b *binding) operand(n node) error {
	switch n := n.(type) {
	case *path:
		return b.path(n)
	case *value:
		return b.value(n)
	case *call:
		return b.call(n)
	case *arithmetic:
		return b.arithmetic(n)
	}
	return nil
}

func (b *binding) operands(list ...node) error {
	for _, n := range list {
		if err := b.operand(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *binding) call(c *call) error {
	if err := b.operands(c.args...); err != nil {
		return err
	}
	if n := len(c.args); n != c.fn.operands {
		return problem("Incorrect number of operands for operator or function; operator or function: " + c.name +
			", number of operands: " + strconv.Itoa(n))
	}
	if _, ok := c.args[0].(*path); c.fn.path && !ok {
		return problem("Operator or function requires a document path; operator or function: " + c.name)
	}
	if c.fn.distinct {
		if err := b.distinct(c.name, c.args[0], c.args[1:]...); err != nil {
			return err
		}
	}
	if c.fn.check == nil {
		return nil
	}
	return c.fn.check(b.env, c)
}

// distinct reports a first operand that is the same path as one of the others.
func (b *binding) distinct(operator string, first node, others ...node) error {
	p, ok := first.(*path)
	if !ok {
		return nil
	}
	for _, other := range others {
		if q, ok := other.(*path); ok && b.env.samePath(p, q) {
			return problem("The first operand must be distinct from the remaining operands for this operator or function; operator: " +
				operator + ", first operand: " + b.env.resolved(p))
		}
	}
	return nil
}

func (b *binding) condition(n node) error {
	switch n := n.(type) {
	case *and:
		return b.conditions(n.list)
	case *or:
		return b.conditions(n.list)
	case *not:
		return b.condition(n.x)
	case *compare:
		return b.compare(n)
	case *between:
		return b.between(n)
	case *in:
		return b.in(n)
	default:
		return b.operand(n)
	}
}

func (b *binding) conditions(list []node) error {
	for _, n := range list {
		if err := b.condition(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *binding) compare(c *compare) error {
	if err := b.operands(c.left, c.right); err != nil {
		return err
	}
	if err := b.distinct(c.op.String(), c.left, c.right); err != nil {
		return err
	}
	if c.op == tokenEqual || c.op == tokenNotEqual {
		return nil
	}
	return b.ordered(c.op, c.left, c.right)
}

// ordered reports operands that have no order.
func (b *binding) ordered(op tokenKind, list ...node) error {
	for _, n := range list {
		if k := b.env.kind(n); k > attr.B {
			return wrongType(op.String(), k.String())
		}
	}
	return nil
}

func (b *binding) between(n *between) error {
	if err := b.operands(n.x, n.low, n.high); err != nil {
		return err
	}
	if err := b.ordered(tokenBetween, n.x, n.low, n.high); err != nil {
		return err
	}
	if err := b.distinct("BETWEEN", n.x, n.low, n.high); err != nil {
		return err
	}
	return b.bounds(n)
}

// bounds checks the bounds of BETWEEN when both are values.
func (b *binding) bounds(n *between) error {
	lowRef, ok := n.low.(*value)
	highRef, both := n.high.(*value)
	if !ok || !both {
		return nil
	}
	low, high := b.env.values[lowRef.ref], b.env.values[highRef.ref]
	requires := ""
	switch {
	case low.Kind() != high.Kind():
		requires = "same data type for lower and upper bounds"
	case attr.Compare(low, high) > 0:
		requires = "upper bound to be greater than or equal to lower bound"
	default:
		return nil
	}
	return problem("The BETWEEN operator requires " + requires + "; lower bound operand: AttributeValue: " +
		printed(low) + ", upper bound operand: AttributeValue: " + printed(high))
}

// printed returns a scalar as the service prints it: {N:1}.
func printed(v attr.Value) string {
	return "{" + v.Kind().String() + ":" + string(v.Bytes()) + "}"
}

// maxIn is how many operands IN takes.
const maxIn = 100

func (b *binding) in(n *in) error {
	if err := b.operand(n.x); err != nil {
		return err
	}
	if err := b.operands(n.list...); err != nil {
		return err
	}
	if len(n.list) > maxIn {
		return problem("The IN operator is provided with too many operands; number of operands: " + strconv.Itoa(len(n.list)))
	}
	return b.distinct("IN", n.x, n.list...)
}

// arithmetic checks x + y and x - y in an update expression.
func (b *binding) arithmetic(a *arithmetic) error {
	if err := b.operands(a.left, a.right); err != nil {
		return err
	}
	for _, n := range []node{a.left, a.right} {
		if k := b.env.kind(n); k != attr.Invalid && k != attr.N {
			return wrongType(a.op.String(), k.String())
		}
	}
	return nil
}
