package server

import "net/http"

// Effective is what a server is and what is set of it.
type Effective struct {
	Version   string            `json:"version"`
	Go        string            `json:"go"`
	Platform  string            `json:"platform"`
	Store     string            `json:"store"`     // its kind
	Data      string            `json:"data"`      // where it is, in words
	Endpoints []string          `json:"endpoints"` // where the server listens
	Clients   string            `json:"clients"`   // the URL for clients
	Warnings  []string          `json:"warnings"`
	Options   []EffectiveOption `json:"options"`
}

// EffectiveOption is what one option is set to, and by what. It has nothing that
// is secret.
type EffectiveOption struct {
	Name        string   `json:"name"`
	Value       string   `json:"value"`
	Source      string   `json:"source"`
	Origin      string   `json:"origin"`
	Default     string   `json:"default"`
	Description string   `json:"description"`
	Variables   []string `json:"variables"`
}

// Configuration returns a page, for Handle, that shows e.
func Configuration(e *Effective) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, e) })
}
