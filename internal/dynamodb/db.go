// Package dynamodb is the operations of DynamoDB, a file for each. It checks
// what a request means, in the order in which the service does, has the item
// and table packages carry it out, and says what went wrong in the service's
// words. It knows nothing of HTTP.
package dynamodb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/table"
)

// Config is what a DB is made of. Only Store is required.
type Config struct {
	Store kv.Store
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// TransientStatus is how long a table or index is CREATING, UPDATING or
	// DELETING before it is what it was asked to be. 0 is not at all.
	TransientStatus time.Duration
	// StreamShards is how many shards of a new stream are open at a time; 0 is
	// 4.
	StreamShards int
	// StreamShardRollover is how long a shard of a new stream is open before
	// another one takes its place; 0 is as long as the stream is enabled.
	StreamShardRollover time.Duration
	// Profile is whose rules hold where they differ; empty is
	// ProfileLocalStack.
	Profile Profile
	// Shared has all callers, of whatever account and region, see the same
	// tables. There are no replicas then: a table is in all regions already.
	Shared bool
	// MaxGlobalIndexes is how many global indexes a table may have; 0 is the
	// profile's limit.
	MaxGlobalIndexes int
	// Endpoint is the host and port that DescribeEndpoints answers; empty is
	// AWS's own for the region.
	Endpoint string
	// Faults are what requests fail of though nothing is wrong with them; nil is
	// none.
	Faults *fault.Set
	// Wake is called when there is work to do in the background: space to
	// reclaim, an index to fill. nil is for a store where another process
	// does it.
	Wake func()
	// Async has changes of global tables made in other regions after their
	// commit, by whoever does that; Changed is called when a table has some. nil is
	// for a store where another process does it.
	Async   bool
	Changed func(*table.Table)
	// Filled tells how many items have been looked through to fill the index with a
	// number of the table with an ID or, for 0, that table as a replica; false if
	// that is not known. nil never knows.
	Filled func(table string, number uint32) (items int, ok bool)
	Logger *slog.Logger
}

// A DB is the tables of all accounts and regions in one store.
type DB struct {
	cfg   Config
	store kv.Store
	// stable says that what the store hands out stays valid.
	stable bool

	flights inFlight
	hints   hints
	tails   tails
	meter   meter

	mu     sync.RWMutex
	tables map[tableName]*table.Table // as last seen; checked at every use
}

// A tableName is what tells a table from all others at one time.
type tableName struct{ account, region, name string }

// New returns a DB over cfg.Store, which stays the caller's to close.
func New(cfg Config) *DB {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	if cfg.Filled == nil {
		cfg.Filled = func(string, uint32) (int, bool) { return 0, false }
	}
	if cfg.Changed == nil {
		cfg.Changed = func(*table.Table) {}
	}
	if cfg.StreamShards == 0 {
		cfg.StreamShards = 4
	}
	if cfg.MaxGlobalIndexes == 0 {
		cfg.MaxGlobalIndexes = cfg.Profile.globalIndexes()
	}
	_, stable := cfg.Store.(kv.Stable)
	return &DB{cfg: cfg, store: cfg.Store, stable: stable, meter: meter{since: time.Now()}, tables: map[tableName]*table.Table{}}
}

// A Service is DynamoDB as one account sees it in one region.
type Service struct {
	*DB
	account, region string
	trial           *trial       // of the request at hand; nil for most
	explanation     *Explanation // of the request at hand; nil for most
	metered         bool         // the request at hand is to be counted
	tally           *item.Tally  // of the request at hand; nil if it is not counted
	used            []*usage     // the figures of the tables that it is about
	firstUsed       [2]*usage
}

// In returns the Service of an account in a region.
func (db *DB) In(account, region string) *Service {
	return &Service{DB: db, account: account, region: region}
}

func (s *Service) now() time.Time { return s.cfg.Now() }

func (s *Service) wake() { s.cfg.Wake() }

// tableOf returns the name of the table that a request is about, which may
// give it as an ARN. An ARN of another account or region stays as it is, and
// no table has such a name.
func (s *Service) tableOf(name string) string {
	if arn, ok := api.ParseTableARN(name); ok && (s.owns(arn) || s.cfg.Profile.anyOwner()) {
		return arn.Table
	}
	return name
}

// errNoTable is returned for a table that is not there, or not yet, or not any
// more.
var errNoTable = errors.New("dynamodb: no such table")

// errStale is returned by an access that found another descriptor than the one
// it was planned with.
var errStale = errors.New("dynamodb: table has changed")

// A plan turns tables, in the order in which they were named, into the keys
// that an access reads. A write holds the locks of hold and shares those of
// share; for a read they are the same.
type plan func(ts []*table.Table) (hold, share [][]byte, err error)

// An access is given the tables and the values of hold followed by those of
// share.
type access[R kv.Reader] func(ts []*table.Table, values [][]byte, r R) error

// read calls fn with the tables called names and one state of the store, in
// which the values of the planned keys have been read together with the
// tables' descriptors. A schema change between planning and reading runs both
// again, so no other process needs to say that it made one.
func (s *Service) read(ctx context.Context, names []string, p plan, fn access[kv.Reader]) error {
	return s.attempt(ctx, names, p, func(ts []*table.Table, hold, share [][]byte) error {
		return s.store.View(ctx, func(r kv.Reader) error {
			return s.check(ts, len(ts), r, func(values [][]byte) error {
				s.tally.Again()
				return fn(ts, values, r)
			}, hold, share)
		})
	})
}

