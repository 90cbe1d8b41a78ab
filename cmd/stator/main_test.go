package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program when this is set.
const actAsMain = "STATOR_TEST_ACT_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(actAsMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program returns the program, which sees no environment but env.
func program(t *testing.T, args []string, env ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	// The race detector would sleep for a second at the end.
	cmd.Env = append(env, actAsMain+"=1", "HOME="+t.TempDir(), "GORACE=atexit_sleep_ms=0")
	return cmd
}

// run runs the program to its end.
func run(t *testing.T, args []string, env ...string) (status int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := program(t, args, env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err, status = nil, exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return status, stdout.String(), stderr.String()
}

// A running is a server that serves.
type running struct {
	*exec.Cmd
	addr   string
	banner string        // where things are, as standard error has it
	out    *bufio.Reader // what comes after Ready.
	log    *bufio.Reader // what comes after the banner
	errOut bytes.Buffer  // all but the banner, once the server has ended
}

// start starts a server and waits until it says that it is ready.
func start(t *testing.T, args []string, env ...string) *running {
	t.Helper()
	r := &running{Cmd: program(t, append([]string{"--listen", "127.0.0.1:0"}, args...), env...)}
	stdout, err := r.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := r.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	r.out, r.log = bufio.NewReader(stdout), bufio.NewReader(stderr)
	for line := ""; !lastOfBanner.MatchString(line); {
		if line, err = r.log.ReadString('\n'); err != nil {
			t.Fatalf("the server ended before it was ready: %s%s", r.banner, line)
		}
		if bannerBegins.MatchString(line) || r.banner != "" {
			r.banner += line
		} else {
			r.errOut.WriteString(line)
		}
	}
	if line, err := r.out.ReadString('\n'); line != "Ready.\n" || err != nil {
		t.Fatalf("standard output has %q, %v", line, err)
	}
	r.addr = regexp.MustCompile(`https?://([^\s"]+)`).FindStringSubmatch(r.banner)[1]
	return r
}

var (
	bannerBegins = regexp.MustCompile(`^stator |"msg":"serving"`)
	lastOfBanner = regexp.MustCompile(`^  Use it |"msg":"serving"`)
)

// end waits for the server's end and returns its exit status.
func (r *running) end(t *testing.T) int {
	t.Helper()
	if rest, err := io.ReadAll(r.out); err != nil || len(rest) > 0 {
		t.Errorf("after Ready.: %q, %v", rest, err)
	}
	rest, err := io.ReadAll(r.log)
	if err != nil {
		t.Error(err)
	}
	r.errOut.WriteString(strings.TrimPrefix(string(rest), "\n")) // of the banner
	err = r.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

func (r *running) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := r.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

func TestServeUntilASignal(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			r := start(t, []string{"--memory"})
			for _, want := range []string{"in memory: nothing is kept", "export AWS_ENDPOINT_URL=http://" + r.addr} {
				if !strings.Contains(r.banner, want) {
					t.Errorf("no %q in\n%s", want, r.banner)
				}
			}
			resp, err := http.Get("http://" + r.addr + "/_localstack/health")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			unused, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer unused.Close()

			begin := time.Now()
			r.signal(t, sig)
			if status := r.end(t); status != 0 {
				t.Errorf("status %d: %s", status, &r.errOut)
			}
			if took := time.Since(begin); took > time.Second {
				t.Errorf("took %v to end", took)
			}
		})
	}
}

