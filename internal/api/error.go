package api

import (
	"cmp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/awsjson"
)

// ErrorType is the name of an exception.
type ErrorType string

// An Error is an exception as clients receive it.
type Error struct {
	Type    ErrorType
	Status  int // of HTTP
	Message string

	Item                attr.Item            // of ConditionalCheckFailedException
	CancellationReasons []CancellationReason // of TransactionCanceledException
	ThrottlingReasons   []ThrottlingReason   // of the exceptions about limits
}

// errorType is what an exception's JSON depends on. Its zero value is that of
// most.
type errorType struct {
	namespace         string
	status            int
	message           string // the name of the member
	throttlingReasons string // likewise
}

func newError(t ErrorType, message string) *Error {
	return &Error{Type: t, Status: cmp.Or(errorTypes[t].status, 400), Message: message}
}

func (e *Error) Error() string {
	if e.Message == "" {
		return string(e.Type)
	}
	return string(e.Type) + ": " + e.Message
}

// AppendJSON appends e as the wire has it. There is no message when it is
// empty, and it is called Message in some exceptions and message in others.
func (e *Error) AppendJSON(dst []byte) []byte {
	t := errorTypes[e.Type]
	dst = append(dst, `{"__type":"`...)
	dst = append(dst, cmp.Or(t.namespace, "com.amazonaws.dynamodb.v20120810")...)
	dst = append(dst, '#')
	dst = append(dst, e.Type...)
	dst = append(dst, '"')
	if e.Message != "" {
		dst = append(dst, `,"`...)
		dst = append(dst, cmp.Or(t.message, "message")...)
		dst = append(dst, `":`...)
		dst = awsjson.AppendString(dst, e.Message)
	}
	if e.Item != nil {
		dst = append(dst, `,"Item":`...)
		dst = e.Item.AppendJSON(dst)
	}
	if e.CancellationReasons != nil {
		dst = append(dst, `,"CancellationReasons":`...)
		dst = appendCancellationReasonList(&e.CancellationReasons, dst)
	}
	if e.ThrottlingReasons != nil {
		dst = append(dst, `,"`...)
		dst = append(dst, cmp.Or(t.throttlingReasons, "ThrottlingReasons")...)
		dst = append(dst, `":`...)
		dst = appendThrottlingReasonList(&e.ThrottlingReasons, dst)
	}
	return append(dst, '}')
}
