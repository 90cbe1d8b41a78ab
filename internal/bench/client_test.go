package bench

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func clientOf(t *testing.T, h http.HandlerFunc) *client {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(endpoint, Config{Region: "eu-west-1", AccessKey: "key"})
	t.Cleanup(c.close)
	return c
}

func TestClientSendsWhatADynamoDBClientSends(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/" ||
			r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.GetItem" ||
			!strings.Contains(r.Header.Get("Authorization"), "Credential=key/20260101/eu-west-1/dynamodb/") {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		w.Write(body)
	})
	for _, body := range []string{`{}`, strings.Repeat("x", 100_000), ``} { // also longer than one buffer
		got, err := c.do(t.Context(), "GetItem", []byte(body))
		if err != nil || string(got) != body {
			t.Errorf("%d bytes came back as %d: %v", len(body), len(got), err)
		}
	}
}

func TestClientKeepsItsConnectionWhenARequestIsRefused(t *testing.T) {
	var remotes sync.Map
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		remotes.Store(r.RemoteAddr, true)
		http.Error(w, `{"__type":"x#ValidationException"}`, http.StatusBadRequest)
	})
	for range 3 {
		if _, err := c.do(t.Context(), "GetItem", []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "status 400: {\"__type\"") {
			t.Errorf("error %v", err)
		}
	}
	connections := 0
	remotes.Range(func(_, _ any) bool { connections++; return true })
	if connections != 1 {
		t.Errorf("%d connections", connections)
	}
}

func TestClientComesBackAfterALostConnection(t *testing.T) {
	var whole atomic.Bool
	c := clientOf(t, func(http.ResponseWriter, *http.Request) {
		if !whole.Load() {
			panic(http.ErrAbortHandler)
		}
	})
	if _, err := c.do(t.Context(), "GetItem", nil); err == nil {
		t.Error("no error from a connection that was cut")
	}
	whole.Store(true)
	if _, err := c.do(t.Context(), "GetItem", nil); err != nil {
		t.Error(err)
	}
}

func TestClientEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := clientOf(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // until the client has gone
	})
	if _, err := c.do(ctx, "GetItem", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := c.do(ctx, "GetItem", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the next error %v", err)
	}
}
