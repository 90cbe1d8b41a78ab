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

	"golang.org/x/sync/semaphore"
)

var errTooLarge = errors.New("request body is too large")

const (
	// trustLength is how much memory a request gets for saying that it is
	// long. More is given as bytes arrive, so that a thousand slow clients
	// hold little.
	trustLength = 128 << 10

	// drainLimit is how much of a body that is too large is read and thrown
	// away. Most clients look for an answer only when they have sent all, and
	// would see a broken connection instead of one.
	drainLimit = 4 * maxBody
)

// bodies limits how many bytes of long bodies are in memory at a time. A long
// request waits for its turn before it is read; short ones never do.
type bodies struct{ room *semaphore.Weighted }

func newBodies(limit int64) bodies {
	if limit <= 0 {
		return bodies{}
	}
	return bodies{semaphore.NewWeighted(max(limit, maxBody))}
}

// enter waits for room for the body of r, and returns what is to be given back
// to leave.
func (b bodies) enter(r *http.Request) (held int64, err error) {
	size := r.ContentLength
	if size < 0 || isGzip(r.Header) {
		size = maxBody // at most
	}
	if b.room == nil || size <= trustLength || size > maxBody {
		return 0, nil
	}
	return size, b.room.Acquire(r.Context(), size)
}

func (b bodies) leave(held int64) {
	if held > 0 {
		b.room.Release(held)
	}
}

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
