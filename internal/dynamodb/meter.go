package dynamodb

import (
	"context"
	"errors"
	"maps"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/fault"
	"github.com/statordb/stator/internal/item"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/table"
)

const (
	// maxMetered is how many tables have figures of their own.
	maxMetered = 1000

	// sampleAge is how old a sample is at most that is given to another reader:
	// many readers cost as much as one.
	sampleAge = 500 * time.Millisecond
)

// A meter counts what is done with each table, from the start on. To count a
// request takes no lock, unless it fails, and no memory.
type meter struct {
	// tables has the figures of each table that a request was about. The map is
	// never changed, only replaced.
	tables atomic.Pointer[map[tableName]*usage]
	// rest are the figures of requests about no table that there is, and of
	// tables beyond maxMetered.
	rest usage

	since  time.Time  // when counting began, by the machine's clock
	adding sync.Mutex // serializes replacing tables

	mu   sync.Mutex
	last *Sample // the latest; it is not changed any more
}

// of returns the figures of t.
func (m *meter) of(t *table.Table) *usage {
	name := tableName{t.Account, t.Region, t.Name}
	if have := m.tables.Load(); have != nil {
		if u := (*have)[name]; u != nil {
			return u
		}
	}
	return m.add(name)
}

func (m *meter) add(name tableName) *usage {
	m.adding.Lock()
	defer m.adding.Unlock()
	tables := map[tableName]*usage{}
	if have := m.tables.Load(); have != nil {
		if u := (*have)[name]; u != nil {
			return u
		}
		if len(*have) >= maxMetered {
			return &m.rest
		}
		tables = maps.Clone(*have)
	}
	tables[name] = &usage{}
	m.tables.Store(&tables)
	return tables[name]
}

// forget takes away the figures of tables that are not there any more.
func (m *meter) forget(gone map[tableName]bool) {
	if len(gone) == 0 {
		return
	}
	m.adding.Lock()
	defer m.adding.Unlock()
	tables := maps.Clone(*m.tables.Load())
	maps.DeleteFunc(tables, func(name tableName, _ *usage) bool { return gone[name] })
	m.tables.Store(&tables)
}

// A usage is the figures of one table.
type usage struct {
	operations [maxOperations]atomic.Pointer[latencies] // by operationNumber, made at the first use

	taken taken // of the table itself
	// indexes has what was taken of each index. The map is never changed, only
	// replaced.
	indexes atomic.Pointer[map[string]*taken]

	// When items were written last, by the service's clock, in nanoseconds since 1970;
	// 0 is never.
	wrote atomic.Int64
	// How far behind readers of the stream are, in milliseconds, and when that was
	// seen, in nanoseconds since 1970; 0 is never.
	behind, behindAt atomic.Int64

	mu        sync.Mutex        // also for replacing indexes
	errors    map[string]uint64 // by exception
	throttles map[Throttle]uint64
}

// throttle counts a request that was throttled.
func (u *usage) throttle(why Throttle) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.throttles == nil {
		u.throttles = map[Throttle]uint64{}
	}
	u.throttles[why]++
}

// readStream notes how old the last record was that a reader of the stream got. Of
// several shards the one that is furthest behind counts, for a second.
func (u *usage) readStream(behind time.Duration) {
	const lasts = time.Second
	now := time.Now().UnixNano()
	if ms := behind.Milliseconds(); ms >= u.behind.Load() || now-u.behindAt.Load() > int64(lasts) {
		u.behind.Store(ms)
		u.behindAt.Store(now)
	}
}

// count counts one request.
func (u *usage) count(operation int, took time.Duration, err error) {
	l := u.operations[operation].Load()
	if l == nil {
		u.operations[operation].CompareAndSwap(nil, &latencies{})
		l = u.operations[operation].Load()
	}
	l[bucketOf(took)].Add(1)
	if err == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.errors == nil {
		u.errors = map[string]uint64{}
	}
	u.errors[exceptionName(err)]++
}

// taken is what was taken of a table or of an index.
type taken struct {
	read, write    atomic.Uint64 // half units
	pages, records atomic.Uint64
	last           atomic.Int64 // when a page was read, in nanoseconds since 1970; 0 is never
}

const halves = 2 // of a unit: no less is ever taken

func (n *taken) add(more *item.Taken) {
	add := func(to *atomic.Uint64, more uint64) {
		if more > 0 {
			to.Add(more)
		}
	}
	add(&n.read, uint64(halves*more.Read))
	add(&n.write, uint64(halves*more.Write))
	if more.Pages > 0 {
		n.pages.Add(uint64(more.Pages))
		n.last.Store(time.Now().UnixNano())
	}
	add(&n.records, uint64(more.Records))
}

