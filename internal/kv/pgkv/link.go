package pgkv

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A link is the connection of one View or Update, from its first statement on.
type link struct {
	store *store
	ctx   context.Context
	conn  *pgxpool.Conn
	open  bool  // there is a transaction to end
	err   error // the first error
}

// A step is a statement with its parameters, in PostgreSQL's binary form, and
// what takes its rows, which are valid only until it returns.
type step struct {
	of     *statement
	params [][]byte
	row    func(columns [][]byte)
}

// run sends steps in one round trip. The steps after one that fails are not
// done.
func (l *link) run(steps ...step) error {
	if l.err != nil {
		return l.err
	}
	if err := l.tryRun(l.ctx, steps); err != nil {
		l.err = &dbError{err, kindOf(err)}
	}
	return l.err
}

func (l *link) tryRun(ctx context.Context, steps []step) error {
	if err := l.connect(ctx); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := l.store.send(limited, l.conn.Conn().PgConn(), steps)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the database's complaint is that it was told to stop
	case limited.Err() != nil:
		return fmt.Errorf("%w within %v", errNoAnswer, answerTimeout)
	default:
		return err
	}
}

// connect takes a connection from the pool. It may wait for one.
func (l *link) connect(ctx context.Context) (err error) {
	if l.conn == nil {
		l.conn, err = l.store.pool.Acquire(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// send has steps done and reads their rows.
func (s *store) send(ctx context.Context, conn *pgconn.PgConn, steps []step) error {
	var batch pgconn.Batch
	for _, step := range steps {
		batch.ExecStatement(s.described[step.of], step.params, binaryFormat, binaryFormat)
	}
	results := conn.ExecBatch(ctx, &batch)
	for i := 0; results.NextResult(); i++ {
		rows := results.ResultReader()
		for rows.NextRow() {
			if take := steps[i].row; take != nil {
				take(rows.Values())
			}
		}
		if _, err := rows.Close(); err != nil {
			_ = results.Close() // says the same
			return err
		}
	}
	return results.Close()
}

// end ends the transaction, if it has not ended, without its writes, and gives
// the connection back. A broken connection is thrown away.
func (l *link) end() {
	if l.conn == nil {
		return
	}
	if l.open && !l.conn.Conn().IsClosed() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), endTimeout)
		if err := l.store.send(ctx, l.conn.Conn().PgConn(), []step{{of: rollback}}); err != nil {
			_ = l.conn.Conn().Close(ctx) // the database ends the transaction with it
		}
		cancel()
	}
	l.conn.Release()
	l.conn = nil
}

// endTimeout is how long the end of a transaction may take before its
// connection is given up.
const endTimeout = 5 * time.Second

// binaryFormat is the format of all parameters and columns.
var binaryFormat = []int16{1}

func int8Param(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// The types of PostgreSQL that arrays are made of.
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
)

// arrayHead begins an array of one dimension without nulls.
func arrayHead(oid uint32, n, size int) []byte {
	b := make([]byte, 0, 20+size)
	dimensions := uint32(1)
	if n == 0 {
		dimensions = 0
	}
	b = binary.BigEndian.AppendUint32(b, dimensions)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, oid)
	if n == 0 {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	return binary.BigEndian.AppendUint32(b, 1) // the first index
}

func byteaArray(values [][]byte) []byte {
	size := 0
	for _, v := range values {
		size += 4 + len(v)
	}
	b := arrayHead(oidBytea, len(values), size)
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	return b
}

func int8Array(values []int64) []byte {
	b := arrayHead(oidInt8, len(values), 12*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, 8)
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	return b
}

func boolArray(values []bool) []byte {
	b := arrayHead(oidBool, len(values), 5*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, 1)
		if v {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	return b
}

// notNil returns b, or an empty value for nil, which would be NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
