package server

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

var errTooLarge = errors.New("request body is too large")

const (
	// trustLength is how much memory a request gets for saying that it is
	// long. More is given as bytes arrive.
	trustLength = 1 << 20

	// drainLimit is how much of a body that is too large is read and thrown
	// away. Most clients look for an answer only when they have sent all, and
	// would see a broken connection instead of one.
	drainLimit = 4 * maxBody
)

// readBody reads the body of r, decompressed, into the array of buf.
func readBody(r *http.Request, buf []byte) ([]byte, error) {
	if r.ContentLength > maxBody {
		if r.ContentLength <= drainLimit && r.Header.Get("Expect") == "" {
			drain(r.Body)
		}
		return buf[:0], errTooLarge
	}
	var err error
	if isGzip(r.Header) {
		buf, err = readGzip(r.Body, buf)
	} else {
		buf, err = readAll(r.Body, buf, r.ContentLength)
	}
	if errors.Is(err, errTooLarge) {
		drain(r.Body)
	}
	return buf, err
}

func drain(r io.Reader) { _, _ = io.CopyN(io.Discard, r, drainLimit) }

func isGzip(h http.Header) bool {
	v := h["Content-Encoding"]
	return len(v) == 1 && strings.EqualFold(v[0], "gzip")
}

// readAll reads r into the array of buf, up to maxBody bytes. size is how many
// are expected, or negative.
func readAll(r io.Reader, buf []byte, size int64) ([]byte, error) {
	// One byte more than needed, for Read to find the end.
	buf = slices.Grow(buf[:0], int(min(max(size, 4095), trustLength))+1)
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 1)
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), maxBody+1)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > maxBody:
			return buf[:0], errTooLarge
		case err == io.EOF:
			return buf, nil
		case err != nil:
			return buf[:0], fmt.Errorf("read request body: %w", err)
		}
	}
}

var gzipReaders sync.Pool

func readGzip(r io.Reader, buf []byte) ([]byte, error) {
	z, _ := gzipReaders.Get().(*gzip.Reader)
	if z == nil {
		z = new(gzip.Reader)
	}
	defer gzipReaders.Put(z)
	if err := z.Reset(r); err != nil {
		return buf[:0], fmt.Errorf("read compressed request body: %w", err)
	}
	return readAll(z, buf, -1)
}
