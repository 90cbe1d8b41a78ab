package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/server"
)

func TestReplicationPage(t *testing.T) {
	store := memkv.Open()
	defer store.Close()
	changed := 0
	page := server.Replication(func() *replica.Mover { return &replica.Mover{Store: store, Now: time.Now} }, func() { changed++ })
	for _, c := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"GET", "", 200, `{"lag":"0","paused":[],"isolated":[],"links":[],"conflicts":[]}`},
		{"POST", `{"pause":["eu-west-1"],"isolate":["us-west-2"]}`, 200, `{"lag":"0","paused":["eu-west-1"],"isolated":["us-west-2"],"links":[],"conflicts":[]}`},
		{"GET", "", 200, `"paused":["eu-west-1"]`},
		{"POST", `{"isolate":["eu-west-1"]}`, 200, `"paused":[],"isolated":["eu-west-1","us-west-2"]`},
		{"POST", `{"heal":["us-west-2"],"flush":true}`, 200, `"isolated":["eu-west-1"]`},
		{"POST", `{"heal":["*"],"pause":["us-west-2"]}`, 200, `"paused":["us-west-2"],"isolated":[]`},
		{"POST", `{"pause":["eu-west-11"]}`, 400, `"eu-west-11" is not a region that can have replicas`},
		{"POST", `{"pause":["*"]}`, 400, `"*" is not a region`},
		{"POST", `{"paus":["eu-west-1"]}`, 400, "want a JSON object"},
		{"POST", `{}`, 400, "want a JSON object"},
		{"POST", ``, 400, "want a JSON object"},
		{"PUT", `{"heal":["*"]}`, 405, "method not allowed"},
		{"GET", "", 200, `"paused":["us-west-2"]`},
	} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest(c.method, "/_admin/replication", strings.NewReader(c.body)))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.body, w.Code, w.Body, c.status, c.want)
		}
		if allow := w.Header().Get("Allow"); (w.Code == http.StatusMethodNotAllowed) != (allow != "") {
			t.Errorf("%s: Allow %q", c.method, allow)
		}
	}
	if changed != 4 {
		t.Errorf("%d changes were told of", changed)
	}
}
