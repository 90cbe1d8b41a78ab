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
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/statordb/stator/internal/credential"
	"github.com/statordb/stator/internal/dynamodb"
	"github.com/statordb/stator/internal/hook"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/server"
	"github.com/statordb/stator/internal/ui"
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

// serve serves until ctx ends, which is no error. To out it writes one line,
// "Ready.", when it does: programs wait for exactly that. With the profile of
// DynamoDB Local it is preceded by what that one writes.
func serve(ctx context.Context, opts *option.Options, out, errOut io.Writer) error {
	defer runtime.KeepAlive(ballast(opts.MemoryLimit))
	log := newLogger(opts, errOut)
	foreign, unknown := option.Foreign(os.Environ())
	for _, warning := range slices.Concat(opts.Warnings, foreign) {
		log.Warn(warning)
	}
	if unknown != nil {
		log.Debug("variables that look like LocalStack's are not known", "names", unknown)
	}
	if limit := softLimit(opts); limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit) // the nearer it is, the harder the collector works
	}
	// The port first: one that is taken is the commonest reason not to start,
	// and then nothing should have touched the data.
	listeners, err := listen(ctx, opts, log)
	if err != nil {
		return err
	}
	defer func() { closeAll(listeners) }()
	store, err := openStore(ctx, opts, false, log)
	if err != nil {
		return err
	}
	if c, ok := store.(kv.Compacter); ok && opts.Optimize {
		if err := c.Compact(ctx); err != nil {
			return errors.Join(fmt.Errorf("optimize the store: %w", err), store.Close())
		}
	}
	encryption, err := tlsConfig(opts, log)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	external := externalAddress(opts, listeners[0])

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var again atomic.Bool
	service := newService(store, opts, external, log)
	if err := loadAtStart(ctx, service.shelf, opts, log); err != nil {
		service.jobs.Stop()
		return errors.Join(err, store.Close())
	}
	keeper := keep(ctx, service.shelf, opts, log)
	hooks := newHooks(opts, service.DB, hostPort(listeners[0]), log)
	if hooks.Has(hook.Boot) {
		listeners, err = closeMeanwhile(ctx, listeners, func() { hooks.Run(ctx, hook.Boot) })
	} else {
		hooks.Run(ctx, hook.Boot)
	}
	if err != nil {
		service.jobs.Stop()
		return errors.Join(err, store.Close())
	}
	listeners = limited(listeners, openFiles(), log)
	s := server.New(server.Config{
		Service: service,
		Version: version(),
		Log:     log,
		CORS: server.CORS{
			Origins:     opts.CORSOrigins,
			Expose:      opts.CORSExpose,
			NoHeaders:   !opts.CORSHeaders,
			NoPreflight: !opts.CORSPreflight,
		},
		ExternalHost:    opts.ExternalHost,
		ReadOnlyBrowser: opts.UIReadOnly,
		Header:          opts.LocalStackHeader,
		Services:        services(opts, log),
		Keys:            credential.Keys{Parity: opts.ParityKeys},
		KnownRegions:    opts.KnownRegions,
		Figures:         figures(store),
		Bodies:          opts.MemoryLimit / 8, // a request takes some times its body while it is answered
		Running:         opts.EagerLoading,
		Profiling:       opts.Pprof,
		TLS:             encryption,
		Hooks:           hooks,
		Settings:        diagnosed(opts),
		Stop:            stop,
		Restart:         func() { again.Store(true); stop() },
	})
	s.Handle("POST "+checkPath, server.Lines(func(ctx context.Context, emit func(any)) error {
		_, err := checkStore(ctx, store, func(line checkLine) { emit(line) })
		return err
	}))
	s.Handle("/_admin/clock", server.Clock(service.clock, service.jobs.ClockSet))
	s.Handle("/_ui/", browser(opts).Pages("/_ui/"))
	s.Handle("GET /_admin/tables", server.Tables(service.Tables))
	s.Handle("POST /_admin/tables", server.Load(carrier(service.DB)))
	s.Handle("/_admin/replication", server.Replication(service.mover, service.jobs.LookAtReplicas))
	s.StreamTail(service.DB)
	keepUsage := s.Usage(service.DB)
	s.Handle("GET /_admin/config", server.Configuration(configuration(opts, endpoints(opts, listeners), external)))
	s.Lifetime(service.DB, service.expireTable)
	s.Detail(service.DB)
	s.Handle("/_localstack/chaos/faults", server.Faults(service.faults))
	s.Handle("/_localstack/chaos/effects", server.Effects(service.faults))
	if opts.ConfigUpdates {
		s.Handle("/_localstack/config", server.Variables(service.faults))
	}
	s.Handle("DELETE /_aws/dynamodb/expired", server.Expired(service.expire))
	for pattern, page := range server.Snapshots(service.shelf, log) {
		s.Handle(pattern, page)
	}
	var looking sync.WaitGroup
	looking.Go(func() { keepUsage(ctx) })
	served := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { served <- s.Serve(l) }()
	}
	announce(errOut, log, opts, listeners, external)
	if opts.Profile == string(dynamodb.ProfileLocal) {
		announceLocal(out, opts, listeners[0])
	}
	hooks.Run(ctx, hook.Start)
	hooks.Run(ctx, hook.Ready)
	if ctx.Err() != nil {
		log.Info("the server ends before it was ready")
	} else if _, err := fmt.Fprintln(out, "Ready."); err != nil {
		log.Warn("nobody reads standard output", "error", err)
	}

	running := len(listeners)
	select {
	case <-ctx.Done():
	case err = <-served: // a listener broke
		running--
	}
	words, said := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	hooks.Run(words, hook.Shutdown)
	said()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := s.Shutdown(patience); err != nil {
		log.Warn("requests in flight were cut off", "error", err)
	}
	for range running {
		err = errors.Join(err, <-served)
	}
	keeper.end(ctx)
	service.jobs.Stop()
	stop()
	looking.Wait()
	if err = errors.Join(err, store.Close()); err == nil && again.Load() {
		return errAgain
	}
	return err
}

