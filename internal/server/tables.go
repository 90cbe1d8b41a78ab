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
