package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/statordb/stator/internal/api"
)

const (
	// maxListeners is how many clients may listen to events at a time, of
	// whatever page. Each takes a connection, a goroutine and a page of what it
	// listens to.
	maxListeners = 64

	// heartbeat is how often a listener hears something at least, so that both
	// sides, and what is between them, notice when the other has gone.
	heartbeat = 15 * time.Second

	// reconnect is how long a browser waits before it asks again, in
	// milliseconds.
	reconnect = "1000"
)

// lastEvent is how long the client may take for what is being sent to it when
// the server shuts down. It is less than what other requests may take.
const lastEvent = 100 * time.Millisecond

// events is an answer that is a stream of server-sent events. It is for one
// goroutine.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	ctx     context.Context
	gone    context.CancelFunc // ends ctx: the client takes no more
	buf     bytes.Buffer       // what has not been sent yet
	sent    time.Time          // when something was last sent

	mu      sync.Mutex
	writing bool
}

// listen answers a request with the events that run sends, for as long as run
// goes on. The context that run gets ends when nobody listens any more and when
// the server shuts down; run must return then. What it fails of otherwise is the
// last event. A client that does not read keeps run waiting and is cut off when
// it has done so for long: nothing is kept for it.
func (s *Server) listen(w http.ResponseWriter, r *http.Request, run func(context.Context, *events) error) {
	if s.listeners.Add(1) > maxListeners {
		s.listeners.Add(-1)
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "too many clients listen to events already")
		return
	}
	defer s.listeners.Add(-1)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy is not to wait for more
	if r.ProtoMajor == 1 {
		h.Set("Connection", "close") // the deadline of its last write stays
	}
	if r.Method == http.MethodHead {
		return
	}
	ctx, gone := context.WithCancel(r.Context())
	defer gone()
	defer context.AfterFunc(s.ending, gone)()
	e := &events{w: w, control: http.NewResponseController(w), ctx: ctx, gone: gone}
	defer context.AfterFunc(ctx, e.interrupt)()
	e.buf.WriteString("retry: " + reconnect + "\n\n")
	e.flush()
	if err := run(ctx, e); err != nil && ctx.Err() == nil {
		e.sendError(s.eventError(r, err))
	}
}

// eventError returns the JSON of what went wrong.
func (s *Server) eventError(r *http.Request, err error) []byte {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.AppendJSON(nil)
	}
	s.logFailure(r.Context(), r.Method+" "+r.URL.Path, newRequestID(), err)
	return []byte(internalFailure)
}

func (e *events) sendError(body []byte) {
	e.add("", "error", body)
	e.flush()
}

// add puts an event behind those that the next flush sends. One with an ID and
// no data is not noticed, but a client that comes again tells its ID. name must
// not be empty if there is data; neither name nor id may have line ends.
func (e *events) add(id, name string, data []byte) {
	if id != "" {
		e.buf.WriteString("id: " + id + "\n")
	}
	if name != "" {
		e.buf.WriteString("event: " + name + "\n")
		for line := range bytes.Lines(data) {
			e.buf.WriteString("data: ")
			e.buf.Write(bytes.TrimRight(line, "\r\n"))
			e.buf.WriteByte('\n')
		}
	}
	e.buf.WriteByte('\n')
}

// beat is flush that has something to send if nothing was for long.
func (e *events) beat() {
	if e.buf.Len() == 0 && time.Since(e.sent) >= heartbeat {
		e.buf.WriteString(":\n\n")
	}
	e.flush()
}

// flush sends what was added, and returns when the client has taken it.
func (e *events) flush() {
	if e.buf.Len() == 0 || !e.begin() {
		return
	}
	_, err := e.w.Write(e.buf.Bytes())
	if err == nil {
		err = e.control.Flush()
	}
	if err != nil {
		e.gone()
	}
	e.end()
}

func (e *events) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return false
	}
	e.writing = true
	_ = e.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	return true
}

// keepEvents is the largest buffer that is kept while there is nothing to send.
const keepEvents = 64 << 10

func (e *events) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.writing = false
	e.sent = time.Now()
	if e.buf.Reset(); e.buf.Cap() > keepEvents {
		e.buf = bytes.Buffer{}
	}
}

// interrupt ends a write that waits for the client, unless it is about to end
// by itself.
func (e *events) interrupt() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.writing {
		_ = e.control.SetWriteDeadline(time.Now().Add(lastEvent))
	}
}
