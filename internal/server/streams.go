package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
)

// StreamTail adds the page that sends the records of a stream as they are
// written. Like Handle, it must not be called once the server serves.
func (s *Server) StreamTail(db *dynamodb.DB) {
	s.Handle("GET /_admin/streams/tail", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		key, account, region := s.callers.identity(r)
		call := dynamodb.Call{AccessKey: key, Account: account, Region: region}
		from := cmp.Or(query.Get("from"), dynamodb.TailLatest)
		after := cmp.Or(r.Header.Get("Last-Event-ID"), query.Get("after"))
		tail, err := db.TailFrom(r.Context(), call, query.Get("arn"), from, after)
		if err != nil {
			s.refuseEvents(w, r, err)
			return
		}
		defer tail.Close()
		s.listen(w, r, func(ctx context.Context, out *events) error { return sendTail(ctx, tail, out) })
	}))
}

// refuseEvents answers who asked for events that there are not.
func (s *Server) refuseEvents(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*api.Error](err); ok {
		status = e.Status
	}
	w.Header().Set("Content-Type", "application/json")
	body := s.eventError(r, err)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// sendTail sends what a tail reads until there is no more.
func sendTail(ctx context.Context, tail *dynamodb.Tail, out *events) error {
	known := "" // where the client knows that it is
	var data []byte
	for ctx.Err() == nil {
		page, err := tail.Next(ctx)
		if err != nil {
			return err
		}
		if page.Trimmed {
			out.add("", "trimmed", []byte("{}"))
		}
		for _, record := range page.Records {
			data = record.Record.AppendJSON(data[:0])
			out.add(record.ID, "record", data)
			known = record.ID
		}
		if id := tail.ID(); len(page.Records) == 0 && id != known {
			out.add(id, "", nil)
			known = id
		}
		if page.Ended {
			out.add("", "end", []byte("{}"))
			out.flush()
			return nil
		}
		out.beat()
		if !page.More {
			tail.Wait(ctx)
		}
	}
	return nil
}
