package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// requestTimeout is how long a request may take before it counts as failed.
const requestTimeout = 30 * time.Second

// A client sends requests over one connection and one at a time.
type client struct {
	transport *http.Transport
	endpoint  *url.URL
	header    http.Header
	size      string // for sizeHeader, when not empty
	response  bytes.Buffer
}

func newClient(endpoint *url.URL, cfg Config) *client {
	return &client{
		transport: &http.Transport{
			MaxConnsPerHost:       1,
			DisableCompression:    true,
			ResponseHeaderTimeout: requestTimeout,
		},
		endpoint: endpoint,
		header: http.Header{
			"Content-Type": {"application/x-amz-json-1.0"},
			"Authorization": {"AWS4-HMAC-SHA256 Credential=" + cfg.AccessKey + "/20260101/" + cfg.Region +
				"/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + unsigned},
			"X-Amz-Date": {"20260101T000000Z"},
			"User-Agent": {"stator-bench"},
		},
	}
}

// unsigned has a signature's form. Signing would cost the client more than
// sending; servers for development do not look.
const unsigned = "0000000000000000000000000000000000000000000000000000000000000000"

func (c *client) close() { c.transport.CloseIdleConnections() }

// do sends one request and returns the response, which is valid until the
// next call. body may change after that, too. An answer other than 200 is an
// error that says what the server says.
func (c *client) do(ctx context.Context, operation string, body []byte) ([]byte, error) {
	c.header["X-Amz-Target"] = []string{"DynamoDB_20120810." + operation}
	if c.size != "" {
		c.header[sizeHeader] = []string{c.size}
	}
	sent := &requestBody{released: make(chan struct{})}
	sent.Reset(body)
	req := &http.Request{
		Method: http.MethodPost, URL: c.endpoint, Host: c.endpoint.Host, Header: c.header,
		ProtoMajor: 1, ProtoMinor: 1, Body: sent, ContentLength: int64(len(body)),
	}
	resp, err := c.transport.RoundTrip(req.WithContext(ctx))
	// The transport may still read a body that the server did not wait for.
	defer func() { <-sent.released }()
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	c.response.Reset()
	if _, err := c.response.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		text := bytes.TrimSpace(c.response.Bytes())
		return nil, &statusError{resp.StatusCode, string(text[:min(len(text), 500)])}
	}
	return c.response.Bytes(), nil
}

// askSize lets the do-nothing server answer n bytes.
func (c *client) askSize(n int) { c.size = strconv.Itoa(n) }

// statusError is an answer other than 200.
type statusError struct {
	status int
	body   string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.body) }

// A requestBody is a request's body that tells when the transport has let go
// of it.
type requestBody struct {
	bytes.Reader
	once     sync.Once
	released chan struct{}
}

func (b *requestBody) Close() error {
	b.once.Do(func() { close(b.released) })
	return nil
}
