package pgkv

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/statordb/stator/internal/kv"
)

// ErrNewerFormat is returned if a newer version has upgraded the store.
var ErrNewerFormat = errors.New("was upgraded by a newer version of stator")

// A migration brings a store from one format to the next, in one transaction.
type migration string

// migrations are all there are; the first makes a store. A store's format is
// the number of those it has been through. What is here has been done to
// stores already and must not change.
var migrations = []migration{
	`
	CREATE TABLE stator_pairs (key bytea PRIMARY KEY, value bytea NOT NULL) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
	ALTER TABLE stator_pairs ALTER COLUMN key SET STORAGE PLAIN, ALTER COLUMN value SET STORAGE EXTERNAL;
	CREATE TABLE stator_long (digest bytea PRIMARY KEY, head bytea NOT NULL, tail bytea NOT NULL, value bytea NOT NULL);
	CREATE INDEX stator_long_head ON stator_long (head);
	CREATE TABLE stator_counters (key bytea, slot bigint, total bigint NOT NULL, PRIMARY KEY (key, slot)) WITH (fillfactor = 50);
	CREATE TABLE stator_logs (log bytea PRIMARY KEY);
	CREATE SEQUENCE stator_versions`,
}

// A format is what stator_format holds: the number, and how processes keep out
// of each other's way.
type format struct {
	number       int
	serializable bool
}

// readFormat returns the format of the store, or a zero format if there is no
// store.
func readFormat(ctx context.Context, conn *pgconn.PgConn) (format, error) {
	results, err := conn.Exec(ctx, "SELECT format, isolation FROM stator_format").ReadAll()
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42P01" { // undefined table
		return format{}, nil
	}
	if err != nil {
		return format{}, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return format{}, errors.New("stator_format does not have one row")
	}
	row := results[0].Rows[0]
	number, err := strconv.Atoi(string(row[0]))
	return format{number, string(row[1]) == "serializable"}, err
}

// setUp makes the store, or brings it to the format of this version. Any number
// of processes may do so at once: one does, and the others wait for it.
func (s *store) setUp(ctx context.Context, cfg *pgx.ConnConfig, existing bool, migrations []migration) error {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	conn, err := pgconn.ConnectConfig(ctx, &cfg.Config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	about, err := conn.Exec(ctx, "SELECT version(), current_schema()").ReadAll()
	if err != nil {
		return err
	}
	version, schema := string(about[0].Rows[0][0]), about[0].Rows[0][1]
	if schema == nil {
		return fmt.Errorf("%s: the schema in search_path is not there: create it first", s.at)
	}
	s.seed = xxhash.Sum64(schema)
	asked := s.serializable
	want := asked || strings.Contains(version, "CockroachDB")
	for {
		found, err := readFormat(ctx, conn)
		switch {
		case err != nil:
			return err
		case found.number > len(migrations):
			return fmt.Errorf("the store in %s %w (format %d; this one reads up to %d)", s.at, ErrNewerFormat, found.number, len(migrations))
		case found.number > 0 && asked && !found.serializable:
			return fmt.Errorf("the store in %s was made without isolation=serializable: leave it out", s.at)
		case found.number == len(migrations):
			s.serializable = found.serializable
			return nil
		}
		if existing {
			return fmt.Errorf("%w in %s, or an older one that is upgraded when a server opens it", kv.ErrNoStore, s.at)
		}
		if found.number > 0 {
			want = found.serializable
		}
		err = upgrade(ctx, conn, want, s.hash('s', nil), migrations)
		if err != nil && !again(err) {
			return fmt.Errorf("set up the tables in %s: %w", s.at, err)
		}
	}
}

// upgrade runs the migrations that the store has not been through. Where there
// are advisory locks one process does at a time; where not, one wins.
func upgrade(ctx context.Context, conn *pgconn.PgConn, serializable bool, lock int64, migrations []migration) error {
	isolation, enter := "serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE"
	if !serializable {
		isolation, enter = "locks", fmt.Sprintf("BEGIN; SELECT pg_advisory_xact_lock(%d)", lock)
	}
	_, err := conn.Exec(ctx, enter).ReadAll()
	var done format
	if err == nil {
		_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS stator_format (one int PRIMARY KEY CHECK (one = 1), format int NOT NULL, isolation text NOT NULL);"+
			"INSERT INTO stator_format VALUES (1, 0, '"+isolation+"') ON CONFLICT DO NOTHING").ReadAll()
	}
	if err == nil {
		done, err = readFormat(ctx, conn)
	}
	if err == nil {
		for _, m := range migrations[min(done.number, len(migrations)):] {
			if _, err = conn.Exec(ctx, string(m)).ReadAll(); err != nil {
				break
			}
		}
	}
	if err == nil && done.number < len(migrations) {
		_, err = conn.Exec(ctx, fmt.Sprintf("UPDATE stator_format SET format = %d", len(migrations))).ReadAll()
	}
	if err != nil {
		_, rollbackErr := conn.Exec(ctx, "ROLLBACK").ReadAll()
		return errors.Join(err, rollbackErr)
	}
	_, err = conn.Exec(ctx, "COMMIT").ReadAll()
	return err
}

// again reports whether an upgrade failed because of another at the same time.
func again(err error) bool {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return false
	}
	switch pgErr.Code {
	case "40001", "40P01", "23505", "42P07", "42710": // conflicts; what is made is there already
		return true
	}
	return false
}
