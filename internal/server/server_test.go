package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/api"
	"github.com/statordb/stator/internal/dynamodb"
)

// A fakeService is a Service made of a function.
type fakeService func(ctx context.Context, call dynamodb.Call, dst []byte) ([]byte, error)

func (f fakeService) Do(ctx context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
	return f(ctx, call, dst)
}

// answer is a service with one answer to everything.
func answer(body string) fakeService {
	return func(_ context.Context, _ dynamodb.Call, dst []byte) ([]byte, error) {
		return append(dst, body...), nil
	}
}

// fail is a service with one error for everything.
func fail(err error) fakeService {
	return func(context.Context, dynamodb.Call, []byte) ([]byte, error) { return nil, err }
}

// newTestServer returns a server that logs to the returned buffer.
func newTestServer(s Service) (*Server, *bytes.Buffer) {
	var log bytes.Buffer
	return New(Config{
		Service: s, Version: "v1",
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}), &log
}

// listen serves s on a free port until the test ends.
func listen(t *testing.T, s *Server) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		// How soon it ends has tests of its own; this one only must end.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

// client has no pool, so that nothing outlives a test, and asks for no
// compression by itself.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}

// post sends a PutItem, changed by headers given as "Name: value"; an empty
// value deletes the header.
func post(t *testing.T, addr string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	return do(t, "POST", "http://"+addr+"/", body, append([]string{
		"Content-Type: application/x-amz-json-1.0",
		"X-Amz-Target: DynamoDB_20120810.PutItem",
	}, headers...)...)
}

func do(t *testing.T, method, url string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			r.Header.Del(name)
		} else {
			r.Header.Set(name, value)
		}
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(got)
}

