package server

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// startsTLS is the first byte of every connection with TLS, and of no request
// without it.
const startsTLS = 0x16

// serveBoth answers on l both clients that speak TLS and clients that do not. A
// connection is taken for plain until its first byte has come, in the goroutine
// that would read it anyhow; so nobody waits for a client that says nothing, and
// the timeouts of a request's header hold for it.
func (s *Server) serveBoth(l net.Listener) error {
	encrypted := &handedListener{addr: l.Addr(), conns: make(chan net.Conn), closed: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- s.serve(encrypted) }()
	err := s.serve(&sortingListener{l, encrypted, s.conf.TLS})
	_ = encrypted.Close() // it never fails
	if tlsErr := <-ended; !errors.Is(tlsErr, net.ErrClosed) {
		err = errors.Join(err, tlsErr)
	}
	return err
}

// A sortingListener hands over the connections that turn out to be encrypted.
type sortingListener struct {
	net.Listener
	encrypted *handedListener
	conf      *tls.Config
}

func (l *sortingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &sortedConn{Conn: c, from: l}, nil
}

// A sortedConn is a connection of which it is not known until the first read
// whether it is encrypted. If it is, it ends for its reader, and goes on
// elsewhere: what its reader does with it then has no effect.
type sortedConn struct {
	net.Conn
	from  *sortingListener
	known bool        // touched by the reader alone
	gone  atomic.Bool // handed over
}

func (c *sortedConn) Read(p []byte) (int, error) {
	if c.known {
		if c.gone.Load() {
			return 0, io.EOF
		}
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p)
	if n == 0 {
		return n, err
	}
	c.known = true
	if p[0] != startsTLS {
		return n, err
	}
	c.gone.Store(true)
	begun := &begunConn{Conn: c.Conn, begin: append([]byte(nil), p[:n]...)}
	c.from.encrypted.hand(tls.Server(begun, c.from.conf))
	return 0, io.EOF
}

func (c *sortedConn) Close() error {
	if c.gone.Load() {
		return nil
	}
	return c.Conn.Close()
}

// CloseWrite serves net/http, which closes in two steps.
func (c *sortedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && !c.gone.Load() {
		return half.CloseWrite()
	}
	return nil
}

func (c *sortedConn) SetDeadline(t time.Time) error {
	if c.gone.Load() {
		return nil
	}
	return c.Conn.SetDeadline(t)
}

func (c *sortedConn) SetReadDeadline(t time.Time) error {
	if c.gone.Load() {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *sortedConn) SetWriteDeadline(t time.Time) error {
	if c.gone.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// A begunConn is a connection of which something has been read already.
type begunConn struct {
	net.Conn
	begin []byte
}

func (c *begunConn) Read(p []byte) (int, error) {
	if len(c.begin) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.begin)
	c.begin = c.begin[n:]
	return n, nil
}

// A handedListener listens for what is handed to it.
type handedListener struct {
	addr   net.Addr
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *handedListener) hand(c net.Conn) {
	select {
	case l.conns <- c:
	case <-l.closed:
		_ = c.Close() // its client has been told nothing yet
	}
}

func (l *handedListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *handedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *handedListener) Addr() net.Addr { return l.addr }
