package kvtest

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/statordb/stator/internal/kv"
)

var lifeChecks = []check{
	{"calls after close are refused", closedRefuses},
	{"close waits for a running view", closeWaitsForView},
	{"close waits for a running update", closeWaitsForUpdate},
	{"metrics have well formed names", metricsHaveNames},
}

func closedRefuses(ctx context.Context, s kv.Store) error {
	if err := s.Close(); err != nil {
		return err
	}
	called := errors.New("fn was called")
	return errors.Join(
		wantError("view", s.View(ctx, func(kv.Reader) error { return called }), kv.ErrClosed),
		wantError("update", s.Update(ctx, hold("a"), func(kv.Tx) error { return called }), kv.ErrClosed),
		wantError("close", s.Close(), kv.ErrClosed),
	)
}

func closeWaitsForView(ctx context.Context, s kv.Store) error {
	if err := set(ctx, s, "a=1"); err != nil {
		return err
	}
	return closeWaits(s, func(inside func()) error {
		return s.View(ctx, func(r kv.Reader) error {
			inside()
			return wantGet(r, "a=1")
		})
	})
}

func closeWaitsForUpdate(ctx context.Context, s kv.Store) error {
	return closeWaits(s, func(inside func()) error {
		return s.Update(ctx, hold("a"), func(tx kv.Tx) error {
			inside()
			tx.Set(b("a"), b("1"))
			return wantGet(tx, "a")
		})
	})
}

// closeWaits closes the store from inside a call.
func closeWaits(s kv.Store, call func(inside func()) error) error {
	var closed chan error
	early := false
	err := call(func() {
		if closed == nil { // fn may be called again
			closed = start(s.Close)
		}
		early = pauseFor(closed)
	})
	if early {
		err = errors.Join(err, errors.New("close did not wait"))
	}
	if closed != nil {
		err = errors.Join(err, <-closed)
	}
	return err
}

var metricName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func metricsHaveNames(ctx context.Context, s kv.Store) error {
	m, ok := s.(kv.Metricser)
	if !ok {
		return nil
	}
	if err := write(ctx, s, everything); err != nil {
		return err
	}
	var err error
	for name := range m.Metrics() {
		if !metricName.MatchString(name) {
			err = errors.Join(err, fmt.Errorf("metric %q: names are lower-case words joined by underscores", name))
		}
	}
	return err
}
