package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// A file is
//
//	"stator snapshot\n" <format 4>
//	frames: the head, the blocks, the end
//
// and a frame is
//
//	<kind 1> <length 4> <compressed length 4> <checksum 4> <compressed bytes>
//
// Numbers are big endian. The checksum is over kind, lengths and compressed bytes,
// by CRC-32C; bytes are compressed with zstd. The head is an Info in JSON. The end
// is the SHA-256 of all that stands before it, so that a file that ends earlier,
// or is made of parts of others, is not whole.
//
// The blocks, one after the other, are a list of entries:
//
//	't' <length> <descriptor>                     begins a table
//	'p' <space 1> <length> <key> <length> <value> a pair of it, its key without the table's id
//	'n' <index> <figure 1> <total>                a counter of it
//
// with lengths and numbers as varints. An entry is in one block.
const (
	magic = "stator snapshot\n"

	// fileFormat grows when an older version could not load what is written, or
	// would lose something of it: a descriptor's new member is such a thing.
	fileFormat = 1

	headFrame  = 'H'
	blockFrame = 'B'
	endFrame   = 'E'

	frameHead = 1 + 4 + 4 + 4

	// blockSize is when a block is ended, and maxFrame what no frame is longer
	// than, compressed or not: an item, or a record with two images of one, has
	// room in a block that is about to be ended.
	blockSize = 1 << 20
	maxFrame  = 16 << 20

	tableEntry   = 't'
	pairEntry    = 'p'
	counterEntry = 'n'
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A writer writes a file.
type writer struct {
	w     io.Writer
	sum   hash.Hash
	zstd  *zstd.Encoder
	block []byte
	frame []byte
	err   error
}

func newWriter(w io.Writer, head Info) (*writer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	f := &writer{w: w, sum: sha256.New(), zstd: enc}
	f.write(binary.BigEndian.AppendUint32([]byte(magic), fileFormat))
	raw, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	return f, f.put(headFrame, raw)
}

func (f *writer) write(b []byte) {
	if f.err != nil {
		return
	}
	f.sum.Write(b)
	_, f.err = f.w.Write(b)
}

func (f *writer) put(kind byte, raw []byte) error {
	if len(raw) > maxFrame {
		return fmt.Errorf("%d bytes are too many for one part of a snapshot", len(raw))
	}
	f.frame = append(append(f.frame[:0], kind), make([]byte, frameHead-1)...)
	f.frame = f.zstd.EncodeAll(raw, f.frame)
	binary.BigEndian.PutUint32(f.frame[1:], uint32(len(raw)))
	binary.BigEndian.PutUint32(f.frame[5:], uint32(len(f.frame)-frameHead))
	binary.BigEndian.PutUint32(f.frame[9:], checksum(f.frame))
	f.write(f.frame)
	return f.err
}

// checksum returns the checksum of a frame.
func checksum(frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(frame[:frameHead-4], castagnoli), castagnoli, frame[frameHead:])
}

// flush ends the block if it is large enough, or in any case.
func (f *writer) flush(always bool) error {
	if len(f.block) == 0 || !always && len(f.block) < blockSize {
		return f.err
	}
	err := f.put(blockFrame, f.block)
	f.block = f.block[:0]
	return err
}

func (f *writer) bytes(b []byte) {
	f.block = append(binary.AppendUvarint(f.block, uint64(len(b))), b...)
}

func (f *writer) table(descriptor []byte) error {
	f.block = append(f.block, tableEntry)
	f.bytes(descriptor)
	return f.flush(false)
}

func (f *writer) pair(space byte, key, value []byte) error {
	f.block = append(f.block, pairEntry, space)
	f.bytes(key)
	f.bytes(value)
	return f.flush(false)
}

func (f *writer) counter(index uint32, figure byte, total int64) error {
	f.block = binary.AppendUvarint(append(f.block, counterEntry), uint64(index))
	f.block = binary.AppendVarint(append(f.block, figure), total)
	return f.flush(false)
}

func (f *writer) close() error {
	if err := f.flush(true); err != nil {
		return err
	}
	return f.put(endFrame, f.sum.Sum(nil))
}

// A reader reads a file, from which nothing is to be believed.
type reader struct {
	r    *bufio.Reader
	sum  hash.Hash
	zstd *zstd.Decoder
	head [frameHead]byte
	in   []byte
	raw  []byte
}

func damaged(what string, args ...any) error {
	return fmt.Errorf("%w: "+what, append([]any{ErrDamaged}, args...)...)
}

// newReader reads a file up to its blocks.
func newReader(r io.Reader) (*reader, Info, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame))
	if err != nil {
		return nil, Info{}, err
	}
	f := &reader{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New(), zstd: dec}
	info, err := f.begin()
	if err != nil {
		f.close()
		return nil, Info{}, err
	}
	return f, info, nil
}

func (f *reader) close() { f.zstd.Close() }

