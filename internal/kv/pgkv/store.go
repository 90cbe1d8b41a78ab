// Package pgkv is the engine that keeps the map in a PostgreSQL database, which
// any number of processes may have open at once. Locks, the order of appended
// records and snapshots are the database's, so nothing is kept in a process
// that another would have to know. It hides pgx and SQL.
//
// A database of the same protocol without advisory locks, but with serializable
// transactions, is used by the parameter isolation=serializable of the URL: then
// a conflict between two processes is found when they commit, and one of them
// runs again.
package pgkv

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/latch"
)

// Options says how a store is to be opened. Its zero value is ready for use.
type Options struct {
	// Existing has Open return kv.ErrNoStore for a database without a store, or
	// with one that is to be upgraded first, and leave it as it is.
	Existing bool

	// Logger is told when the database stops answering and when it answers
	// again. nil is silent.
	Logger *slog.Logger
}

const (
	// connectTimeout is how long one attempt to connect may take, unless the
	// URL says connect_timeout.
	connectTimeout = 5 * time.Second

	// answerTimeout is how long the database may take for one round trip. A
	// wait for a lock is part of one.
	answerTimeout = 30 * time.Second

	// slice is how many pairs DeleteRange should be given at once.
	slice = 2000
)

// connections returns how many a process opens at most, unless the URL says
// pool_max_conns. Each waits for the disk most of the time that it commits.
func connections() int32 { return int32(max(24, 4*runtime.GOMAXPROCS(0))) }

type store struct {
	gate    latch.Gate
	latches *latch.Table // a hot key takes one connection of a process, not all
	pool    *pgxpool.Pool
	at      string // where the database is, for people

	serializable bool
	seed         uint64 // makes the locks of one schema differ from another's
	outage       outage

	describe  sync.Once // by the first connection
	described map[*statement]*pgconn.StatementDescription

	conflicts atomic.Uint64 // times that an Update or View had to begin anew
}

// Open opens the store in a database, and makes it if it is not there: tables
// whose names begin with stator_, in the first schema of the search path. The
// URL is PostgreSQL's own, with the parameters that PostgreSQL and pgxpool
// know, such as sslmode, search_path and pool_max_conns, and one that is ours:
// isolation=serializable has transactions that conflict find out when they
// commit, and run again, instead of waiting for each other's locks. All
// processes of a store do the same: the one that makes it decides.
//
// The error is ErrNewerFormat if a newer version has upgraded the store, and
// kv.ErrUnavailable if the database cannot be reached. Open implements
// kv.Stable, kv.Shared, kv.Slicer and kv.Metricser.
func Open(ctx context.Context, url string, opts Options) (kv.Store, error) {
	s, err := open(ctx, url, opts, migrations)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func open(ctx context.Context, url string, opts Options, migrations []migration) (*store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the URL of the database: %w", err) // pgx leaves out the password
	}
	s := &store{latches: latch.NewTable(), at: Describe(url)}
	switch isolation := cfg.ConnConfig.RuntimeParams["isolation"]; isolation {
	case "", "serializable":
		s.serializable = isolation != ""
		delete(cfg.ConnConfig.RuntimeParams, "isolation")
	default:
		return nil, fmt.Errorf("the URL of the database: isolation=%s is not isolation=serializable", isolation)
	}
	s.outage.log = opts.Logger
	if s.outage.log == nil {
		s.outage.log = slog.New(slog.DiscardHandler)
	}
	if err := s.setUp(ctx, cfg.ConnConfig.Copy(), opts.Existing, migrations); err != nil {
		return nil, s.unopened(err)
	}
	s.configure(cfg, len(migrations))
	if s.pool, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), cfg); err != nil {
		return nil, err
	}
	return s, nil
}

// Describe returns url without what is secret or of no interest to a reader.
func Describe(url string) string {
	cfg, err := pgconn.ParseConfig(url)
	if err != nil {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL at %s:%d, database %s", cfg.Host, cfg.Port, cfg.Database)
}

// session is what each connection is set to. A plan is made once, and it is
// always a walk of an index: tables that have not been analyzed, or are empty
// when the plan is made, would get others. A transaction whose process has
// gone ends soon, so that its locks do.
var session = map[string]string{
	"plan_cache_mode":                     "force_generic_plan",
	"enable_seqscan":                      "off",
	"enable_bitmapscan":                   "off",
	"jit":                                 "off",
	"idle_in_transaction_session_timeout": "60s",
	"tcp_keepalives_idle":                 "10",
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "3",
	"client_min_messages":                 "error",
	"application_name":                    "stator",
}

func (s *store) configure(cfg *pgxpool.Config, format int) {
	conn := cfg.ConnConfig
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectTimeout
	}
	if cfg.MaxConns == unsetConnections() {
		cfg.MaxConns = connections()
	}
	// A request whose client has gone asks the database to stop, and leaves the
	// connection to others.
	conn.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: 0, DeadlineDelay: time.Second}
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgxConn) error { return s.prepare(ctx, c, format) }
	// A connection that breaks is found out by its user, who tries again.
	cfg.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
}

// unsetConnections is what pgxpool takes if the URL does not say.
func unsetConnections() int32 { return max(4, int32(runtime.NumCPU())) }

// StableValues says that what the store hands out is never changed.
func (s *store) StableValues() {}

// SharedStore says that other processes may have the store open.
func (s *store) SharedStore() {}

// Slice is how many pairs to delete at once.
func (s *store) Slice() int { return slice }

func (s *store) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	pinned := false
	return s.persist(ctx, func() error {
		v := &view{link: link{store: s, ctx: ctx}, pinned: pinned}
		defer v.end()
		err := fn(v)
		pinned = pinned || errors.Is(v.err, errMoved)
		if v.err != nil { // whatever fn made of it
			return v.err
		}
		return err
	})
}

func (s *store) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	held, err := s.latches.Lock(ctx, locks, nil)
	if err != nil {
		return err
	}
	defer s.latches.Unlock(held)
	return s.persist(ctx, func() error {
		tx := &tx{link: link{store: s, ctx: ctx}, locks: locks}
		defer tx.end()
		err := fn(tx)
		if tx.err != nil { // whatever fn made of it
			return tx.err
		}
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return tx.commit()
	})
}

func (s *store) Close() error {
	if err := s.gate.Close(); err != nil {
		return err
	}
	s.pool.Close()
	return nil
}

// Metrics tells about the connections, and how often a call had to be run
// again.
func (s *store) Metrics() map[string]float64 {
	p := s.pool.Stat()
	return map[string]float64{
		"connections":          float64(p.TotalConns()),
		"connections_idle":     float64(p.IdleConns()),
		"connections_most":     float64(p.MaxConns()),
		"connections_waited":   float64(p.EmptyAcquireCount()),
		"connections_made":     float64(p.NewConnsCount()),
		"conflicts":            float64(s.conflicts.Load()),
		"seconds_waited_total": p.AcquireDuration().Seconds(),
	}
}

// beginView is the statement that begins a transaction for reading.
func (s *store) beginView() *statement {
	if s.serializable {
		return snapshotSame
	}
	return snapshot
}
