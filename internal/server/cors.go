package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// origins are the web origins whose pages may call the server. A browser lets
// any page send requests to this machine, so a page of a stranger must be
// turned away here. A stranger's name that resolves to this machine (DNS
// rebinding) does not help him with the API: a POST always tells its origin.
type origins struct {
	all   bool
	extra map[string]bool
}

func newOrigins(list []string) origins {
	o := origins{extra: map[string]bool{}}
	for _, origin := range list {
		origin = strings.ToLower(strings.TrimRight(strings.TrimSpace(origin), "/"))
		if origin == "*" {
			o.all = true
		}
		o.extra[origin] = true
	}
	return o
}

// allow reports whether pages of origin may call a server that was called as
// host. Those are pages on this machine, whatever their port, desktop
// applications (file://), LocalStack's web application, pages that came from
// the same numerical address as the server, and the listed ones.
func (o origins) allow(origin, host string) bool {
	if o.all || origin == "file://" {
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
	switch name := u.Hostname(); {
	case name == "localhost" || strings.HasSuffix(name, ".localhost"):
		return true
	case name == "localhost.localstack.cloud":
		return true
	case name == "app.localstack.cloud":
		return u.Port() == ""
	case net.ParseIP(name).IsLoopback():
		return true
	default:
		_, err := netip.ParseAddr(name)
		return err == nil && strings.EqualFold(u.Host, host)
	}
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
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions {
		h.Set("Access-Control-Expose-Headers", "x-amzn-requestid,x-amz-crc32")
		return false
	}
	h.Set("Access-Control-Max-Age", "172800")
	copyHeader(h, "Access-Control-Allow-Headers", r.Header, "Access-Control-Request-Headers")
	copyHeader(h, "Access-Control-Allow-Methods", r.Header, "Access-Control-Request-Method")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	respond(w, http.StatusOK, nil, nil, newRequestID())
	return true
}

func copyHeader(dst http.Header, to string, src http.Header, from string) {
	if v := src.Values(from); len(v) > 0 {
		dst.Set(to, strings.Join(v, ","))
	}
}
