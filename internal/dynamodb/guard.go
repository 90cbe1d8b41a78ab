package dynamodb

import (
	"strings"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
)

// A guard is what a write request says of when it may be carried out, in
// either of the two ways there are: an expression, or the parameters of before
// there were expressions.
type guard struct {
	condition api.Opt[string]
	names     map[string]string
	values    attr.Item
	expected  api.Map[api.ExpectedAttributeValue]
	operator  api.Opt[string]
}

// A parameter is a request parameter by name, and whether it was given.
type parameter struct {
	name  string
	given bool
}

// checkMixed refuses a request that uses both ways.
func checkMixed(old, expressions []parameter) error {
	olds, news := given(old), given(expressions)
	if olds == "" || news == "" {
		return nil
	}
	return invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}", olds, news)
}

func given(params []parameter) string {
	var names []string
	for _, p := range params {
		if p.given {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ", ")
}

// binder checks the placeholders of a request and their values, of which fault
// tells what is wrong, as far as they can be checked without its expressions. any
// says whether it has one.
func binder(names map[string]string, values attr.Item, any bool, fault func(attr.Item) error) (*expr.Binder, error) {
	switch {
	case !any && names != nil:
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	case !any && values != nil:
		return nil, invalid("ExpressionAttributeValues can only be specified when using expressions")
	}
	b := expr.NewBinder(names, values)
	if err := b.CheckNames(); err != nil {
		return nil, err
	}
	return b, b.CheckValues(fault)
}

// bind returns the condition of g, nil if it has none. The caller has checked
// its values and that it is not mixed.
func (g *guard) bind(b *expr.Binder) (*expr.Condition, error) {
	switch {
	case g.condition.Set:
		return b.Condition(expr.ConditionExpression, g.condition.V)
	case g.expected != nil || g.operator.Set:
		return legacyExpected(g.expected, g.operator)
	default:
		return nil, nil
	}
}

// checkMixed refuses a request that uses both ways. More are parameters that
// only some requests have: an old one and an expression.
func (g *guard) checkMixed(more ...parameter) error {
	olds := []parameter{{"Expected", g.expected != nil}, {"ConditionalOperator", g.operator.Set}}
	news := []parameter{{"ConditionExpression", g.condition.Set}}
	if len(more) == 2 {
		olds, news = append(more[:1:1], olds...), append(more[1:], news...)
	}
	return checkMixed(olds, news)
}

// check checks a write that has no update: of the item, or the item's key, it.
// It gives a its condition.
func (g *guard) check(a *action, it attr.Item, returnValues api.Opt[string]) error {
	if err := g.checkMixed(); err != nil {
		return err
	}
	if err := checkItem(it, attr.Current); err != nil {
		return err
	}
	if v := returnValues.Or("NONE"); v != "NONE" && v != "ALL_OLD" {
		return invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	var err error
	a.condition, err = g.bindAlone()
	return err
}

// bindAlone returns the condition of a request that has no other expression;
// nil if it has none.
func (g *guard) bindAlone() (*expr.Condition, error) {
	b, err := binder(g.names, g.values, g.condition.Set, checkValues)
	if err != nil {
		return nil, err
	}
	cond, err := g.bind(b)
	if err != nil {
		return nil, err
	}
	return cond, b.Unused()
}

// bindUpdate returns the update and the condition of a request.
func (g *guard) bindUpdate(src string) (*expr.Update, *expr.Condition, error) {
	b, err := binder(g.names, g.values, true, checkValues)
	if err != nil {
		return nil, nil, err
	}
	u, err := b.Update(src)
	if err != nil {
		return nil, nil, err
	}
	cond, err := g.bind(b)
	if err != nil {
		return nil, nil, err
	}
	return u, cond, b.Unused()
}

// checkValues reports a value that may not stand in ExpressionAttributeValues,
// as the current layer does.
func checkValues(values attr.Item) error { return checkItem(values, attr.Current) }
