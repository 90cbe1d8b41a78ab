package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/statordb/stator/internal/sts"
)

// maxForm is the longest form: a role's policies are its longest honest part.
const maxForm = 128 << 10

// isForm reports whether a request has the body of a form, which is how the older
// services of AWS are asked. The only one of them here is STS.
func isForm(h http.Header) bool {
	ctype, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.TrimSpace(ctype) == "application/x-www-form-urlencoded"
}

// askForm answers a request of STS that came as a form.
func (s *Server) askForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		plain(w, http.StatusBadRequest, "the form cannot be read")
		return
	}
	s.askTokens(w, r, r.Form)
}

// askTokens answers a request of STS.
func (s *Server) askTokens(w http.ResponseWriter, r *http.Request, form url.Values) {
	id := newRequestID()
	key, account, _ := s.callers.identity(r)
	token := r.Header.Get("X-Amz-Security-Token")
	if token == "" {
		token = form.Get("X-Amz-Security-Token") // of a signed URL
	}
	json := strings.Contains(r.Header.Get("Accept"), "application/json")
	status, body := s.tokens.Do(&sts.Request{Key: key, Account: account, Token: token, Form: form, ID: string(id[:]), JSON: json})
	ctype := "text/xml"
	if json {
		ctype = "application/json"
	}
	h := w.Header()
	h.Set("Content-Type", ctype)
	h.Set("X-Amzn-Requestid", string(id[:]))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
