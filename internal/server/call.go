package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
)

// Answers to requests that reach no operation. Those as JSON have no message,
// as on the service.
const (
	unknownOperation     = `{"__type":"com.amazon.coral.service#UnknownOperationException"}`
	serializationFailure = `{"__type":"com.amazon.coral.service#SerializationException"}`
	internalFailure      = `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal server error"}`
	notEnabled           = `{"__type":"InternalFailure","message":"Service '%s' is not enabled. Please check your 'SERVICES' configuration variable."}` // LocalStack's
	unknownPage          = "<UnknownOperationException/>\n"
)

// Names of errors in metrics and log that are not names of exceptions.
const (
	faultNone     = ""
	faultInternal = "InternalServerError"
	faultGone     = "ClientGone"
	faultTooLarge = "RequestTooLarge"
	faultSlow     = "RequestTimeout"
	faultOff      = "ServiceNotEnabled"
)

// An exchange is one API request and its answer, with their buffers.
type exchange struct {
	id     requestID
	op     *operation
	status int
	fault  string // the error's type, or ""
	in     []byte // the request's body; its array is reused
	out    []byte // the answer's body
	buf    []byte // where out is made, to be reused
	// explanation goes with an answer that is no error; nil for most.
	explanation *dynamodb.Explanation
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// keepBuffers is the largest buffer that waits for another request.
const keepBuffers = 4 << 20

func (x *exchange) free() {
	in, buf := x.in, x.buf
	if cap(in) > keepBuffers {
		in = nil
	}
	if cap(buf) > keepBuffers {
		buf = nil
	}
	*x = exchange{in: in[:0], buf: buf[:0]}
	exchanges.Put(x)
}

func (x *exchange) set(status int, fault, body string) {
	x.status, x.fault = status, fault
	x.buf = append(x.buf[:0], body...)
	x.out = x.buf
}

// call answers one request for an operation.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	ctype := contentType(r.Header)
	if ctype == nil && isForm(r.Header) {
		s.askForm(w, r)
		return
	}
	if ctype == nil {
		respond(w, http.StatusNotFound, nil, []byte(unknownPage), newRequestID())
		return
	}
	held, err := s.bodies.enter(r)
	if err != nil {
		return // the client has gone while it waited
	}
	defer s.bodies.leave(held)
	// The clock on the wall, not the server's: a stopped clock must not stop
	// the latencies.
	start := time.Now()
	s.metrics.inFlight.Add(1)
	x := exchanges.Get().(*exchange)
	x.id = newRequestID()
	x.op = s.unknown
	s.answer(r, x)
	s.send(w, r, x, ctype)
	s.metrics.inFlight.Add(-1)

	took := time.Since(start)
	x.op.measure(x.fault, took, len(x.in), len(x.out))
	if s.log.Enabled(r.Context(), slog.LevelDebug) {
		s.logAccess(r, x, took)
	}
	x.free()
}

// answer reads the request and has it done. The checks are in the service's
// order: what is not JSON is told so before what it asks for is looked at.
func (s *Server) answer(r *http.Request, x *exchange) {
	op := s.ops[target(r.Header)]
	if op != nil {
		x.op = op
	}
	var err error
	if x.in, err = readBody(r, x.in); err != nil {
		x.refuse(r, err)
		return
	}
	if op == nil {
		if len(x.in) > 0 && !json.Valid(x.in) {
			x.set(http.StatusBadRequest, "SerializationException", serializationFailure)
		} else {
			x.set(http.StatusBadRequest, "UnknownOperationException", unknownOperation)
		}
		return
	}
	if op.off {
		x.set(http.StatusNotImplemented, faultOff, fmt.Sprintf(notEnabled, op.service()))
		return
	}
	key, account, region := s.callers.identity(r)
	call := dynamodb.Call{Account: account, Region: region, AccessKey: key, Target: op.api, Operation: op.name, Body: x.in}
	if wantsExplanation(r.Header) {
		call.Explain = new(dynamodb.Explanation)
	}
	if s.mayOnlyRead(r) {
		call.ReadOnly = readOnly
	}
	if err := s.do(r.Context(), call, x); err != nil {
		s.except(r.Context(), call, x, err)
	}
}

// refuse answers a request whose body could not be read.
func (x *exchange) refuse(r *http.Request, err error) {
	switch {
	case errors.Is(err, errTooLarge):
		x.set(http.StatusRequestEntityTooLarge, faultTooLarge, "")
	case errors.Is(err, os.ErrDeadlineExceeded):
		x.set(http.StatusRequestTimeout, faultSlow, "")
	case r.Context().Err() != nil:
		x.set(http.StatusBadRequest, faultGone, "")
	default:
		x.set(http.StatusBadRequest, "SerializationException", serializationFailure)
	}
}

// do runs the operation and keeps its output in x. A panic is the error of
// this call only.
func (s *Server) do(ctx context.Context, call dynamodb.Call, x *exchange) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	out, err := s.conf.Service.Do(ctx, call, x.buf[:0])
	if err != nil {
		return err
	}
	x.buf, x.out, x.status = out, out, http.StatusOK
	x.explanation = call.Explain
	return nil
}

// A panicError is a panic in an operation.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// except turns the error of an operation into the answer. It is the one place
// where errors that are not for the client are logged.
func (s *Server) except(ctx context.Context, call dynamodb.Call, x *exchange, err error) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		x.status, x.fault = e.Status, string(e.Type)
		x.buf = e.AppendJSON(x.buf[:0])
		x.out = x.buf
		return
	}
	if ctx.Err() != nil {
		x.set(http.StatusInternalServerError, faultGone, internalFailure)
		return
	}
	x.set(http.StatusInternalServerError, faultInternal, internalFailure)
	s.logFailure(ctx, call.Operation, x.id, err)
}

func (s *Server) logFailure(ctx context.Context, operation string, id requestID, err error) {
	attrs := []any{"operation", operation, "request", string(id[:]), "error", err}
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, "stack", string(p.stack))
	}
	s.log.ErrorContext(ctx, "request failed for a fault of the server", attrs...)
}

func (s *Server) logAccess(r *http.Request, x *exchange, took time.Duration) {
	s.log.DebugContext(r.Context(), "request",
		"operation", x.op.name, "status", x.status, "error", x.fault, "took", took,
		"in", len(x.in), "out", len(x.out), "from", r.RemoteAddr, "request", string(x.id[:]))
}

// target returns the X-Amz-Target header.
func target(h http.Header) string {
	if v := h["X-Amz-Target"]; len(v) > 0 {
		return v[0]
	}
	return ""
}

var (
	amzJSON   = []string{"application/x-amz-json-1.0"}
	plainJSON = []string{"application/json"}
)

// contentType returns the content type of the answer, which is the request's,
// or nil if the API does not speak it.
func contentType(h http.Header) []string {
	v := h["Content-Type"]
	if len(v) == 0 {
		return nil
	}
	if v[0] == amzJSON[0] {
		return amzJSON
	}
	token, _, _ := strings.Cut(v[0], ";")
	switch strings.TrimSpace(token) {
	case amzJSON[0]:
		return amzJSON
	case plainJSON[0]:
		return plainJSON
	}
	return nil
}
