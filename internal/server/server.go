// Package server answers HTTP: it reads a request within limits, takes account
// and region from its signature, hands the call to a Service and sends the
// answer with the checksum clients verify. It also serves health, metrics and
// the other pages around the API. It knows no operation by meaning, only the
// list of their names; what an operation does is decided below.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statordb/stator/internal/credential"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/hook"
	"github.com/statordb/stator/internal/sts"
)

// A Service runs operations.
type Service interface {
	// Do runs one call and appends the JSON of its output to dst. A non-nil
	// error is an *api.Error when the client is to see it; anything else is
	// the server's own fault.
	//
	// call.Body and dst are the caller's again when Do returns: Do must not
	// keep them. The strings of call may be kept.
	Do(ctx context.Context, call dynamodb.Call, dst []byte) ([]byte, error)
}

// Config is what a Server needs to know.
type Config struct {
	// Service runs the operations; without one there is only everything else.
	Service Service

	// Version is shown by the health and information pages.
	Version string

	// Log receives what goes wrong and, at debug level, every request; nil
	// discards it.
	Log *slog.Logger

	// CORS is what web pages may do.
	CORS CORS

	// ExternalHost is the name that clients know the server by, with or without
	// a port, if that is not where it listens.
	ExternalHost string

	// ReadOnlyBrowser refuses what would change something when a page of this
	// server itself asks for it, which the Resource Browser is. Its users are kept
	// from changing something, and nobody else is.
	ReadOnlyBrowser bool

	// Header has every answer say that it is one of LocalStack, by
	// x-localstack.
	Header bool

	// Services are those that are served, of "dynamodb" and "dynamodbstreams";
	// nil is both.
	Services []string

	// Figures, if set, returns numbers of the store to show with the metrics,
	// by name: lower-case words joined by underscores.
	Figures func() map[string]float64

	// Bodies is how many bytes of requests over 128 KiB may be in memory at a
	// time; those that find no room wait. 0 is no limit.
	Bodies int64

	// Running makes the health page call the services running before their
	// first use.
	Running bool

	// Profiling serves net/http/pprof at /debug/pprof/.
	Profiling bool

	// Keys are the rules of access keys.
	Keys credential.Keys

	// KnownRegions takes a region that AWS has not for the default one.
	KnownRegions bool

	// TLS, if set, is for clients that speak it. They are answered on the same
	// ports as those that do not.
	TLS *tls.Config

	// Hooks, if set, are shown by the page on init scripts.
	Hooks *hook.Runner

	// Settings, if set, are what the page that helps to find faults shows of what
	// is set, by name. Without them there is no such page.
	Settings map[string]string

	// Stop, if set, is called when a client asks the health page to end the
	// program, and Restart when it asks it to begin anew. They must not wait for
	// that request.
	Stop, Restart func()
}

const (
	// maxBody is the longest request body, after decompression.
	maxBody = 16 << 20

	// maxHeader is the longest request header. Session tokens are its longest
	// honest part and stay well below.
	maxHeader = 64 << 10

	// headerTimeout bounds the wait for the rest of a begun request header,
	// bodyTimeout the wait for header and body, idleTimeout the wait for the
	// next request on a connection. An honest client on a slow line sends
	// 16 MiB within bodyTimeout.
	headerTimeout = 10 * time.Second
	bodyTimeout   = 60 * time.Second
	idleTimeout   = 5 * time.Minute
)

// A Server serves one Service. It is an http.Handler, so that it may also be
// mounted in another program's server; then Serve is not used.
type Server struct {
	conf    Config
	log     *slog.Logger
	ops     map[string]*operation // by X-Amz-Target
	unknown *operation
	metrics *metrics
	bodies  bodies
	origins origins
	exposed string // the headers of answers that web pages may read
	callers callers
	tokens  sts.Service
	pages   *http.ServeMux // everything but the API
	started time.Time
	session string // names this run of the program on the information page
	http    http.Server
	cancel  context.CancelFunc // ends the contexts of all requests

	listeners atomic.Int64    // to events
	ending    context.Context // ends when the server begins to shut down

	mu      sync.Mutex
	unused  map[net.Conn]struct{} // connections that have sent nothing yet
	closing bool
	put     map[string]any // by clients, beside the health of the services
}

// New returns a server that is ready to serve.
func New(conf Config) *Server {
	s := &Server{
		conf:    conf,
		log:     conf.Log,
		bodies:  newBodies(conf.Bodies),
		origins: newOrigins(conf.CORS.Origins, conf.ExternalHost),
		exposed: strings.Join(append([]string{"x-amzn-requestid,x-amz-crc32,x-srv-explain"}, conf.CORS.Expose...), ","),
		callers: callers{conf.Keys, conf.KnownRegions},
		tokens:  sts.Service{Keys: conf.Keys, Log: conf.Log},
		started: time.Now(),
		session: newSession(),
		unused:  map[net.Conn]struct{}{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.metrics = newMetrics(conf.Figures)
	s.ops = newOperations(s.metrics)
	if conf.Services != nil {
		for _, op := range s.ops {
			op.off = !slices.Contains(conf.Services, op.service())
		}
	}
	s.unknown = &operation{name: "unknown", metrics: s.metrics}
	s.pages = s.newPages()

	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.http = http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		Protocols:         new(http.Protocols),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         s.connState,
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetHTTP2(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	s.http.RegisterOnShutdown(s.closeUnused)
	ending, end := context.WithCancel(context.Background())
	s.ending = ending
	s.http.RegisterOnShutdown(end)
	return s
}

// Handle adds a page: pattern is one of http.ServeMux and names a path other
// than "/". It must not be called once the server serves.
func (s *Server) Handle(pattern string, h http.Handler) { s.pages.Handle(pattern, h) }

// Serve answers on l until Shutdown, then returns nil. It may be called for
// several listeners at once.
func (s *Server) Serve(l net.Listener) error {
	if s.conf.TLS != nil {
		return s.serveBoth(l)
	}
	return s.serve(l)
}

func (s *Server) serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown stops listening, closes idle connections and waits for requests in
// flight. When ctx ends first, it cancels their contexts, closes their
// connections and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	return err
}

// connState keeps the set of connections that have sent nothing yet.
// http.Server's own Shutdown waits seconds for those.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	if state == http.StateIdle {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if state != http.StateNew {
		delete(s.unused, c)
		return
	}
	s.unused[c] = struct{}{}
	if s.closing {
		c.Close()
	}
}

func (s *Server) closeUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	for c := range s.unused {
		c.Close()
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.conf.Header {
		w.Header()["X-Localstack"] = isLocalStack
	}
	if origin := r.Header["Origin"]; len(origin) > 0 && s.crossOrigin(w, r, origin[0]) {
		return
	}
	if r.Method == http.MethodPost && r.URL.Path == "/" {
		s.call(w, r)
		return
	}
	if s.origins.rebound(r) {
		s.refuseRebound(w, r)
		return
	}
	if s.mayOnlyRead(r) && r.Method != http.MethodGet && r.Method != http.MethodHead {
		plain(w, http.StatusForbidden, readOnly)
		return
	}
	s.page(w, r)
}

var isLocalStack = []string{"true"}
