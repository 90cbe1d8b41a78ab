package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestLinesAreSentAtOnce(t *testing.T) {
	s, _ := newTestServer(nil)
	proceed := make(chan struct{})
	s.Handle("POST /work", Lines(func(_ context.Context, emit func(any)) error {
		for n := range 3 {
			emit(map[string]int{"n": n})
			<-proceed
		}
		return errors.New("tired")
	}))
	addr := listen(t, s)
	resp, err := client.Post("http://"+addr+"/work", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for n := range 3 {
		if !lines.Scan() || lines.Text() != fmt.Sprintf(`{"n":%d}`, n) {
			t.Errorf("line %d: %s, %v", n, lines.Text(), lines.Err())
		}
		if status, body := do(t, "POST", "http://"+addr+"/work", nil); status.StatusCode != http.StatusConflict {
			t.Errorf("a second request: %d %s", status.StatusCode, body)
		}
		proceed <- struct{}{}
	}
	if !lines.Scan() || lines.Text() != `{"error":"tired"}` || lines.Scan() {
		t.Errorf("the last line is %q, %v", lines.Text(), lines.Err())
	}
}

func TestLinesAreForNoStranger(t *testing.T) {
	s, _ := newTestServer(nil)
	runs := 0
	s.Handle("POST /work", Lines(func(context.Context, func(any)) error { runs++; return nil }))
	for _, test := range []struct {
		method, origin string
		want           int
	}{
		{"POST", "https://evil.example", 403},
		{"POST", "null", 403},
		{"OPTIONS", "https://evil.example", 403},
		{"GET", "", 404},
		{"POST", "http://localhost:3000", 200},
		{"POST", "", 200},
	} {
		before := runs
		headers := []string{}
		if test.origin != "" {
			headers = append(headers, "Origin: "+test.origin)
		}
		status, _ := get(s, test.method, "/work", headers...)
		if ran := runs > before; status != test.want || ran != (status == 200) {
			t.Errorf("%s from %q: %d, ran: %t", test.method, test.origin, status, ran)
		}
	}
}

// A request may take longer than reading one may.
func TestLinesMayTakeLong(t *testing.T) {
	server := func() *Server {
		s, _ := newTestServer(nil)
		s.Handle("POST /work", Lines(func(ctx context.Context, emit func(any)) error {
			for range 10 {
				time.Sleep(bodyTimeout) // of the bubble's clock
				emit(ctx.Err() == nil)
			}
			return ctx.Err()
		}))
		return s
	}
	inBubble(t, server, func(t *testing.T, _ *Server, l *pipeListener) {
		conn := l.dial()
		if _, err := io.WriteString(conn, "POST /work HTTP/1.1\r\nHost: stator\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil || strings.Count(string(answer), "true\n") != 10 || strings.Contains(string(answer), "error") {
			t.Errorf("got %s, %v", answer, err)
		}
	})
}

func TestLinesEndWithTheirReader(t *testing.T) {
	s, _ := newTestServer(nil)
	ended := make(chan error, 1)
	s.Handle("POST /work", Lines(func(ctx context.Context, emit func(any)) error {
		emit("begun")
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}))
	resp, err := client.Post("http://"+listen(t, s)+"/work", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
