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

// openStore opens the engine that opts ask for.
func openStore(ctx context.Context, opts *option.Options, log *slog.Logger) (kv.Store, error) {
	switch {
	case opts.Memory && opts.Store != "":
		return nil, errors.New("--memory and --store exclude each other")
	case opts.Memory:
		return memkv.OpenWithin(opts.MemoryLimit / 10 * 7), nil
	case opts.Store != "":
		return pgkv.Open(ctx, opts.Store, pgkv.Options{Logger: log})
	}
	store, err := pebblekv.Open(opts.Data, pebblekv.Options{
		Sync:       syncs[opts.Fsync],
		Interval:   opts.FsyncInterval,
		CacheBytes: opts.CacheSize,
		Logger:     log,
	})
	if errors.Is(err, pebblekv.ErrInUse) {
		return nil, fmt.Errorf("%w: try another with --data, or --memory", err)
	}
	return store, err
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
