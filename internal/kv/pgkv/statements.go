package pgkv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

type pgxConn = pgx.Conn

// A statement is prepared once on each connection.
type statement struct{ name, sql string }

var (
	begin        = &statement{"stator_begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}
	beginSerial  = &statement{"stator_begin_serial", "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"}
	snapshot     = &statement{"stator_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	snapshotSame = &statement{"stator_snapshot_serial", "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"}
	commit       = &statement{"stator_commit", "COMMIT"}
	rollback     = &statement{"stator_rollback", "ROLLBACK"}

	// A lock is waited for in a statement of its own, so that those that follow
	// see what its last holder has written.
	lock = &statement{"stator_lock", `
		SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
		FROM unnest($1::bigint[], $2::boolean[]) AS l (key, shared)`}
	lockLogs = &statement{"stator_lock_logs", `
		SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS l (key)`}
	lockLogRows = &statement{"stator_lock_log_rows", `
		SELECT log FROM stator_logs WHERE log = ANY ($1::bytea[]) ORDER BY log FOR UPDATE`}
	makeLogRows = &statement{"stator_make_log_rows", `
		INSERT INTO stator_logs (log) SELECT * FROM unnest($1::bytea[]) ON CONFLICT DO NOTHING`}

	get     = &statement{"stator_get", "SELECT key, value FROM stator_pairs WHERE key = ANY ($1::bytea[])"}
	getOne  = &statement{"stator_get_one", "SELECT value FROM stator_pairs WHERE key = $1::bytea"}
	getLong = &statement{"stator_get_long", "SELECT digest, value FROM stator_long WHERE digest = ANY ($1::bytea[])"}

	scan = &statement{"stator_scan", `
		SELECT key, value FROM stator_pairs WHERE key >= $1::bytea AND key < $2::bytea ORDER BY key LIMIT $3::bigint`}
	scanBack = &statement{"stator_scan_back", `
		SELECT key, value FROM stator_pairs WHERE key >= $1::bytea AND key < $2::bytea ORDER BY key DESC LIMIT $3::bigint`}
	// The keys of one head. Their tails have no index: keys this long are rare,
	// and hardly ever are many of them alike in the first 2 600 bytes.
	scanLong = &statement{"stator_scan_long", `
		SELECT tail, value FROM stator_long
		WHERE head = $1::bytea AND tail >= $2::bytea AND tail < $3::bytea
		ORDER BY tail LIMIT $4::bigint`}
	scanLongBack = &statement{"stator_scan_long_back", `
		SELECT tail, value FROM stator_long
		WHERE head = $1::bytea AND tail >= $2::bytea AND tail < $3::bytea
		ORDER BY tail DESC LIMIT $4::bigint`}

	sum = &statement{"stator_sum", `
		SELECT key, sum(total)::bigint FROM stator_counters WHERE key = ANY ($1::bytea[]) GROUP BY key`}

	setOne = &statement{"stator_set_one", `
		INSERT INTO stator_pairs (key, value) VALUES ($1::bytea, $2::bytea)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`}
	set = &statement{"stator_set", `
		INSERT INTO stator_pairs (key, value) SELECT * FROM unnest($1::bytea[], $2::bytea[])
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`}
	setLong = &statement{"stator_set_long", `
		INSERT INTO stator_long (digest, head, tail, value) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[])
		ON CONFLICT (digest) DO UPDATE SET value = excluded.value`}
	remove     = &statement{"stator_delete", "DELETE FROM stator_pairs WHERE key = ANY ($1::bytea[])"}
	removeLong = &statement{"stator_delete_long", "DELETE FROM stator_long WHERE digest = ANY ($1::bytea[])"}

	removeRange = &statement{"stator_delete_range", `
		DELETE FROM stator_pairs WHERE key >= $1::bytea AND key < $2::bytea`}
	removeLongRange = &statement{"stator_delete_long_range", `
		DELETE FROM stator_long
		WHERE (head, tail) >= ($1::bytea, $2::bytea) AND (head, tail) < ($3::bytea, $4::bytea)`}
	removeCounters = &statement{"stator_delete_counters", `
		DELETE FROM stator_counters WHERE key >= $1::bytea AND key < $2::bytea`}
	removeLogs = &statement{"stator_delete_logs", `
		DELETE FROM stator_logs WHERE log >= $1::bytea AND log < $2::bytea`}

	// Each connection adds to a row of its own, or almost: two seldom wait for
	// each other.
	add = &statement{"stator_add", `
		INSERT INTO stator_counters AS c (key, slot, total) SELECT key, $3::bigint, delta FROM unnest($1::bytea[], $2::bigint[]) AS a (key, delta)
		ON CONFLICT (key, slot) DO UPDATE SET total = c.total + excluded.total`}

	// The lock of a log is held when its versions are chosen, and until they
	// can be seen.
	appendRecords = &statement{"stator_append", `
		INSERT INTO stator_pairs (key, value)
		SELECT log || int8send(nextval('stator_versions')), value FROM unnest($1::bytea[], $2::bytea[]) AS r (log, value)`}
)

// counterSlots is how many rows a counter has at most.
const counterSlots = 64

// always are the statements of every database, locking those that need
// advisory locks, and serial those of a database without.
var (
	always = []*statement{
		commit, rollback, get, getOne, getLong, scan, scanBack, scanLong, scanLongBack, sum, setOne, set,
		setLong, remove, removeLong, removeRange, removeLongRange, removeCounters, add, appendRecords,
	}
	locking = []*statement{begin, snapshot, lock, lockLogs}
	serial  = []*statement{beginSerial, snapshotSame, lockLogRows, makeLogRows, removeLogs}
)

func (s *store) statements() []*statement {
	if s.serializable {
		return append(always[:len(always):len(always)], serial...)
	}
	return append(always[:len(always):len(always)], locking...)
}

// prepare makes a new connection ready: it sees that the store still has the
// format that this version knows, and prepares the statements.
func (s *store) prepare(ctx context.Context, c *pgxConn, format int) error {
	conn := c.PgConn()
	if err := setSession(ctx, conn, s.serializable); err != nil {
		return err
	}
	found, err := readFormat(ctx, conn)
	if err != nil {
		return err
	}
	if found.number > format {
		return fmt.Errorf("the store in %s %w", s.at, ErrNewerFormat)
	}
	p := conn.StartPipeline(ctx)
	for _, st := range s.statements() {
		p.SendPrepare(st.name, st.sql, nil)
	}
	err = p.Sync()
	described := map[*statement]*pgconn.StatementDescription{}
	for _, st := range s.statements() {
		if err != nil {
			break
		}
		var result any
		if result, err = p.GetResults(); err == nil {
			d, ok := result.(*pgconn.StatementDescription)
			if !ok {
				err = fmt.Errorf("prepare %s: got %T", st.name, result)
				break
			}
			d.Name = st.name
			described[st] = d
		}
	}
	if err = errors.Join(err, p.Close()); err != nil {
		return err
	}
	s.describe.Do(func() { s.described = described })
	return nil
}

// setSession sets what a connection is to have. A database that does not know
// a setting goes without it.
func setSession(ctx context.Context, conn *pgconn.PgConn, serializable bool) error {
	var names, values []string
	for name, value := range session {
		names, values = append(names, name), append(values, value)
	}
	if serializable {
		names, values = append(names, "default_transaction_isolation"), append(values, "serializable")
	}
	// None of the words has a comma or quotes.
	text := func(list []string) []byte { return []byte("{" + strings.Join(list, ",") + "}") }
	result := conn.ExecParams(ctx, `
		SELECT set_config(s.name, w.value, false)
		FROM unnest($1::text[], $2::text[]) AS w (name, value) JOIN pg_settings s ON s.name = w.name`,
		[][]byte{text(names), text(values)}, nil, nil, nil).Read()
	return result.Err
}
