package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/statordb/stator/internal/option"
)

func TestConnectionsOverTheLimitWait(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	l := limited([]net.Listener{inner}, 5, slog.New(slog.NewTextHandler(&lines, nil)))[0]
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	var clients []net.Conn
	for range 4 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
	}
	first, second := <-accepted, <-accepted
	for _, c := range []net.Conn{first, second} {
		select {
		case <-accepted:
			t.Fatal("a third connection is accepted while two are open")
		default:
		}
		if err := errors.Join(c.Close(), c.Close()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed twice: %v", err)
		}
		defer (<-accepted).Close() // of two closes, one counts
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept ended with %v", err)
	}
	if n := strings.Count(lines.String(), "2 connections are open"); n != 1 {
		t.Errorf("the log tells %d times that connections wait: %s", n, lines.String())
	}
	if _, err := clients[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the first client reads %v", err)
	}
}

func TestTheLowerLimitOfMemoryHolds(t *testing.T) {
	for _, test := range []struct{ hard, soft, want int64 }{{0, 0, 0}, {5, 0, 5}, {0, 5, 5}, {5, 3, 3}, {3, 5, 3}} {
		if got := softLimit(&option.Options{MemoryLimit: test.hard, SoftMemoryLimit: test.soft}); got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}