// browser returns the Resource Browser that the options ask for.
func browser(opts *option.Options) server.Browser {
	b := server.Browser{Files: ui.Files(), Version: version(), ReadOnly: opts.UIReadOnly}
	if opts.UIDir != "" {
		b.Files, b.Fresh = os.DirFS(opts.UIDir), true
	}
	return b
}

// errAgain is what serve ends with when it is to begin anew.
var errAgain = errors.New("the server is to begin anew")

// diagnosed returns the options to show to whoever looks for a fault, which is
// nobody but at debug level.
func diagnosed(opts *option.Options) map[string]string {
	if opts.LogLevel > slog.LevelDebug {
		return nil
	}
	shown := map[string]string{}
	for _, s := range opts.Settings {
		shown[s.Name] = s.Value
	}
	return shown
}

// softLimit returns the lower of the limits, or 0 if there is none.
func softLimit(opts *option.Options) int64 {
	if opts.MemoryLimit > 0 && opts.SoftMemoryLimit > 0 {
		return min(opts.MemoryLimit, opts.SoftMemoryLimit)
	}
	return max(opts.MemoryLimit, opts.SoftMemoryLimit)
}

// services returns which services are served; nil is all.
func services(opts *option.Options, log *slog.Logger) []string {
	if !opts.StrictServices {
		return nil
	}
	if len(opts.Services) == 0 {
		log.Warn("--services ($SERVICES) has no service that there is here: every request is refused; --strict-services=false lets it have no effect")
	}
	return opts.Services
}

func newLogger(opts *option.Options, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: opts.LogLevel}
	if opts.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// listen opens all addresses, or none. One that nobody has asked for is left out
// if it is taken.
func listen(ctx context.Context, opts *option.Options, log *slog.Logger) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, addr := range opts.Listen {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			closeAll(listeners)
			return nil, listenError(addr, err)
		}
		listeners = append(listeners, l)
	}
	host, _, err := net.SplitHostPort(opts.Listen[0])
	addr := net.JoinHostPort(host, strconv.Itoa(opts.LocalPort))
	if err != nil || opts.LocalPort == 0 || slices.Contains(opts.Listen, addr) {
		return listeners, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err == nil {
		return append(listeners, l), nil
	}
	if opts.ByDefault("local-port") {
		log.Info("DynamoDB Local's port is not served as well", "error", err)
		return listeners, nil
	}
	closeAll(listeners)
	return nil, listenError(addr, err)
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

// announce tells where things are: a person, or who collects the logs.
func announce(w io.Writer, log *slog.Logger, opts *option.Options, listeners []net.Listener, external string) {
	endpoints := endpoints(opts, listeners)
	if opts.LogFormat == "json" {
		log.Info("serving", "version", version(), "endpoints", endpoints, "data", place(opts), "profile", opts.Profile)
		return
	}
	// In one piece, or the log might come between.
	var b strings.Builder
	fmt.Fprintf(&b, "stator %s\n\n", version())
	for i, endpoint := range endpoints {
		label := "Endpoint"
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(&b, "  %-9s %s\n", label, endpoint)
	}
	fmt.Fprintf(&b, "  %-9s %s\n", "Data", place(opts))
	if ui.Files() != nil || opts.UIDir != "" {
		fmt.Fprintf(&b, "  %-9s %s/_ui/\n", "Browser", endpoints[0])
	}
	fmt.Fprintf(&b, "  %-9s export AWS_ENDPOINT_URL=%s (any credentials will do)\n\n", "Use it", scheme(opts)+external)
	_, _ = io.WriteString(w, b.String())
}

// endpoints returns the URLs of listeners.
func endpoints(opts *option.Options, listeners []net.Listener) (urls []string) {
	for _, l := range listeners {
		urls = append(urls, scheme(opts)+hostPort(l))
	}
	return urls
}

func scheme(opts *option.Options) string {
	if opts.HTTPSURLs {
		return "https://"
	}
	return "http://"
}

// externalAddress returns where clients find the server.
func externalAddress(opts *option.Options, l net.Listener) string {
	host, port, err := net.SplitHostPort(opts.ExternalHost)
	if err != nil { // there is none
		return hostPort(l)
	}
	if port == "0" {
		_, port, _ = net.SplitHostPort(l.Addr().String())
	}
	return net.JoinHostPort(host, port)
}

// hostPort returns what to call l when calling from this machine.
func hostPort(l net.Listener) string {
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsUnspecified() {
		return l.Addr().String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(addr.Port))
}
