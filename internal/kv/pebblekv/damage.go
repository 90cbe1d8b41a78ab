package pebblekv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrDamaged is returned by Open if a file in the directory is not what was
// written to it, or is missing.
var ErrDamaged = errors.New("is damaged")

// damaged returns an ErrDamaged about a file.
func damaged(name, how string) error {
	return fmt.Errorf("the file %s %w: %s: restore the data directory from a backup; `stator check` tells what else is damaged", name, ErrDamaged, how)
}

// inspect looks for damage that Pebble takes for the end of a file: to it a log
// or manifest ends where a checksum is wrong, because a crash may have come in
// the middle of a write. What was acknowledged and stands behind would be
// dropped without a word. Tables need no such look: every block of them has a
// checksum, and Pebble compares their sizes.
func inspect(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	manifest, version, options, data := "", "", "", ""
	for _, name := range names { // of each kind, the last in order counts
		switch {
		case strings.HasPrefix(name, manifestMarker):
			_, manifest, _ = strings.Cut(name[len(manifestMarker):], ".")
		case strings.HasPrefix(name, versionMarker):
			version = name
		case strings.HasPrefix(name, "OPTIONS-"):
			options = name
		case strings.HasSuffix(name, ".log"), strings.HasSuffix(name, ".sst"):
			data = name
		}
	}
	if data == "" {
		return nil // new, or never finished being made
	}
	if manifest == "" {
		return damaged(fs.PathJoin(dir, manifestMarker+"*"), "it is missing, though there is "+data)
	}
	if version == "" {
		return damaged(fs.PathJoin(dir, versionMarker+"*"), "it is missing, though there is "+data)
	}
	if options != "" {
		if err := inspectOptions(fs, dir, options); err != nil {
			return err
		}
	}
	if err := inspectFile(fs, fs.PathJoin(dir, manifest), manifestRecords{}); err != nil {
		return err
	}
	for _, name := range names {
		number, err := strconv.ParseUint(strings.TrimSuffix(name, ".log"), 10, 64)
		if !strings.HasSuffix(name, ".log") || err != nil {
			continue
		}
		if err := inspectFile(fs, fs.PathJoin(dir, name), &logRecords{number: uint32(number)}); err != nil {
			return err
		}
	}
	return nil
}

// The names of files that say which manifest holds and what format all have.
// What they say stands in the rest of the name.
const (
	manifestMarker = "marker.manifest."
	versionMarker  = "marker.format-version."
)

