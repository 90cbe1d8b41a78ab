package server

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/statordb/stator/internal/hook"
)

// A Carrier carries out an operation for an account in a region.
type Carrier func(ctx context.Context, account, region, operation string, body []byte) ([]byte, error)

type (
	// A loading is what became of a file with tables, or what would.
	loading struct {
		Requests []loadRequest `json:"requests"`
		Notes    []string      `json:"notes"`
		Error    string        `json:"error,omitempty"`
	}
	// A loadRequest is one that the file asks for. Items are only counted.
	loadRequest struct {
		Region    string          `json:"region"`
		Operation string          `json:"operation"`
		Table     string          `json:"table"`
		Items     int             `json:"items,omitempty"`
		Request   json.RawMessage `json:"request,omitempty"`
	}
)

// Load returns a page, for Handle, that makes the tables and items which a file
// describes, or says what it would make.
func Load(do Carrier) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		account, region, name := query.Get("account"), query.Get("region"), query.Get("name")
		if account == "" || region == "" || name == "" {
			plain(w, http.StatusBadRequest, "want account, region, and the file’s name")
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			plain(w, http.StatusBadRequest, err.Error())
			return
		}
		dryRun := query.Get("dryRun") == "true"
		out := &loading{Requests: []loadRequest{}, Notes: []string{}}
		conf := hook.Config{Region: region, Account: account, Log: slog.New(&noteTaker{out: out, dryRun: dryRun})}
		conf.Do = func(ctx context.Context, region, operation string, body []byte) ([]byte, error) {
			if dryRun {
				out.add(region, operation, body)
				return []byte(`{"Table":{"TableStatus":"ACTIVE"}}`), nil
			}
			answer, err := do(ctx, account, region, operation, body)
			if err == nil {
				out.add(region, operation, body)
			}
			return answer, err
		}
		if err := hook.Document(r.Context(), conf, name, raw); err != nil {
			out.Error = err.Error()
		}
		writeJSON(w, out)
	})
}

// add notes a request that changes something.
func (l *loading) add(region, operation string, body []byte) {
	if operation == "DescribeTable" {
		return
	}
	var in struct {
		TableName    string
		RequestItems map[string][]json.RawMessage
	}
	_ = json.Unmarshal(body, &in) // what the hooks make is well-formed
	if operation != "BatchWriteItem" {
		l.Requests = append(l.Requests, loadRequest{Region: region, Operation: operation, Table: in.TableName, Request: body})
		return
	}
	for table, requests := range in.RequestItems {
		if last := len(l.Requests) - 1; last >= 0 && l.Requests[last].Operation == operation && l.Requests[last].Table == table && l.Requests[last].Region == region {
			l.Requests[last].Items += len(requests)
			continue
		}
		l.Requests = append(l.Requests, loadRequest{Region: region, Operation: operation, Table: table, Items: len(requests)})
	}
}

// A noteTaker takes for notes what hooks log: of a dry run not what becomes of
// tables, for nothing does.
type noteTaker struct {
	out    *loading
	dryRun bool
}

func (n *noteTaker) Enabled(context.Context, slog.Level) bool { return true }
func (n *noteTaker) WithAttrs([]slog.Attr) slog.Handler       { return n }
func (n *noteTaker) WithGroup(string) slog.Handler            { return n }

func (n *noteTaker) Handle(_ context.Context, r slog.Record) error {
	var about []string
	ofTable := false
	r.Attrs(func(a slog.Attr) bool {
		ofTable = ofTable || a.Key == "table"
		if a.Key != "file" {
			about = append(about, a.Key+" "+a.Value.String())
		}
		return true
	})
	const most = 1000 // so many tell enough
	if (n.dryRun && ofTable) || len(n.out.Notes) >= most {
		return nil
	}
	n.out.Notes = append(n.out.Notes, r.Message+": "+strings.Join(about, ", "))
	return nil
}
