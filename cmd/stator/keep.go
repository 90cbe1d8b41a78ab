package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/server"
	"github.com/statordb/stator/internal/snapshot"
)

// loadAtStart loads what opts ask for into a store that has no tables: some
// snapshots, or the one that a server in memory keeps its tables in.
func loadAtStart(ctx context.Context, shelf *snapshot.Shelf, opts *option.Options, log *slog.Logger) error {
	names := opts.LoadSnapshots
	asked := len(names) > 0
	if !asked && opts.Memory && opts.LoadStrategy == "on_startup" {
		names = []string{server.StateSnapshot}
	}
	for i, name := range names {
		loaded, err := shelf.Load(ctx, name, snapshot.Options{Empty: i == 0})
		switch {
		case errors.Is(err, snapshot.ErrNotEmpty):
			log.Info("the store has tables: no snapshot is loaded", "snapshots", names)
			return nil
		case errors.Is(err, snapshot.ErrNone) && !asked:
			return nil
		case err != nil:
			return fmt.Errorf("load the snapshot %s: %w", name, err)
		}
		log.Info("loaded a snapshot", "name", name, "tables", len(loaded.Tables), "items", loaded.Items, "taken", loaded.Taken)
	}
	return nil
}

// A keeper saves the tables of a server in memory from time to time, and at its
// end. A nil keeper does not.
type keeper struct {
	shelf *snapshot.Shelf
	log   *slog.Logger
	saved float64 // how many commits there were when it last saved
	stop  context.CancelFunc
	done  sync.WaitGroup
}

// keep begins to save as opts ask for.
func keep(ctx context.Context, shelf *snapshot.Shelf, opts *option.Options, log *slog.Logger) *keeper {
	if !opts.Memory || opts.SaveStrategy == "manual" {
		return nil
	}
	k := &keeper{shelf: shelf, log: log}
	k.saved = k.commits()
	ctx, k.stop = context.WithCancel(ctx)
	if opts.SaveStrategy != "scheduled" {
		return k
	}
	k.done.Go(func() {
		tick := time.NewTicker(opts.SnapshotInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				k.save(ctx)
			}
		}
	})
	return k
}

// commits returns how many commits the store has made.
func (k *keeper) commits() float64 {
	m, ok := k.shelf.Store.(kv.Metricser)
	if !ok {
		return 0
	}
	return m.Metrics()["commits"]
}

// save saves if something has changed.
func (k *keeper) save(ctx context.Context) {
	now := k.commits()
	if now == k.saved {
		return
	}
	if _, err := k.shelf.Save(ctx, server.StateSnapshot); err != nil {
		if ctx.Err() == nil {
			k.log.Error("the tables could not be saved", "error", err)
		}
		return
	}
	k.saved = now
}

// end saves for the last time.
func (k *keeper) end(ctx context.Context) {
	if k == nil {
		return
	}
	k.stop()
	k.done.Wait()
	k.save(context.WithoutCancel(ctx))
}