func (n *taken) now() Taken {
	return Taken{
		Read: float64(n.read.Load()) / halves, Write: float64(n.write.Load()) / halves,
		Pages: n.pages.Load(), Records: n.records.Load(),
	}
}

// use returns how t is read, or an index of it if ix is not nil.
func (m *meter) use(t *table.Table, ix *table.Index) Use {
	var u *usage
	if have := m.tables.Load(); have != nil {
		u = (*have)[tableName{t.Account, t.Region, t.Name}]
	}
	if u == nil {
		return Use{}
	}
	if ix == nil {
		return u.taken.use()
	}
	if have := u.indexes.Load(); have != nil && (*have)[ix.Name] != nil {
		return (*have)[ix.Name].use()
	}
	return Use{}
}

func (n *taken) use() Use {
	use := Use{Reads: n.pages.Load()}
	if last := n.last.Load(); last != 0 {
		at := time.Unix(0, last).UTC()
		use.Last = &at
	}
	return use
}

// written returns when items of a table were written last; nil is not known.
func (m *meter) written(name tableName) *time.Time {
	have := m.tables.Load()
	if have == nil || (*have)[name] == nil {
		return nil
	}
	wrote := (*have)[name].wrote.Load()
	if wrote == 0 {
		return nil
	}
	at := time.Unix(0, wrote).UTC()
	return &at
}

// of returns what was taken of an index of t, or of t itself if it is nil.
func (u *usage) of(t *table.Table, ix *table.Index) *taken {
	if ix == nil {
		return &u.taken
	}
	if have := u.indexes.Load(); have != nil {
		if n := (*have)[ix.Name]; n != nil {
			return n
		}
	}
	return u.addIndex(t, ix)
}

// addIndex makes room for an index of t, and forgets those that t has not.
func (u *usage) addIndex(t *table.Table, ix *table.Index) *taken {
	u.mu.Lock()
	defer u.mu.Unlock()
	indexes := map[string]*taken{}
	if have := u.indexes.Load(); have != nil {
		if n := (*have)[ix.Name]; n != nil {
			return n
		}
		maps.Copy(indexes, *have)
		maps.DeleteFunc(indexes, func(name string, _ *taken) bool { return t.Index(name) == nil })
	}
	indexes[ix.Name] = &taken{}
	u.indexes.Store(&indexes)
	return indexes[ix.Name]
}

// exceptionName returns what an error is counted as.
func exceptionName(err error) string {
	var e *api.Error
	switch {
	case errors.As(err, &e):
		return string(e.Type)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "ClientGone"
	default:
		return string(api.InternalServerError)
	}
}

// latencies counts requests by how long they took, and so how many there were.
// Each power of two of microseconds has bucketsPerOctave buckets.
type latencies [octaves * bucketsPerOctave]atomic.Uint64

const (
	bucketBits       = 2
	bucketsPerOctave = 1 << bucketBits
	octaves          = 27 // the last begins at more than a minute
)

func bucketOf(took time.Duration) int {
	us := uint64(max(took.Microseconds(), 0))
	if us < bucketsPerOctave {
		return int(us)
	}
	octave := bits.Len64(us) - bucketBits // from 1 on
	bucket := octave*bucketsPerOctave + int(us>>(octave-1))&(bucketsPerOctave-1)
	return min(bucket, octaves*bucketsPerOctave-1)
}

// middle returns the middle of a bucket, in microseconds.
func middle(bucket int) int64 {
	octave, part := bucket/bucketsPerOctave, bucket%bucketsPerOctave
	if octave == 0 {
		return int64(part)
	}
	low := int64(bucketsPerOctave+part) << (octave - 1)
	return low + int64(1)<<(octave-1)/2
}

// operationNumbers numbers the operations that there are.
var operationNumbers = func() map[string]int {
	numbers := map[string]int{}
	for _, built := range operations {
		for name := range built {
			numbers[name] = 0
		}
	}
	for i, name := range slices.Sorted(maps.Keys(numbers)) {
		numbers[name] = i
	}
	return numbers
}()

// maxOperations is how many operations there may be.
const maxOperations = 64

// use notes tables that the request at hand is about.
func (s *Service) use(ts []*table.Table) {
	if !s.metered {
		return
	}
	for _, t := range ts {
		u := s.meter.of(t)
		if s.used == nil {
			s.used = s.firstUsed[:0]
		}
		if !slices.Contains(s.used, u) {
			s.used = append(s.used, u)
		}
	}
}

