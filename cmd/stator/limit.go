package main

import (
	"fmt"
	"log/slog"
	"net"
	"sync"
)

// limited returns listeners that have most connections open at once, all
// together: as many as half of the files that the process may open, so that the
// store can open its own. Further ones wait, as on a server that is slow. 0 is
// no limit.
func limited(listeners []net.Listener, files uint64, log *slog.Logger) []net.Listener {
	most := int(min(files/2, 1<<20))
	if most == 0 {
		return listeners
	}
	slots := make(chan struct{}, most)
	told := sync.OnceFunc(func() {
		log.Warn(fmt.Sprintf("%d connections are open, half of the files that may be (ulimit -n): further ones wait until one ends", most))
	})
	all := make([]net.Listener, len(listeners))
	for i, l := range listeners {
		all[i] = &limitedListener{Listener: l, slots: slots, told: told, closed: make(chan struct{})}
	}
	return all
}

type limitedListener struct {
	net.Listener
	slots  chan struct{} // holds one for each connection
	told   func()        // called when one has to wait
	once   sync.Once
	closed chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.told()
		select {
		case l.slots <- struct{}{}:
		case <-l.closed:
			return nil, net.ErrClosed
		}
	}
	free := sync.OnceFunc(func() { <-l.slots })
	c, err := l.Listener.Accept()
	if err != nil {
		free()
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok { // which listen does not make
		free()
		return c, nil
	}
	return &limitedConn{TCPConn: tcp, free: free}, nil
}

func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// A limitedConn is a TCP connection, since net/http closes such in two steps.
type limitedConn struct {
	*net.TCPConn
	free func()
}

func (c *limitedConn) Close() error {
	defer c.free()
	return c.TCPConn.Close()
}
