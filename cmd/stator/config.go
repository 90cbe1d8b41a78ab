package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/server"
)

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show what can be set and what is set",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(configShowCommand(), &cobra.Command{
		Use:   "docs",
		Short: "Print the documentation of all options, in Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), option.Markdown())
			return err
		},
	})
	return cmd
}

func configShowCommand() *cobra.Command {
	var origin bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the options as serve would see them, in the form of a configuration file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := option.Load(cmd.Flags(), os.Getenv)
			if err != nil {
				return err
			}
			return showConfig(cmd.OutOrStdout(), opts.Settings, origin)
		},
	}
	option.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&origin, "origin", false, "tell where each value comes from")
	return cmd
}

func showConfig(w io.Writer, settings []option.Setting, origin bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		if s.Name == "config" || s.Value == "" {
			continue
		}
		if origin {
			fmt.Fprintf(t, "%s: %q\t# %s\n", s.Name, s.Value, s.Origin)
		} else {
			fmt.Fprintf(t, "%s: %q\n", s.Name, s.Value)
		}
	}
	return t.Flush()
}

// configuration returns what the server is and what is set of it, without what is
// secret.
func configuration(opts *option.Options, endpoints []string, external string) *server.Effective {
	c := &server.Effective{
		Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Store: storeKind(opts), Data: place(opts), Endpoints: endpoints, Clients: scheme(opts) + external,
		Warnings: append([]string{}, opts.Warnings...),
	}
	for _, s := range opts.Settings {
		c.Options = append(c.Options, server.EffectiveOption{
			Name: s.Name, Value: s.Value, Source: string(s.Source), Origin: s.Origin,
			Default: s.Default, Description: s.Doc, Variables: append([]string{}, s.Variables...),
		})
	}
	return c
}
