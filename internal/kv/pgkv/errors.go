package pgkv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/statordb/stator/internal/kv"
)

// A kind is what can be done about an error of the database.
type kind int

const (
	other    kind = iota // nothing
	conflict             // run again: another transaction won
	moved                // run again, with a snapshot
	lost                 // run again, when there is a connection: nothing was committed
	unknown              // nothing: the connection broke while it was committing
	unable               // nothing, until somebody mends it: a full disk, a standby
)

// A dbError is an error of the database in a View or Update, and not one that
// its function returned for a reason of its own.
type dbError struct {
	error
	kind kind
}

func (e *dbError) Unwrap() error { return e.error }

var errNoAnswer = errors.New("no answer")

// kindOf returns the kind of an error of the database.
func kindOf(err error) kind {
	var (
		pgErr  *pgconn.PgError
		netErr net.Error
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, ErrNewerFormat):
		return other
	case errors.As(err, &pgErr):
		return kindOfCode(pgErr.Code)
	case errors.Is(err, errNoAnswer), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.As(err, &netErr), pgconn.SafeToRetry(err), pgconn.Timeout(err), isConnectError(err),
		strings.Contains(err.Error(), "conn closed"):
		return lost
	default:
		return other
	}
}

func isConnectError(err error) bool {
	var e *pgconn.ConnectError
	return errors.As(err, &e)
}

// kindOfCode classifies PostgreSQL's error codes.
func kindOfCode(code string) kind {
	switch code {
	case "40001", "40P01": // serialization failure, deadlock
		return conflict
	case "57P01", "57P02", "57P03", // shut down by the administrator, crash, cannot connect now
		"53300", "25P03": // too many connections, idle in transaction for too long
		return lost
	case "53100", "53200", "25006", "55006": // disk full, out of memory, read-only, in use
		return unable
	}
	if strings.HasPrefix(code, "08") { // connection exception
		return lost
	}
	return other
}

const (
	// patience is how long a call waits for a database that does not answer to
	// come back, as one that is restarted does.
	patience = 4 * time.Second

	// tries is how often a call that loses to others is run.
	tries = 200
)

// persist runs a call again until it succeeds, fails for a reason of its own,
// or has lost its patience.
func (s *store) persist(ctx context.Context, call func() error) error {
	var since time.Time // the connection was lost
	pause := 5 * time.Millisecond
	for n := 1; ; n++ {
		err := call()
		failure := (*dbError)(nil)
		if !errors.As(err, &failure) {
			if err == nil {
				s.outage.over(s.at)
			}
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		switch failure.kind {
		case moved:
			s.conflicts.Add(1)
			continue
		case conflict:
			s.conflicts.Add(1)
			if n >= tries {
				return fmt.Errorf("%w: %w", kv.ErrConflict, failure.error)
			}
			if n < 3 {
				continue
			}
		case lost:
			s.pool.Reset() // the others are broken as well, as a rule
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) > patience {
				return s.unavailable(failure.error)
			}
			pause = min(2*pause, 250*time.Millisecond)
		case unknown, unable:
			return s.unavailable(failure.error)
		default:
			return fmt.Errorf("%s: %w", s.at, failure.error)
		}
		select {
		case <-time.After(rand.N(pause)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unavailable says of what the database cannot do who is to do something.
func (s *store) unavailable(err error) error {
	e := &unavailableError{fmt.Sprintf("%s does not do its work (%s): see to it that it runs and can be reached; stator goes on by itself when it does", s.at, reason(err)), err}
	s.outage.begin(e)
	return e
}

// unopened says why a store could not be opened.
func (s *store) unopened(err error) error {
	if kindOf(err) != lost && !isConnectError(err) {
		return err
	}
	return &unavailableError{fmt.Sprintf("%s cannot be opened (%s): see to it that it runs, can be reached and lets this user in", s.at, reason(err)), err}
}

// reason returns in a few words what is wrong with the database.
func reason(err error) string {
	var (
		pgErr  *pgconn.PgError
		opErr  *net.OpError
		noHost *net.DNSError
		words  = err.Error()
	)
	switch {
	case errors.As(err, &pgErr):
		words = pgErr.Message + " " + pgErr.Hint
	case errors.As(err, &opErr):
		words = opErr.Error()
	case errors.As(err, &noHost):
		words = noHost.Error()
	}
	return strings.Join(strings.Fields(words), " ")
}

// An unavailableError is a kv.ErrUnavailable.
type unavailableError struct {
	message string
	cause   error
}

func (e *unavailableError) Error() string { return e.message }

func (e *unavailableError) Is(target error) bool { return target == kv.ErrUnavailable }

func (e *unavailableError) Unwrap() error { return e.cause }

// An outage is logged when it begins and when it is over.
type outage struct {
	log  *slog.Logger
	goes atomic.Bool
}

func (o *outage) begin(err error) {
	if !o.goes.Swap(true) {
		o.log.Error("the database is out of order", "error", err)
	}
}

func (o *outage) over(at string) {
	if o.goes.Load() && o.goes.Swap(false) {
		o.log.Info("the database works again", "at", at)
	}
}