// A success is 200 and has the headers of every answer. [1.4] [1.10] [1.11]
func TestSuccessHasTheServicesHeaders(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	addr := listen(t, s)
	for _, ctype := range []string{"application/x-amz-json-1.0", "application/json"} {
		resp, body := post(t, addr, strings.NewReader("{}"), "Content-Type: "+ctype)
		if resp.StatusCode != 200 || body != "{}" {
			t.Fatalf("got %d %s", resp.StatusCode, body)
		}
		if id := resp.Header.Get("x-amzn-RequestId"); !regexp.MustCompile(`^[0-9A-Z]{52}$`).MatchString(id) {
			t.Errorf("request id %q", id)
		}
		for name, want := range map[string]string{
			"x-amz-crc32": "2745614147", "Content-Type": ctype, "Content-Length": "2",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
}

// What clients send is taken as it comes: any key, any signature, a session
// token. [1.1] [1.3]
func TestCallReachesTheService(t *testing.T) {
	var got dynamodb.Call
	s, _ := newTestServer(fakeService(func(_ context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
		got = call
		got.Body = bytes.Clone(call.Body)
		return append(dst, "{}"...), nil
	}))
	addr := listen(t, s)
	invalidUTF8 := "{\"TableName\":\"\xff\xfe\"}"
	post(t, addr, strings.NewReader(invalidUTF8),
		"X-Amz-Target: DynamoDBStreams_20120810.ListStreams",
		"X-Amz-Date: 20260102T000000Z", "X-Amz-Security-Token: token",
		"Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260102/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00")
	want := dynamodb.Call{
		Account: "123456789012", Region: "eu-west-1", AccessKey: "123456789012",
		Target: "DynamoDBStreams_20120810", Operation: "ListStreams", Body: []byte(invalidUTF8),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// One address is that of tables and of streams. [1.2]
func TestOneAddressHasBothAPIs(t *testing.T) {
	s, _ := newTestServer(fakeService(func(_ context.Context, call dynamodb.Call, dst []byte) ([]byte, error) {
		return append(dst, call.Target+"."+call.Operation...), nil
	}))
	addr := listen(t, s)
	for _, target := range []string{"DynamoDB_20120810.DescribeTable", "DynamoDBStreams_20120810.DescribeStream"} {
		if resp, body := post(t, addr, strings.NewReader("{}"), "X-Amz-Target: "+target); resp.StatusCode != 200 || body != target {
			t.Errorf("%s: got %d %s", target, resp.StatusCode, body)
		}
	}
}

// Some operations, such as TagResource, have an answer without a body. [1.5]
func TestAnswerWithoutBody(t *testing.T) {
	s, _ := newTestServer(answer(""))
	resp, body := post(t, listen(t, s), strings.NewReader("{}"))
	if resp.StatusCode != 200 || body != "" || resp.Header.Get("Content-Length") != "0" || resp.Header.Get("x-amz-crc32") != "0" {
		t.Errorf("got %d %s %v", resp.StatusCode, body, resp.Header)
	}
}

func TestOuterAnswers(t *testing.T) {
	const (
		page          = "404 <UnknownOperationException/>\n crc 3552371480"
		unknown       = `400 {"__type":"com.amazon.coral.service#UnknownOperationException"} crc 1368724161`
		serialization = `400 {"__type":"com.amazon.coral.service#SerializationException"} crc 3948637019`
		missingToken  = `400 {"__type":"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken",` +
			`"message":"Request must contain either a valid (registered) AWS access key ID or X.509 certificate."} crc 125000283`
		noTarget = "X-Amz-Target: "
		noType   = "Content-Type: "
	)
	s, _ := newTestServer(answer("{}"))
	addr := listen(t, s)
	for _, test := range []struct {
		what         string
		method, path string
		body         string
		headers      []string
		want         string
	}{
		{what: "good", want: "200 {} crc 2745614147"},
		// The content type. [1.20] [1.21]
		{what: "json", headers: []string{"Content-Type: application/json"}, want: "200 {} crc 2745614147"},
		{what: "parameters after the type", headers: []string{"Content-Type: application/json ; charset=utf-8"}, want: "200 {} crc 2745614147"},
		{what: "parameters after the other type", headers: []string{"Content-Type: application/x-amz-json-1.0;charset=utf-8"}, want: "200 {} crc 2745614147"},
		{what: "no content type", headers: []string{noType}, want: page},
		{what: "json 1.1", headers: []string{"Content-Type: application/x-amz-json-1.1"}, want: page},
		{what: "prefix of a type", headers: []string{"Content-Type: application/jsonasdf"}, want: page},
		{what: "content type before json", body: "{", headers: []string{noType}, want: page},
		// JSON before the target, a target that is none. [1.11] [1.17] [1.24] [1.25]
		{what: "no target", headers: []string{noTarget}, want: unknown},
		{what: "no target, no body", body: " ", headers: []string{noTarget}, want: serialization},
		{what: "json before target", body: "{", headers: []string{noTarget}, want: serialization},
		{what: "json of another kind", body: "[]", headers: []string{noTarget}, want: unknown},
		{what: "unknown operation", headers: []string{"X-Amz-Target: DynamoDB_20120810.Frobnicate"}, want: unknown},
		{what: "unknown api", headers: []string{"X-Amz-Target: DynamoDB_20111205.PutItem"}, want: unknown},
		{what: "operation of the other api", headers: []string{"X-Amz-Target: DynamoDB_20120810.ListStreams"}, want: unknown},
		{what: "no dot", headers: []string{"X-Amz-Target: PutItem"}, want: unknown},
		{what: "get", method: "GET", want: missingToken},
		{what: "shell", method: "GET", path: "/shell/", want: missingToken},
		// Other methods. [1.20]
		{what: "put", method: "PUT", want: page},
		{what: "delete", method: "DELETE", want: page},
		{what: "patch", method: "PATCH", want: page},
		{what: "options without origin", method: "OPTIONS", want: page},
		{what: "another path", path: "/x", want: page},
		{what: "get another path", method: "GET", path: "/x", want: page},
	} {
		t.Run(test.what, func(t *testing.T) {
			method, body := test.method, test.body
			if method == "" {
				method = "POST"
			}
			if body == "" {
				body = "{}"
			}
			resp, got := do(t, method, "http://"+addr+"/"+strings.TrimPrefix(test.path, "/"), strings.NewReader(body),
				append([]string{"Content-Type: application/x-amz-json-1.0", "X-Amz-Target: DynamoDB_20120810.PutItem"}, test.headers...)...)
			got = fmt.Sprintf("%d %s crc %s", resp.StatusCode, got, resp.Header.Get("X-Amz-Crc32"))
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if len(resp.Header.Get("X-Amzn-Requestid")) != 52 {
				t.Error("no request id")
			}
			if strings.HasPrefix(test.want, "404") && resp.Header["Content-Type"] != nil {
				t.Errorf("content type %q", resp.Header["Content-Type"])
			}
		})
	}
}

func TestHeadOfTheRootIs400(t *testing.T) {
	s, _ := newTestServer(nil)
	resp, _ := do(t, "HEAD", "http://"+listen(t, s)+"/", nil)
	if resp.StatusCode != 400 || resp.Header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Errorf("got %d %v", resp.StatusCode, resp.Header)
	}
}

func TestUnknownTargetWithoutBody(t *testing.T) {
	s, _ := newTestServer(nil)
	resp, body := post(t, listen(t, s), nil, "X-Amz-Target: ")
	if resp.StatusCode != 400 || body != unknownOperation {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}

var noGood = &api.Error{Type: "ValidationException", Status: 400, Message: "no good"}

// A client's error is 400. [1.6]
func TestExceptionIsTheAnswer(t *testing.T) {
	s, log := newTestServer(fail(fmt.Errorf("put: %w", noGood)))
	resp, body := post(t, listen(t, s), strings.NewReader("{}"))
	want := string(noGood.AppendJSON(nil))
	if resp.StatusCode != 400 || body != want {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	if sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(want))), 10); resp.Header.Get("x-amz-crc32") != sum {
		t.Errorf("crc %s, want %s", resp.Header.Get("x-amz-crc32"), sum)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", log)
	}
}

func TestOtherErrorIsLoggedOnce(t *testing.T) {
	s, log := newTestServer(fail(errors.New("disk is full")))
	resp, body := post(t, listen(t, s), strings.NewReader("{}"))
	if resp.StatusCode != 500 || body != internalFailure {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	text := log.String()
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "disk is full") ||
		!strings.Contains(text, resp.Header.Get("x-amzn-requestid")) || !strings.Contains(text, "operation=PutItem") {
		t.Errorf("logged %s", text)
	}
}

func TestPanicEndsItsRequestOnly(t *testing.T) {
	var calls int
	s, log := newTestServer(fakeService(func(_ context.Context, _ dynamodb.Call, dst []byte) ([]byte, error) {
		if calls++; calls == 1 {
			panic("at the disco")
		}
		return append(dst, "{}"...), nil
	}))
	addr := listen(t, s)
	resp, body := post(t, addr, strings.NewReader("{}"))
	if resp.StatusCode != 500 || body != internalFailure {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
	text := log.String()
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "at the disco") ||
		!strings.Contains(text, "server_test.go") || !strings.Contains(text, resp.Header.Get("x-amzn-requestid")) {
		t.Errorf("logged %s", text)
	}
	if resp, body := post(t, addr, strings.NewReader("{}")); resp.StatusCode != 200 {
		t.Errorf("after the panic: %d %s", resp.StatusCode, body)
	}
}

func TestPanicInAPage(t *testing.T) {
	s, log := newTestServer(nil)
	s.Handle("/_admin/panic", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }))
	resp, body := do(t, "GET", "http://"+listen(t, s)+"/_admin/panic", nil)
	if resp.StatusCode != 500 || body != internalFailure || !strings.Contains(log.String(), "oh") {
		t.Errorf("got %d %s, logged %s", resp.StatusCode, body, log)
	}
}

