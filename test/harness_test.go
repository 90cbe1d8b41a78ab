// Package e2e runs scripted sessions of AWS's own clients against the stator
// program over HTTP: what they see is what users see. It knows nothing of the
// program's inside.
//
// With STATOR_TEST_ENDPOINT set to a URL, the sessions run against the server
// there, and those that need to start and stop one are skipped.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startTimeout   = 30 * time.Second // a loaded machine is slow; stator is not
	stopTimeout    = 10 * time.Second
	sessionTimeout = 4 * time.Minute
)

// workspace holds the program under test; TestMain removes it.
var workspace string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	workspace, err = os.MkdirTemp("", "stator-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(workspace)
	return m.Run()
}

// program builds stator once and returns the path of the binary. With
// STATOR_TEST_PROGRAM set, that one is taken.
var program = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("STATOR_TEST_PROGRAM"); path != "" {
		return path, nil
	}
	path := filepath.Join(workspace, "stator")
	build := exec.Command("go", "build", "-o", path, "./cmd/stator")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build stator: %w\n%s", err, out)
	}
	return path, nil
})

// A process is a stator that is running, or was.
type process struct {
	url string
	cmd *exec.Cmd
	log *logBuffer

	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read it after ended
}

// start runs stator with args on a free port and returns when it is ready.
// The process is killed at the end of the test.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startCommand(t, command(t, args...))
}

func startCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, log: &logBuffer{}, ended: make(chan struct{})}
	// What it writes to standard error, where it is, comes before what it
	// writes to standard output, that it is ready.
	out, both, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = both, both
	err = p.cmd.Start()
	_ = both.Close() // the process has its own
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.ended)
		announced(io.TeeReader(out, p.log), ready)
		_ = out.Close() // it was read to its end
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() { p.kill(t) })

	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	select {
	case p.url = <-ready:
	case <-p.ended:
		t.Fatalf("stator %s ended: %v\n%s", strings.Join(cmd.Args[1:], " "), p.err, p.log)
	case <-ctx.Done():
		t.Fatalf("stator %s did not say that it is ready\n%s", strings.Join(cmd.Args[1:], " "), p.log)
	}
	if p.url == "" {
		t.Fatalf("stator %s did not say where it listens\n%s", strings.Join(cmd.Args[1:], " "), p.log)
	}
	return p
}

// command returns what runs stator on a free port, with options from args only.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = append(cleanEnvironment(), "HOME="+t.TempDir())
	return cmd
}

// refusal runs stator, which is to refuse to start, and returns what it says.
func refusal(t *testing.T, args ...string) string {
	t.Helper()
	cmd := command(t, args...)
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	out, err := cmd.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("stator %s was not refused: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var urlPattern = regexp.MustCompile(`http://[0-9A-Za-z.:\[\]-]+:[0-9]+`)

// announced reads all that the program prints, and sends the first URL in it
// when the line "Ready." comes.
func announced(out io.Reader, ready chan<- string) {
	url := ""
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if url == "" {
			url = urlPattern.FindString(line)
		}
		if line == "Ready.\n" {
			select {
			case ready <- url:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// stop ends the process in the orderly way, which takes less than a second and
// is no error.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	select {
	case <-p.ended:
	case <-ctx.Done():
		t.Fatalf("stator did not end after SIGTERM\n%s", p.log)
	}
	if p.err != nil {
		t.Fatalf("stator ended with %v\n%s", p.err, p.log)
	}
}

// kill ends the process at once and waits until it is gone. It may be gone
// already.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-p.ended
	if t.Failed() {
		t.Logf("stator's output:\n%s", p.log)
	}
}

// endpoint returns the URL of a server whose tables the test may do with as it
// likes.
func endpoint(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("STATOR_TEST_ENDPOINT"); url != "" {
		return url
	}
	return start(t, "--memory").url
}

// ownServer skips a test that starts stator itself when another server is to
// be tested.
func ownServer(t *testing.T) {
	t.Helper()
	if url := os.Getenv("STATOR_TEST_ENDPOINT"); url != "" {
		t.Skipf("the server at %s is not ours to start and stop", url)
	}
}

// inCI tells whether this run decides about a change. Then nothing may be
// skipped for want of a tool.
func inCI() bool { return os.Getenv("CI") != "" && os.Getenv("CI") != "false" }

// missing skips the test, or fails it in CI.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...) + "; scripts/install-test-tools.sh installs it"
	if inCI() {
		t.Fatal(text)
	}
	t.Skip(text)
}

// require returns the path of the first of the tools that is there.
func require(t *testing.T, tools ...string) string {
	t.Helper()
	for _, tool := range tools {
		if path, err := exec.LookPath(tool); err == nil {
			return path
		}
	}
	missing(t, "there is no %s", strings.Join(tools, " or "))
	return ""
}

// session runs a script with a client's environment and the endpoint as last
// argument, and shows what it printed when it fails.
func session(t *testing.T, name string, args ...string) {
	t.Helper()
	sessionAt(t, endpoint(t), name, args...)
}

// sessionAt is session with a server of the test's choice.
func sessionAt(t *testing.T, url, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), sessionTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, append(args, url)...)
	cmd.Env = clientEnvironment(t)
	// A tool that a script started may keep the output open.
	cmd.WaitDelay = stopTimeout
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	if testing.Verbose() {
		t.Logf("%s", out)
	}
}

// clientEnvironment is the environment of a client that has credentials and
// nothing else to go by.
func clientEnvironment(t *testing.T) []string {
	home := t.TempDir()
	return append(cleanEnvironment(),
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-east-1",
		"AWS_CONFIG_FILE="+filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(home, "credentials"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "AWS_MAX_ATTEMPTS=1",
		"NO_PROXY=127.0.0.1,localhost", "no_proxy=127.0.0.1,localhost",
		"PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1")
}

// cleanEnvironment is this process's without what would steer stator or a
// client elsewhere.
func cleanEnvironment() []string {
	var kept []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch {
		case strings.HasPrefix(name, "AWS_"), strings.HasPrefix(name, "STATOR_"), strings.HasPrefix(name, "LOCALSTACK_"),
			strings.HasPrefix(name, "DYNAMODB_"), name == "GATEWAY_LISTEN", name == "NO_PROXY", name == "no_proxy":
		default:
			kept = append(kept, pair)
		}
	}
	return kept
}

// A logBuffer collects what a process prints.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
