package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCommandPrintsJSON(t *testing.T) {
	server := httptest.NewServer(&fakeEndpoint{t: t})
	defer server.Close()
	var out bytes.Buffer
	cmd := Command()
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"--endpoint", server.URL, "--workload", "get,query", "--json", "--workers", "1", "--duration", "1ms", "--warmup", "1ms", "--items", "1000"})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	var report Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Measured) != 2 {
		t.Errorf("%v: %s", err, out.Bytes())
	}
}

func TestCommandFailsWhenRequestsFail(t *testing.T) {
	server := httptest.NewServer(&fakeEndpoint{t: t, refuse: "GetItem"})
	defer server.Close()
	cmd := Command()
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SetArgs([]string{"--compare", "fake=" + server.URL, "--workload", "get", "--markdown", "--workers", "1", "--duration", "1ms", "--warmup", "1ms", "--items", "1000"})
	// The fake answers GetItem with an error and an item.
	if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
}

func TestNothingCommandServesUntilItIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in, out := io.Pipe()
	cmd := Command()
	cmd.SetOut(out)
	cmd.SetArgs([]string{"nothing", "--size", "5"})
	ended := make(chan error, 1)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, in) // the rest of what it prints
	target, err := parseTarget("nothing=" + strings.TrimSpace(line))
	if err != nil || target.PID == 0 {
		t.Fatalf("%q: %v", line, err)
	}
	c := newClient(target.Endpoint, Config{})
	defer c.close()
	body, err := c.do(ctx, "GetItem", []byte(`{}`))
	if err != nil || len(body) != 5 {
		t.Errorf("%q, %v", body, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
