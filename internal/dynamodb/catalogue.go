package dynamodb

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Listed is a table as an overview of all accounts and regions shows it.
type Listed struct {
	Account     string    `json:"account"`
	Region      string    `json:"region"`
	Name        string    `json:"name"`
	ARN         string    `json:"arn"`
	Status      string    `json:"status"`
	Created     time.Time `json:"created"`
	BillingMode string    `json:"billingMode"`
	Class       string    `json:"class"`
	Items       int64     `json:"items"`
	Bytes       int64     `json:"bytes"`
	GSIs        int       `json:"globalIndexes"`
	LSIs        int       `json:"localIndexes"`
	Stream      string    `json:"stream,omitempty"`     // the view type, if it is enabled
	TTL         string    `json:"timeToLive,omitempty"` // the attribute, if it is enabled
	Replicas    []string  `json:"replicas,omitempty"`   // the regions of the others
	Protected   bool      `json:"deletionProtection,omitempty"`
	// Written is when a request last wrote items of it since the process began.
	Written *time.Time `json:"lastWrite,omitempty"`
}

// Tables returns the tables of all accounts and regions, in the order of these
// and of their names.
func (db *DB) Tables(ctx context.Context) (list []Listed, err error) {
	now := db.cfg.Now()
	err = db.store.View(ctx, func(r kv.Reader) error {
		list = []Listed{}
		var raws [][]byte
		for pair, err := range r.Scan(table.AllDescriptors()) {
			if err != nil {
				return err
			}
			raws = append(raws, bytes.Clone(pair.Value))
		}
		for some := range slices.Chunk(raws, 100) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if list, err = listed(r, list, some, now); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range list {
		l := &list[i]
		l.Written = db.meter.written(tableName{l.Account, l.Region, l.Name})
	}
	return list, err
}

// listed appends the tables whose descriptors are raws.
func listed(r kv.Reader, list []Listed, raws [][]byte, now time.Time) ([]Listed, error) {
	var ts []*table.Table
	var counters [][]byte
	for _, raw := range raws {
		t, err := table.Decode(raw)
		if err != nil {
			return nil, err
		}
		if t.Gone(now) {
			continue
		}
		ts = append(ts, t.Overridden())
		counters = append(counters, t.Counter(nil, table.Items), t.Counter(nil, table.Bytes))
	}
	sums, err := r.Sum(counters...)
	if err != nil {
		return nil, err
	}
	for i, t := range ts {
		l := Listed{
			Account: t.Account, Region: t.Region, Name: t.Name, ARN: t.ARN(), Status: string(t.StatusAt(now)), Created: t.Created.UTC(),
			BillingMode: t.Billing.Mode, Class: t.Class.Name, Items: sums[2*i], Bytes: sums[2*i+1], Protected: t.Protected,
		}
		l.Class = cmp.Or(l.Class, "STANDARD")
		for _, ix := range t.Indexes {
			if ix.Local {
				l.LSIs++
			} else {
				l.GSIs++
			}
		}
		if t.Stream != nil && t.Stream.Enabled {
			l.Stream = t.Stream.View
		}
		if ttl := t.Expiring(); ttl != nil {
			l.TTL = ttl.Attribute
		}
		for _, m := range t.Replicas {
			l.Replicas = append(l.Replicas, m.Region)
		}
		list = append(list, l)
	}
	return list, nil
}
