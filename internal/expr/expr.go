// Package expr parses, checks and evaluates DynamoDB's expressions: condition,
// filter, key condition, projection and update expressions, and the parameters
// that came before them. It knows attribute values and nothing of tables: what
// is said about keys is said by its callers.
//
// Three steps follow one another and do not know the next. A source text is
// parsed into a tree, which belongs to no request and is kept for the next one
// (lex.go, parse.go, check.go). A Binder joins the tree with the names and
// values of a request and checks the operands (bind.go). The result is
// evaluated against items (condition.go, update.go, projection.go, key.go).
package expr

import "errors"

// A Kind is the request parameter in which an expression stands.
type Kind string

// The kinds of expressions.
const (
	ConditionExpression    Kind = "ConditionExpression"
	FilterExpression       Kind = "FilterExpression"
	KeyConditionExpression Kind = "KeyConditionExpression"
	ProjectionExpression   Kind = "ProjectionExpression"
	UpdateExpression       Kind = "UpdateExpression"
)

// An Error is what the service has to say about an expression: all of its
// text but for the envelope ("1 validation error detected: ") that some
// operations put around it.
type Error struct {
	Message string
}

func (e *Error) Error() string { return e.Message }

// A problem is what is wrong with an expression, before it is known where the
// expression stands.
type problem string

func (p problem) Error() string { return string(p) }

// blame makes an Error of a problem. It leaves other errors alone.
func (k Kind) blame(err error) error {
	if err == nil {
		return nil
	}
	var p problem
	if errors.As(err, &p) {
		return &Error{"Invalid " + string(k) + ": " + string(p)}
	}
	return err
}

// maxSize is how many bytes an expression may have, before its names are
// replaced.
const maxSize = 4096
