package expr

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/statordb/stator/internal/attr"
)

// The parameters that came before expressions are made into the same trees.
// Their attribute names are names of attributes, never paths: "a.b" has a dot.
// Their values may have faults, which are reported where the service does:
// after the members of an entry that do not go together, before their number.

// A Comparison is an entry of KeyConditions, QueryFilter or ScanFilter.
type Comparison struct {
	Attribute string
	Operator  string       // ComparisonOperator
	Values    []attr.Value // AttributeValueList; nil when not given
}

// An Expected is an entry of Expected.
type Expected struct {
	Comparison            // its Operator is empty when not given
	Value      attr.Value // nil when not given
	Exists     *bool      // nil when not given
}

// An AttributeUpdate is an entry of AttributeUpdates.
type AttributeUpdate struct {
	Attribute string
	Action    string     // PUT when empty
	Value     attr.Value // nil when not given
}

func invalidParameter(text string) error {
	return &Error{"One or more parameter values were invalid: " + text}
}

// A comparisonOperator is one of the ComparisonOperators.
type comparisonOperator struct {
	least, most int                  // how many values it takes
	takes       func(attr.Kind) bool // of which types; nil is any
	key         KeyOp
	node        func(p *path, values []node) node
}

var comparisonOperators = map[string]comparisonOperator{
	"EQ":           {1, 1, nil, Equal, comparing(tokenEqual)},
	"NE":           {1, 1, nil, notIndexable, comparing(tokenNotEqual)},
	"LT":           {1, 1, isOrdered, Less, comparing(tokenLess)},
	"LE":           {1, 1, isOrdered, LessEqual, comparing(tokenLessEqual)},
	"GT":           {1, 1, isOrdered, Greater, comparing(tokenGreater)},
	"GE":           {1, 1, isOrdered, GreaterEqual, comparing(tokenGreaterEqual)},
	"NULL":         {0, 0, nil, notIndexable, calling("attribute_not_exists")},
	"NOT_NULL":     {0, 0, nil, notIndexable, calling("attribute_exists")},
	"CONTAINS":     {1, 1, isPart, notIndexable, calling("contains")},
	"NOT_CONTAINS": {1, 1, isPart, notIndexable, notContains},
	"BEGINS_WITH":  {1, 1, hasPrefixes, BeginsWith, calling("begins_with")},
	"IN": {1, math.MaxInt, isOrdered, notIndexable, func(p *path, values []node) node {
		return &in{p, values}
	}},
	"BETWEEN": {2, 2, isOrdered, Between, func(p *path, values []node) node {
		return &between{p, values[0], values[1]}
	}},
}

func isOrdered(k attr.Kind) bool   { return k == attr.S || k == attr.N || k == attr.B }
func hasPrefixes(k attr.Kind) bool { return k == attr.S || k == attr.B }
func isPart(k attr.Kind) bool      { return isOrdered(k) || k == attr.BOOL || k == attr.NULL }

func comparing(op tokenKind) func(*path, []node) node {
	return func(p *path, values []node) node { return &compare{op, p, values[0]} }
}

func calling(name string) func(*path, []node) node {
	fn := functions[name]
	return func(p *path, values []node) node {
		return &call{name, fn, append([]node{p}, values...)}
	}
}

// notContains holds, like NE, where the attribute is not there.
func notContains(p *path, values []node) node { return &not{calling("contains")(p, values)} }

// check checks the values that c compares with. The layer shows in the words
// for values that have faults.
func (c *Comparison) check(layer attr.Layer) error {
	op, ok := comparisonOperators[c.Operator]
	if !ok {
		return &Error{"Comparison type does not exist in DynamoDB"}
	}
	if err := checkValues(c.Values, layer); err != nil {
		return err
	}
	if n := len(c.Values); n < op.least || n > op.most {
		return invalidParameter("Invalid number of argument(s) for the " + c.Operator + " ComparisonOperator")
	}
	for _, v := range c.Values {
		if op.takes != nil && !op.takes(v.Kind()) {
			return invalidParameter("ComparisonOperator " + c.Operator + " is not valid for " + v.Kind().String() + " AttributeValue type")
		}
	}
	for _, v := range c.Values {
		if v.Kind() != c.Values[0].Kind() {
			return invalidParameter("AttributeValues inside AttributeValueList must be of same type")
		}
	}
	if op.key == Between && attr.Compare(c.Values[0], c.Values[1]) > 0 {
		return &Error{"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"}
	}
	return nil
}

