package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/statordb/stator/internal/clock"
)

// The pages here change something, and a web page of a stranger must not. They
// need no check of their own: a browser tells the origin of every request of a
// page that is not a GET, and ServeHTTP has refused those of strangers.

// Expired returns a page, for Handle, that deletes what has expired and answers
// how many items that were, as LocalStack does. run returns what it did also if
// it fails.
func Expired(run func(context.Context) (int, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := run(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			text, _ := json.Marshal(err.Error()) // strings always encode
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"ExpiredItems": %d, "error": %s}`, n, text)
			return
		}
		fmt.Fprintf(w, `{"ExpiredItems": %d}`, n)
	})
}

// Clock returns a page, for Handle, that shows c by GET and changes it by PUT.
// changed is called after a change.
func Clock(c *clock.Clock, changed func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			writeJSON(w, shownClock(c.State()))
		case http.MethodPut:
			by, err := readChange(http.MaxBytesReader(w, r.Body, maxHeader))
			if err != nil {
				plain(w, http.StatusBadRequest, err.Error())
				return
			}
			state, err := c.Change(by)
			if err != nil {
				plain(w, http.StatusBadRequest, err.Error())
				return
			}
			changed()
			writeJSON(w, shownClock(state))
		default:
			w.Header().Set("Allow", "GET, HEAD, PUT")
			plain(w, http.StatusMethodNotAllowed, "method not allowed")
		}
	})
}

// A clockState is a clock as the page shows it.
type clockState struct {
	Now    string `json:"now"`
	Frozen bool   `json:"frozen"`
	Offset string `json:"offset"`
}

func shownClock(s clock.State) clockState {
	return clockState{s.Now.UTC().Format(time.RFC3339Nano), s.Frozen, s.Offset.Round(time.Millisecond).String()}
}

// readChange reads what is to become of a clock. It is strict: a clock that goes
// on because of a misspelt name is hard to notice.
func readChange(body io.Reader) (by clock.Change, err error) {
	const want = `want a JSON object with some of "reset": true, "now": "2026-11-22T12:00:00Z", "advance": "25h", "frozen": true or false`
	var in *struct {
		Reset   bool       `json:"reset"`
		Now     *time.Time `json:"now"`
		Advance *string    `json:"advance"`
		Frozen  *bool      `json:"frozen"`
	}
	if err := decodeStrictly(body, &in); err != nil || in == nil {
		return by, errors.New(want)
	}
	by.Reset, by.Frozen = in.Reset, in.Frozen
	if in.Now != nil {
		by.Now = *in.Now
	}
	if in.Advance != nil {
		if by.Advance, err = time.ParseDuration(*in.Advance); err != nil {
			return by, fmt.Errorf("%q is not a duration such as 25h or 90s", *in.Advance)
		}
	}
	if by == (clock.Change{}) {
		return by, errors.New(want)
	}
	return by, nil
}
