package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// CORS is what web pages may do. Its zero value lets pages on this machine call
// the server, and those of strangers not.
type CORS struct {
	// Origins are web origins, such as "https://app.example.com", whose pages
	// may call the server besides those on this machine. "*" admits all, and
	// "null" what has no origin.
	Origins []string
	// Expose are headers of answers that pages may read besides the usual ones.
	Expose []string
	// NoHeaders leaves out what tells a browser that a page may read the
	// answer, and NoPreflight the answers to its questions before a request.
	// Something before the server is to do that then.
	NoHeaders, NoPreflight bool
}

// origins are the web origins whose pages may call the server. A browser lets
// any page send requests to this machine, so a page of a stranger must be
// turned away here. A stranger's name that resolves to this machine (DNS
// rebinding) does not help him with the API: a POST always tells its origin.
// See rebound for the rest.
type origins struct {
	all   bool
	extra map[string]bool
	hosts map[string]bool // names of this server, besides the usual ones
}

func newOrigins(list []string, externalHost string) origins {
	o := origins{extra: map[string]bool{}, hosts: map[string]bool{strings.ToLower(hostname(externalHost)): true}}
	for _, origin := range list {
		origin = strings.ToLower(strings.TrimRight(strings.TrimSpace(origin), "/"))
		if origin == "*" {
			o.all = true
		}
		o.extra[origin] = true
		if u, err := url.Parse(origin); err == nil {
			o.hosts[u.Hostname()] = true
		}
	}
	return o
}

// allow reports whether pages of origin may call a server that was called as
// host. Those are pages on this machine, whatever their port, desktop
// applications (file://, app://), pages that came from the same numerical
// address as the server, and the listed ones. Origin null is not among them: a
// frame on any page can have it.
func (o origins) allow(origin, host string) bool {
	if o.all || origin == "file://" || strings.HasPrefix(origin, "app://") {
		return true
	}
	origin = strings.ToLower(origin)
	if o.extra[origin] {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	name := u.Hostname()
	if isLocalName(name) || net.ParseIP(name).IsLoopback() {
		return true
	}
	_, err = netip.ParseAddr(name)
	return err == nil && strings.EqualFold(u.Host, host)
}

// isLocalName reports whether a name is one of this machine, whoever asks.
func isLocalName(name string) bool {
	const localstack = "localhost.localstack.cloud"
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || name == localstack || strings.HasSuffix(name, "."+localstack)
}

// rebound reports whether a page of a stranger may have sent a request without
// telling its origin, because his own name has come to mean this machine. Only
// browsers can be led to that; they always tell languages. A name without dots
// is none that a stranger can have.
func (o origins) rebound(r *http.Request) bool {
	if r.Header["Accept-Language"] == nil || o.all || r.URL.Path == "/" || slices.Contains(harmless, r.URL.Path) {
		return false
	}
	name := strings.ToLower(hostname(r.Host))
	if isLocalName(name) || !strings.Contains(name, ".") || o.hosts[name] {
		return false
	}
	_, err := netip.ParseAddr(name)
	return err != nil
}

// harmless are pages that whoever waits for the server reads, under whatever name
// it has there. They tell nothing of what is stored.
var harmless = []string{"/health", "/healthz", "/metrics", "/_localstack/health", "/_localstack/info", "/_localstack/init", "/_localstack/plugins"}

// hostname returns a host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// readOnly is what the Resource Browser is told that may not change anything.
const readOnly = "The server takes no changes from the Resource Browser: --ui-read-only"

// mayOnlyRead reports whether a request is one of the Resource Browser's, which is
// to change nothing. No script can hide that: a browser tells the origin of each
// request that may change something, and pages from where the server is are its own.
func (s *Server) mayOnlyRead(r *http.Request) bool {
	if !s.conf.ReadOnlyBrowser || r.Header["Origin"] == nil {
		return false
	}
	u, err := url.Parse(r.Header["Origin"][0])
	if err != nil {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || s.conf.ExternalHost != "" && strings.EqualFold(withPort(u.Host, u.Scheme), withPort(s.conf.ExternalHost, u.Scheme))
}

// withPort returns a host with its port, which is the scheme's if it tells none.
func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), map[string]string{"http": "80", "https": "443"}[scheme])
}

// crossOrigin handles what a request from a web page needs besides its answer
// and reports whether the request is done with.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request, origin string) (done bool) {
	if !s.origins.allow(origin, r.Host) {
		s.log.Info("request from a foreign web page refused; --cors-origins can admit it", "origin", origin)
		w.WriteHeader(http.StatusForbidden)
		return true
	}
	h := w.Header()
	if !s.conf.CORS.NoHeaders {
		// The origin and not *, so that an answer that was kept for one page
		// is not good for another.
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Vary", "Origin")
	}
	if r.Method != http.MethodOptions || s.conf.CORS.NoPreflight {
		if !s.conf.CORS.NoHeaders {
			h.Set("Access-Control-Expose-Headers", s.exposed)
		}
		return false
	}
	if !s.conf.CORS.NoHeaders {
		h.Set("Access-Control-Max-Age", "172800")
		copyHeader(h, "Access-Control-Allow-Headers", r.Header, "Access-Control-Request-Headers")
		copyHeader(h, "Access-Control-Allow-Methods", r.Header, "Access-Control-Request-Method")
		if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
			h.Set("Access-Control-Allow-Private-Network", "true")
		}
	}
	respond(w, http.StatusOK, nil, nil, newRequestID())
	return true
}

// refuseRebound answers a request for a page that a stranger's name led here.
func (s *Server) refuseRebound(w http.ResponseWriter, r *http.Request) {
	s.log.Info("request refused, which came under a name that is not known; --external-host can tell it", "host", r.Host)
	plain(w, http.StatusForbidden, "the server does not know that it is called so: --external-host can tell it")
}

func copyHeader(dst http.Header, to string, src http.Header, from string) {
	if v := src.Values(from); len(v) > 0 {
		dst.Set(to, strings.Join(v, ","))
	}
}