// useNamed notes tables that a request names which was refused on purpose before they
// were looked for, so that it is counted for them. A name that no table was seen to
// have is passed over.
func (s *Service) useNamed(in api.Input) {
	if s.trial == nil || !s.trial.hit || len(s.used) > 0 || !ofItems(s.trial.call.Operation) {
		return
	}
	tables, _ := named(in)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range tables {
		if t := s.tables[tableName{s.account, s.region, name}]; t != nil {
			s.use([]*table.Table{t})
		}
	}
}

// ofItems reports whether an operation reads or writes items: only these are counted
// for a table.
func ofItems(operation string) bool {
	switch operation {
	case "BatchGetItem", "BatchWriteItem", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		return true
	}
	return fault.KindOf(operation) != fault.None
}

// measure counts the request at hand, which has been carried out, for each table
// that it was about.
func (s *Service) measure(operation string, took time.Duration, err error) {
	number := operationNumbers[operation]
	used := s.used
	if len(used) == 0 {
		used = append(s.firstUsed[:0], &s.meter.rest)
	}
	for _, u := range used {
		u.count(number, took, err)
		if s.trial != nil && s.trial.throttled != "" {
			u.throttle(s.trial.throttled)
		}
	}
	all := s.tally.All()
	for i := range all {
		if u := s.meter.of(all[i].Table); u != &s.meter.rest {
			u.of(all[i].Table, all[i].Index).add(&all[i])
			if err == nil && all[i].Index == nil && all[i].Write > 0 {
				u.wrote.Store(s.now().UnixNano())
			}
		}
	}
	s.tally.Reset()
	tallies.Put(s.tally)
	s.tally = nil
}

// tallies are those that no request uses.
var tallies = sync.Pool{New: func() any { return &item.Tally{} }}

// A Sample is what was done from the start on, with each table that there still
// is and that requests were about. It must not be changed.
type Sample struct {
	At     time.Time // of the machine's clock
	Tables []TableSample
	// Rest is of requests that were about no table that there was, and of tables
	// beyond the first thousand.
	Rest Activity
}

// A TableSample is the figures of one table.
type TableSample struct {
	Account, Region, Table string
	Items, Bytes           int64
	Taken                  Taken // of the table itself
	Provisioned            *Provisioned
	Indexes                []IndexSample
	Activity               Activity
	Stream                 *StreamRead // nil if nobody has read the stream
}

// A StreamRead is how far behind readers of a stream were when one of them was last
// seen: how old the last record was that it got, and nothing if it got none.
type StreamRead struct {
	Behind time.Duration
	At     time.Time
}

// Index returns the figures of the index called name, which are zero if it was not
// there.
func (t TableSample) Index(name string) IndexSample {
	for _, ix := range t.Indexes {
		if ix.Name == name {
			return ix
		}
	}
	return IndexSample{Name: name}
}

// Taken is what was taken of a table or of an index by requests that were carried
// out.
type Taken struct {
	Read, Write float64 // units
	Pages       uint64  // that Query, Scan and statements like them read of it
	Records     uint64  // of changes, in the table's stream
}

// Since returns what was taken after an earlier time, or n if it has begun anew.
func (n Taken) Since(before Taken) Taken {
	if n.Read < before.Read || n.Write < before.Write || n.Pages < before.Pages || n.Records < before.Records {
		return n
	}
	return Taken{n.Read - before.Read, n.Write - before.Write, n.Pages - before.Pages, n.Records - before.Records}
}

// Provisioned is what a table or an index is provisioned for, in units a second.
type Provisioned struct{ Read, Write int64 }

// An IndexSample is the figures of one index.
type IndexSample struct {
	Name         string
	Items, Bytes int64
	Taken        Taken
	Provisioned  *Provisioned // nil of a local index: the table's is for it, too
}

// An Activity is what was done.
type Activity struct {
	Operations map[string]Latencies // by name
	Errors     map[string]uint64    // by exception
	Throttles  map[Throttle]uint64  // of requests
}

// Latencies tells how long requests took.
type Latencies []uint64

// Since returns what was done after an earlier time.
func (a Activity) Since(before Activity) Activity {
	out := Activity{Operations: map[string]Latencies{}, Errors: map[string]uint64{}, Throttles: map[Throttle]uint64{}}
	for name, now := range a.Operations {
		if l := now.since(before.Operations[name]); l.Count() > 0 {
			out.Operations[name] = l
		}
	}
	for name, now := range a.Errors {
		if was := before.Errors[name]; now > was {
			out.Errors[name] = now - was
		}
	}
	for why, now := range a.Throttles {
		if was := before.Throttles[why]; now > was {
			out.Throttles[why] = now - was
		}
	}
	return out
}

