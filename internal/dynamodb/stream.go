package dynamodb

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/stream"
	"github.com/statordb/stator/internal/table"
)

// noSuchStream is what operations on streams say.
func noSuchStream(arn string) error {
	return api.NewResourceNotFoundException(notFound + ": Stream: " + arn + " not found")
}

func noSuchShard() error {
	return api.NewResourceNotFoundException(notFound + ": Shard does not exist")
}

func trimmedData() error {
	return api.NewTrimmedDataAccessException("The operation attempted to read past the oldest stream record in a shard.")
}

// streamOf returns the stream with an ARN and its table, as the reader sees
// them, or what remains of the table if that was deleted or is being deleted.
func (s *Service) streamOf(r kv.Reader, arn string) (*table.Table, *table.Stream, error) {
	name, label, ok := s.parseStreamARN(arn)
	if !ok {
		return nil, nil, noSuchStream(arn)
	}
	values, err := r.Get(table.DescriptorKey(s.account, s.region, name))
	if err != nil {
		return nil, nil, err
	}
	if values[0] != nil {
		t, err := s.known(name, values[0])
		if err != nil {
			return nil, nil, err
		}
		if of := s.labelled(t, label); of != nil {
			return t, of, nil
		}
	}
	for left, err := range s.remains(r, table.RemainsOf(s.account, s.region, name)) {
		if err != nil {
			return nil, nil, err
		}
		if of := s.labelled(left, label); of != nil {
			return left, of, nil
		}
	}
	return nil, nil, noSuchStream(arn)
}

// labelled returns the stream of t with a label, if it can be read, or nil.
func (s *Service) labelled(t *table.Table, label string) *table.Stream {
	for _, of := range s.streamsOf(t) {
		if of.Label == label {
			return of
		}
	}
	return nil
}

// streamsOf returns the streams of t that can be read, oldest first. Those of a
// table on its way out are with its remains.
func (s *Service) streamsOf(t *table.Table) []*table.Stream {
	if t.State.Status == table.Deleting {
		return nil
	}
	return t.StreamsAt(s.now())
}

// remains returns what remains of deleted tables in a range of them.
func (s *Service) remains(r kv.Reader, in kv.Range) iter.Seq2[*table.Table, error] {
	return func(yield func(*table.Table, error) bool) {
		for pair, err := range r.Scan(in) {
			var t *table.Table
			if err == nil {
				t, err = table.Decode(bytes.Clone(pair.Value))
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// known returns the table whose stored descriptor is raw, which need not be
// decoded if it is the one that was last seen: readers of streams ask often.
func (s *Service) known(name string, raw []byte) (*table.Table, error) {
	s.mu.RLock()
	t := s.tables[tableName{s.account, s.region, name}]
	s.mu.RUnlock()
	if t != nil && bytes.Equal(t.Raw(), raw) {
		return t, nil
	}
	return table.Decode(bytes.Clone(raw))
}

// parseStreamARN reports false for what is no ARN of a stream of this account
// and region.
func (s *Service) parseStreamARN(arn string) (name, label string, ok bool) {
	parsed, ok := api.ParseTableARN(arn)
	label, is := strings.CutPrefix(parsed.Rest, "stream/")
	ok = ok && is && s.owns(parsed) && parsed.Partition == "aws"
	return parsed.Table, label, ok
}

// An iterator is a place in a shard of a stream. Whoever makes one up reads
// nothing that they could not read anyway: it is looked up as any request of
// its account and region is.
type iterator struct {
	arn    string // of the stream
	table  table.ID
	number uint32 // of the shard's generation
	shard  uint16
	at     stream.Position
	made   time.Time
}

const (
	iteratorAge  = 15 * time.Minute
	iteratorMark = "|1|" // between the ARN and the rest, as on AWS
	iteratorSize = 8 + 4 + 2 + 1 + 8 + 8
)

// String returns the iterator as clients have it.
func (it iterator) String() string {
	b := append(make([]byte, 0, iteratorSize), it.table[:]...)
	b = binary.BigEndian.AppendUint32(b, it.number)
	b = binary.BigEndian.AppendUint16(b, it.shard)
	oldest := byte(0)
	if it.at.Oldest {
		oldest = 1
	}
	b = append(b, oldest)
	b = binary.BigEndian.AppendUint64(b, uint64(it.at.After))
	b = binary.BigEndian.AppendUint64(b, uint64(it.made.UnixMilli()))
	return it.arn + iteratorMark + base64.StdEncoding.EncodeToString(b)
}

func parseIterator(s string) (iterator, error) {
	arn, rest, ok := strings.Cut(s, iteratorMark)
	b, err := base64.StdEncoding.Strict().DecodeString(rest)
	if !ok || err != nil || len(b) != iteratorSize || b[14] > 1 {
		return iterator{}, invalid("Invalid ShardIterator")
	}
	it := iterator{
		arn:    arn,
		number: binary.BigEndian.Uint32(b[8:]),
		shard:  binary.BigEndian.Uint16(b[12:]),
		at:     stream.Position{After: stream.Version(binary.BigEndian.Uint64(b[15:])), Oldest: b[14] == 1},
		made:   time.UnixMilli(int64(binary.BigEndian.Uint64(b[23:]))),
	}
	copy(it.table[:], b)
	if it.at.After == math.MaxUint64 {
		return iterator{}, invalid("Invalid ShardIterator")
	}
	return it, nil
}
