package snapshot

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

// Options says how to load a snapshot.
type Options struct {
	Merge Merge // empty is AccountRegion
	// Empty refuses to load into a store that has tables, with ErrNotEmpty.
	Empty bool
	// Now is the time; the shards of streams that take the place of those in the
	// snapshot begin then.
	Now time.Time
}

// Loaded is what a load came to.
type Loaded struct {
	Info
	Replaced []Name `json:"replaced"` // tables that were there before and have given way
}

// A Name is that of a table.
type Name struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Name    string `json:"name"`
}

// ErrNotEmpty is returned when a store was to be empty.
var ErrNotEmpty = errors.New("the store has tables")

var (
	// errOvertaken is returned by a load that took so long for one commit that
	// what it had written was taken for what a killed one has left.
	errOvertaken = errors.New("it stood still for too long and was given up")
	// errChanged is returned when a table has changed since it was planned what
	// becomes of it.
	errChanged = errors.New("snapshot: tables have changed")
)

// Load reads file twice: to verify it, and then into store. What is loaded is
// stored under ids that nobody knows, and one commit at the end makes the
// tables known and takes those away that they replace, as if these had been
// deleted. When Load returns an error that has not happened. What has been
// stored until then, or by a load that is killed, is cleared away in the
// background.
func Load(ctx context.Context, store kv.Store, file io.ReadSeeker, opts Options) (Loaded, error) {
	if opts.Merge == "" {
		opts.Merge = AccountRegion
	}
	if opts.Merge != AccountRegion && opts.Merge != Overwrite {
		return Loaded{}, fmt.Errorf("%q %w", opts.Merge, ErrMerge)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Loaded{}, err
	}
	info, ts, err := verify(file)
	if err != nil {
		return Loaded{}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Loaded{}, err
	}
	l := &loader{ctx: ctx, store: store, opts: opts, from: ts, name: table.LoadKey(rand.Text())}
	if err := l.begin(); err != nil {
		return Loaded{}, err
	}
	err = l.fill(file)
	var replaced []Name
	if err == nil {
		replaced, err = l.commit()
	}
	if err != nil && !l.end() {
		return Loaded{}, err
	}
	return Loaded{info, replaced}, nil
}

type loader struct {
	ctx   context.Context
	store kv.Store
	opts  Options

	name []byte // the key of the note
	note []byte // as it was last stored
	load table.Load
	from []*table.Table // as in the file
	to   []*table.Table // as they will be

	at    int // in from, which of them is being read
	batch batch
}

// A batch is what is written in one commit.
type batch struct {
	pairs    []kv.Pair
	counters []counter
	size     int
}

type counter struct {
	key   []byte
	total int64
}

// Whoever commits something waits for a batch, but for those of no more than so
// many bytes or pairs not for long.
const (
	batchBytes = 1 << 20
	batchPairs = 2000
)

// begin gives the tables ids and leaves a note of them.
func (l *loader) begin() error {
	locks := kv.Locks{Hold: [][]byte{table.LoadLock(), l.name}}
	return l.store.Update(l.ctx, locks, func(tx kv.Tx) error {
		used, n, err := usedIDs(tx)
		if err != nil {
			return err
		}
		if l.opts.Empty && n > 0 {
			return ErrNotEmpty
		}
		l.load, l.to = table.Load{}, nil
		ids := map[string]string{}
		for _, t := range l.from {
			ids[t.ID] = t.ID
			taken, err := taken(tx, used, t)
			if err != nil {
				return err
			}
			if taken {
				ids[t.ID] = table.NewID()
			}
		}
		for _, t := range l.from {
			to := t.Clone()
			to.Settle(ids[t.ID], ids, l.opts.Now)
			if _, err := to.Encode(); err != nil {
				return err
			}
			l.to = append(l.to, to)
			l.load.IDs = append(l.load.IDs, to.Short())
		}
		l.note = l.load.Encode()
		tx.Set(l.name, l.note)
		return nil
	})
}

// usedIDs returns the ids of what is in the store, or was and is to be cleared
// away, and how many tables there are.
func usedIDs(r kv.Reader) (used map[table.ID]bool, tables int, err error) {
	used = map[table.ID]bool{}
	for _, in := range []kv.Range{table.AllDescriptors(), table.AllRemains()} {
		for pair, err := range r.Scan(in) {
			if err != nil {
				return nil, 0, err
			}
			t, err := table.Decode(bytes.Clone(pair.Value))
			if err != nil {
				return nil, 0, err
			}
			used[t.Short()] = true
			if !table.AreRemains(pair.Key) {
				tables++
			}
		}
	}
	for pair, err := range r.Scan(table.Graves()) {
		if err != nil {
			return nil, 0, err
		}
		if p, ok := table.Locate(pair.Key); ok {
			used[p.ID] = true
		}
	}
	for pair, err := range r.Scan(table.Loads()) {
		if err != nil {
			return nil, 0, err
		}
		load, _ := table.DecodeLoad(pair.Value)
		for _, id := range load.IDs {
			used[id] = true
		}
	}
	return used, tables, nil
}