// since returns l less an earlier state of it, or l if it has begun anew.
func (l Latencies) since(before Latencies) Latencies {
	if before == nil {
		return l
	}
	out := slices.Clone(l)
	for i, n := range before {
		if n > out[i] {
			return l
		}
		out[i] -= n
	}
	return out
}

// Count returns how many requests there were.
func (l Latencies) Count() (n uint64) {
	for _, m := range l {
		n += m
	}
	return n
}

// Quantile returns how many microseconds a part of the requests took at most, to
// an eighth; 0 if there were none.
func (l Latencies) Quantile(part float64) int64 {
	rank := part * float64(l.Count())
	sum := uint64(0)
	for i, n := range l {
		if sum += n; n > 0 && float64(sum) >= rank {
			return middle(i)
		}
	}
	return 0
}

// With returns the requests of both.
func (l Latencies) With(more Latencies) Latencies {
	if l == nil {
		return more
	}
	out := slices.Clone(l)
	for i, n := range more {
		out[i] += n
	}
	return out
}

func (u *usage) activity() Activity {
	a := Activity{Operations: map[string]Latencies{}}
	for name, number := range operationNumbers {
		if l := u.operations[number].Load(); l != nil {
			counts := make(Latencies, len(l))
			for i := range l {
				counts[i] = l[i].Load()
			}
			a.Operations[name] = counts
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	a.Errors, a.Throttles = maps.Clone(u.errors), maps.Clone(u.throttles)
	return a
}

// Sample returns what was done, as it is now or was a moment ago.
func (db *DB) Sample(ctx context.Context) (*Sample, error) {
	db.meter.mu.Lock()
	defer db.meter.mu.Unlock()
	if last := db.meter.last; last != nil && time.Since(last.At) < sampleAge {
		return last, nil
	}
	sample := &Sample{At: time.Now(), Rest: db.meter.rest.activity()}
	var tables map[tableName]*usage
	if have := db.meter.tables.Load(); have != nil {
		tables = *have
	}
	gone := map[tableName]bool{}
	err := db.store.View(ctx, func(r kv.Reader) error {
		sample.Tables = nil
		clear(gone)
		for name, u := range tables {
			t, f, err := db.In(name.account, name.region).counted(r, name.name)
			if errors.Is(err, errNoTable) {
				gone[name] = true
				continue
			}
			if err != nil {
				return err
			}
			sample.Tables = append(sample.Tables, sampleOf(t, f, u))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	db.meter.forget(gone)
	slices.SortFunc(sample.Tables, TableSample.compare)
	db.meter.last = sample
	return sample, nil
}

func (s *Service) counted(r kv.Reader, name string) (*table.Table, figures, error) {
	t, err := s.find(r, name)
	if err != nil {
		return nil, figures{}, err
	}
	f, err := figuresOf(r, t)
	return t, f, err
}

func sampleOf(t *table.Table, f figures, u *usage) TableSample {
	s := TableSample{
		Account: t.Account, Region: t.Region, Table: t.Name, Items: f.items, Bytes: f.bytes, Activity: u.activity(),
		Taken: u.taken.now(), Provisioned: provisionedFor(t, t.Throughput),
	}
	for _, ix := range t.Indexes {
		in := IndexSample{Name: ix.Name, Items: f.indexes[ix.Name].items, Bytes: f.indexes[ix.Name].bytes}
		if have := u.indexes.Load(); have != nil && (*have)[ix.Name] != nil {
			in.Taken = (*have)[ix.Name].now()
		}
		if !ix.Local {
			in.Provisioned = provisionedFor(t, ix.Throughput)
		}
		s.Indexes = append(s.Indexes, in)
	}
	if at := u.behindAt.Load(); at != 0 {
		s.Stream = &StreamRead{time.Duration(u.behind.Load()) * time.Millisecond, time.Unix(0, at).UTC()}
	}
	return s
}

func provisionedFor(t *table.Table, p table.Throughput) *Provisioned {
	if t.Billing.Mode != provisioned {
		return nil
	}
	return &Provisioned{p.Read, p.Write}
}

func (t TableSample) compare(u TableSample) int {
	return slices.Compare([]string{t.Account, t.Region, t.Table}, []string{u.Account, u.Region, u.Table})
}
