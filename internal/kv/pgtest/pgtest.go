// Package pgtest runs PostgreSQL servers for tests: each has a directory and a
// free port of its own on 127.0.0.1, belongs to any user, and is gone, with its
// directory, when the process that started it is, however that ends. It finds
// PostgreSQL where it is installed; it does not install it.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// patience is how long a server may take to start or stop on a loaded machine.
const patience = 60 * time.Second

// A Server is a PostgreSQL server that runs, or has run.
type Server struct {
	bin, dir string
	port     int
	settings []string

	ended  chan struct{} // closed when the server is gone
	remove func() error  // ends the server and removes the directory
}

// shared is the server that the tests of one program have in common.
var shared = sync.OnceValues(func() (*Server, error) { return start() })

// errNone is returned when there is no PostgreSQL on the machine.
var errNone = errors.New("there is no PostgreSQL here; scripts/install-test-tools.sh installs it")

// URL returns the URL of a new and empty store on a server that the tests of
// the program share. It stops no other test from doing what it likes. Where
// there is no PostgreSQL the test is skipped, or fails in CI.
func URL(tb testing.TB) string {
	tb.Helper()
	s, err := shared()
	check(tb, err)
	return s.URL(tb)
}

// Start returns a server of the test's own, for it to stop and start. settings
// are in the form of postgresql.conf, and come before those that are set here
// for speed: only what the operating system holds when it crashes can be lost.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s, err := start(settings...)
	check(tb, err)
	tb.Cleanup(func() {
		if err := s.remove(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func check(tb testing.TB, err error) {
	tb.Helper()
	switch ci := os.Getenv("CI"); {
	case errors.Is(err, errNone) && (ci == "" || ci == "false"):
		tb.Skip(err)
	case err != nil:
		tb.Fatal(err)
	}
}

func start(settings ...string) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stator-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, settings: settings}
	if err := errors.Join(s.init(), s.guard()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// A port that is free now may be taken a moment later.
	for range 5 {
		if s.port, err = freePort(); err == nil {
			err = s.start()
		}
		if err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, s.remove())
}

// find returns the directory of PostgreSQL's programs.
func find() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path), nil
	}
	// Debian keeps them away from PATH, below a directory for each version.
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errNone
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	return filepath.Dir(found[0]), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// asAnybody has cmd run as a user that is not root, whom PostgreSQL refuses.
func asAnybody(cmd *exec.Cmd) error {
	id, err := nobody()
	if err != nil || id == nil {
		return err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: id}
	return nil
}

// nobody returns whom to be instead of root, or nil.
func nobody() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// init makes the directory of the databases.
func (s *Server) init() error {
	id, err := nobody()
	if err != nil {
		return err
	}
	if id != nil {
		if err := os.Chown(s.dir, int(id.Uid), int(id.Gid)); err != nil {
			return err
		}
	}
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "--pgdata", s.data(), "--username", "stator",
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	cmd.Dir = s.dir
	if err := asAnybody(cmd); err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	conf := strings.Join(append(slices.Clone(s.settings),
		"listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "max_connections = 200",
		"logging_collector = off", "autovacuum_naptime = 10"), "\n") + "\n"
	if !strings.Contains(conf, "fsync") {
		conf += "fsync = off\nfull_page_writes = off\n"
	}
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, conf)
	return errors.Join(err, f.Close())
}

// watch waits until its standard input ends, as it does at the latest when the
// process that holds the other end does, then ends the server and removes its
// directory, which is $1.
const watch = `read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
while [ -n "$pid" ] && kill -0 "$pid"; do sleep 0.02; done
rm -rf "$1"`

