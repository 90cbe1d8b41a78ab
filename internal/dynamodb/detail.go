package dynamodb

import (
	"context"
	"errors"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A Detail is what is going on with one table, which no operation of DynamoDB
// tells.
type Detail struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Items   int64  `json:"items"`
	Bytes   int64  `json:"bytes"`
	// Filling is set while the table is given the items of the replica that it was
	// made from.
	Filling *Filling `json:"filling,omitempty"`
	Use
	Since    time.Time       `json:"since"` // when counting reads began
	Indexes  []IndexDetail   `json:"indexes"`
	Replicas []ReplicaDetail `json:"replicas"`
}

// An IndexDetail is what is going on with an index.
type IndexDetail struct {
	Name    string   `json:"index"`
	Local   bool     `json:"local,omitempty"`
	Status  string   `json:"status"`
	Items   int64    `json:"items"`
	Bytes   int64    `json:"bytes"`
	Filling *Filling `json:"filling,omitempty"`
	Use
}

// A ReplicaDetail is what is going on with a replica of a table.
type ReplicaDetail struct {
	Region  string   `json:"region"`
	Status  string   `json:"status"`
	Items   int64    `json:"items"`
	Bytes   int64    `json:"bytes"`
	Filling *Filling `json:"filling,omitempty"`
}

// A Filling is how far something is that is filled from a table.
type Filling struct {
	// Read is how many items have been looked through; nil if that is not known: the
	// work has not begun, or another process does it.
	Read *int  `json:"read,omitempty"`
	Of   int64 `json:"of"` // how many items there are by now
}

// Use is how a table or an index is used by Query, Scan and statements like them.
type Use struct {
	Reads uint64     `json:"reads"` // pages
	Last  *time.Time `json:"lastRead,omitempty"`
}

// Detail returns what is going on with a table. The error is as that of Do.
func (db *DB) Detail(ctx context.Context, account, region, name string) (*Detail, error) {
	s := db.In(account, region)
	var d *Detail
	err := s.store.View(ctx, func(r kv.Reader) error {
		t, err := s.find(r, name)
		if err != nil {
			return err
		}
		d, err = s.detail(r, t)
		return err
	})
	if errors.Is(err, errNoTable) {
		return nil, noSuchTable(name)
	}
	return d, err
}

func (s *Service) detail(r kv.Reader, t *table.Table) (*Detail, error) {
	f, err := figuresOf(r, t)
	if err != nil {
		return nil, err
	}
	d := &Detail{
		Account: t.Account, Region: t.Region, Name: t.Name, Status: string(t.StatusAt(s.now())), Items: f.items, Bytes: f.bytes,
		Use: s.meter.use(t, nil), Since: s.meter.since.UTC(), Indexes: []IndexDetail{}, Replicas: []ReplicaDetail{},
	}
	for _, ix := range t.Indexes {
		in := IndexDetail{
			Name: ix.Name, Local: ix.Local, Status: string(ix.StatusAt(s.now())), Items: f.indexes[ix.Name].items, Bytes: f.indexes[ix.Name].bytes,
			Use: s.meter.use(t, ix),
		}
		if ix.FillingAt(s.now()) {
			in.Filling = s.filling(t, ix.ID, f.items)
		}
		d.Indexes = append(d.Indexes, in)
	}
	return d, s.replicaDetails(r, t, d)
}

// replicaDetails adds the replicas of t, and how far t is as one.
func (s *Service) replicaDetails(r kv.Reader, t *table.Table, d *Detail) error {
	replicas, err := s.replicasOf(r, t)
	if err != nil {
		return err
	}
	most := d.Items // of all replicas: whichever has all items
	for _, m := range replicas {
		f, err := figuresOf(r, m)
		if err != nil {
			return err
		}
		most = max(most, f.items)
		d.Replicas = append(d.Replicas, ReplicaDetail{Region: m.Region, Status: string(m.StatusAt(s.now())), Items: f.items, Bytes: f.bytes})
	}
	if t.Filling != nil {
		d.Filling = s.filling(t, 0, most)
	}
	for i, m := range replicas {
		if m.Filling != nil {
			d.Replicas[i].Filling = s.filling(m, 0, most)
		}
	}
	return nil
}

// filling returns how far the part of t with a number is filled.
func (s *Service) filling(t *table.Table, number uint32, of int64) *Filling {
	f := &Filling{Of: of}
	if read, ok := s.cfg.Filled(t.ID, number); ok {
		f.Read = &read
	}
	return f
}
