package server

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/pprof"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statordb/stator/internal/hook"
)

// newPages returns what is served besides the API. Paths are LocalStack's and
// DynamoDB Local's where scripts rely on them.
func (s *Server) newPages() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("/", unknownPath)
	m.HandleFunc("/{$}", s.home)
	m.HandleFunc("/shell/{$}", s.home)
	m.HandleFunc("/shell", s.home)
	m.HandleFunc("/health", s.health)
	m.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "ok")
	})
	m.HandleFunc("/_localstack/", http.NotFound)
	m.HandleFunc("/_localstack/health", s.health)
	m.HandleFunc("GET /_localstack/info", s.info)
	m.HandleFunc("GET /_localstack/init", s.initStages)
	m.HandleFunc("GET /_localstack/init/{stage}", s.initStage)
	m.HandleFunc("GET /_localstack/plugins", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{}) // there are none
	})
	if s.conf.Settings != nil {
		m.HandleFunc("GET /_localstack/diagnose", s.diagnose)
		m.HandleFunc("GET /_localstack/usage", usage)
	}
	m.Handle("GET /metrics", s.metrics.handler(s.log))
	if s.conf.Profiling {
		m.HandleFunc("/debug/pprof/", pprof.Index)
		m.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
		m.HandleFunc("/debug/pprof/profile", pprof.Profile)
		m.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		m.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return m
}

// page serves everything but the API.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	track := &tracker{ResponseWriter: w}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		id := newRequestID()
		s.logFailure(r.Context(), r.Method+" "+r.URL.Path, id, &panicError{value: v, stack: debug.Stack()})
		if track.started {
			panic(http.ErrAbortHandler)
		}
		respond(w, http.StatusInternalServerError, amzJSON, []byte(internalFailure), id)
	}()
	s.pages.ServeHTTP(track, withoutDoubleSlashes(r))
}

// A tracker knows whether its response has begun.
type tracker struct {
	http.ResponseWriter
	started bool
}

func (t *tracker) WriteHeader(status int) {
	t.started = true
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracker) Write(p []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(p)
}

// Unwrap serves http.ResponseController.
func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }

var doubleSlashes = regexp.MustCompile(`//+`)

// withoutDoubleSlashes returns r with the path that "//_aws/…" means. People
// append such paths to an endpoint that ends in a slash.
func withoutDoubleSlashes(r *http.Request) *http.Request {
	if !strings.Contains(r.URL.Path, "//") {
		return r
	}
	path := doubleSlashes.ReplaceAllString(r.URL.Path, "/")
	if !strings.HasPrefix(path, "/_") {
		return r
	}
	u, clean := *r.URL, *r
	u.Path, u.RawPath = path, ""
	clean.URL = &u
	return &clean
}

// unknownPath answers what is no part of the API as the service does.
func unknownPath(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusNotFound, nil, []byte(unknownPage), newRequestID())
}

// home answers the bare endpoint: pollers wait for DynamoDB Local's 400, and
// people get a page.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	const missingToken = `{"__type":"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken",` +
		`"message":"Request must contain either a valid (registered) AWS access key ID or X.509 certificate."}`
	switch {
	case r.Method == http.MethodGet && r.URL.Query().Has("Action"):
		s.askTokens(w, r, r.URL.Query())
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		unknownPath(w, r)
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		s.welcome(w, r)
	default:
		respond(w, http.StatusBadRequest, amzJSON, []byte(missingToken), newRequestID())
	}
}

func (s *Server) welcome(w http.ResponseWriter, r *http.Request) {
	const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>stator</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
:root { color-scheme: light dark }
</style>
<h1>stator</h1>
<p>This is a DynamoDB-compatible server, version %s. Its endpoint is
<code>%s://%s</code>.</p>
<pre>export AWS_ENDPOINT_URL=%[2]s://%[3]s
aws dynamodb list-tables</pre>
<ul>
<li><a href="/_ui/">Resource Browser</a>: the tables and their items</li>
<li><a href="/_localstack/health">Health</a></li>
<li><a href="/metrics">Metrics</a></li>
</ul>
</html>
`
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	fmt.Fprintf(w, page, html.EscapeString(s.conf.Version), scheme, html.EscapeString(r.Host))
}

func (s *Server) info(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.information()) }

func (s *Server) information() map[string]any {
	_, err := os.Stat("/.dockerenv")
	now := time.Now()
	return map[string]any{
		"version":              s.conf.Version,
		"edition":              "community",
		"is_license_activated": false,
		"session_id":           s.session,
		"machine_id":           "stator",
		"system":               runtime.GOOS + "/" + runtime.GOARCH,
		"is_docker":            err == nil,
		"server_time_utc":      now.UTC().Format("2006-01-02T15:04:05"),
		"uptime":               int(now.Sub(s.started).Seconds()),
	}
}

func newSession() string { return rand.Text() }

// initStages shows how LocalStack's stages of a start are doing.
func (s *Server) initStages(w http.ResponseWriter, _ *http.Request) {
	completed, scripts := s.stages(hook.Stages...)
	writeJSON(w, map[string]any{"completed": completed, "scripts": scripts})
}

func (s *Server) initStage(w http.ResponseWriter, r *http.Request) {
	stage := hook.Stage(strings.ToUpper(r.PathValue("stage")))
	if !slices.Contains(hook.Stages, stage) {
		http.NotFound(w, r)
		return
	}
	completed, scripts := s.stages(stage)
	writeJSON(w, map[string]any{"completed": completed[stage], "scripts": scripts})
}

// stages returns which stages are over, and their scripts. Without hooks the
// server is ready when it answers.
func (s *Server) stages(of ...hook.Stage) (map[hook.Stage]bool, []hook.Script) {
	if s.conf.Hooks != nil {
		return s.conf.Hooks.Status(of...)
	}
	completed := map[hook.Stage]bool{}
	for _, stage := range of {
		completed[stage] = stage != hook.Shutdown
	}
	return completed, []hook.Script{}
}

// diagnose shows all that may help somebody to find out what is wrong.
func (s *Server) diagnose(w http.ResponseWriter, _ *http.Request) {
	completed, scripts := s.stages(hook.Stages...)
	writeJSON(w, map[string]any{
		"version":  s.conf.Version,
		"info":     s.information(),
		"services": map[string]string{"dynamodb": s.state("DynamoDB_"), "dynamodbstreams": s.state("DynamoDBStreams_")},
		"config":   s.conf.Settings,
		"init":     map[string]any{"completed": completed, "scripts": scripts},
	})
}

// usage shows what the program takes of the machine.
func usage(w http.ResponseWriter, _ *http.Request) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	writeJSON(w, map[string]any{"goroutines": runtime.NumGoroutine(), "heap_bytes": m.HeapAlloc, "system_bytes": m.Sys, "processors": runtime.GOMAXPROCS(0)})
}

func writeJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // what the pages show always encodes
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
