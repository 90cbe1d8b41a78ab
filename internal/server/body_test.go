package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/dynamodb"
)

// bodySize answers with the length of the request's body.
var bodySize = fakeService(func(_ context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
	return strconv.AppendInt(dst, int64(len(call.Body)), 10), nil
})

func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func gzipped(r io.Reader) io.Reader {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	if _, err := io.Copy(z, r); err != nil {
		panic(err)
	}
	z.Close()
	return &buf
}

// A body of 16 MiB passes, a longer one is answered by an empty 413. [1.19] [7.17]
func TestBodyLimit(t *testing.T) {
	s, _ := newTestServer(bodySize)
	addr := listen(t, s)
	for _, test := range []struct {
		what    string
		body    io.Reader
		headers []string
		want    string
	}{
		{what: "none", body: nil, want: "200 0"},
		{what: "largest", body: bytes.NewReader(make([]byte, maxBody)), want: "200 16777216"},
		{what: "too large", body: bytes.NewReader(make([]byte, maxBody+1)), want: "413 "},
		{what: "much too large", body: bytes.NewReader(make([]byte, 3*maxBody)), want: "413 "},
		{what: "chunked", body: zeros(100_000), want: "200 100000"},
		{what: "largest chunked", body: zeros(maxBody), want: "200 16777216"},
		{what: "too large chunked", body: zeros(maxBody + 1), want: "413 "},
		{what: "compressed", body: gzipped(zeros(100_000)), headers: []string{"Content-Encoding: gzip"}, want: "200 100000"},
		{what: "largest compressed", body: gzipped(zeros(maxBody)), headers: []string{"Content-Encoding: gzip"}, want: "200 16777216"},
		{what: "bomb", body: gzipped(zeros(2 * maxBody)), headers: []string{"Content-Encoding: gzip"}, want: "413 "},
		{what: "not compressed", body: strings.NewReader("{}"), headers: []string{"Content-Encoding: gzip"}, want: "400 " + serializationFailure},
		{
			what: "cut compressed", body: io.LimitReader(gzipped(strings.NewReader("{}")), 20),
			headers: []string{"Content-Encoding: gzip"}, want: "400 " + serializationFailure,
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			resp, body := post(t, addr, test.body, test.headers...)
			if got := fmt.Sprint(resp.StatusCode, " ", body); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if resp.StatusCode == 413 && !slices.Equal(resp.TransferEncoding, []string{"chunked"}) {
				t.Errorf("transfer encoding %v", resp.TransferEncoding)
			}
		})
	}
}

func TestEndlessBodyIsRefused(t *testing.T) {
	s, _ := newTestServer(bodySize)
	r, _ := http.NewRequest("POST", "http://"+listen(t, s)+"/", zeroReader{})
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 413 {
		t.Errorf("got %d", resp.StatusCode)
	}
}

func TestClaimedLengthCostsLittle(t *testing.T) {
	r := &http.Request{ContentLength: maxBody, Body: io.NopCloser(io.MultiReader(strings.NewReader("{"), brokenReader{}))}
	buf, err := readBody(r, nil)
	if err == nil || cap(buf) > 2*trustLength {
		t.Errorf("error %v, capacity %d", err, cap(buf))
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestBodyIsReadIntoItsBuffer(t *testing.T) {
	buf := make([]byte, 0, 8<<10)
	got, err := readAll(strings.NewReader("{}"), buf, 2)
	if err != nil || string(got) != "{}" || &got[0] != &buf[:1][0] {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestLongAnswerIsCompressedOnRequest(t *testing.T) {
	long := strings.Repeat("0123456789", 100_000)
	s, _ := newTestServer(answer(long))
	addr := listen(t, s)
	for _, test := range []struct {
		accept string
		want   bool
	}{
		{"gzip", true},
		{"deflate, GZIP;q=0.5, br", true},
		{"identity", false},
		{"gzip;q=0", false},
		{"deflate, br", false},
		{"", false},
	} {
		resp, body := post(t, addr, strings.NewReader("{}"), "Accept-Encoding: "+test.accept)
		if got := resp.Header.Get("Content-Encoding") == "gzip"; got != test.want {
			t.Errorf("%q: compressed %v", test.accept, got)
		}
		if sum := fmt.Sprint(crc32.ChecksumIEEE([]byte(body))); resp.Header.Get("x-amz-crc32") != sum {
			t.Errorf("%q: crc32 is not of the bytes as sent", test.accept)
		}
		if !test.want {
			if body != long {
				t.Errorf("%q: another body", test.accept)
			}
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(z); err != nil || string(plain) != long {
			t.Errorf("%q: another body after decompression (%v)", test.accept, err)
		}
	}
}

func TestShortAnswerIsNotCompressed(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	if resp, body := post(t, listen(t, s), strings.NewReader("{}"), "Accept-Encoding: gzip"); body != "{}" {
		t.Errorf("got %s %v", body, resp.Header)
	}
}
