package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Command returns `stator bench`.
func Command() *cobra.Command {
	var cfg Config
	var endpoint, chosen string
	var pid int
	var compare []string
	var asJSON, asMarkdown, goals bool
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a DynamoDB endpoint",
		Long: `Measure a DynamoDB endpoint: requests per second, latency, and with the server's
process id its CPU time per request and its memory.

A table of items of about 1 KB, with one global secondary index that projects all
attributes, is made, filled, and deleted at the end. Requests are not signed, so
that a server which checks signatures, like AWS itself, refuses them.

  stator bench --workload get,put --pid 4711
  stator bench --compare stator=http://127.0.0.1:4566:4711,nothing=http://127.0.0.1:4567:4712

In --compare the first server is the one that others are compared with. One that
is called nothing must be a ` + "`stator bench nothing`" + `: it gets the same requests, answers
as many bytes, and its CPU time is the unit of the column "× nothing".`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if cfg.Targets, err = targets(endpoint, pid, compare); err != nil {
				return err
			}
			if cfg.Workloads, err = chooseWorkloads(chosen); err != nil {
				return err
			}
			clear := func() {}
			if isTerminal(os.Stderr) {
				cfg.Progress, clear = progressLine(os.Stderr)
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			report, err := Run(ctx, cfg)
			clear()
			if report == nil {
				return err
			}
			write := report.writeTable
			switch {
			case asJSON:
				write = report.writeJSON
			case asMarkdown:
				write = func(w io.Writer) error { return report.writeMarkdown(w, goals) }
			}
			if err := errors.Join(err, write(cmd.OutOrStdout())); err != nil {
				return err
			}
			if failed := report.failures(cfg.Targets[0].Name); failed != "" {
				return errors.New(strings.TrimSpace(failed))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&endpoint, "endpoint", cmp.Or(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"), os.Getenv("AWS_ENDPOINT_URL"), "http://127.0.0.1:4566"),
		"`URL` of the server to measure")
	f.StringVar(&chosen, "workload", "all", "what to measure: all, or a comma-separated `LIST` of "+workloadNames())
	f.IntVar(&cfg.Workers, "workers", 8, "connections, each with one request under way")
	f.DurationVar(&cfg.Duration, "duration", 3*time.Second, "how long to measure each workload")
	f.DurationVar(&cfg.Warmup, "warmup", time.Second, "how long to send each workload before it is measured")
	f.IntVar(&cfg.Items, "items", 10_000, "items in the table")
	f.BoolVar(&cfg.Stream, "stream", false, "measure on a table with a stream")
	f.StringSliceVar(&cfg.Replicas, "replicas", nil, "measure on a global table that has replicas in other `REGIONS`, too")
	f.IntVar(&pid, "pid", 0, "process `ID` of the server, for its CPU time and memory")
	f.StringSliceVar(&compare, "compare", nil, "measure several servers: `NAME=URL[:PID],...`")
	f.StringVar(&cfg.Region, "region", "us-east-1", "AWS region that requests are addressed to")
	f.StringVar(&cfg.AccessKey, "access-key", "bench", "access key that requests carry")
	f.BoolVar(&cfg.KeepTable, "keep-table", false, "leave the table behind")
	f.BoolVar(&asJSON, "json", false, "print a JSON object")
	f.BoolVar(&asMarkdown, "markdown", false, "print a Markdown table")
	f.BoolVar(&goals, "goals", false, "with --markdown, compare with the goals of docs/performance.md")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.MarkFlagsMutuallyExclusive("compare", "endpoint")
	cmd.MarkFlagsMutuallyExclusive("compare", "pid")
	cmd.AddCommand(nothingCommand())
	return cmd
}

func workloadNames() string {
	all := workloads()
	names := make([]string, len(all))
	for i, w := range all {
		names[i] = w.name
	}
	return strings.Join(names, ",")
}

// targets reads either the list of --compare or --endpoint and --pid.
func targets(endpoint string, pid int, compare []string) ([]Target, error) {
	if len(compare) == 0 {
		t, err := parseTarget(endpoint)
		if err != nil {
			return nil, fmt.Errorf("--endpoint: %w", err)
		}
		if pid != 0 {
			t.PID = pid
		}
		return []Target{t}, nil
	}
	var list []Target
	for _, text := range compare {
		t, err := parseTarget(text)
		if err != nil {
			return nil, fmt.Errorf("--compare: %w", err)
		}
		list = append(list, t)
	}
	return list, nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progressLine returns a function that overwrites the last line of a terminal
// and one that clears it.
func progressLine(f *os.File) (tell func(string), clear func()) {
	const clearLine = "\r\x1b[K"
	return func(what string) { fmt.Fprint(f, clearLine, what) },
		func() { fmt.Fprint(f, clearLine) }
}

func nothingCommand() *cobra.Command {
	var listen string
	var size int
	cmd := &cobra.Command{
		Use:   "nothing",
		Short: "Serve a do-nothing server to compare with",
		Long: `Serve a server that reads each request and answers a fixed number of bytes.
It prints its address and its process id, and ends with SIGINT or SIGTERM.`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if size < 0 || size > maxNothing {
				return errors.New("--size is out of range")
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			l, err := net.Listen("tcp", listen)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "http://%s:%d\nReady.\n", l.Addr(), os.Getpid())
			return serveNothing(ctx, l, size)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "`HOST:PORT` to listen on; port 0 is any free one")
	cmd.Flags().IntVar(&size, "size", 2, "`BYTES` to answer when a request does not say it")
	return cmd
}

// serveNothing serves until ctx is done.
func serveNothing(ctx context.Context, l net.Listener, size int) error {
	server := &http.Server{Handler: nothingHandler(size), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		err := server.Close()
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			return served
		}
		return err
	}
}
