package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/server"
)

// grace is how long requests in flight may take to end after a signal. With
// what closing the store takes, the program ends within a second.
const grace = 700 * time.Millisecond

// ballast returns memory that the collector counts and nobody touches, so that
// it takes none of the machine's. With a small heap the collector would run
// after every few megabytes: with the engine on disk, whose data is not in the
// heap, that was a third of a Query's time. Of a limit it is a small part.
func ballast(limit int64) []byte {
	const most = 32 << 20
	if limit <= 0 {
		limit = math.MaxInt64
	}
	return make([]byte, min(most, limit/16))
}

// serve serves until ctx ends, which is no error.
func serve(ctx context.Context, opts *option.Options, out, errOut io.Writer) error {
	defer runtime.KeepAlive(ballast(opts.MemoryLimit))
	log := newLogger(opts, errOut)
	for _, warning := range opts.Warnings {
		log.Warn(warning)
	}
	if opts.MemoryLimit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(opts.MemoryLimit) // the nearer it is, the harder the collector works
	}
	// The port first: one that is taken is the commonest reason not to start,
	// and then nothing should have touched the data.
	listeners, err := listen(ctx, opts.Listen)
	if err != nil {
		return err
	}
	listeners = limited(listeners, openFiles(), log)
	defer closeAll(listeners)
	store, err := openStore(ctx, opts, false, log)
	if err != nil {
		return err
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	service := newService(store, opts, hostPort(listeners[0]), log)
	s := server.New(server.Config{
		Service:   service,
		Version:   version(),
		Log:       log,
		Origins:   opts.CORSOrigins,
		Figures:   figures(store),
		Bodies:    opts.MemoryLimit / 8, // a request takes some times its body while it is answered
		Running:   opts.EagerLoading,
		Profiling: opts.Pprof,
		Stop:      stop,
	})
	s.Handle("POST "+checkPath, server.Lines(func(ctx context.Context, emit func(any)) error {
		_, err := checkStore(ctx, store, func(line checkLine) { emit(line) })
		return err
	}))
	s.Handle("/_admin/clock", server.Clock(service.clock, service.jobs.ClockSet))
	s.Handle("/_localstack/chaos/faults", server.Faults(service.faults))
	s.Handle("/_localstack/chaos/effects", server.Effects(service.faults))
	if opts.ConfigUpdates {
		s.Handle("/_localstack/config", server.Variables(service.faults))
	}
	s.Handle("DELETE /_aws/dynamodb/expired", server.Expired(service.expire))
	served := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { served <- s.Serve(l) }()
	}
	banner(out, opts, listeners)

	running := len(listeners)
	select {
	case <-ctx.Done():
	case err = <-served: // a listener broke
		running--
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		log.Warn("requests in flight were cut off", "error", err)
	}
	for range running {
		err = errors.Join(err, <-served)
	}
	service.jobs.Stop()
	return errors.Join(err, store.Close())
}

func newLogger(opts *option.Options, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: opts.LogLevel}
	if opts.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// listen opens all addresses, or none.
func listen(ctx context.Context, addrs []string) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, addr := range addrs {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			closeAll(listeners)
			return nil, listenError(addr, err)
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

func listenError(addr string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	hint := ""
	if host, port, err := net.SplitHostPort(addr); err == nil {
		if n, err := strconv.Atoi(port); err == nil && n < 65535 {
			hint = " try --listen " + net.JoinHostPort(host, strconv.Itoa(n+1))
		}
	}
	return fmt.Errorf("listen at %s: address already in use: is another stator running?%s", addr, hint)
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // nothing was sent or received
	}
}

// banner tells a person where things are and a program, by its last line, that
// it may begin. The line is LocalStack's, and programs search for exactly it.
func banner(w io.Writer, opts *option.Options, listeners []net.Listener) {
	fmt.Fprintf(w, "stator %s\n\n", version())
	for i, l := range listeners {
		label := "Endpoint"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(w, "  %-9s http://%s\n", label, hostPort(l))
	}
	fmt.Fprintf(w, "  %-9s %s\n", "Data", place(opts))
	fmt.Fprintf(w, "  %-9s export AWS_ENDPOINT_URL=http://%s (any credentials will do)\n\n", "Use it", hostPort(listeners[0]))
	fmt.Fprintln(w, "Ready.")
}

// hostPort returns what to call l when calling from this machine.
func hostPort(l net.Listener) string {
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsUnspecified() {
		return l.Addr().String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(addr.Port))
}
