// Package snapshot writes the tables of a store to a file and reads them into
// another, of any engine. A file has all that tables have: items, index
// entries, queues of what expires, change records with their sequence numbers,
// counters, and settings. What belongs to a store or its processes is not in
// it. A file is verified from end to end before anything is done with it, and a
// load is done or not done, whenever it is stopped.
package snapshot

import (
	"errors"
	"time"
)

// Info is what a file says of itself at its beginning.
type Info struct {
	Stator string    `json:"stator"` // the version that wrote it
	Taken  time.Time `json:"taken"`
	Tables []Table   `json:"tables"` // in the order in which they are in the file
	Counts
}

// A Table is one of the tables in a file.
type Table struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
	Items   int64  `json:"items"`
	Bytes   int64  `json:"bytes"` // of the items, as DynamoDB counts them
}

// Counts sums up some tables.
type Counts struct {
	Items int64 `json:"items"`
	Bytes int64 `json:"bytes"`
}

func (i *Info) add(t Table) {
	i.Tables = append(i.Tables, t)
	i.Items += t.Items
	i.Bytes += t.Bytes
}

// ErrDamaged is returned for what is not a whole snapshot. Nothing has been done
// with it.
var ErrDamaged = errors.New("is damaged")

// ErrForeign is returned for what does not even begin as a snapshot.
var ErrForeign = errors.New("is no snapshot")

// ErrNewer is returned for a snapshot in a format that this version does not
// know.
var ErrNewer = errors.New("was written by a newer version of stator")

// A Merge says which tables of a store give way to those of a snapshot.
type Merge string

// The merges. Both have names that LocalStack has given them.
const (
	// AccountRegion adds the tables to those of their accounts and regions, and
	// replaces those of the same name.
	AccountRegion Merge = "account-region-merge"
	// Overwrite replaces all tables that there are.
	Overwrite Merge = "overwrite"
)

// ErrMerge is returned for what is no Merge.
var ErrMerge = errors.New("is neither " + string(AccountRegion) + " nor " + string(Overwrite))