// taken reports whether t cannot have its id in the store. What nobody knows of
// may be there, too.
func taken(r kv.Reader, used map[table.ID]bool, t *table.Table) (bool, error) {
	if used[t.Short()] {
		return true, nil
	}
	for _, in := range table.BuryAll(t.Short()).Ranges {
		in.Limit = 1
		for _, err := range r.Scan(in) {
			return true, err
		}
	}
	return false, nil
}

// fill stores what the tables have.
func (l *loader) fill(file io.Reader) error {
	f, _, err := newReader(file)
	if err != nil {
		return err
	}
	defer f.close()
	l.at = -1
	if err := f.visit(l); err != nil {
		return err
	}
	if l.at != len(l.from)-1 {
		return damaged("it has changed meanwhile")
	}
	return l.flush()
}

func (l *loader) table(descriptor []byte) error {
	l.at++
	if l.at == len(l.from) || !bytes.Equal(descriptor, l.from[l.at].Raw()) {
		return damaged("it has changed meanwhile")
	}
	return nil
}

func (l *loader) pair(space byte, rest, value []byte) error {
	if l.at < 0 {
		return damaged("it has changed meanwhile")
	}
	if table.Space(space) == table.InCursors {
		rest = l.renamed(rest)
	}
	key, ok := l.to[l.at].At(table.Space(space), rest)
	if !ok {
		return damaged("it has changed meanwhile")
	}
	l.batch.pairs = append(l.batch.pairs, kv.Pair{Key: key, Value: bytes.Clone(value)})
	if l.batch.size += len(key) + len(value); l.batch.size < batchBytes && len(l.batch.pairs) < batchPairs {
		return nil
	}
	return l.flush()
}

// renamed returns the id that the table with an id in the file will have.
func (l *loader) renamed(id []byte) []byte {
	for i, t := range l.from {
		if was, is := t.Short(), l.to[i].Short(); string(was[:]) == string(id) {
			return is[:]
		}
	}
	return id
}

func (l *loader) counter(index uint32, figure byte, total int64) error {
	if l.at < 0 {
		return damaged("it has changed meanwhile")
	}
	t := l.to[l.at]
	l.batch.counters = append(l.batch.counters, counter{t.Counter(indexOf(t, index), table.Figure(figure)), total})
	return nil
}

// flush writes the batch, and in the same commit says that the load goes on.
func (l *loader) flush() error {
	if len(l.batch.pairs)+len(l.batch.counters) == 0 {
		return nil
	}
	next := l.load
	next.Beats++
	note := next.Encode()
	err := l.store.Update(l.ctx, kv.Locks{Hold: [][]byte{l.name}}, func(tx kv.Tx) error {
		if err := l.mine(tx); err != nil {
			return err
		}
		for _, p := range l.batch.pairs {
			tx.Set(p.Key, p.Value)
		}
		for _, c := range l.batch.counters {
			tx.Add(c.key, c.total)
		}
		tx.Set(l.name, note)
		return nil
	})
	l.batch = batch{}
	l.load, l.note = next, note
	return err
}

// mine returns an error if the note is not as the load has left it.
func (l *loader) mine(tx kv.Tx) error {
	values, err := tx.Get(l.name)
	if err == nil && !bytes.Equal(values[0], l.note) {
		err = errOvertaken
	}
	return err
}

// commit makes the tables known in the place of others, whose names it returns.
func (l *loader) commit() (replaced []Name, err error) {
	for {
		var c *change
		err := l.store.View(l.ctx, func(r kv.Reader) (err error) {
			c, err = planChange(r, l.opts, l.to)
			return err
		})
		if err != nil {
			return nil, err
		}
		locks := kv.Locks{Hold: append(c.keys(), table.LoadLock(), l.name)}
		err = l.store.Update(l.ctx, locks, func(tx kv.Tx) error {
			if err := l.mine(tx); err != nil {
				return err
			}
			if err := c.apply(tx); err != nil {
				return err
			}
			tx.Delete(l.name)
			return nil
		})
		if !errors.Is(err, errChanged) {
			return c.replaced(), err
		}
	}
}

// end leaves what was stored to be cleared away. It reports true if there is
// nothing to clear away because the tables are known: then the commit was done
// though it seemed to fail. If end cannot do it, the background work does.
func (l *loader) end() (done bool) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), patience)
	defer cancel()
	locks := kv.Locks{Hold: [][]byte{l.name}}
	_ = l.store.Update(ctx, locks, func(tx kv.Tx) error {
		done = false
		keys := [][]byte{l.name}
		for _, t := range l.to {
			keys = append(keys, t.DescriptorKey())
		}
		values, err := tx.Get(keys...)
		if err != nil {
			return err
		}
		if values[0] == nil {
			done = len(l.to) > 0 && bytes.Equal(values[1], l.to[0].Raw())
			return nil
		}
		for _, t := range l.to {
			tx.Set(table.BuryAll(t.Short()).Key, nil)
		}
		tx.Delete(l.name)
		return nil
	})
	return done
}
