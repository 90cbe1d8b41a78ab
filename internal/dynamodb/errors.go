package dynamodb

import (
	"errors"
	"fmt"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/expr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/partiql"
	"github.com/statordb/stator/internal/table"
)

const (
	notFound        = "Requested resource not found"
	conditionFailed = "The conditional request failed"
	duplicateKey    = "Duplicate primary key exists in table"
	invalidValues   = "One or more parameter values were invalid: "
	itemTooLarge    = "Item size has exceeded the maximum allowed size"
	updateTooLarge  = "Item size to update has exceeded the maximum allowed size"
)

// invalid returns a ValidationException.
func invalid(format string, args ...any) error {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return api.NewValidationException(format)
}

// A writeInput is the request of one of the three operations that write an
// item.
type writeInput interface {
	// Older reports whether the service answers the request by older code.
	Older() bool
}

// enveloped puts what PutItem, UpdateItem and DeleteItem say of a request's
// meaning into the envelope of the model's constraints, as the service does
// for these three unless its older code answers. Observed on AWS, October 2026.
func enveloped(in writeInput, err error) error {
	err = exception(err)
	if in.Older() {
		return err
	}
	return envelope(err)
}

func envelope(err error) error {
	var e *api.Error
	if errors.As(err, &e) && e.Type == api.ValidationException {
		return invalid("1 validation error detected: " + e.Message)
	}
	return err
}

// exception makes what went wrong below into what the client is told. The
// errors of all operations pass here. An error that it does not know is the
// server's own. What is unavailable is an error that SDKs retry, so that a
// client may not notice that it was.
func exception(err error) error {
	var (
		misfit     *table.Misfit
		expression *expr.Error
		statement  *partiql.Error
		parameter  *partiql.ParameterError
	)
	switch {
	case errors.Is(err, errNoTable):
		return api.NewResourceNotFoundException(notFound)
	case errors.As(err, &misfit):
		return invalid(misfit.Message)
	case errors.As(err, &expression):
		return invalid(expression.Error())
	case errors.As(err, &statement):
		return invalid(statement.Message)
	case errors.As(err, &parameter):
		return invalid(parameter.Message)
	case errors.Is(err, errDuplicate):
		return api.NewDuplicateItemException(duplicateKey)
	case errors.Is(err, kv.ErrUnavailable):
		return api.NewInternalServerError(err.Error())
	default:
		return err
	}
}

// noSuchTable is what operations on tables, rather than on items, say.
func noSuchTable(name string) error {
	return api.NewResourceNotFoundException(notFound + ": Table: " + name + " not found")
}

// checkItem reports what may not stand in a request of an item, a key or an
// expression's values.
func checkItem(i attr.Item, layer attr.Layer) error {
	if f := i.Fault(); f != nil {
		return invalid(f.Message(layer))
	}
	return nil
}

// isEvaluation reports whether err is about an item that an expression was
// evaluated on, rather than about the expression.
func isEvaluation(err error) bool {
	var e *expr.Error
	return errors.As(err, &e)
}