// guard has the server ended and its directory removed when this process ends.
func (s *Server) guard() error {
	cmd := exec.Command("/bin/sh", "-c", watch, "sh", s.dir)
	cmd.Dir = "/"
	if err := asAnybody(cmd); err != nil {
		return err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.remove = func() error { return errors.Join(stdin.Close(), cmd.Wait()) }
	return nil
}

// start starts the server and returns when it can be asked.
func (s *Server) start() error {
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port))
	cmd.Dir = s.dir
	if err := asAnybody(cmd); err != nil {
		return err
	}
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	if err = errors.Join(err, log.Close()); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		_ = cmd.Wait() // it ends when it is told to, or its log tells
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		if _, err = s.query(ctx, "SELECT 1"); err == nil {
			return nil
		}
		select {
		case <-s.ended:
			text, _ := os.ReadFile(s.log())
			return fmt.Errorf("postgres ended:\n%s", text[max(0, len(text)-1000):])
		case <-time.After(10 * time.Millisecond):
		}
	}
	return fmt.Errorf("postgres does not answer: %w", err)
}

func (s *Server) log() string { return filepath.Join(s.dir, "log") }

// query runs SQL and returns the rows as text, with "|" between columns.
func (s *Server) query(ctx context.Context, sql string) (string, error) {
	conn, err := pgconn.Connect(ctx, s.url())
	if err != nil {
		return "", err
	}
	results, err := conn.Exec(ctx, sql).ReadAll()
	_ = conn.Close(ctx) // there is nothing left to tell
	if err != nil {
		return "", fmt.Errorf("%s: %w", sql, err)
	}
	var lines []string
	for _, result := range results {
		for _, row := range result.Rows {
			lines = append(lines, string(bytes.Join(row, []byte("|"))))
		}
	}
	return strings.Join(lines, "\n"), nil
}

func (s *Server) url() string {
	return fmt.Sprintf("postgres://stator@127.0.0.1:%d/postgres", s.port)
}

// Query runs SQL and returns the rows, with "|" between columns.
func (s *Server) Query(tb testing.TB, sql string) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := s.query(ctx, sql)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

var schemas atomic.Int64

// URL returns the URL of a new and empty store: a schema of its own.
func (s *Server) URL(tb testing.TB) string {
	tb.Helper()
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	s.Query(tb, "CREATE SCHEMA "+schema)
	return s.url() + "?search_path=" + schema
}

// Port returns the port at 127.0.0.1 that the server listens at.
func (s *Server) Port() int { return s.port }

// KillConnections ends all connections but its own, as an administrator can.
func (s *Server) KillConnections(tb testing.TB) {
	tb.Helper()
	s.Query(tb, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
}

// Crash kills the server and all its processes at once. Start it again with
// Restart.
func (s *Server) Crash(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGKILL)
	s.end(tb)
}

// Stop shuts the server down, after it has told its clients.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGINT)
	s.end(tb)
}

// Restart starts a server again that was stopped or crashed, at its old port.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := s.start()
		if err == nil {
			return
		}
		// The processes of a server that was killed may not be gone yet.
		if !strings.Contains(err.Error(), "pre-existing shared memory block") || time.Now().After(deadline) {
			tb.Fatal(err)
		}
	}
}

// Pause stops the server and its processes from running until the returned
// function is called: connections stay, and nothing is answered.
func (s *Server) Pause(tb testing.TB) (resume func()) {
	tb.Helper()
	s.signal(tb, syscall.SIGSTOP)
	return func() { s.signal(tb, syscall.SIGCONT) }
}

// signal sends a signal to the server and to the processes it has started.
func (s *Server) signal(tb testing.TB, sig syscall.Signal) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		tb.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		tb.Fatal(err)
	}
	pids := []int{pid}
	if sig == syscall.SIGKILL || sig == syscall.SIGSTOP || sig == syscall.SIGCONT {
		pids = append(pids, children(pid)...)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			tb.Fatal(err)
		}
	}
}

// children returns the processes that a process has started.
func children(pid int) (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// end waits for the end of the server, which has been sent a signal.
func (s *Server) end(tb testing.TB) {
	tb.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		tb.Fatal("postgres does not end")
	}
}
