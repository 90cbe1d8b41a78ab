package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/option"
)

// checkTimeout is below the shortest interval of usual container platforms.
const checkTimeout = 2 * time.Second

func healthcheckCommand() *cobra.Command {
	var endpoint string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running server whether it is well; the exit status tells",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if endpoint != "" {
				return checkHealth(cmd.Context(), endpoint)
			}
			opts, err := option.Load(cmd.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			_, err = findServer(cmd.Context(), opts)
			return err
		},
	}
	cmd.Flags().StringVar(&endpoint, "endpoint", "", "URL of the server (default: where serve would listen)")
	return cmd
}

// findServer returns the URL of the server that opts would start, if it is well.
// Otherwise the error is what is wrong with it.
func findServer(ctx context.Context, opts *option.Options) (url string, err error) {
	url = "http://" + reachable(opts.Listen[0])
	err = checkHealth(ctx, url)
	if err == nil || !opts.ByDefault("listen") || opts.LocalPort == 0 {
		return url, err
	}
	// A container's command may have been DynamoDB Local's.
	host, _, _ := net.SplitHostPort(opts.Listen[0])
	local := "http://" + reachable(net.JoinHostPort(host, strconv.Itoa(opts.LocalPort)))
	if checkHealth(ctx, local) == nil {
		return local, nil
	}
	return url, err
}

// reachable returns where to call a server that listens at addr.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func checkHealth(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_localstack/health", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", endpoint, resp.Status)
	}
	return nil
}
