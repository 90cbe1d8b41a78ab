package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A node is a place where a stator is killed and started again: one process
// after another, on the same store, each at a port of its own.
type node struct {
	name string
	args []string
	home string
	log  *os.File // what all its processes print

	life atomic.Pointer[life]
}

// A life is one process of a node.
type life struct {
	cmd   *exec.Cmd
	ready chan string   // its URL, once
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read it after ended
	url   atomic.Value  // a string, while clients may use it
}

// newNode returns a node that keeps its log in dir. It is killed at the end of
// the test, which shows the end of the log if it failed.
func newNode(t *testing.T, dir, name string, args ...string) *node {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(dir, name+".log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	ok(t, err)
	n := &node{name: name, args: args, home: t.TempDir(), log: log}
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("the end of %s:\n%s", log.Name(), n.lastLog())
		}
		_ = log.Close()
	})
	return n
}

// lastLog returns the last of what the node has printed.
func (n *node) lastLog() string {
	text, err := os.ReadFile(n.log.Name())
	if err != nil {
		return err.Error()
	}
	const most = 8 << 10
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return string(text)
}

// launch starts a process and does not wait for it.
func (n *node) launch(t *testing.T) *life {
	t.Helper()
	path, err := program()
	ok(t, err)
	l := &life{
		cmd:   exec.Command(path, append([]string{"--listen", "127.0.0.1:0", "--stream-shards=4"}, n.args...)...),
		ready: make(chan string, 1),
		ended: make(chan struct{}),
	}
	l.cmd.Env = append(cleanEnvironment(), "HOME="+n.home)
	out, both, err := os.Pipe()
	ok(t, err)
	l.cmd.Stdout, l.cmd.Stderr = both, both
	fmt.Fprintf(n.log, "--- %s starts\n", n.name)
	err = l.cmd.Start()
	_ = both.Close() // the process has its own
	ok(t, err)
	go func() {
		defer close(l.ended)
		announced(io.TeeReader(out, n.log), l.ready)
		_ = out.Close() // it was read to its end
		l.err = l.cmd.Wait()
	}()
	l.url.Store("")
	n.life.Store(l)
	return l
}

// start starts a process and returns when it is ready.
func (n *node) start(t *testing.T) {
	t.Helper()
	l := n.launch(t)
	late := time.NewTimer(startTimeout)
	defer late.Stop()
	select {
	case url := <-l.ready:
		l.url.Store(url)
	case <-l.ended:
		t.Fatalf("%s ended instead of starting: %v", n.name, l.err)
	case <-late.C:
		t.Fatalf("%s did not say that it is ready", n.name)
	}
}

// url returns where the node is, or "" while it is not.
func (n *node) url() string {
	l := n.life.Load()
	if l == nil {
		return ""
	}
	return l.url.Load().(string)
}

// alive tells whether the node's process has not ended by itself.
func (n *node) alive() bool {
	l := n.life.Load()
	if l == nil {
		return false
	}
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
}

// kill ends the process at once, as kill -9 does, and waits until it is gone.
func (n *node) kill() {
	l := n.life.Load()
	if l == nil {
		return
	}
	_ = l.cmd.Process.Kill() // it may be gone already
	<-l.ended
	l.url.Store("")
	fmt.Fprintf(n.log, "--- %s is gone: %v\n", n.name, l.err)
}

// terminate asks for an orderly end, and kills the process if it has not ended
// after patience.
func (n *node) terminate(t *testing.T, patience time.Duration) {
	t.Helper()
	l := n.life.Load()
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-l.ended:
		if l.err != nil {
			t.Errorf("%s ended with %v after SIGTERM", n.name, l.err)
		}
	case <-late.C:
	}
	n.kill()
}

// A fate is what became of a request.
type fate int

const (
	done    fate = iota // it was carried out
	refused             // an exception says that it was not
	unsent              // it did not reach a server
	unknown             // there is no answer, or it does not say
)

// An answer is what a client was told.
type answer struct {
	fate
	code   string // of the exception: ConditionalCheckFailedException
	body   []byte
	err    error // why there is none
	faulty bool  // it says that the server cannot do it: a 5xx
}

func (a answer) String() string {
	if a.err != nil {
		return a.err.Error()
	}
	return string(a.body)
}

// requestTimeout ends requests that hang, which none may.
const requestTimeout = 30 * time.Second

var crashClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: requestTimeout}

// ask sends one request to a region of the server at url, once.
func ask(ctx context.Context, url, region, operation string, body any) answer {
	if url == "" {
		return answer{fate: unsent, err: errors.New("there is no server")}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return answer{fate: unsent, err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return answer{fate: unsent, err: err}
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261122/"+region+"/dynamodb/aws4_request, SignedHeaders=host, Signature=00")
	resp, err := crashClient.Do(req)
	if op, is := errors.AsType[*net.OpError](err); is && op.Op == "dial" {
		return answer{fate: unsent, err: err}
	}
	if err != nil {
		return answer{fate: unknown, err: err}
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return answer{fate: unknown, err: err}
	case resp.StatusCode == http.StatusOK:
		return answer{fate: done, body: out}
	case resp.StatusCode < http.StatusInternalServerError:
		var e struct {
			Type string `json:"__type"`
		}
		_ = json.Unmarshal(out, &e) // without a type it is unlike any expected
		return answer{fate: refused, code: e.Type[strings.LastIndex(e.Type, "#")+1:], body: out}
	default:
		return answer{fate: unknown, faulty: true, body: out, err: fmt.Errorf("%s: %s", resp.Status, out)}
	}
}

// seedOf returns the seed of a test: STATOR_TEST_SEED, or another each time.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64N(1e9)
	if text := os.Getenv("STATOR_TEST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		ok(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the seed was STATOR_TEST_SEED=%d; when things happen it does not decide", seed)
		}
	})
	return seed
}

// roundsOf returns how much a test has to do: STATOR_TEST_ROUNDS, or usual.
func roundsOf(t *testing.T, usual int) int {
	t.Helper()
	if text := os.Getenv("STATOR_TEST_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		ok(t, err)
		return n
	}
	return usual
}

// keptDir returns where a test has its data and logs: below STATOR_TEST_KEEP,
// where they stay, or in a directory that is removed.
func keptDir(t *testing.T) string {
	t.Helper()
	base := os.Getenv("STATOR_TEST_KEEP")
	if base == "" {
		return t.TempDir()
	}
	dir := filepath.Join(base, strings.ReplaceAll(t.Name(), "/", "-"))
	ok(t, os.MkdirAll(dir, 0o755))
	return dir
}

// pass returns after d, which is drawn, or when the test has failed.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// between draws a time.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}

// await calls try until it returns nil, and fails the test with its error if
// that takes longer than patience.
func await(t *testing.T, what string, patience time.Duration, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s not after %v: %v", what, patience, err)
		}
		pass(t, 5*time.Millisecond)
	}
}

// statorCheck has the program check a store that is stopped, or running:
// where are the arguments that say which.
func statorCheck(t *testing.T, where ...string) {
	t.Helper()
	path, err := program()
	ok(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, append([]string{"check"}, where...)...)
	cmd.Env = append(cleanEnvironment(), "HOME="+t.TempDir())
	// 1 is damage, 2 that it could not be looked for: neither may be.
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("stator check %s: %v\n%s", strings.Join(where, " "), err, out)
	}
}
