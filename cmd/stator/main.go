// Command stator is a DynamoDB-compatible server and the tools around it. Here
// they are put together; what they do is decided below internal.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/bench"
	"github.com/statordb/stator/internal/option"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end. The second meets no handler
	// any more and ends the program.
	context.AfterFunc(ctx, stop)
	if err := execute(ctx, os.Args); err != nil {
		status := 1
		if e, ok := errors.AsType[*statusError](err); ok {
			status = e.status
		}
		if !errors.Is(err, errDamage) {
			fmt.Fprintf(os.Stderr, "stator: %v\n", err)
		}
		os.Exit(status)
	}
}

// execute runs a command line, whose first word is what the program was called.
func execute(ctx context.Context, line []string) error {
	args := line[1:]
	if isLocal(line) {
		var err error
		if args, err = fromLocal(line); err != nil {
			return err
		}
	}
	cmd := command()
	cmd.SetArgs(args)
	return cmd.ExecuteContext(ctx)
}

// A statusError is an error that ends the program with an exit status of its
// own.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// command returns the root of all commands, which serves.
func command() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click starts the server
	root := &cobra.Command{
		Use:           "stator",
		Short:         "A DynamoDB-compatible server",
		Long:          "stator is a DynamoDB-compatible server: the part of a dynamo that stays put.\n\nWithout a command it serves.",
		Args:          cobra.NoArgs,
		RunE:          runServe,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	option.AddFlags(root.Flags())
	root.AddCommand(
		serveCommand(), versionCommand(), configCommand(), healthcheckCommand(), checkCommand(), snapshotCommand(), resetCommand(),
		explainCommand(),
		bench.Command(), localHelpHidden(),
	)
	return root
}

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve until a signal comes (what stator does without a command)",
		Args:  cobra.NoArgs,
		RunE:  runServe,
	}
	option.AddFlags(cmd.Flags())
	return cmd
}

func runServe(cmd *cobra.Command, _ []string) error {
	opts, err := option.Load(cmd.Flags(), os.Getenv)
	if err != nil {
		return err
	}
	for {
		if err := serve(cmd.Context(), opts, cmd.OutOrStdout(), cmd.ErrOrStderr()); !errors.Is(err, errAgain) {
			return err
		}
	}
}
