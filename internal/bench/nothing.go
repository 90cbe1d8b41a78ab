package bench

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// sizeHeader asks the do-nothing server for a response of so many bytes.
const sizeHeader = "X-Response-Size"

// maxNothing bounds what the do-nothing server answers. No response of
// DynamoDB is longer than a batch of 16 MB.
const maxNothing = 16 << 20

// nothingHandler reads a request and answers as many bytes as its sizeHeader
// asks for, or size, with the headers a DynamoDB response has. It is the least
// that a server on net/http can do.
func nothingHandler(size int) http.Handler {
	chunk := bytes.Repeat([]byte{' '}, 64<<10)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // the client is gone
		}
		n := size
		if asked := r.Header.Get(sizeHeader); asked != "" {
			var err error
			if n, err = strconv.Atoi(asked); err != nil || n < 0 || n > maxNothing {
				http.Error(w, sizeHeader+" is out of range", http.StatusBadRequest)
				return
			}
		}
		h := w.Header()
		h.Set("Content-Type", "application/x-amz-json-1.0")
		h.Set("Content-Length", strconv.Itoa(n))
		h.Set("X-Amz-Crc32", "2745614147")
		h.Set("X-Amzn-Requestid", "V4S1G7C8AJ2PN5R0QXKUM3WTEHB6LDYF9OZI4V4S1G7C8AJ2PN5R")
		for n > 0 {
			m, err := w.Write(chunk[:min(n, len(chunk))])
			if err != nil {
				return
			}
			n -= m
		}
	})
}
