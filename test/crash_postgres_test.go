package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv/pgtest"
)

// How long two servers may take to work again once their database does.
const recoverTimeout = 20 * time.Second

// Two servers share a database, and clients use both. Whatever is killed, of
// the servers, of their connections or of the database, nothing is lost that
// was acknowledged, and those that are left recover by themselves. So it is in
// both ways in which transactions are isolated.
func TestCrashOnPostgres(t *testing.T) {
	ownServer(t)
	t.Parallel()
	const usual = 25
	events := roundsOf(t, usual)
	pg := pgtest.Start(t)
	for _, way := range []struct {
		name, parameter string
		events          int
	}{
		{"locks", "", events * 3 / 4},
		{"serializable", "&isolation=serializable", events - events*3/4},
	} {
		t.Run(way.name, func(t *testing.T) { crashOnPostgres(t, pg, pg.URL(t)+way.parameter, way.events) })
	}
}

func crashOnPostgres(t *testing.T, pg *pgtest.Server, url string, events int) {
	t.Helper()
	dir := keptDir(t)
	c := &cluster{t: t, pg: pg, url: url}
	var nodes []*node
	for _, name := range []string{"one", "two"} {
		n := newNode(t, dir, name, "--store", c.url)
		n.start(t)
		nodes = append(nodes, n)
	}
	t.Cleanup(func() { c.dump(dir) })
	c.ledger = newLedger(t, seedOf(t), nodes...)
	c.settled = c.rest
	for i := range events {
		if t.Failed() {
			return
		}
		what := ""
		c.write(func() {
			c.pass(100, 400)
			if c.rand.IntN(5) == 0 {
				statorCheck(t, "--endpoint", c.nodes[c.rand.IntN(len(c.nodes))].url())
			}
			for _, n := range c.nodes {
				if !n.alive() {
					t.Fatalf("%s has ended by itself", n.name)
				}
			}
			what = c.disturb()
			c.pass(100, 300)
		})
		c.recover(what)
		// Those that are left fill indexes some seconds later, when they have
		// noticed that the one that did is gone.
		c.hasty = i < events-1 && c.rand.IntN(5) > 0
		c.audit()
	}
	t.Logf("%d kills, %d writes were acknowledged; the slowest recovery took %v, after %s", events, c.acts.Load(), c.slowest.Round(time.Millisecond), c.slowestAfter)
	for _, n := range c.nodes {
		n.terminate(t, stopTimeout)
	}
	statorCheck(t, "--store", c.url)
}

// A cluster is several servers on one database.
type cluster struct {
	*ledger
	t   *testing.T
	pg  *pgtest.Server
	url string

	slowest      time.Duration // that recover took
	slowestAfter string
}

// pass lets some milliseconds go by.
func (c *cluster) pass(least, most int) {
	pass(c.t, between(c.rand, time.Duration(least)*time.Millisecond, time.Duration(most)*time.Millisecond))
}

// disturb does something bad, and sees to it that all that was ended is
// started again. It returns what it was.
func (c *cluster) disturb() string {
	c.t.Helper()
	n := c.nodes[c.rand.IntN(len(c.nodes))]
	switch c.rand.IntN(8) {
	case 0, 1:
		n.kill()
		c.pass(1, 200)
		n.start(c.t)
		return "a server was killed"
	case 2:
		for _, n := range c.nodes {
			n.kill()
		}
		for _, n := range c.nodes {
			n.launch(c.t)
		}
		c.pass(1, 80)
		for _, n := range c.nodes {
			n.kill()
			n.start(c.t)
		}
		return "both servers were killed, and once more while they started"
	case 3:
		c.trouble.Store(true)
		n.terminate(c.t, between(c.rand, time.Millisecond, 60*time.Millisecond))
		n.start(c.t)
		return "a server was killed while it ended"
	case 4, 5:
		c.trouble.Store(true)
		for range 1 + c.rand.IntN(3) {
			c.pg.KillConnections(c.t)
			c.pass(1, 50)
		}
		return "connections were killed"
	case 6:
		c.trouble.Store(true)
		c.pg.Crash(c.t)
		c.pass(1, 300)
		c.pg.Restart(c.t)
		return "the database crashed"
	default:
		c.trouble.Store(true)
		c.pg.Stop(c.t)
		c.pass(1, 300)
		c.pg.Restart(c.t)
		return "the database was stopped"
	}
}

// recover waits until each server writes, which it does without being told.
func (c *cluster) recover(what string) {
	c.t.Helper()
	begin := time.Now()
	defer func() {
		if d := time.Since(begin); d > c.slowest {
			c.slowest, c.slowestAfter = d, what
		}
	}()
	for _, n := range c.nodes {
		await(c.t, fmt.Sprintf("%s: %s writes", what, n.name), recoverTimeout, func() error {
			nothing := place{streamed, "nobody", "nothing"}
			a := ask(c.t.Context(), n.url(), regions[0], "DeleteItem", m{"TableName": nothing.table, "Key": nothing.key()})
			if a.fate != done {
				return fmt.Errorf("DeleteItem: %v", a)
			}
			return nil
		})
	}
	c.trouble.Store(false)
}

// rest waits until the database does nothing any more for a server that is
// gone: a commit that it was sent may come after its sender's end.
func (c *cluster) rest() {
	c.t.Helper()
	await(c.t, "the database is at rest", recoverTimeout, func() error {
		busy := c.pg.Query(c.t, "SELECT pid, state, query FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'")
		if busy != "" {
			return fmt.Errorf("it does: %s", busy)
		}
		return nil
	})
}

// dump keeps what is in the database if the test has failed and its data is to
// be kept.
func (c *cluster) dump(dir string) {
	if !c.t.Failed() || os.Getenv("STATOR_TEST_KEEP") == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	base, schema, _ := strings.Cut(c.url, "?search_path=")
	schema, _, _ = strings.Cut(schema, "&")
	dump := exec.CommandContext(ctx, "pg_dump", "--file", filepath.Join(dir, "postgres.sql"), "--schema", schema, base)
	if out, err := dump.CombinedOutput(); err != nil {
		c.t.Logf("the database is not kept: %v\n%s", err, out)
	}
}
