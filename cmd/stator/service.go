package main

import (
	"log/slog"
	"time"

	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/job"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/option"
)

// newService returns the operations over store and what stops the work that
// they leave for the background. endpoint is where clients find the server.
func newService(store kv.Store, opts *option.Options, endpoint string, log *slog.Logger) (db *dynamodb.DB, stop func()) {
	jobs := job.Start(store, time.Now, log)
	db = dynamodb.New(dynamodb.Config{
		Store:               store,
		TransientStatus:     opts.TransientStatus,
		StreamShards:        opts.StreamShards,
		StreamShardRollover: opts.StreamShardRollover,
		Endpoint:            endpoint,
		Wake:                jobs.Wake,
		Logger:              log,
	})
	return db, jobs.Stop
}
