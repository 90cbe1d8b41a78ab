// Package kvtest holds the promises of package kv as tests, for the tests of
// engines to run. Each promise is one check, named after it; a test of this
// package breaks them one by one and sees that the checks notice.
package kvtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/statordb/stator/internal/kv"
)

// patience is how long a check may take before it counts as hanging.
const patience = 30 * time.Second

// Run checks every promise of a kv.Store, each against a store that open has
// just opened: it must be empty, and nothing else may use it. Run closes it.
func Run(t *testing.T, open func(t *testing.T) kv.Store) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := c.against(ctx, open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// A check is one promise.
type check struct {
	name string
	run  func(ctx context.Context, s kv.Store) error
}

// checks returns all promises, from the simple to the demanding.
func checks() []check {
	return slices.Concat(readChecks, writeChecks, viewChecks, lockChecks,
		appendChecks, counterChecks, lifeChecks, modelChecks)
}

// against tells how s breaks the promise, or nil. It closes s, which shows
// whether the check has left something open that it should not have to close.
func (c check) against(ctx context.Context, s kv.Store) error {
	err := c.run(ctx, s)
	closeErr := s.Close()
	if errors.Is(closeErr, kv.ErrClosed) {
		closeErr = nil // the check has closed it
	}
	if closeErr != nil {
		closeErr = fmt.Errorf("close: %w", closeErr)
	}
	return errors.Join(err, closeErr)
}
