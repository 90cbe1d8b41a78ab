package dynamodb

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Lifetime is what a table's time to live comes to at a moment.
type Lifetime struct {
	Account, Region, Table string
	Now                    time.Time // of the service's clock
	Status                 string
	Attribute              string // empty if it is disabled
	// Filling says that items that were there before are still being looked
	// through, so that not all that expire are known.
	Filling bool
	// DeletedIn is where the items are deleted, of replicas that reach each other
	// later; empty is here.
	DeletedIn string
	// TooOld are the items whose time is so long ago that they are never deleted,
	// Expired those that are to be deleted.
	TooOld, Expired Expiring
	First           []Expired // of Expired, the oldest first
	// Due are the others, each with those that are not in one before. The last
	// has all that are left.
	Due []Due
}

// Expiring is how many items expire in a time.
type Expiring struct {
	Items int
	More  bool // there are more than were counted
}

// Due are items that expire within so long.
type Due struct {
	Within time.Duration // 0 is longer than all others
	Expiring
}

// An Expired is the key of an item and when it expired.
type Expired struct {
	Key     attr.Item
	Seconds uint64 // since 1970
}

const (
	// maxExpiring is how many items are counted of each time at most.
	maxExpiring = 10_000
	// maxExpired is how many keys of expired items are shown, and expiredBatch of
	// how many they are read at a time: the items may be large.
	maxExpired   = 200
	expiredBatch = 25
)

const day = 24 * time.Hour

// dueWithin are the times that what expires is sorted into.
var dueWithin = []time.Duration{time.Minute, time.Hour, 6 * time.Hour, day, 7 * day, 30 * day, 365 * day}

// Complete reports whether all items were counted.
func (l *Lifetime) Complete() bool {
	return !l.Filling && !l.TooOld.More && !l.Expired.More && !slices.ContainsFunc(l.Due, func(d Due) bool { return d.More })
}

// Lifetime returns what the time to live of a table comes to. It reads no more
// than a bounded part of the queue in which items stand that expire. The error is
// as that of Do.
func (db *DB) Lifetime(ctx context.Context, account, region, name string) (*Lifetime, error) {
	s := db.In(account, region)
	var l *Lifetime
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		l = &Lifetime{Account: account, Region: region, Table: name, Now: s.now(), Due: []Due{}, First: []Expired{}}
		l.Status = string(t.TTL.StatusAt(l.Now))
		if l.Status != api.TimeToLiveStatusDisabled {
			l.Attribute = t.TTL.Attribute
		}
		if t.Expiring() == nil {
			return nil
		}
		l.Filling = t.TTL.Backfilling
		if in := t.ExpiresIn(); in != t.Region {
			l.DeletedIn = in
		}
		return s.countExpiring(r, t, l)
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	return l, err
}

func (s *Service) countExpiring(r kv.Reader, t *table.Table, l *Lifetime) (err error) {
	now := uint64(max(0, l.Now.Unix()))
	if l.TooOld, _, err = expiringIn(r, t.TTL.Between(t, 0, table.OldestExpiry(l.Now)), 0); err != nil {
		return err
	}
	var first [][]byte
	if l.Expired, first, err = expiringIn(r, t.TTL.Expired(t, l.Now), maxExpired); err != nil {
		return err
	}
	from := now + 1
	for _, within := range append(dueWithin[:len(dueWithin):len(dueWithin)], 0) {
		to := uint64(math.MaxUint64)
		if within > 0 {
			to = now + uint64(within/time.Second) + 1
		}
		in, _, err := expiringIn(r, t.TTL.Between(t, from, to), 0)
		if err != nil {
			return err
		}
		l.Due = append(l.Due, Due{within, in})
		from = to
	}
	l.First, err = s.expiredKeys(r, t, first)
	return err
}

// expiringIn counts what is in a part of a queue, and returns the first so many
// places in it.
func expiringIn(r kv.Reader, in kv.Range, most int) (e Expiring, first [][]byte, err error) {
	in.Limit = maxExpiring + 1
	for pair, err := range r.Scan(in) {
		if err != nil {
			return e, nil, err
		}
		if e.Items == maxExpiring {
			e.More = true
			break
		}
		e.Items++
		if len(first) < most {
			first = append(first, slices.Clone(pair.Key))
		}
	}
	return e, first, nil
}

// expiredKeys returns the keys of the items at some places in a queue.
func (s *Service) expiredKeys(r kv.Reader, t *table.Table, places [][]byte) ([]Expired, error) {
	out := []Expired{}
	for some := range slices.Chunk(places, expiredBatch) {
		keys := make([][]byte, len(some))
		for i, at := range some {
			keys[i] = t.TTL.ItemOf(t, at)
		}
		items, err := r.Get(keys...)
		if err != nil {
			return nil, err
		}
		for i, it := range items {
			if it != nil {
				key := attr.Item(it).Project(t.KeyAttributes(nil))
				out = append(out, Expired{slices.Clone(key), table.ExpiryAt(some[i])})
			}
		}
	}
	return out, nil
}
