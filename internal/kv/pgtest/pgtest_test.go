package pgtest

import (
	"os"
	"testing"
)

func TestAServerCrashesAndComesBack(t *testing.T) {
	s := Start(t)
	s.Query(t, "CREATE TABLE kept AS SELECT 1 AS n")
	s.KillConnections(t)
	for _, end := range []func(testing.TB){s.Crash, s.Stop} {
		end(t)
		if _, err := s.query(t.Context(), "SELECT 1"); err == nil {
			t.Error("it still answers")
		}
		s.Restart(t)
		if got := s.Query(t, "SELECT n FROM kept"); got != "1" {
			t.Errorf("got %q", got)
		}
	}
	s.Pause(t)()
	if err := s.remove(); err != nil {
		t.Error(err)
	}
	s.remove = func() error { return nil }
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
	if _, err := s.query(t.Context(), "SELECT 1"); err == nil {
		t.Error("it still answers")
	}
}
