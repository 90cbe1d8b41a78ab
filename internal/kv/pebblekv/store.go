// Package pebblekv is the engine that keeps the map in one directory, for one
// process: a log-structured merge tree with a write-ahead log, by Pebble. It
// hides Pebble: nobody above sees its types, its errors for a store that is in
// use or too new, or its log lines.
package pebblekv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/latch"
)

// Options says how a store is to be opened. Its zero value is ready for use,
// and loses nothing.
type Options struct {
	// Sync says when commits are forced to the disk.
	Sync Fsync

	// Interval is the time between two syncs if Sync is Interval, and so about
	// how much a crash can lose. 0 means 100 ms: short enough to lose little,
	// long enough that syncs do not compete with reads.
	Interval time.Duration

	// CacheBytes is how much memory the blocks of tables may take that were
	// read. It is taken as blocks are read, not in advance. 0 means 128 MB.
	CacheBytes int64

	// Existing has Open return kv.ErrNoStore for a directory that is not a
	// store's, and leave it as it is.
	Existing bool

	// Logger gets the log lines of the store: errors as errors, and all else,
	// such as the begin and end of compactions, at debug level. nil is silent.
	Logger *slog.Logger
}

// An Fsync says when commits are forced to the disk.
type Fsync int

const (
	// Always means that an Update returns when its writes are on the disk.
	// Updates that run at the same time share a sync.
	Always Fsync = iota

	// Interval means that writes are on the disk some time after their Update
	// returned. A crash of the machine or of the process can lose the last of
	// them, never one in the middle, and none in half.
	Interval

	// Never leaves it to the operating system when writes reach the disk, and
	// to Close.
	Never
)

const (
	defaultInterval   = 100 * time.Millisecond
	defaultCacheBytes = 128 << 20

	// A memtable starts small and grows to this size. Larger ones make fewer
	// compactions, and more memory and a longer start after a crash.
	memTableBytes = 16 << 20

	// Tables of level 0 are of this size, and twice as large on each further one.
	// That is a quarter as many files as with Pebble's 2 MB.
	tableBytes = 8 << 20

	// So many flushes are compacted into the next level at once, and so large may
	// that level grow before another comes between: with Pebble's 4 and 64 MB,
	// putting a million items copied a third more.
	flushesPerCompaction = 6
	baseLevelBytes       = 24 << 20

	// A block is what is read and cached at a time. With 16 KB a Scan is twice
	// as fast as with Pebble's 4 KB, and a Get as fast.
	blockBytes = 16 << 10

	// With this, a table has one block that tells where the others are, and a Get
	// need not look through two.
	indexBlockBytes = 256 << 10
)

// Open opens the store in dir, and makes it if it is not there. It implements
// kv.Metricser. The error is ErrInUse if dir is open already, in this process
// or another, and ErrNewerFormat if it was written by a newer version.
func Open(dir string, opts Options) (kv.Store, error) {
	return open(vfs.Default, dir, opts)
}

type store struct {
	gate    latch.Gate
	locks   *latch.Table
	txs     sync.Pool // of *tx
	readers sync.Pool // of *reader

	db        *pebble.DB
	dir       string
	dirLock   *pebble.Lock
	files     *files
	room      *room
	snapshots snapshots
	folder    folder
	sync      Fsync
	reclaimer reclaimer
	layout    *layout
	unsynced  atomic.Bool  // there are commits that the syncer has not seen
	syncing   atomic.Int64 // how many commits are on their way to the disk, and may be visible
	syncer    syncer

	// appending is held from choosing the version of a record until the record
	// is visible. It stands for the two fields below.
	appending sync.Mutex
	version   uint64 // the last one chosen
	reserved  uint64 // the last one that a reopened store will not choose

	beforeApply func() // for tests: called before each batch is applied
}

func open(fs vfs.FS, dir string, opts Options) (kv.Store, error) {
	if opts.Existing {
		// Every store has its format from the beginning.
		if _, err := fs.Stat(fs.PathJoin(dir, formatFile)); err != nil {
			return nil, fmt.Errorf("%w in %s: %w", kv.ErrNoStore, dir, err)
		}
	}
	dirLock, err := prepare(fs, dir)
	if err != nil {
		return nil, err
	}
	log := newLog(opts.Logger)
	room := &room{fs: fs, dir: dir, log: log}
	s := &store{
		locks:   latch.NewTable(),
		dir:     dir,
		dirLock: dirLock,
		files:   &files{FS: fs, room: room, log: log, hurried: make(chan struct{}), end: log.end},
		room:    room,
		layout:  newLayout(),
		sync:    opts.Sync,
	}
	s.txs.New = func() any { return &tx{store: s} }
	s.readers.New = func() any { return &reader{} }
	o := pebbleOptions(s.files, dirLock, log, opts)
	s.layout.apply(o)
	if s.db, err = openPebble(dir, o); err != nil {
		_ = dirLock.Close() // why it cannot be opened says more
		return nil, err
	}
	s.snapshots.db = s.db
	s.reclaimer.open()
	s.folder.deltas = map[string]*int{}
	if err := s.recoverVersion(); err != nil {
		_, _ = s.db.Close(), dirLock.Close()
		return nil, openError(dir, err)
	}
	s.files.opened.Store(true)
	if s.sync == Interval {
		s.syncer.start(orDefault(opts.Interval, defaultInterval), s.syncUnsynced)
	}
	return s, nil
}