func TestStopRequestEndsTheServer(t *testing.T) {
	r := start(t, []string{"--memory"})
	resp, err := http.Post("http://"+r.addr+"/_localstack/health", "application/json", strings.NewReader(`{"action":"kill"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status := r.end(t); status != 0 || r.errOut.Len() > 0 {
		t.Errorf("status %d: %s", status, &r.errOut)
	}
}

func TestDataOutlivesTheServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, more := range [][]string{nil, {"--optimize"}} {
		r := start(t, append([]string{"--data", dir}, more...))
		if !strings.Contains(r.banner, dir) {
			t.Errorf("banner: %s", r.banner)
		}
		r.signal(t, syscall.SIGTERM)
		if status := r.end(t); status != 0 || r.errOut.Len() > 0 {
			t.Errorf("status %d: %s", status, &r.errOut)
		}
	}
}

func TestWhatIsInUseIsToldInOneLine(t *testing.T) {
	dir := t.TempDir()
	r := start(t, []string{"--data", dir})
	defer func() {
		r.signal(t, syscall.SIGTERM)
		r.end(t)
	}()

	status, out, errOut := run(t, []string{"--memory", "--listen", r.addr})
	want := regexp.MustCompile(`^stator: listen at 127.0.0.1:\d+: address already in use: is another stator running\? try --listen 127.0.0.1:\d+\n$`)
	if status != 1 || out != "" || !want.MatchString(errOut) {
		t.Errorf("port in use: status %d\n%s%s", status, out, errOut)
	}
	status, out, errOut = run(t, []string{"--data", dir, "--listen", "127.0.0.1:0"})
	if status != 1 || out != "" || errOut != "stator: the data directory "+dir+" is in use by another stator process: try another with --data, or --memory\n" {
		t.Errorf("data in use: status %d\n%s%s", status, out, errOut)
	}
}

func TestMistakesAreToldInOneLine(t *testing.T) {
	newer := t.TempDir()
	if err := os.WriteFile(filepath.Join(newer, "STATOR-FORMAT"), []byte("999\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--frob"}, "unknown flag: --frob"},
		{[]string{"frob"}, `unknown command "frob" for "stator"`},
		{[]string{"--fsync=x"}, `option fsync, from flag --fsync: "x" is not always, interval or never`},
		{[]string{"serve", "--listen=x:y"}, `option listen, from flag --listen: "x:y" is not HOST:PORT`},
		{[]string{"--listen=127.0.0.1:0", "--data=" + newer}, "the data in " + newer + " was written by a newer version of stator"},
	} {
		status, out, errOut := run(t, test.args)
		if status != 1 || out != "" || !strings.HasPrefix(errOut, "stator: "+test.want) || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: status %d\n%s%s", test.args, status, out, errOut)
		}
	}
}

func TestHealthcheck(t *testing.T) {
	r := start(t, []string{"--memory"})
	if status, _, errOut := run(t, []string{"healthcheck"}, "GATEWAY_LISTEN="+r.addr); status != 0 {
		t.Errorf("status %d: %s", status, errOut)
	}
	if status, _, errOut := run(t, []string{"healthcheck", "--endpoint", "http://" + r.addr}); status != 0 {
		t.Errorf("status %d: %s", status, errOut)
	}
	_, port, _ := net.SplitHostPort(r.addr)
	if status, _, errOut := run(t, []string{"healthcheck"}, "DYNAMODB_LOCAL_PORT="+port); status != 0 {
		t.Errorf("at DynamoDB Local's port: status %d: %s", status, errOut)
	}
	r.signal(t, syscall.SIGTERM)
	r.end(t)
	if status, _, errOut := run(t, []string{"healthcheck", "--endpoint", "http://" + r.addr}); status != 1 {
		t.Errorf("after the end: status %d: %s", status, errOut)
	}
}

func TestReachable(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:4566": "127.0.0.1:4566", "0.0.0.0:4566": "localhost:4566", "[::]:1": "localhost:1", "db:1": "db:1",
	} {
		if got := reachable(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestVersion(t *testing.T) {
	_, out, _ := run(t, []string{"version"})
	want := `^stator \S+ ` + regexp.QuoteMeta(runtime.Version()) + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n$"
	if !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("got %s", out)
	}
}

func TestConfigShow(t *testing.T) {
	_, out, _ := run(t, []string{"config", "show", "--origin", "--memory"}, "GATEWAY_LISTEN=:4567")
	for _, want := range []string{`listen: ":4567" +# \$GATEWAY_LISTEN\n`, `memory: "true" +# flag --memory\n`, `fsync: "always" +# default\n`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	// What is shown is a configuration file.
	_, plain, _ := run(t, []string{"config", "show", "--memory"})
	file := filepath.Join(t.TempDir(), "stator.yaml")
	if err := os.WriteFile(file, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	_, again, errOut := run(t, []string{"config", "show", "--config", file})
	if again != plain {
		t.Errorf("got %s%s, want %s", again, errOut, plain)
	}
}

func TestConfigDocs(t *testing.T) {
	want, err := os.ReadFile("../../docs/options.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, got, _ := run(t, []string{"config", "docs"}); got != string(want) {
		t.Error("docs/options.md is old; run: go run ./cmd/stator config docs >docs/options.md")
	}
}

func TestWarnings(t *testing.T) {
	r := start(t, []string{"--memory"}, "DATA_DIR=/nowhere")
	r.signal(t, syscall.SIGTERM)
	r.end(t)
	if want := "$DATA_DIR is out of use: set $STATOR_DATA instead"; !strings.Contains(r.errOut.String(), want) {
		t.Errorf("no %q in %s", want, &r.errOut)
	}
}
