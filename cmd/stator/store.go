package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/memkv"
	"github.com/statordb/stator/internal/kv/pebblekv"
	"github.com/statordb/stator/internal/kv/pgkv"
	"github.com/statordb/stator/internal/option"
)

// openStore opens the store that opts name. If it is not there it is made, or,
// if it must exist, the error is kv.ErrNoStore.
func openStore(ctx context.Context, opts *option.Options, existing bool, log *slog.Logger) (kv.Store, error) {
	switch {
	case opts.Memory && opts.Store != "":
		return nil, errors.New("--memory and --store exclude each other")
	case opts.Memory:
		return memkv.OpenWithin(opts.MemoryLimit / 10 * 7), nil
	case opts.Store != "":
		return pgkv.Open(ctx, opts.Store, pgkv.Options{Existing: existing, Logger: log})
	}
	store, err := pebblekv.Open(opts.Data, pebblekv.Options{
		Sync:       syncs[opts.Fsync],
		Interval:   opts.FsyncInterval,
		CacheBytes: opts.CacheSize,
		Existing:   existing,
		Logger:     log,
	})
	if errors.Is(err, pebblekv.ErrInUse) {
		return nil, fmt.Errorf("%w: try another with --data, or --memory", err)
	}
	return store, err
}

// storeKind returns which of the stores it is that opts name.
func storeKind(opts *option.Options) string {
	switch {
	case opts.Memory:
		return "memory"
	case opts.Store != "":
		return "postgresql"
	default:
		return "directory"
	}
}

// place says where the store is that opts name.
func place(opts *option.Options) string {
	switch {
	case opts.Memory && opts.SaveStrategy != "manual":
		return "in memory, and saved as a snapshot in " + opts.SnapshotDir
	case opts.Memory:
		return "in memory: nothing is kept"
	case opts.Store != "":
		return pgkv.Describe(opts.Store)
	default:
		return opts.Data
	}
}

var syncs = map[string]pebblekv.Fsync{
	"always":   pebblekv.Always,
	"interval": pebblekv.Interval,
	"never":    pebblekv.Never,
}

// figures returns what the store has to tell about itself, or nil.
func figures(store kv.Store) func() map[string]float64 {
	if m, ok := store.(kv.Metricser); ok {
		return m.Metrics
	}
	return nil
}