// An itemWriter is what an access writes with. Items are written by do alone, which
// writes them in all replicas of their tables.
type itemWriter struct {
	kv.Tx
	replicas *replica.Set
	tally    *item.Tally // of what is written in the tables that the request names
}

func (w itemWriter) do(write *item.Write) error {
	write.Tally = w.tally
	return w.replicas.Write(w.Tx, write)
}

// write is read for an access that writes: from its first read to its commit
// nobody else writes what it holds, nor what it shares.
func (s *Service) write(ctx context.Context, names []string, p plan, fn access[itemWriter]) error {
	again := false
	return s.attempt(ctx, names, p, func(ts []*table.Table, hold, share [][]byte) error {
		replicas, err := s.replicaSet(ctx, ts, again)
		again = true
		if err != nil {
			return err
		}
		if replicas != nil {
			items, err := s.flights.enter(s.region, ts, hold)
			if err != nil {
				return err
			}
			defer s.flights.leave(items)
		}
		twins, besides := replicas.Keys(hold)
		all := withReplicas(ts, replicas.Tables())
		locks := kv.Locks{Hold: append(slices.Clip(hold), twins...), Share: append(descriptorKeys(all), share...)}
		defer replicas.Async(s.cfg.Changed)
		defer s.tails.wrote(all)
		return s.store.Update(ctx, locks, func(tx kv.Tx) error {
			return s.check(all, len(ts), tx, func(values [][]byte) error {
				own := len(hold) + len(share)
				replicas.Found(values[own:])
				s.tally.Again()
				return fn(ts, values[:own], itemWriter{tx, replicas, s.tally})
			}, hold, share, besides)
		})
	})
}

// attempt plans and runs an access until the tables are what they were taken
// for.
func (s *Service) attempt(ctx context.Context, names []string, p plan, run func(ts []*table.Table, hold, share [][]byte) error) error {
	ts, fresh, err := s.cached(ctx, names)
	s.tally.Begin()
	for {
		if err != nil {
			return err
		}
		s.use(ts)
		var hold, share [][]byte
		if p != nil {
			hold, share, err = p(ts)
		}
		if err == nil {
			s.explanation.ready()
			err = run(ts, hold, share)
		} else if fresh {
			return err
		} else {
			err = errStale // the complaint may be about a table of long ago
		}
		if !errors.Is(err, errStale) {
			if err != nil {
				s.tally.Again()
			}
			return err
		}
		ts, err = s.load(ctx, names)
		fresh = true
	}
}

// check reads the planned keys together with the descriptors and goes on only
// if these are still the same. The first so many tables must be in use.
func (s *Service) check(ts []*table.Table, used int, r kv.Reader, fn func(values [][]byte) error, planned ...[][]byte) error {
	keys := descriptorKeys(ts)
	for _, more := range planned {
		keys = append(keys, more...)
	}
	values, err := r.Get(keys...)
	if err != nil {
		return err
	}
	for i, t := range ts {
		if !bytes.Equal(values[i], t.Raw()) {
			return errStale
		}
		if i < used && !s.usable(t) {
			return errNoTable
		}
	}
	return fn(values[len(ts):])
}

// usable reports whether the items of t can be read and written.
func (s *Service) usable(t *table.Table) bool {
	if t.State.Status == "" && t.Filling == nil {
		return true
	}
	status := t.StatusAt(s.now())
	return status == table.Active || status == table.Updating
}

func descriptorKeys(ts []*table.Table) [][]byte {
	keys := make([][]byte, len(ts), len(ts)+8)
	for i, t := range ts {
		keys[i] = t.DescriptorKey()
	}
	return keys
}

// cached returns the tables called names as they were last seen. fresh is true
// if any had to be loaded, and so all were.
func (s *Service) cached(ctx context.Context, names []string) (ts []*table.Table, fresh bool, err error) {
	ts = make([]*table.Table, len(names))
	s.mu.RLock()
	for i, name := range names {
		ts[i] = s.tables[tableName{s.account, s.region, name}]
	}
	s.mu.RUnlock()
	if slices.Contains(ts, nil) {
		ts, err = s.load(ctx, names)
		return ts, true, err
	}
	return ts, false, nil
}

// load reads the descriptors of the tables called names.
func (s *Service) load(ctx context.Context, names []string) ([]*table.Table, error) {
	keys := make([][]byte, len(names))
	for i, name := range names {
		keys[i] = table.DescriptorKey(s.account, s.region, name)
	}
	var ts []*table.Table
	err := s.store.View(ctx, func(r kv.Reader) error {
		values, err := r.Get(keys...)
		if err != nil {
			return err
		}
		ts = make([]*table.Table, 0, len(values))
		for i, raw := range values {
			t, err := s.decode(names[i], raw)
			if err != nil {
				return err
			}
			ts = append(ts, t)
		}
		return nil
	})
	return ts, err
}

// decode returns the table whose stored descriptor is raw, and remembers it.
func (s *Service) decode(name string, raw []byte) (*table.Table, error) {
	id := tableName{s.account, s.region, name}
	if raw == nil {
		s.mu.Lock()
		delete(s.tables, id)
		s.mu.Unlock()
		return nil, errNoTable
	}
	t, err := table.Decode(bytes.Clone(raw))
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", name, err)
	}
	if t.Gone(s.now()) {
		return nil, errNoTable
	}
	s.mu.Lock()
	s.tables[id] = t
	s.mu.Unlock()
	return t, nil
}
