package snapshot

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// A File is what a snapshot is written to. It is begun anew if the store asks
// for that.
type File interface {
	io.Writer
	io.Seeker
	Truncate(size int64) error
}

// Save writes all tables of store to f: one state of all of them, while others
// go on writing. Tables on their way out are not among them. What expires and
// which records can be read is judged by now. version is that of the program.
func Save(ctx context.Context, store kv.Store, f File, now time.Time, version string) (Info, error) {
	var info Info
	err := store.View(ctx, func(r kv.Reader) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := f.Truncate(0); err != nil {
			return err
		}
		info = Info{Stator: version, Taken: now.UTC(), Tables: []Table{}}
		s := saver{ctx: ctx, Reader: r, now: now}
		ts, err := s.tables(&info)
		if err != nil {
			return err
		}
		out := bufio.NewWriterSize(f, 256<<10)
		if s.w, err = newWriter(out, info); err != nil {
			return err
		}
		for _, t := range ts {
			if err := s.table(t); err != nil {
				return fmt.Errorf("table %s: %w", t.ARN(), err)
			}
		}
		if err := s.w.close(); err != nil {
			return err
		}
		return out.Flush()
	})
	return info, err
}

type saver struct {
	kv.Reader
	ctx context.Context
	now time.Time
	w   *writer
	n   int
}

// tables returns the tables to save, and adds them to info.
func (s *saver) tables(info *Info) ([]*table.Table, error) {
	var ts []*table.Table
	for pair, err := range s.Scan(table.AllDescriptors()) {
		if err != nil {
			return nil, err
		}
		t, err := table.Decode(bytes.Clone(pair.Value))
		if err != nil {
			return nil, err
		}
		if t.State.Status != table.Deleting {
			ts = append(ts, t)
		}
	}
	for _, t := range ts {
		totals, err := s.Sum(t.Counter(nil, table.Items), t.Counter(nil, table.Bytes))
		if err != nil {
			return nil, err
		}
		info.add(Table{t.Account, t.Region, t.Name, totals[0], totals[1]})
	}
	return ts, nil
}

func (s *saver) table(t *table.Table) error {
	if err := s.w.table(t.Raw()); err != nil {
		return err
	}
	for _, ix := range append([]*table.Index{nil}, t.Indexes...) {
		if err := s.counters(t, ix); err != nil {
			return err
		}
	}
	for _, in := range t.Contents(s.now) {
		for pair, err := range s.Scan(in) {
			if s.n++; err == nil && s.n%256 == 0 {
				err = s.ctx.Err()
			}
			if err != nil {
				return err
			}
			space, key := t.Within(pair.Key)
			if err := s.w.pair(byte(space), key, pair.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *saver) counters(t *table.Table, ix *table.Index) error {
	number := uint32(0)
	if ix != nil {
		number = ix.ID
	}
	figures := []table.Figure{table.Items, table.Bytes}
	totals, err := s.Sum(t.Counter(ix, figures[0]), t.Counter(ix, figures[1]))
	if err != nil {
		return err
	}
	for i, total := range totals {
		if err := s.w.counter(number, byte(figures[i]), total); err != nil {
			return err
		}
	}
	return nil
}