// checkValues reports the first of list that has a fault. An element that was
// null has no type.
func checkValues(list []attr.Value, layer attr.Layer) error {
	for _, v := range list {
		f := v.Fault()
		if v == nil {
			f = &attr.Fault{Kind: attr.NoType}
		}
		if f != nil {
			return &Error{f.Message(layer)}
		}
	}
	return nil
}

// check checks which members of e stand together, and makes a Comparison of
// it.
func (e *Expected) check() (Comparison, error) {
	of := " for Attribute: " + e.Attribute
	switch {
	case e.Value != nil && e.Values != nil:
		return Comparison{}, invalidParameter("Value and AttributeValueList cannot be used together" + of)
	case e.Operator == "" && e.Values != nil:
		return Comparison{}, invalidParameter("AttributeValueList can only be used with a ComparisonOperator" + of)
	case e.Operator == "":
		return e.existence(of)
	case e.Exists != nil:
		return Comparison{}, invalidParameter("Exists and ComparisonOperator cannot be used together" + of)
	case e.Value != nil:
		c := Comparison{e.Attribute, e.Operator, []attr.Value{e.Value}}
		return c, c.check(attr.Current)
	case e.Values == nil && e.Operator != "NULL" && e.Operator != "NOT_NULL":
		return Comparison{}, invalidParameter("Value or AttributeValueList must be used with ComparisonOperator: " + e.Operator + of)
	default:
		return e.Comparison, e.Comparison.check(attr.Current)
	}
}

// existence makes a Comparison of Exists and Value.
func (e *Expected) existence(of string) (Comparison, error) {
	exists := "null"
	if e.Exists != nil {
		exists = strconv.FormatBool(*e.Exists)
	}
	switch {
	case exists == "false" && e.Value != nil:
		return Comparison{}, invalidParameter("Value cannot be used when Exists is false" + of)
	case exists == "false":
		return Comparison{Attribute: e.Attribute, Operator: "NULL"}, nil
	case e.Value == nil:
		return Comparison{}, invalidParameter("Value must be provided when Exists is " + exists + of)
	default:
		c := Comparison{e.Attribute, "EQ", []attr.Value{e.Value}}
		return c, c.check(attr.Current)
	}
}

// FromExpected makes a condition of Expected and ConditionalOperator, which is
// AND, OR or empty. The condition is nil when nothing is expected.
func FromExpected(list []Expected, operator string) (*Condition, error) {
	if err := checkConditionalOperator(operator, len(list)); err != nil {
		return nil, err
	}
	comparisons := make([]Comparison, len(list))
	for i := range list {
		if err := checkAttribute(list[i].Attribute); err != nil {
			return nil, err
		}
		c, err := list[i].check()
		if err != nil {
			return nil, err
		}
		comparisons[i] = c
	}
	return fromComparisons(comparisons, operator), nil
}

// FromFilter makes a condition of QueryFilter or ScanFilter, which are checked
// by different layers, and ConditionalOperator, which is AND, OR or empty. The
// condition is nil when there is no filter.
func FromFilter(list []Comparison, operator string, layer attr.Layer) (*Condition, error) {
	if err := checkConditionalOperator(operator, len(list)); err != nil {
		return nil, err
	}
	if err := checkComparisons(list, layer); err != nil {
		return nil, err
	}
	return fromComparisons(list, operator), nil
}

func checkConditionalOperator(operator string, count int) error {
	switch {
	case operator == "" || count > 1:
		return nil
	case count == 1:
		return &Error{"ConditionalOperator can only be used when Filter or Expected has two or more elements"}
	default:
		return &Error{"ConditionalOperator cannot be used without Filter or Expected"}
	}
}

func checkComparisons(list []Comparison, layer attr.Layer) error {
	for i := range list {
		if err := checkAttribute(list[i].Attribute); err != nil {
			return err
		}
		if err := list[i].check(layer); err != nil {
			return err
		}
	}
	return nil
}