func (f *reader) begin() (info Info, err error) {
	begin := make([]byte, len(magic)+4)
	n, err := io.ReadFull(f.r, begin)
	if !bytes.HasPrefix(begin[:n], []byte(magic)) {
		if err != nil && !cutOff(err) {
			return info, err
		}
		return info, ErrForeign
	}
	if err != nil {
		return info, ended(err)
	}
	switch format := binary.BigEndian.Uint32(begin[len(magic):]); {
	case format > fileFormat:
		return info, fmt.Errorf("%w (format %d; this one reads up to %d)", ErrNewer, format, fileFormat)
	case format == 0:
		return info, damaged("there is no format 0")
	}
	f.sum.Write(begin)
	kind, raw, err := f.next()
	if err != nil {
		return info, err
	}
	if kind != headFrame || json.Unmarshal(raw, &info) != nil {
		return info, damaged("it does not begin with its contents")
	}
	return info, nil
}

func cutOff(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// ended makes the end of a file in the middle of something what it is.
func ended(err error) error {
	if cutOff(err) {
		return damaged("it ends before its end")
	}
	return err
}

// next returns the next frame, which is valid until the one after it.
func (f *reader) next() (kind byte, raw []byte, err error) {
	if _, err := io.ReadFull(f.r, f.head[:]); err != nil {
		return 0, nil, ended(err)
	}
	length, packed := binary.BigEndian.Uint32(f.head[1:]), binary.BigEndian.Uint32(f.head[5:])
	if length > maxFrame || packed > maxFrame {
		return 0, nil, damaged("a part of it would be too long")
	}
	// As much as there is: what the file says is not taken for granted.
	frame := bytes.NewBuffer(append(f.in[:0], f.head[:]...))
	if _, err := io.CopyN(frame, f.r, int64(packed)); err != nil {
		return 0, nil, ended(err)
	}
	f.in = frame.Bytes()
	if checksum(f.in) != binary.BigEndian.Uint32(f.head[9:]) {
		return 0, nil, damaged("a checksum is wrong")
	}
	f.raw, err = f.zstd.DecodeAll(f.in[frameHead:], f.raw[:0])
	if err != nil || len(f.raw) != int(length) {
		return 0, nil, damaged("a part of it cannot be decompressed")
	}
	kind = f.head[0]
	if kind == endFrame {
		return kind, f.raw, f.end()
	}
	f.sum.Write(f.in)
	return kind, f.raw, nil
}

// end checks the last frame.
func (f *reader) end() error {
	if !bytes.Equal(f.raw, f.sum.Sum(nil)) {
		return damaged("it is not of one piece")
	}
	switch _, err := f.r.ReadByte(); {
	case err == nil:
		return damaged("something follows its end")
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// A visitor is told what is in the blocks of a file. What it is given is valid
// until it returns.
type visitor interface {
	table(descriptor []byte) error
	pair(space byte, key, value []byte) error
	counter(index uint32, figure byte, total int64) error
}

// visit reads the file to its end.
func (f *reader) visit(v visitor) error {
	for {
		kind, raw, err := f.next()
		switch {
		case err != nil:
			return err
		case kind == endFrame:
			return nil
		case kind != blockFrame:
			return damaged("a part of it is of no known kind")
		}
		if err := visitBlock(raw, v); err != nil {
			return err
		}
	}
}

func visitBlock(raw []byte, v visitor) error {
	p := parser{rest: raw}
	for len(p.rest) > 0 {
		var err error
		switch kind := p.byte(); kind {
		case tableEntry:
			descriptor := p.bytes()
			if !p.failed {
				err = v.table(descriptor)
			}
		case pairEntry:
			space, key, value := p.byte(), p.bytes(), p.bytes()
			if !p.failed {
				err = v.pair(space, key, value)
			}
		case counterEntry:
			index, figure, total := p.uvarint(), p.byte(), p.varint()
			if index > 1<<32-1 {
				p.failed = true
			}
			if !p.failed {
				err = v.counter(uint32(index), figure, total)
			}
		default:
			p.failed = true
		}
		if err != nil {
			return err
		}
		if p.failed {
			return damaged("a part of it makes no sense")
		}
	}
	return nil
}

// A parser takes a block apart until something is wrong.
type parser struct {
	rest   []byte
	failed bool
}

func (p *parser) fail() {
	p.failed, p.rest = true, nil
}

func (p *parser) byte() byte {
	if len(p.rest) == 0 {
		p.fail()
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

func (p *parser) uvarint() uint64 {
	n, w := binary.Uvarint(p.rest)
	if w <= 0 {
		p.fail()
		return 0
	}
	p.rest = p.rest[w:]
	return n
}

func (p *parser) varint() int64 {
	n, w := binary.Varint(p.rest)
	if w <= 0 {
		p.fail()
		return 0
	}
	p.rest = p.rest[w:]
	return n
}

func (p *parser) bytes() []byte {
	n := p.uvarint()
	if n > uint64(len(p.rest)) {
		p.fail()
		return nil
	}
	b := p.rest[:n:n]
	p.rest = p.rest[n:]
	return b
}
