package e2e

import (
	"path/filepath"
	"testing"
	"time"
)

// The tests here kill servers while clients write, and compare what is there
// afterwards with what was acknowledged: see ledger. STATOR_TEST_ROUNDS sets
// how often, STATOR_TEST_SEED the choices, and with STATOR_TEST_KEEP data and
// logs are kept below that directory.

// A crash of the process loses nothing that was acknowledged, whenever it
// comes: under load, while the last one is recovered from, or during an
// orderly end.
func TestCrashOnDisk(t *testing.T) {
	ownServer(t)
	t.Parallel()
	const usual = 50
	kills, dir := roundsOf(t, usual), keptDir(t)
	data := filepath.Join(dir, "data")
	n := newNode(t, dir, "stator", "--data", data)
	n.start(t)
	l := newLedger(t, seedOf(t), n)
	killed := 0
	for ; killed < kills && !t.Failed(); killed++ {
		l.write(func() {
			pass(t, between(l.rand, 100*time.Millisecond, 600*time.Millisecond))
			if l.rand.IntN(8) == 0 {
				statorCheck(t, "--endpoint", n.url())
			}
			if !n.alive() {
				t.Fatal("the server has ended by itself")
			}
			if l.rand.IntN(5) > 0 {
				n.kill()
				return
			}
			l.trouble.Store(true) // what is cut off may be told so
			n.terminate(t, between(l.rand, time.Millisecond, 60*time.Millisecond))
		})
		for l.rand.IntN(4) == 0 { // while it recovers
			n.launch(t)
			pass(t, between(l.rand, time.Millisecond, 80*time.Millisecond))
			n.kill()
			killed++
		}
		if l.rand.IntN(8) == 0 {
			statorCheck(t, "--data", data)
		}
		n.start(t)
		l.trouble.Store(false)
		l.audit()
	}
	t.Logf("%d kills, %d writes were acknowledged", killed, l.acts.Load())
	n.terminate(t, stopTimeout)
	statorCheck(t, "--data", data)
}