func TestVanishedClientCancelsTheCall(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	s, log := newTestServer(fakeService(func(ctx context.Context, _ dynamodb.Call, _ []byte) ([]byte, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}))
	conn := dial(t, listen(t, s))
	sendRequest(t, conn, "{}")
	<-started
	conn.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("context ended with %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", log)
	}
}

func TestHeaderLimit(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	addr := listen(t, s)
	for size, want := range map[int]int{maxHeader / 2: 200, maxHeader * 2: 431} {
		resp, _ := post(t, addr, strings.NewReader("{}"), "X-Amz-Security-Token: "+strings.Repeat("x", size))
		if resp.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", size, resp.StatusCode, want)
		}
	}
}

func TestUnencryptedHTTP2(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	addr := listen(t, s)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	defer transport.CloseIdleConnections()
	r, _ := http.NewRequest("POST", "http://"+addr+"/", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != 200 || resp.Header.Get("x-amz-crc32") != "2745614147" {
		t.Errorf("got %s %d %v", resp.Proto, resp.StatusCode, resp.Header)
	}
}

// No header says that the connection is kept. [1.10]
func TestConnectionIsKeptAlive(t *testing.T) {
	s, _ := newTestServer(answer("{}"))
	conn := dial(t, listen(t, s))
	in := bufio.NewReader(conn)
	for range 3 {
		sendRequest(t, conn, "{}")
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		if string(body) != "{}" || resp.Close || resp.Header["Connection"] != nil {
			t.Fatalf("got %s, close %v, header %v", body, resp.Close, resp.Header)
		}
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func sendRequest(t *testing.T, w io.Writer, body string) {
	t.Helper()
	if _, err := fmt.Fprintf(w, requestHead+"Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
}

const requestHead = "POST / HTTP/1.1\r\nHost: stator\r\nContent-Type: application/x-amz-json-1.0\r\n" +
	"X-Amz-Target: DynamoDB_20120810.PutItem\r\n"

// pipeListener hands out one end of pipes, for tests with a clock of their
// own.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	c, s := net.Pipe()
	l.conns <- s
	return c
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// inBubble serves s to f on a network and a clock of their own.
func inBubble(t *testing.T, s func() *Server, f func(*testing.T, *Server, *pipeListener)) {
	synctest.Test(t, func(t *testing.T) {
		s, l := s(), newPipeListener()
		done := make(chan error)
		go func() { done <- s.Serve(l) }()
		f(t, s, l)
		_ = s.Shutdown(t.Context())
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func TestSlowClientsAreCutOff(t *testing.T) {
	server := func() *Server {
		s, _ := newTestServer(answer("{}"))
		return s
	}
	for _, test := range []struct {
		what, send, want string
		after            time.Duration
	}{
		{"silent", "", "", headerTimeout},
		{"half a header", "POST / HTTP/1.1\r\nHost: st", "", headerTimeout},
		{"half a body", requestHead + "Content-Length: 100\r\n\r\n{", "408 Request Timeout", bodyTimeout},
		{"half a chunk", requestHead + "Transfer-Encoding: chunked\r\n\r\n64\r\n{", "408 Request Timeout", bodyTimeout},
	} {
		t.Run(test.what, func(t *testing.T) {
			inBubble(t, server, func(t *testing.T, _ *Server, l *pipeListener) {
				start := time.Now()
				conn := l.dial()
				if _, err := io.WriteString(conn, test.send); err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(conn)
				if err != nil {
					t.Fatal(err)
				}
				if line, _, _ := strings.Cut(strings.TrimPrefix(string(got), "HTTP/1.1 "), "\r\n"); line != test.want {
					t.Errorf("got %q, want %q", line, test.want)
				}
				if took := time.Since(start).Round(time.Second); took != test.after {
					t.Errorf("took %v, want %v", took, test.after)
				}
			})
		})
	}
}

func TestClientThatDoesNotReadIsCutOff(t *testing.T) {
	long := strings.Repeat("x", writeWatch)
	server := func() *Server {
		s, _ := newTestServer(answer(long))
		return s
	}
	inBubble(t, server, func(t *testing.T, s *Server, l *pipeListener) {
		conn := l.dial()
		sendRequest(t, conn, "{}")
		time.Sleep(writeTimeout + time.Second) // in the bubble's time
		got, _ := io.ReadAll(conn)
		if len(got) > writeWatch {
			t.Errorf("read %d bytes", len(got))
		}
	})
}

func TestShutdownWaitsForRequestsInFlight(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) {
			started, release := make(chan struct{}), make(chan struct{})
			s, _ := newTestServer(fakeService(func(_ context.Context, _ dynamodb.Call, dst []byte) ([]byte, error) {
				close(started)
				<-release
				return append(dst, "{}"...), nil
			}))
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error)
			go func() { served <- s.Serve(l) }()

			protocols := new(http.Protocols)
			protocols.SetHTTP1(!http2)
			protocols.SetUnencryptedHTTP2(http2)
			transport := &http.Transport{Protocols: protocols}
			defer transport.CloseIdleConnections()
			answered := make(chan error)
			go func() {
				r, _ := http.NewRequest("POST", "http://"+l.Addr().String()+"/", strings.NewReader("{}"))
				r.Header.Set("Content-Type", "application/x-amz-json-1.0")
				r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
				resp, err := transport.RoundTrip(r)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
				answered <- err
			}()
			<-started

			down := make(chan error)
			go func() { down <- s.Shutdown(context.Background()) }()
			if err := <-served; err != nil { // Shutdown has begun
				t.Fatal(err)
			}
			close(release)
			if err := <-answered; err != nil {
				t.Errorf("request in flight: %v", err)
			}
			if err := <-down; err != nil {
				t.Errorf("shutdown: %v", err)
			}
		})
	}
}

func TestShutdownClosesUnusedConnections(t *testing.T) {
	server := func() *Server {
		s, _ := newTestServer(answer("{}"))
		return s
	}
	inBubble(t, server, func(t *testing.T, s *Server, l *pipeListener) {
		unused, idle := l.dial(), l.dial()
		sendRequest(t, idle, "{}")
		if _, err := http.ReadResponse(bufio.NewReader(idle), nil); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
		for _, c := range []net.Conn{unused, idle} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("read from a closed connection: %v", err)
			}
		}
	})
}

func TestShutdownForcesRequestsThatDoNotEnd(t *testing.T) {
	ended := make(chan error, 1)
	started := make(chan struct{})
	s, _ := newTestServer(fakeService(func(ctx context.Context, _ dynamodb.Call, _ []byte) ([]byte, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()
	sendRequest(t, dial(t, l.Addr().String()), "{}")
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("call ended with %v", err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
