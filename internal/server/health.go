package server

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// health answers in LocalStack's form, which scripts search for
// `"dynamodb": "available"` and the like, space included.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.healthState())
	case http.MethodPost:
		s.healthAction(w, r)
	case http.MethodPut:
		s.putHealth(w, r)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, PUT")
		plain(w, http.StatusMethodNotAllowed, "method not allowed")
	}
}

// healthState returns the services, what clients have put beside them, and what
// the server is.
func (s *Server) healthState() []byte {
	services := map[string]any{"dynamodb": s.state("DynamoDB_"), "dynamodbstreams": s.state("DynamoDBStreams_")}
	s.mu.Lock()
	put := clone(s.put)
	s.mu.Unlock()
	if more, ok := put["services"].(map[string]any); ok {
		mergeInto(services, more)
	}
	b := append([]byte(`{"services": `), spaced(services)...)
	for _, name := range slices.Sorted(maps.Keys(put)) {
		if name == "services" || name == "edition" || name == "version" {
			continue
		}
		b = append(append(append(b, ", "...), spaced(name)...), ": "...)
		b = append(b, spaced(put[name])...)
	}
	b = append(b, `, "edition": "community", "version": `...)
	return append(append(b, spaced(s.conf.Version)...), '}')
}

// spaced returns v as JSON with a space after each colon and comma, as Python
// writes it.
func spaced(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // it has come out of JSON
	}
	var out []byte
	quoted, escaped := false, false
	for _, c := range raw {
		out = append(out, c)
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ':' || c == ','):
			out = append(out, ' ')
		}
	}
	return out
}

// state returns what LocalStack would say of the service whose targets have
// the prefix: it is running once it was used.
func (s *Server) state(prefix string) string {
	for _, op := range s.ops {
		switch {
		case !strings.HasPrefix(op.api, prefix):
		case op.off:
			return "disabled"
		case s.conf.Running || op.used():
			return "running"
		}
	}
	return "available"
}

// readObject reads the body of a request, which is a JSON object.
func readObject(w http.ResponseWriter, r *http.Request) (o map[string]any, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHeader))
	ok = err == nil && json.Unmarshal(body, &o) == nil && o != nil
	return o, ok
}

// healthAction ends the program, or begins it anew, if asked to.
func (s *Server) healthAction(w http.ResponseWriter, r *http.Request) {
	request, ok := readObject(w, r)
	if !ok {
		plain(w, http.StatusBadRequest, "invalid request")
		return
	}
	plain(w, http.StatusOK, "ok")
	switch {
	case request["action"] == "restart" && s.conf.Restart != nil:
		s.conf.Restart()
	case request["action"] == "kill" && s.conf.Stop != nil:
		s.conf.Stop()
	}
}

// mostPut is how many bytes clients may put beside the health of the services.
const mostPut = 1 << 20

// putHealth keeps what a client has to say, for others who look. Names with
// colons are of members of members.
func (s *Server) putHealth(w http.ResponseWriter, r *http.Request) {
	request, ok := readObject(w, r)
	if !ok {
		plain(w, http.StatusBadRequest, "invalid request")
		return
	}
	if !s.addHealth(request) {
		plain(w, http.StatusRequestEntityTooLarge, "too much has been put here")
		return
	}
	writeJSON(w, map[string]string{"status": "OK"})
}

// addHealth reports false if there is no room.
func (s *Server) addHealth(more map[string]any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	put := clone(s.put)
	for name, v := range more {
		path := strings.Split(name, ":")
		for i := len(path) - 1; i > 0; i-- {
			v = map[string]any{path[i]: v}
		}
		mergeInto(put, map[string]any{path[0]: v})
	}
	if raw, err := json.Marshal(put); err != nil || len(raw) > mostPut {
		return false
	}
	s.put = put
	return true
}

// mergeInto puts the members of from into to, and those of members into theirs.
func mergeInto(to, from map[string]any) {
	for name, v := range from {
		members, ok := v.(map[string]any)
		into, is := to[name].(map[string]any)
		if ok && is {
			mergeInto(into, members)
			continue
		}
		to[name] = v
	}
}

// clone returns a copy of o that can be merged into.
func clone(o map[string]any) map[string]any {
	c := make(map[string]any, len(o))
	for name, v := range o {
		if members, ok := v.(map[string]any); ok {
			v = clone(members)
		}
		c[name] = v
	}
	return c
}
