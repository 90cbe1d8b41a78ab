package main

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/server"
)

// What the server is and what is set of it can be seen.
func TestConfigurationPage(t *testing.T) {
	r := start(t, []string{"--memory"}, "DEBUG=1")
	answer := r.ask(t, "GET", "/_admin/config", "")
	var got server.Effective
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &got); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	if got.Version != version() || got.Go != runtime.Version() || got.Store != "memory" || got.Endpoints[0] != "http://"+r.addr || got.Clients != "http://"+r.addr {
		t.Errorf("%+v", got)
	}
	for name, want := range map[string]server.EffectiveOption{
		"memory":    {Value: "true", Source: "flag", Origin: "flag --memory", Default: "false"},
		"log-level": {Value: "debug", Source: "environment", Origin: "$DEBUG", Default: "info"},
		"fsync":     {Value: "always", Source: "default", Origin: "default", Default: "always"},
	} {
		i := slices.IndexFunc(got.Options, func(o server.EffectiveOption) bool { return o.Name == name })
		o := got.Options[i]
		if o.Value != want.Value || o.Source != want.Source || o.Origin != want.Origin || o.Default != want.Default || o.Description == "" || len(o.Variables) == 0 {
			t.Errorf("%+v", o)
		}
	}
	if got := r.ask(t, "GET", "/_admin/config", "", "Origin: https://evil.example"); !strings.HasPrefix(got, "403") {
		t.Error(got)
	}
	r.stop(t)
}