// inspectOptions sees that Pebble can read the options that it noted.
func inspectOptions(fs vfs.FS, dir, name string) error {
	name = fs.PathJoin(dir, name)
	text, err := readFile(fs, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	o := &pebble.Options{Merger: adder, Logger: newLog(nil)}
	o.EnsureDefaults()
	if err := o.CheckCompatibility(dir, text); err != nil {
		return damaged(name, firstLine(err))
	}
	return nil
}

func inspectFile(fs vfs.FS, name string, kind records) error {
	f, err := fs.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return damaged(name, "it is missing")
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close()
	at, found, err := findDamage(f, kind)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if found {
		return damaged(name, fmt.Sprintf("the record at byte %d is not what was written", at))
	}
	return nil
}

// Logs and manifests are made of blocks, and blocks of chunks, which do not
// cross their bounds. A chunk begins with a checksum (4 bytes), the length of
// what it holds (2) and its kind (1); in a log its number follows (4), and up to
// where the log was on the disk when the chunk was written (8).
const (
	logBlock     = 32 << 10
	chunkHeader  = 7
	numberHeader = chunkHeader + 4
	syncedHeader = numberHeader + 8
)

// chunkKinds are the lengths of headers by kind. The first kind is no chunk.
var chunkKinds = [...]int{
	0,
	chunkHeader, chunkHeader, chunkHeader, chunkHeader,
	numberHeader, numberHeader, numberHeader, numberHeader,
	syncedHeader, syncedHeader, syncedHeader, syncedHeader,
}

// records says what tells the chunks of one file.
type records interface {
	// own reports whether the chunk with the header h belongs to the file.
	own(h []byte) bool
	// ends reports whether b begins with the mark that the file was closed.
	ends(b []byte) bool
	// next returns where in b a chunk may begin, or -1.
	next(b []byte) int
	// proves reports whether the chunk c, which stands behind the place bad,
	// was written when what stands there was on the disk.
	proves(c []byte, bad uint64) bool
}

// A manifestRecords is a manifest: every record is on the disk before the next
// is written.
type manifestRecords struct{}

func (manifestRecords) own(h []byte) bool { return len(h) == chunkHeader }

func (manifestRecords) ends([]byte) bool { return false }

func (manifestRecords) next([]byte) int { return 0 }

func (manifestRecords) proves(c []byte, _ uint64) bool {
	return c[6] == 1 || c[6] == 2 // all of a record, or its beginning
}

// A logRecords is the log with that number. Its file may have been another
// log's, whose chunks then stand behind its own.
type logRecords struct {
	number uint32
	synced uint64 // as the last chunk that was asked to prove something says
	syncs  int    // how often it grew
}

func (l *logRecords) own(h []byte) bool {
	return len(h) >= numberHeader && binary.LittleEndian.Uint32(h[chunkHeader:]) == l.number
}

// ends looks for a header with the number of the next log, for nothing. No flip
// of a bit makes one of another header.
func (l *logRecords) ends(b []byte) bool {
	return len(b) >= numberHeader && allZero(b[:6]) && b[6] == 5 && binary.LittleEndian.Uint32(b[chunkHeader:]) == l.number+1
}

func (l *logRecords) next(b []byte) int {
	return bytes.Index(b[chunkHeader:], binary.LittleEndian.AppendUint32(nil, l.number))
}

// proves goes by how far the log was on the disk when c was written. Pebble
// says less than is true there, since it counts only the last block of each
// write. But one sync begins when the one before has ended: so of two that
// ended behind bad, the second began behind it.
func (l *logRecords) proves(c []byte, bad uint64) bool {
	if chunkKinds[c[6]] != syncedHeader {
		return false
	}
	synced := binary.LittleEndian.Uint64(c[numberHeader:])
	if l.syncs == 0 || synced > l.synced {
		l.syncs++
		l.synced = synced
	}
	return synced > bad || l.syncs > 2
}

// findDamage returns the place of the first chunk of f that is wrong and was
// right once. A chunk that is wrong is the end of the file, cut off or written
// in part, unless a later one proves that it was on the disk, or all that is
// wrong with it is one bit.
func findDamage(f io.Reader, kind records) (at uint64, found bool, err error) {
	buf := make([]byte, logBlock)
	bad := false
	for start := uint64(0); ; start += logBlock {
		n, err := io.ReadFull(f, buf)
		if n == 0 && errors.Is(err, io.EOF) {
			return 0, false, nil
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, false, err
		}
		rest := buf[:n]
		if !bad {
			rest = skipChunks(rest, kind)
			bad = rest != nil
			at = start + uint64(n-len(rest))
			switch {
			case bad && kind.ends(rest):
				return 0, false, nil // what stands behind was another log's
			case bad && oneBitWrong(rest, kind):
				return at, true, nil
			}
		}
		if bad && hasProof(rest, kind, at) {
			return at, true, nil
		}
	}
}

// skipChunks returns what is left of a block from the first chunk that is
// wrong, or nil if none is.
func skipChunks(block []byte, kind records) []byte {
	for rest := block; ; {
		if isPadding(rest) {
			return nil
		}
		n := chunkLen(rest, kind)
		if n == 0 {
			return rest
		}
		rest = rest[n:]
	}
}

// isPadding reports whether rest fills the end of a block that has no room for
// a chunk.
func isPadding(rest []byte) bool {
	return len(rest) < chunkHeader || len(rest) < syncedHeader && allZero(rest)
}

func allZero(b []byte) bool {
	return len(bytes.Trim(b, "\x00")) == 0
}

// chunkLen returns the length of the chunk at the beginning of b, or 0 if there
// is none that is right.
func chunkLen(b []byte, kind records) int {
	n := chunkFrame(b, kind)
	if n == 0 || checksum(b[6:n]) != binary.LittleEndian.Uint32(b) {
		return 0
	}
	return n
}

// chunkFrame is chunkLen without a look at the checksum.
func chunkFrame(b []byte, kind records) int {
	if len(b) < chunkHeader || int(b[6]) >= len(chunkKinds) {
		return 0
	}
	header := chunkKinds[b[6]]
	n := header + int(binary.LittleEndian.Uint16(b[4:]))
	if header == 0 || len(b) < n || !kind.own(b[:header]) {
		return 0
	}
	return n
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the checksum of chunks: a CRC, turned and moved so that a file
// that holds files does not look right by accident.
func checksum(b []byte) uint32 {
	return bits.RotateLeft32(crc32.Checksum(b, castagnoli), 17) + 0xa282ead8
}

// hasProof reports whether a chunk in b proves that what stands at the place
// bad was right once. It may begin anywhere, since what is wrong may be a
// length.
func hasProof(b []byte, kind records, bad uint64) bool {
	for len(b) >= chunkHeader {
		i := kind.next(b)
		if i < 0 {
			return false
		}
		b = b[i:]
		if n := chunkLen(b, kind); n > 0 && kind.proves(b[:n], bad) {
			return true
		}
		b = b[1:]
	}
	return false
}

// oneBitWrong reports whether what b begins with would be right with another
// value of one bit. A write that was cut off does not leave that.
func oneBitWrong(b []byte, kind records) bool {
	if len(b) < syncedHeader {
		ones := 0
		for _, c := range b {
			ones += bits.OnesCount8(c)
		}
		if ones == 1 { // in the padding of a block
			return true
		}
	}
	if n := chunkFrame(b, kind); n > 0 && oneBitOff(b[6:n], binary.LittleEndian.Uint32(b)) {
		return true
	}
	for i := range 8 * min(len(b), syncedHeader) {
		b[i/8] ^= 1 << (i % 8)
		right := chunkLen(b, kind) > 0
		b[i/8] ^= 1 << (i % 8)
		if right {
			return true
		}
	}
	return false
}

// oneBitOff reports whether sum would be the checksum of b with another value of
// one bit in either.
func oneBitOff(b []byte, sum uint32) bool {
	if bits.OnesCount32(checksum(b)^sum) == 1 {
		return true
	}
	// A CRC is linear: what a bit does to it depends only on how far the bit is
	// from the end.
	off := crc32.Checksum(b, castagnoli) ^ bits.RotateLeft32(sum-0xa282ead8, -17)
	var effect [8]uint32
	for bit := range effect {
		effect[bit] = castagnoli[1<<bit]
	}
	for range b {
		for bit, e := range effect {
			if e == off {
				return true
			}
			effect[bit] = castagnoli[byte(e)] ^ e>>8
		}
	}
	return false
}
