package main

import (
	"context"
	"log/slog"

	"github.com/statordb/stator/internal/clock"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/snapshot"
)

// A service is the operations over a store, the work that they leave for the
// background, the clock that both go by, the faults that are asked for, and the
// snapshots of the store.
type service struct {
	*dynamodb.DB
	clock  *clock.Clock
	faults *fault.Set
	jobs   *job.Runner
	shelf  *snapshot.Shelf
	store  kv.Store
	lag    replica.Delay
}

// newService returns the operations over store. endpoint is where clients find
// the server. The caller must stop its jobs before it closes the store.
func newService(store kv.Store, opts *option.Options, endpoint string, log *slog.Logger) *service {
	c := &clock.Clock{}
	jobs := job.Start(store, c.Now, log, job.Config{Expire: opts.TTLInterval, Lag: opts.ReplicationLag})
	faults := fault.New(nil)
	faults.ChangeChances(func(now *fault.Chances) {
		*now = fault.Chances{Any: opts.ErrorProbability, Read: opts.ReadErrorProbability, Write: opts.WriteErrorProbability}
	})
	db := dynamodb.New(dynamodb.Config{
		Store:               store,
		Now:                 c.Now,
		Profile:             dynamodb.Profile(opts.Profile),
		Shared:              opts.SharedDB,
		MaxGlobalIndexes:    opts.MaxGlobalIndexes,
		TransientStatus:     opts.TransientStatus,
		StreamShards:        opts.StreamShards,
		StreamShardRollover: opts.StreamShardRollover,
		Endpoint:            endpoint,
		Faults:              faults,
		Wake:                jobs.Wake,
		Async:               !opts.ReplicationLag.IsZero(),
		Changed:             jobs.Changed,
		Filled:              jobs.Filled,
		Logger:              log,
	})
	shelf := &snapshot.Shelf{Store: store, Dir: opts.SnapshotDir, Now: c.Now, Version: version(), Changed: jobs.Wake}
	shelf.Tidy()
	return &service{db, c, faults, jobs, shelf, store, opts.ReplicationLag}
}

// mover returns what makes changes of global tables in other regions.
func (s *service) mover() *replica.Mover {
	return &replica.Mover{Store: s.store, Now: s.clock.Now, Delay: s.lag}
}

// expire deletes what has expired, of all accounts and regions.
func (s *service) expire(ctx context.Context) (int, error) {
	return job.Expire(ctx, s.store, s.clock.Now)
}

// expireTable deletes what has expired of one table, or only counts it.
func (s *service) expireTable(ctx context.Context, account, region, table string, dryRun bool) (int, error) {
	return job.ExpireTable(ctx, s.store, s.clock.Now, account, region, table, dryRun)
}
