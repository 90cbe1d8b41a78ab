package table

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/statordb/stator/internal/kv"
)

// An ID is the bytes of a table's UUID that stand in keys.
type ID [8]byte

// Short returns the part of the table's id that stands in keys.
func (t *Table) Short() ID { return t.id }

// A Space is what a part of the key space is for.
type Space byte

// The spaces that pairs are in. Counters are no pairs.
const (
	InDescriptors Space = 'c'
	InTokens      Space = 'k'
	InLeases      Space = 'j'
	InRemains     Space = 'f'
	InLoads       Space = 'l'
	InGraves      Space = deletedSpace
	InItems       Space = itemSpace
	InEntries     Space = entrySpace
	InRecords     Space = streamSpace
	InQueues      Space = queueSpace
	InVersions    Space = versionSpace
	InCursors     Space = cursorSpace
	InConflicts   Space = 'o'
)

func (s Space) String() string {
	switch s {
	case InDescriptors:
		return "descriptors"
	case InTokens:
		return "tokens"
	case InLeases:
		return "leases"
	case InRemains:
		return "remains"
	case InLoads:
		return "loads"
	case InGraves:
		return "graves"
	case InItems:
		return "items"
	case InEntries:
		return "entries"
	case InRecords:
		return "records"
	case InQueues:
		return "queue"
	case InVersions:
		return "versions"
	case InCursors:
		return "cursors"
	case InConflicts:
		return "conflicts"
	default:
		return fmt.Sprintf("space %q", byte(s))
	}
}

// A Place is where in the key space a key is, as far as the key alone tells.
type Place struct {
	Space  Space
	ID     ID     // of the table, except of descriptors, remains, tokens, leases, loads and conflicts
	Number uint32 // of an index, a queue or version vectors, which is 0 in a table's own grave, or of a stream
	Shard  int    // of records
	key    []byte
	prefix int // how much of key is common to the place
}

// Range returns the range of all keys in the same place: all descriptors,
// remains, tokens, leases, loads or graves, the items of a table, the entries of an index, the
// records of a shard, a queue.
func (p Place) Range() kv.Range { return kv.Prefix(p.key[:p.prefix]) }

// Table returns the range of all keys of the same table and space.
func (p Place) Table() kv.Range { return kv.Prefix(p.key[:min(p.prefix, 9)]) }

// Locate returns where key is. It reports false if that is nowhere: no part of
// the program writes such a key.
func Locate(key []byte) (Place, bool) {
	p := Place{key: key}
	for _, named := range []string{descriptorSpace, tokenSpace, jobSpace, remainsSpace, loadSpace, conflictSpace} {
		if strings.HasPrefix(string(key), named) {
			p.Space, p.prefix = Space(key[0]), len(named)
			return p, true
		}
	}
	if len(key) < 9 {
		return p, false
	}
	p.Space, p.prefix = Space(key[0]), 9
	copy(p.ID[:], key[1:])
	switch rest := key[9:]; {
	case p.Space == InItems:
	case p.Space == InEntries && len(rest) >= 4:
		p.Number, p.prefix = binary.BigEndian.Uint32(rest), 13
	case p.Space == InQueues && len(rest) >= 4+expiryLen:
		p.Number, p.prefix = binary.BigEndian.Uint32(rest), queueHead
	case p.Space == InVersions && len(rest) >= 4:
		p.Number, p.prefix = binary.BigEndian.Uint32(rest), 13
	case p.Space == InCursors && len(rest) == 8:
	case p.Space == InGraves && len(rest) == 4:
		p.Number, p.prefix = binary.BigEndian.Uint32(rest), 1
	case p.Space == InGraves && (len(rest) == 0 || len(rest) == 1 && rest[0] == 0):
		p.prefix = 1
	case p.Space == InRecords && len(rest) >= 6:
		p.Number, p.Shard, p.prefix = binary.BigEndian.Uint32(rest), int(binary.BigEndian.Uint16(rest[4:])), 15
	default:
		return p, false
	}
	return p, true
}

// Logs returns the range of all records of the streams of t with numbers from
// up to but without to.
func (t *Table) Logs(from, to uint32) kv.Range {
	start := t.appendSpace(make([]byte, 0, 16), streamSpace)
	end := t.appendSpace(make([]byte, 0, 16), streamSpace)
	return kv.Range{Start: binary.BigEndian.AppendUint32(start, from), End: binary.BigEndian.AppendUint32(end, to)}
}
