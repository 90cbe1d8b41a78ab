package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSoak runs the tests that find what happens rarely, one after another
// with ever new seeds, for the time that STATOR_SOAK says: see scripts/soak.sh,
// which builds what it runs. It keeps in the directory STATOR_SOAK_STATE what
// has been run, so that it can be interrupted and goes on where it was. A
// finding ends it; what is known of it stays there.
func TestSoak(t *testing.T) {
	if os.Getenv("STATOR_SOAK") == "" {
		t.Skip("this takes hours: make soak")
	}
	goal, err := time.ParseDuration(os.Getenv("STATOR_SOAK"))
	ok(t, err)
	s := openSoak(t, os.Getenv("STATOR_SOAK_STATE"), goal)
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for s.Spent < goal {
		if !s.round(ctx, t) {
			return
		}
	}
	fmt.Printf("done: %s of soaking, %d rounds and %d kills in all, %d findings\n", s.Spent.Round(time.Second), s.Round, s.Kills, s.Findings)
}

// A soak is what has been run, as it is kept between runs.
type soak struct {
	dir string

	Seed     uint64        // where the seeds begin
	Round    uint64        // how many are over
	Kills    int           // of servers, connections and databases
	Findings int           // rounds that failed
	Spent    time.Duration // of the time that this run is to take
}

// A course is one kind of round: a test program with some of its tests.
type course struct {
	name    string
	program string // in the directory bin of the state
	dir     string // where it runs
	tests   string
	rounds  int // STATOR_TEST_ROUNDS
}

// What rounds rotate over. Each takes one to three minutes.
var courses = []course{
	{"crash on disk", "e2e.test", ".", "^TestCrashOnDisk$", 200},
	{"crash on PostgreSQL", "e2e.test", ".", "^TestCrashOnPostgres$", 100},
	{"crash between regions", "e2e.test", ".", "^TestCrashBetweenRegions$", 60},
	{"crash during loads", "e2e.test", ".", "^TestCrashDuringALoad$", 150},
	{"linearizable on disk", "e2e.test", ".", "^TestHistoryIsLinearizableOnDisk$", 20},
	{"linearizable on PostgreSQL", "e2e.test", ".", "^TestHistoryIsLinearizableOnPostgres$", 15},
	{"engines agree", "dynamodb.test", "../internal/dynamodb", "^TestEnginesAgree$|^TestTransfersKeepTheTotal$|^TestCountersLoseNothing$|^TestOneConditionalPutWins$|^TestHistoryIsLinearizable$", 0},
	{"power failures", "pebblekv.test", "../internal/kv/pebblekv", "PowerFailure$|^TestUnsyncedUpdatesAreLostFromTheEnd$", 300},
}

const (
	seedsEach    = 1000 // more than any test uses
	roundTimeout = 20 * time.Minute
)

// openSoak reads the state in dir, or makes it. It is this process's alone.
func openSoak(t *testing.T, dir string, goal time.Duration) *soak {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	ok(t, err)
	t.Cleanup(func() { _ = lock.Close() })
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatalf("%s is in use: %v", dir, err)
	}
	s := &soak{dir: dir, Seed: rand.Uint64N(1e6) * 1e6}
	text, err := os.ReadFile(s.file())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		t.Fatal(err)
	default:
		ok(t, json.Unmarshal(text, s))
	}
	if s.Spent >= goal { // the last one came to its end
		s.Spent = 0
	}
	if s.Round > 0 {
		fmt.Printf("going on after round %d, with %s of %s spent, %d kills and %d findings\n", s.Round, s.Spent.Round(time.Second), goal, s.Kills, s.Findings)
	}
	return s
}

func (s *soak) file() string { return filepath.Join(s.dir, "state.json") }

func (s *soak) save(t *testing.T) {
	t.Helper()
	text, err := json.MarshalIndent(s, "", "\t")
	ok(t, err)
	ok(t, os.WriteFile(s.file()+".new", append(text, '\n'), 0o644))
	ok(t, os.Rename(s.file()+".new", s.file()))
}

