package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Lines returns a page, for Handle, on which something is done that takes long
// and has something to tell meanwhile. What run gives to emit is sent at once,
// as a line of JSON; if run fails, the last line is {"error": text}. The context
// that run gets ends when nobody listens any more. While one request has run
// do it, others are refused.
//
// Pages of strangers in a browser cannot ask for it by POST; see origins.
func Lines(run func(ctx context.Context, emit func(any)) error) http.Handler {
	var busy sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !busy.TryLock() {
			plain(w, http.StatusConflict, "this is being done already")
			return
		}
		defer busy.Unlock()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		control := http.NewResponseController(w)
		w.Header().Set("Content-Type", "application/x-ndjson")
		emit := func(v any) {
			line, err := json.Marshal(v)
			if err != nil {
				panic(err) // what is told of always encodes
			}
			_ = control.SetWriteDeadline(time.Now().Add(writeTimeout))
			_, err = w.Write(append(line, '\n'))
			if err == nil {
				err = control.Flush()
			}
			if err != nil {
				cancel()
			}
		}
		if err := run(ctx, emit); err != nil {
			emit(map[string]string{"error": err.Error()})
		}
		_ = control.SetWriteDeadline(time.Time{})
	})
}
