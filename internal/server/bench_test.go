package server

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// A discard is a response writer that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

type closer struct{ *bytes.Reader }

func (closer) Close() error { return nil }

// hotRequest returns a function that serves a GetItem of usual size.
func hotRequest() func() {
	item := bytes.Repeat([]byte("x"), 1024)
	s := New(Config{Service: answer(string(item))})
	body := bytes.NewReader(bytes.Repeat([]byte(" "), 200))
	r := &http.Request{
		Method: "POST", URL: &url.URL{Path: "/"}, ContentLength: body.Size(), Body: closer{body},
		Header: http.Header{
			"Authorization":   {authStart + "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1" + authEnd},
			"Content-Type":    {"application/x-amz-json-1.0"},
			"X-Amz-Target":    {"DynamoDB_20120810.GetItem"},
			"Accept-Encoding": {"identity"},
		},
	}
	w := discard{http.Header{}}
	return func() {
		_, _ = body.Seek(0, io.SeekStart)
		s.ServeHTTP(w, r)
	}
}

func TestAPICallAllocatesOnlyItsHeaders(t *testing.T) {
	if n := testing.AllocsPerRun(1000, hotRequest()); n > 2 {
		t.Errorf("%v allocations, want 2", n)
	}
}

func BenchmarkCall(b *testing.B) {
	serve := hotRequest()
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}
