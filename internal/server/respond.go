package server

import (
	"bytes"
	"compress/gzip"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// compressFrom is the shortest answer that is compressed for a client that
	// asks for it.
	compressFrom = 4 << 10

	// writeTimeout bounds the wait for a client to take a long answer; answers
	// shorter than writeWatch fit into the system's buffers.
	writeTimeout = 60 * time.Second
	writeWatch   = 64 << 10
)

// respond sends an answer with the headers every answer has. ctype is the
// value of Content-Type, or nil for none; it is not copied.
func respond(w http.ResponseWriter, status int, ctype []string, body []byte, id requestID) {
	// All values are parts of one string, in one array: two allocations.
	var text [len(id) + 10 + 20]byte
	b := append(text[:0], id[:]...)
	b = strconv.AppendUint(b, uint64(crc32.ChecksumIEEE(body)), 10)
	sum := len(b)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	all := string(b)
	values := &[3]string{all[:len(id)], all[len(id):sum], all[sum:]}

	h := w.Header()
	h["Content-Type"] = ctype
	h["X-Amzn-Requestid"] = values[0:1:1]
	h["X-Amz-Crc32"] = values[1:2:2]
	h["Content-Length"] = values[2:3:3]
	w.WriteHeader(status)
	// A client that does not take its answer is of no concern any more.
	_, _ = w.Write(body)
}

// send sends the answer of x.
func (s *Server) send(w http.ResponseWriter, r *http.Request, x *exchange, ctype []string) {
	if x.status == http.StatusRequestEntityTooLarge {
		sendTooLarge(w, x.id)
		return
	}
	if x.explanation != nil {
		explain(w.Header(), x.explanation)
	}
	if len(x.out) < compressFrom {
		respond(w, x.status, ctype, x.out, x.id)
		return
	}
	body := x.out
	if acceptsGzip(r.Header) {
		z := compress(body)
		defer compressed.Put(z)
		body = z.Bytes()
		w.Header()["Content-Encoding"] = gzipEncoding
	}
	if len(body) < writeWatch {
		respond(w, x.status, ctype, body, x.id)
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Now().Add(writeTimeout))
	respond(w, x.status, ctype, body, x.id)
	_ = control.Flush()
	_ = control.SetWriteDeadline(time.Time{})
}

// sendTooLarge answers as the service does: an empty chunked body.
func sendTooLarge(w http.ResponseWriter, id requestID) {
	h := w.Header()
	h["Content-Type"] = nil
	h["X-Amzn-Requestid"] = []string{string(id[:])}
	w.WriteHeader(http.StatusRequestEntityTooLarge)
	_ = http.NewResponseController(w).Flush()
}

var gzipEncoding = []string{"gzip"}

// acceptsGzip reports whether the client asks for compressed answers. Most
// SDKs ask not to, because the checksum is of the bytes as sent and their
// HTTP libraries decompress before it can be verified.
func acceptsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				q := strings.ReplaceAll(params, " ", "")
				return q != "q=0" && !strings.HasPrefix(q, "q=0.000") && q != "q=0.0" && q != "q=0.00"
			}
		}
	}
	return false
}

var (
	compressed  = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	gzipWriters = sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
		return z
	}}
)

// compress returns body compressed, in a buffer that is to be put back.
func compress(body []byte) *bytes.Buffer {
	buf := compressed.Get().(*bytes.Buffer)
	buf.Reset()
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(buf)
	// Writing to memory does not fail.
	_, _ = z.Write(body)
	_ = z.Close()
	return buf
}
