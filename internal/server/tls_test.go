package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/statordb/stator/internal/certificate"
	"github.com/statordb/stator/internal/dynamodb"
)

// newTLSServer returns a server with a certificate, and what trusts it.
func newTLSServer(t *testing.T, service Service) (*Server, *tls.Config) {
	t.Helper()
	cert, err := certificate.Make(certificate.Names, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	s := New(Config{Service: service, TLS: &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2", "http/1.1"}}})
	return s, &tls.Config{RootCAs: roots}
}

func TestOnePortSpeaksTLSAndPlainText(t *testing.T) {
	s, trust := newTLSServer(t, answer("{}"))
	addr := listen(t, s)
	for _, test := range []struct {
		scheme string
		set    func(*http.Protocols)
		major  int
	}{
		{"http", func(p *http.Protocols) { p.SetHTTP1(true) }, 1},
		{"http", func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }, 2},
		{"https", func(p *http.Protocols) { p.SetHTTP1(true) }, 1},
		{"https", func(p *http.Protocols) { p.SetHTTP1(true); p.SetHTTP2(true) }, 2},
	} {
		protocols := new(http.Protocols)
		test.set(protocols)
		transport := &http.Transport{Protocols: protocols, TLSClientConfig: trust.Clone()}
		for range 2 { // the second on a connection that is kept
			r, _ := http.NewRequestWithContext(t.Context(), "POST", test.scheme+"://"+addr+"/", strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
			resp, err := transport.RoundTrip(r)
			if err != nil {
				t.Fatalf("%s, HTTP/%d: %v", test.scheme, test.major, err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(body) != "{}" || resp.StatusCode != 200 || resp.ProtoMajor != test.major {
				t.Errorf("%s, HTTP/%d: got %s %d %q, %v", test.scheme, test.major, resp.Proto, resp.StatusCode, body, err)
			}
		}
		transport.CloseIdleConnections()
	}
}

// A client that has begun to speak TLS, or has not, and goes no further.
func TestSlowClientsAreCutOffWithTLS(t *testing.T) {
	var trust *tls.Config
	server := func() (s *Server) {
		s, trust = newTLSServer(t, answer("{}"))
		return s
	}
	for _, test := range []struct{ what, send string }{
		{"silent", ""},
		{"the first byte", "\x16"},
		{"half a greeting", "\x16\x03\x01\x02\x00\x01"},
		{"half a plain header", "POST / HTTP/1.1\r\nHost: st"},
	} {
		t.Run(test.what, func(t *testing.T) {
			inBubble(t, server, func(t *testing.T, _ *Server, l *pipeListener) {
				start := time.Now()
				conn := l.dial()
				if _, err := io.WriteString(conn, test.send); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadAll(conn); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start).Round(time.Second); took != headerTimeout {
					t.Errorf("took %v, want %v", took, headerTimeout)
				}
			})
		})
	}
	t.Run("encrypted, without a request", func(t *testing.T) {
		inBubble(t, server, func(t *testing.T, _ *Server, l *pipeListener) {
			start := time.Now()
			trust.ServerName = "localhost"
			conn := tls.Client(l.dial(), trust)
			if err := conn.HandshakeContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(conn); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start).Round(time.Second); took != headerTimeout {
				t.Errorf("took %v, want %v", took, headerTimeout)
			}
		})
	})
}

func TestShutdownWithTLS(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) { shutDownWithTLS(t, http2) })
	}
}

func shutDownWithTLS(t *testing.T, http2 bool) {
	started, release := make(chan struct{}), make(chan struct{})
	s, trust := newTLSServer(t, fakeService(func(_ context.Context, _ dynamodb.Call, dst []byte) ([]byte, error) {
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
	unused := dial(t, l.Addr().String())
	begun := dial(t, l.Addr().String())
	if _, err := io.WriteString(begun, "\x16\x03"); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: http2}
	defer transport.CloseIdleConnections()
	answered := make(chan error)
	go func() {
		r, _ := http.NewRequest("POST", "https://"+l.Addr().String()+"/", strings.NewReader("{}"))
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
	idle := &http.Transport{TLSClientConfig: trust.Clone(), ForceAttemptHTTP2: http2}
	defer idle.CloseIdleConnections()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://"+l.Addr().String()+"/healthz", nil)
	resp, err := idle.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(resp.Body)
	resp.Body.Close()
	if (resp.ProtoMajor == 2) != http2 {
		t.Errorf("got %s", resp.Proto)
	}

	down := make(chan error)
	go func() { down <- s.Shutdown(context.Background()) }()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{unused, begun} {
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("a connection without a request: %v", err)
		}
	}
	close(release)
	if err := <-answered; err != nil {
		t.Errorf("request in flight: %v", err)
	}
	if err := <-down; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}
