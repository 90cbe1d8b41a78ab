package e2e

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

// browserTimeout is for all walks through the Resource Browser together.
const browserTimeout = 15 * time.Minute

// What people do in the Resource Browser, in a browser without a window: see
// ui/README.md. The program is built with the browser that is committed.
func TestBrowser(t *testing.T) {
	ownServer(t)
	node := require(t, "node")
	require(t, "chromium", "chromium-browser", "google-chrome")
	if _, err := os.Stat("ui/node_modules/@playwright/test"); err != nil {
		missing(t, "Playwright is not in test/ui/node_modules")
	}
	built, err := program()
	ok(t, err)

	run := func(t *testing.T, args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), browserTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, node, args...)
		cmd.Dir = "ui"
		cmd.Env = append(cleanEnvironment(), "STATOR_TEST_PROGRAM="+built, "STATOR_TEST_UI_LOAD="+cmp.Or(os.Getenv("STATOR_TEST_UI_LOAD"), "1"), "FORCE_COLOR=0")
		// So it ends its browsers and servers.
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = stopTimeout
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
	}
	t.Run("types", func(t *testing.T) { run(t, "node_modules/typescript/bin/tsc") })
	t.Run("walks", func(t *testing.T) { run(t, "node_modules/@playwright/test/cli.js", "test", "--grep-invert", "@alone") })
	// What is measured must not wait for others. On a machine that is busy with
	// something else, STATOR_TEST_UI_LOAD=3 lets it take three times as long.
	t.Run("measures", func(t *testing.T) {
		run(t, "node_modules/@playwright/test/cli.js", "test", "--grep", "@alone", "--workers", "1", "--pass-with-no-tests")
	})
}