// openPebble returns an ErrDamaged for what Pebble makes nothing of. Some of it
// makes Pebble panic.
func openPebble(dir string, opts *pebble.Options) (db *pebble.DB, err error) {
	defer func() {
		if v := recover(); v != nil {
			db, err = nil, damaged(dir, fmt.Sprint("it makes no sense: ", v))
		}
	}()
	if db, err = pebble.Open(dir, opts); err != nil {
		return nil, openError(dir, err)
	}
	return db, nil
}

// openError says what is wrong with a directory that Pebble cannot open.
func openError(dir string, err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open %s: %w: %s", dir, err, remedy(err))
	}
	if info := pebble.ExtractDataCorruptionInfo(err); info != nil {
		return damaged(info.Path, firstLine(err))
	}
	return damaged(dir, firstLine(err))
}

func pebbleOptions(fs vfs.FS, lock *pebble.Lock, log log, opts Options) *pebble.Options {
	o := &pebble.Options{
		FS:                 fs,
		Lock:               lock,
		FormatMajorVersion: pebbleFormat,
		CacheSize:          orDefault(opts.CacheBytes, defaultCacheBytes),
		MemTableSize:       memTableBytes,
		MaxOpenFiles:       openFiles(),
		Merger:             adder,
		Logger:             log,
		EventListener:      log.listener(),
	}
	o.TargetFileSizes[0] = tableBytes
	o.L0CompactionThreshold = flushesPerCompaction
	o.LBaseMaxBytes = baseLevelBytes
	for i := range o.Levels {
		o.Levels[i].BlockSize = blockBytes
		o.Levels[i].IndexBlockSize = indexBlockBytes
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	// The last level has no filters: Pebble does not look at them when it gets
	// a key, and they would be nine tenths of all.
	o.Levels[len(o.Levels)-1].FilterPolicy = pebble.NoFilterPolicy
	return o
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (s *store) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	snapshot := s.snapshots.open()
	defer s.snapshots.release(snapshot)
	r := s.readers.Get().(*reader)
	r.from = snapshot
	defer s.readers.Put(r)
	defer r.free()
	return s.files.unavailable(fn(r))
}

func (s *store) Update(ctx context.Context, locks kv.Locks, fn func(kv.Tx) error) error {
	if err := s.gate.Enter(); err != nil {
		return err
	}
	defer s.gate.Leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := s.begin()
	defer tx.free()
	err := s.run(ctx, locks, tx, fn)
	if err != nil || tx.batch.Empty() {
		return cmp.Or(s.files.unavailable(err), s.waitForOthers())
	}
	s.counted(tx)
	if len(tx.ranges) > 0 {
		s.reclaim(tx.ranges, reclaimDelay)
	}
	return tx.waitForSync()
}

// run makes the writes of fn visible. It lets the locks go before the writes
// are on the disk, so that a hot item does not wait for one sync after another:
// what comes later in the log is on the disk no sooner. Whoever reads what a
// crash then undoes has read something that its writer was never told was done.
func (s *store) run(ctx context.Context, locks kv.Locks, tx *tx, fn func(kv.Tx) error) error {
	held, err := s.locks.Lock(ctx, locks, tx.held)
	if err != nil {
		return err
	}
	tx.held = held
	defer s.locks.Unlock(held)

	if err := fn(tx); err != nil {
		return err
	}
	if tx.err != nil {
		return tx.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.room.admit(tx); err != nil {
		return err
	}
	return s.commit(tx)
}

func (s *store) Close() error {
	s.files.hurry()
	s.reclaimer.close()
	if err := s.gate.Close(); err != nil {
		return err
	}
	s.syncer.stop()
	s.snapshots.close()
	s.flush()
	err := errors.Join(s.syncAll(), s.db.Close())
	if err == nil {
		s.seal()
	}
	return errors.Join(err, s.dirLock.Close())
}

const (
	// A memtable of this size is read from the log at the next start in no time.
	smallMemTable = 1 << 20

	// closePatience is how long Close waits for a flush, which on a full disk
	// has no end. What is not flushed is in the log.
	closePatience = 500 * time.Millisecond
)

// flush writes what is in memory to a table, so that the next start need not
// read it from the log and then do the same.
func (s *store) flush() {
	if s.db.Metrics().MemTable.Size <= smallMemTable {
		return
	}
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		return // and syncAll or Close tells why
	}
	select {
	case <-flushed:
	case <-time.After(closePatience):
	}
}

// seal seals the directory. A store without a seal is as good as one after a
// crash, so that it is no error if there is no room for one.
func (s *store) seal() {
	if err := seal(s.files.FS, s.dir); err != nil {
		s.files.log.Warn(fmt.Sprintf("the data in %s could not be sealed", s.dir), "error", err)
	}
}
