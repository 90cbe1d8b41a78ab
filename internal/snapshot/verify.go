package snapshot

import (
	"bytes"
	"io"
	"regexp"

	"github.com/statordb/stator/internal/attr"
	"github.com/statordb/stator/internal/replica"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// Verify reads all of a file and reports whether it can be loaded.
func Verify(r io.Reader) (Info, error) {
	info, _, err := verify(r)
	return info, err
}

// verify returns the tables of a file too, with the ids that they have there.
func verify(r io.Reader) (Info, []*table.Table, error) {
	f, info, err := newReader(r)
	if err != nil {
		return info, nil, err
	}
	defer f.close()
	v := &verifier{info: info, names: map[string]bool{}, ids: map[table.ID]bool{}, cursors: map[table.ID]int{}}
	if err := f.visit(v); err != nil {
		return info, nil, err
	}
	if len(v.tables) != len(info.Tables) {
		return info, nil, damaged("%d tables are announced, %d are there", len(info.Tables), len(v.tables))
	}
	for _, t := range v.tables {
		if t.Async != nil && v.cursors[t.Short()] != len(t.Replicas) {
			return info, nil, damaged("the table %s does not know how far its replicas are", t.ARN())
		}
	}
	return info, v.tables, nil
}

type verifier struct {
	info   Info
	tables []*table.Table
	names  map[string]bool
	ids    map[table.ID]bool
	// cursors counts those of each table.
	cursors map[table.ID]int
}

// What names are made of, of which keys are made.
var (
	accounts = regexp.MustCompile(`^[^/\x00-\x1F]+$`) // in the profile of DynamoDB Local they are no numbers
	regions  = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	names    = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)
)

func (v *verifier) table(descriptor []byte) error {
	t, err := table.Decode(bytes.Clone(descriptor))
	if err != nil {
		return damaged("%v", err)
	}
	key := string(t.DescriptorKey())
	n := len(v.tables)
	switch {
	case !accounts.MatchString(t.Account), !regions.MatchString(t.Region), !names.MatchString(t.Name):
		return damaged("%q is no name of a table", key)
	case v.names[key], v.ids[t.Short()]:
		return damaged("the table %s is in it twice", t.ARN())
	case len(t.Keys().Hash) == 0 || t.State.Status == table.Deleting:
		return damaged("the table %s is none", t.ARN())
	case n == len(v.info.Tables) || v.info.Tables[n].Name != t.Name || v.info.Tables[n].Region != t.Region || v.info.Tables[n].Account != t.Account:
		return damaged("the table %s is not announced", t.ARN())
	}
	v.names[key], v.ids[t.Short()] = true, true
	v.tables = append(v.tables, t)
	return nil
}

// last returns the table that what comes now belongs to.
func (v *verifier) last() (*table.Table, error) {
	if len(v.tables) == 0 {
		return nil, damaged("something in it is of no table")
	}
	return v.tables[len(v.tables)-1], nil
}

func (v *verifier) pair(space byte, rest, value []byte) error {
	t, err := v.last()
	if err != nil {
		return err
	}
	key, ok := t.At(table.Space(space), rest)
	if !ok {
		return damaged("the table %s has no such %s", t.ARN(), table.Space(space))
	}
	switch table.Space(space) {
	case table.InItems:
		it := attr.Item(value)
		if err := it.Check(); err != nil {
			return damaged("an item of %s: %v", t.ARN(), err)
		}
		if at, _ := t.ItemKey(it); !bytes.Equal(at, key) {
			return damaged("an item of %s is not where its key says", t.ARN())
		}
	case table.InEntries:
		if err := attr.Item(value).Check(); err != nil {
			return damaged("an index entry of %s: %v", t.ARN(), err)
		}
	case table.InVersions:
		if _, err := replica.ParseVector(value); err != nil {
			return damaged("a version vector of %s: %v", t.ARN(), err)
		}
	case table.InCursors:
		if err := replica.CheckCursor(value); err != nil {
			return damaged("%s: %v", t.ARN(), err)
		}
		v.cursors[t.Short()]++
	case table.InRecords:
		if err := checkRecord(value); err != nil {
			return damaged("a change record of %s: %v", t.ARN(), err)
		}
	}
	return nil
}

func checkRecord(value []byte) error {
	r, err := stream.Decode(value)
	if err != nil {
		return err
	}
	if err := r.Key.Check(); err != nil {
		return err
	}
	for _, image := range []attr.Item{r.Old, r.New} {
		if image == nil {
			continue
		}
		if err := image.Check(); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) counter(index uint32, figure byte, _ int64) error {
	t, err := v.last()
	if err != nil {
		return err
	}
	if figure != byte(table.Items) && figure != byte(table.Bytes) || index != 0 && indexOf(t, index) == nil {
		return damaged("the table %s has no such counter", t.ARN())
	}
	return nil
}

func indexOf(t *table.Table, id uint32) *table.Index {
	for _, ix := range t.Indexes {
		if ix.ID == id {
			return ix
		}
	}
	return nil
}
