package server

import (
	"context"
	"net/http"

	"github.com/statordb/stator/internal/dynamodb"
)

// Tables returns a page, for Handle, that shows the tables of all accounts and
// regions, which no operation of DynamoDB does.
func Tables(list func(context.Context) ([]dynamodb.Listed, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tables, err := list(r.Context())
		if err != nil {
			plain(w, http.StatusInternalServerError, err.Error())
			return
		}
		writeJSON(w, struct {
			Tables []dynamodb.Listed `json:"tables"`
		}{tables})
	})
}

// Detail adds the page that shows what is going on with one table. Like Handle, it
// must not be called once the server serves.
func (s *Server) Detail(db *dynamodb.DB) {
	s.Handle("GET /_admin/table", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		d, err := db.Detail(r.Context(), query.Get("account"), query.Get("region"), query.Get("table"))
		if err != nil {
			s.refuseEvents(w, r, err)
			return
		}
		writeJSON(w, d)
	}))
}