func checkAttribute(name string) error {
	if name == "" {
		return &Error{"Empty attribute name"}
	}
	return nil
}

// manyComparisons is about how many a condition expression can have. Expected
// and the filters may have as many as a client likes.
const manyComparisons = 300

// fromComparisons makes a condition of comparisons that have been checked.
func fromComparisons(list []Comparison, operator string) *Condition {
	if len(list) == 0 {
		return nil
	}
	c := &Condition{many: len(list) > manyComparisons}
	parts := make([]node, len(list))
	for i := range list {
		values := make([]node, len(list[i].Values))
		for j, v := range list[i].Values {
			values[j] = c.env.literal(v)
		}
		parts[i] = comparisonOperators[list[i].Operator].node(attribute(list[i].Attribute), values)
	}
	c.root = &and{parts}
	if operator == "OR" {
		c.root = &or{parts}
	}
	return c
}

// attribute returns a path to the attribute called name.
func attribute(name string) *path { return &path{[]element{{name, -1, -1}}} }

// literal returns a node for v.
func (e *env) literal(v attr.Value) *value {
	e.values = append(e.values, v)
	return &value{ref: len(e.values) - 1}
}

// FromKeyConditions makes a key condition of KeyConditions, whose attributes
// must differ.
func FromKeyConditions(list []Comparison) (*KeyCondition, error) {
	if err := checkComparisons(list, attr.Current); err != nil {
		return nil, err
	}
	k := &KeyCondition{}
	for i := range list {
		c := keyCondition{name: list[i].Attribute, op: comparisonOperators[list[i].Operator].key}
		if n := len(list[i].Values); n > 0 {
			c.low, c.high = list[i].Values[0], list[i].Values[n-1]
		}
		k.conditions = append(k.conditions, c)
	}
	return k, nil
}

// FromAttributeUpdates makes an update of AttributeUpdates, whose attributes
// must differ. ADD also appends to lists there.
func FromAttributeUpdates(list []AttributeUpdate) (*Update, error) {
	// In order of names, which come as a map and often are very many, each new
	// branch is the last one.
	list = slices.SortedFunc(slices.Values(list), func(a, b AttributeUpdate) int {
		return cmp.Compare(a.Attribute, b.Attribute)
	})
	u := &Update{root: branch{leaf: -1}, legacy: true}
	for i := range list {
		action, err := list[i].check()
		if err != nil {
			return nil, err
		}
		c := clause{action: action, target: attribute(list[i].Attribute)}
		if list[i].Value != nil {
			c.operand = u.env.literal(list[i].Value)
		}
		u.clauses = append(u.clauses, c)
		u.env.add(&u.root, c.target, i)
	}
	return u, nil
}

// check returns the action that u stands for.
func (u *AttributeUpdate) check() (tokenKind, error) {
	if err := checkAttribute(u.Attribute); err != nil {
		return 0, err
	}
	switch {
	case u.Value == nil && u.Action != "DELETE":
		return 0, invalidParameter("Only DELETE action is allowed when no attribute value is specified")
	case u.Value == nil:
		return tokenRemove, nil
	}
	if err := checkValues([]attr.Value{u.Value}, attr.Current); err != nil {
		return 0, err
	}
	switch k := u.Value.Kind(); u.Action {
	case "DELETE":
		if !k.IsSet() {
			return 0, invalidParameter("DELETE action with value is not supported for the type " + k.String())
		}
		return tokenDelete, nil
	case "ADD":
		if !k.IsSet() && k != attr.N && k != attr.L {
			return 0, invalidParameter("ADD action is not supported for the type " + k.String())
		}
		return tokenAdd, nil
	default:
		return tokenSet, nil
	}
}

// FromAttributesToGet makes a projection of AttributesToGet.
func FromAttributesToGet(names []string) (*Projection, error) {
	p := &Projection{branch{leaf: -1}}
	var e env
	for i, name := range slices.Sorted(slices.Values(names)) {
		if err := checkAttribute(name); err != nil {
			return nil, err
		}
		if quarrel, _ := e.add(&p.root, attribute(name), i); quarrel != "" {
			return nil, invalidParameter("Duplicate value in attribute name: " + name)
		}
	}
	return p, nil
}
