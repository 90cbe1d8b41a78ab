package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// requestTimeout is how long a request may take before it counts as failed.
const requestTimeout = 30 * time.Second

// unsigned has a signature's form. Signing would cost the client more than
// sending; servers for development do not look.
const unsigned = "0000000000000000000000000000000000000000000000000000000000000000"

// A client sends requests over one connection and one at a time. It writes
// HTTP by hand: net/http's client costs as much as a fast server, and a server
// that waits for its clients looks more expensive than it is.
type client struct {
	endpoint *url.URL
	headers  string // that are the same in all requests
	conn     net.Conn
	in       *bufio.Reader
	out      []byte
	response bytes.Buffer
}

func newClient(endpoint *url.URL, cfg Config) *client {
	return &client{
		endpoint: endpoint,
		headers: "Host: " + endpoint.Host + "\r\n" +
			"User-Agent: stator-bench\r\n" +
			"Content-Type: application/x-amz-json-1.0\r\n" +
			"Authorization: AWS4-HMAC-SHA256 Credential=" + cfg.AccessKey + "/20260101/" + cfg.Region +
			"/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + unsigned + "\r\n" +
			"X-Amz-Date: 20260101T000000Z\r\n",
	}
}

// askSize lets the do-nothing server answer n bytes.
func (c *client) askSize(n int) { c.headers += sizeHeader + ": " + strconv.Itoa(n) + "\r\n" }

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close() // all that was wanted of it has been read
		c.conn = nil
	}
}

// do sends one request and returns the response, which is valid until the
// next call. An answer other than 200 is an error that says what the server
// says.
func (c *client) do(ctx context.Context, operation string, body []byte) ([]byte, error) {
	status, err := c.exchange(ctx, operation, body)
	if err != nil {
		c.close()
		if ctx.Err() != nil {
			return nil, ctx.Err() // rather than the deadline that it moved
		}
		return nil, err
	}
	if status != http.StatusOK {
		text := bytes.TrimSpace(c.response.Bytes())
		return nil, fmt.Errorf("status %d: %s", status, text[:min(len(text), 500)])
	}
	return c.response.Bytes(), nil
}

func (c *client) exchange(ctx context.Context, operation string, body []byte) (status int, err error) {
	if c.conn == nil {
		if c.conn, err = dial(ctx, c.endpoint); err != nil {
			return 0, err
		}
		c.in = bufio.NewReaderSize(c.conn, 64<<10)
	}
	conn := c.conn
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	c.out = append(c.out[:0], "POST / HTTP/1.1\r\n"...)
	c.out = append(c.out, c.headers...)
	c.out = append(append(append(c.out, "X-Amz-Target: DynamoDB_20120810."...), operation...), "\r\nContent-Length: "...)
	c.out = append(strconv.AppendInt(c.out, int64(len(body)), 10), "\r\n\r\n"...)
	c.out = append(c.out, body...)
	if _, err := conn.Write(c.out); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	c.response.Reset()
	if _, err := c.response.ReadFrom(resp.Body); err != nil {
		return 0, err
	}
	if resp.Close {
		c.close()
	}
	return resp.StatusCode, nil
}

func dial(ctx context.Context, endpoint *url.URL) (net.Conn, error) {
	port := endpoint.Port()
	if endpoint.Scheme == "https" {
		if port == "" {
			port = "443"
		}
		return new(tls.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(endpoint.Hostname(), port))
	}
	if port == "" {
		port = "80"
	}
	return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(endpoint.Hostname(), port))
}
