package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/statordb/stator/internal/api"
)

// newEvents returns a server with a page of the events that run sends.
func newEvents(run func(context.Context, *events) error) *Server {
	s, _ := newTestServer(nil)
	s.Handle("GET /events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.listen(w, r, run) }))
	return s
}

func TestEventsHaveTheFormOfTheStandard(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{
			api.NewResourceNotFoundException("gone"),
			"event: error\ndata: {\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\",\"message\":\"gone\"}\n\n",
		},
		{errors.New("secret"), "event: error\ndata: " + internalFailure + "\n\n"},
	} {
		s := newEvents(func(_ context.Context, e *events) error {
			e.add("1", "", nil)
			e.add("2", "change", []byte("one\r\ntwo\n"))
			e.flush()
			return test.err
		})
		resp, body := do(t, "GET", "http://"+listen(t, s)+"/events", nil)
		want := "retry: 1000\n\nid: 1\n\nid: 2\nevent: change\ndata: one\ndata: two\n\n" + test.want
		if got := resp.Header.Get("Content-Type"); got != "text/event-stream" || body != want {
			t.Errorf("%s %q", got, body)
		}
	}
}

func TestEventsEndWithTheirListener(t *testing.T) {
	ended := make(chan struct{})
	s := newEvents(func(ctx context.Context, _ *events) error {
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	})
	resp, err := client.Get("http://" + listen(t, s) + "/events")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	<-ended
}

// beats sends nothing but what keeps a connection alive.
func beats(ctx context.Context, e *events) error {
	for ctx.Err() == nil {
		e.beat()
		sleepFor(ctx, time.Second)
	}
	return nil
}

func sleepFor(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

const askForEvents = "GET /events HTTP/1.1\r\nHost: stator\r\n\r\n"

// Who listens hears something every 15 seconds, for as long as it likes, and the
// server's end is the stream's.
func TestEventsGoOnUntilTheServerEnds(t *testing.T) {
	inBubble(t, func() *Server { return newEvents(beats) }, func(t *testing.T, s *Server, l *pipeListener) {
		conn := l.dial()
		if _, err := io.WriteString(conn, askForEvents); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		start, lines := time.Now(), bufio.NewScanner(resp.Body)
		for n := 0; n < 40 && lines.Scan(); {
			if lines.Text() == ":" {
				n++
			}
		}
		if took := time.Since(start); took != 40*heartbeat {
			t.Errorf("40 heartbeats took %v", took)
		}
		start = time.Now()
		done := make(chan error)
		go func() { done <- s.Shutdown(context.Background()) }()
		for lines.Scan() {
		}
		if err := lines.Err(); err != nil {
			t.Errorf("the stream ends with %v", err)
		}
		conn.Close()
		if err := <-done; err != nil || time.Since(start) > time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// A client that never reads is cut off, and does not keep the server from
// ending.
func TestEventsThatNobodyReads(t *testing.T) {
	var ended chan time.Duration
	server := func() *Server {
		ended = make(chan time.Duration, 1) // one of the bubble's
		return newEvents(func(ctx context.Context, e *events) error {
			start := time.Now()
			for ctx.Err() == nil {
				e.add("", "change", []byte("one"))
				e.flush()
			}
			ended <- time.Since(start)
			return nil
		})
	}
	for _, test := range []struct {
		what string
		stop time.Duration
		want time.Duration
	}{{"cut off", 0, writeTimeout}, {"shut down", time.Second, time.Second + lastEvent}} {
		t.Run(test.what, func(t *testing.T) {
			inBubble(t, server, func(t *testing.T, s *Server, l *pipeListener) {
				conn := l.dial()
				var stopping sync.WaitGroup
				defer stopping.Wait()
				defer conn.Close()
				if _, err := io.WriteString(conn, askForEvents); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(conn, make([]byte, 500)); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if test.stop > 0 {
					time.Sleep(test.stop)
					stopping.Go(func() { _ = s.Shutdown(context.Background()) })
				}
				if took := <-ended; took != test.want {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestListenersAreBounded(t *testing.T) {
	inBubble(t, func() *Server { return newEvents(beats) }, func(t *testing.T, s *Server, l *pipeListener) {
		ask := func() (net.Conn, string) {
			t.Helper()
			conn := l.dial()
			if _, err := io.WriteString(conn, askForEvents); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			go io.Copy(io.Discard, conn)
			return conn, strings.TrimSpace(line)
		}
		var conns []net.Conn
		for range maxListeners {
			conn, status := ask()
			if conns = append(conns, conn); status != "HTTP/1.1 200 OK" {
				t.Fatal(status)
			}
		}
		conn, status := ask()
		conn.Close()
		if status != "HTTP/1.1 503 Service Unavailable" {
			t.Error(status)
		}
		conns[0].Close()
		synctest.Wait()
		if conns[0], status = ask(); status != "HTTP/1.1 200 OK" {
			t.Errorf("after one has gone: %s", status)
		}
		for _, conn := range conns {
			conn.Close()
		}
	})
}