// round runs the next round and takes it down. It returns false if that is to
// be the last. An interrupted round will be run again.
func (s *soak) round(ctx context.Context, t *testing.T) bool {
	t.Helper()
	c, seed := courses[s.Round%uint64(len(courses))], s.Seed+s.Round*seedsEach
	dir := filepath.Join(s.dir, fmt.Sprintf("round-%d", s.Round+1))
	ok(t, os.RemoveAll(dir))
	ok(t, os.MkdirAll(dir, 0o755))
	begin := time.Now()
	err := s.run(ctx, c, seed, dir)
	if ctx.Err() != nil {
		fmt.Printf("interrupted in round %d; make soak goes on with it\n", s.Round+1)
		ok(t, os.RemoveAll(dir))
		return false
	}
	log, readErr := os.ReadFile(filepath.Join(dir, "test.log"))
	ok(t, readErr)
	kills := killsIn(log)
	s.Round++
	s.Kills += kills
	s.Spent += time.Since(begin)
	result := "ok"
	if err != nil {
		s.Findings++
		result = "FAILED: " + err.Error()
	}
	s.save(t)
	fmt.Printf("%s round %d: %s, seed %d, %s, %d kills (%d in all): %s\n", time.Now().Format(time.DateTime), s.Round, c.name, seed, time.Since(begin).Round(time.Second), kills, s.Kills, result)
	if err == nil {
		ok(t, os.RemoveAll(dir))
		return true
	}
	t.Errorf("round %d found something. Logs and data are in %s. The round again:\n\n    cd %s && %s go test -count=1 -timeout 30m -v -run '%s' .\n\n%s",
		s.Round, dir, filepath.Join("test", c.dir), strings.Join(c.environment(seed), " "), c.tests, ends(log))
	return false
}

func (c course) environment(seed uint64) []string {
	env := []string{"STATOR_TEST_SEED=" + strconv.FormatUint(seed, 10)}
	if c.rounds > 0 {
		env = append(env, "STATOR_TEST_ROUNDS="+strconv.Itoa(c.rounds))
	}
	return env
}

// run runs a course with its output in dir. When it is over, all that it
// started is too.
func (s *soak) run(ctx context.Context, c course, seed uint64, dir string) error {
	log, err := os.Create(filepath.Join(dir, "test.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	// What an interrupted test would leave goes with this directory. Databases
	// are run by another user, who makes and removes theirs there.
	temp, err := os.MkdirTemp("", "stator-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := os.Chmod(temp, 0o777|os.ModeSticky); err != nil {
		return err
	}
	bin := filepath.Join(s.dir, "bin")
	ctx, cancel := context.WithTimeout(ctx, roundTimeout+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, c.program), "-test.v", "-test.count=1", "-test.timeout="+roundTimeout.String(), "-test.run="+c.tests)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, log, log
	cmd.Env = append(cleanEnvironment(), c.environment(seed)...)
	cmd.Env = append(cmd.Env, "CI=true", "TMPDIR="+temp, "STATOR_TEST_KEEP="+dir, "STATOR_TEST_PROGRAM="+filepath.Join(bin, "stator"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = cmd.Wait()
	endGroup(cmd.Process.Pid)
	return err
}

// endGroup ends what is left of a process group. A database is not to be
// killed: it ends by itself, and removes its files, when its test is gone.
func endGroup(group int) {
	patience := time.NewTimer(3 * time.Second)
	defer patience.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		select {
		case <-look.C:
		case <-patience.C:
			_ = syscall.Kill(-group, syscall.SIGKILL)
			return
		}
	}
}

var killsPattern = regexp.MustCompile(`\b([0-9]+) kills`)

// killsIn adds up what tests say that they have killed.
func killsIn(log []byte) (n int) {
	for _, match := range killsPattern.FindAllSubmatch(log, -1) {
		k, _ := strconv.Atoi(string(match[1])) // it is digits
		n += k
	}
	return n
}

// ends returns the beginning and the end of a text.
func ends(text []byte) string {
	const most = 3 << 10
	if len(text) <= 2*most {
		return string(text)
	}
	return fmt.Sprintf("%s\n...\n%s", text[:most], text[len(text)-most:])
}
