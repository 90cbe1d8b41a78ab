package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/statordb/stator/internal/option"
	"github.com/statordb/stator/internal/snapshot"
)

func snapshotCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Save all tables of a running server to a file, and load them again",
		Long: "stator snapshot has a running server save all its tables, with streams, tags and\n" +
			"times to live, as they are at one moment, and load them again: into the same\n" +
			"server or another, whatever it keeps tables in. The server keeps snapshots by name,\n" +
			"in the directory that its option --snapshot-dir names; with --file the file is here.",
		Args: cobra.NoArgs,
	}
	var at endpoint
	cmd.PersistentFlags().StringVar(&at.url, "endpoint", "", "URL of the server (default: where serve would listen)")
	cmd.AddCommand(snapshotSaveCommand(&at), snapshotLoadCommand(&at), snapshotListCommand(&at), snapshotDeleteCommand(&at))
	return cmd
}

// nameOrFile takes a name, or none if there is a file.
func nameOrFile(file *string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case *file != "" && len(args) > 0:
			return errors.New("a snapshot has a name, or a file with --file")
		case *file == "" && len(args) == 0:
			return errors.New("name the snapshot, or a file with --file")
		case len(args) > 1:
			return fmt.Errorf("unexpected %q: a snapshot has one name", args[1])
		}
		return nil
	}
}

func snapshotSaveCommand(at *endpoint) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "save {NAME | --file PATH}",
		Short: "Save all tables as they are now, in place of an earlier snapshot of the name",
		Args:  nameOrFile(&file),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file != "" {
				info, size, err := at.download(cmd.Context(), file)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "saved %s in %s (%s)\n", contents(info), file, fileSize(size))
				return nil
			}
			var saved snapshot.Saved
			if err := at.ask(cmd.Context(), http.MethodPost, "/_admin/snapshots/"+url.PathEscape(args[0]), nil, &saved); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "saved %s in %s (%s)\n", contents(saved.Info), saved.File, fileSize(saved.Size))
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "a file here to save to")
	return cmd
}

func snapshotLoadCommand(at *endpoint) *cobra.Command {
	var file, merge string
	cmd := &cobra.Command{
		Use:   "load {NAME | --file PATH}",
		Short: "Load the tables of a snapshot",
		Long: "stator snapshot load adds the tables of a snapshot to those that the server has in\n" +
			"their accounts and regions, and replaces those of the same name. With --merge\n" +
			"overwrite, all tables that the server has give way. It happens at one moment, or,\n" +
			"if something is wrong with the snapshot, not at all.",
		Args: nameOrFile(&file),
		RunE: func(cmd *cobra.Command, args []string) error {
			var loaded snapshot.Loaded
			query := "?merge=" + url.QueryEscape(merge)
			var err error
			if file == "" {
				err = at.ask(cmd.Context(), http.MethodPost, "/_admin/snapshots/"+url.PathEscape(args[0])+"/load"+query, nil, &loaded)
			} else {
				err = at.upload(cmd.Context(), file, "/_admin/snapshot"+query, &loaded)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "loaded %s%s\n", contents(loaded.Info), inPlaceOf(loaded.Replaced))
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "a file here to load")
	cmd.Flags().StringVar(&merge, "merge", string(snapshot.AccountRegion), "which tables give way: "+string(snapshot.AccountRegion)+" or "+string(snapshot.Overwrite))
	return cmd
}

func snapshotListCommand(at *endpoint) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the snapshots that the server keeps",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list struct {
				Snapshots []snapshot.Saved `json:"snapshots"`
			}
			if err := at.ask(cmd.Context(), http.MethodGet, "/_admin/snapshots", nil, &list); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(list)
			}
			return showSnapshots(cmd.OutOrStdout(), list.Snapshots)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what the server answers")
	return cmd
}

func showSnapshots(w io.Writer, list []snapshot.Saved) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no snapshots")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "NAME\tTAKEN\tTABLES\tITEMS\tFILE")
	for _, s := range list {
		if s.Error != "" {
			fmt.Fprintf(t, "%s\t%s\n", s.Name, s.Error)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", s.Name, s.Taken.Local().Format(time.DateTime), len(s.Tables), digits(s.Items), fileSize(s.Size))
	}
	return t.Flush()
}

func snapshotDeleteCommand(at *endpoint) *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a snapshot that the server keeps",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := at.ask(cmd.Context(), http.MethodDelete, "/_admin/snapshots/"+url.PathEscape(args[0]), nil, nil); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "deleted %s\n", args[0])
			return nil
		},
	}
}

func resetCommand() *cobra.Command {
	var at endpoint
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Delete all tables of a running server, of all accounts and regions",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var gone struct {
				Deleted []snapshot.Name `json:"deleted"`
			}
			if err := at.ask(cmd.Context(), http.MethodPost, "/_admin/reset", nil, &gone); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "deleted %s\n", number(int64(len(gone.Deleted)), "table", "tables"))
			return nil
		},
	}
	cmd.Flags().StringVar(&at.url, "endpoint", "", "URL of the server (default: where serve would listen)")
	return cmd
}

// contents says what is in a snapshot.
func contents(i snapshot.Info) string {
	return number(int64(len(i.Tables)), "table", "tables") + ", " + number(i.Items, "item", "items") + " of " + fileSize(i.Bytes)
}

// inPlaceOf says which tables are not there any more.
func inPlaceOf(gone []snapshot.Name) string {
	if len(gone) == 0 {
		return ""
	}
	var names []string
	for _, n := range gone {
		if names = append(names, n.Name+" in "+n.Region); len(names) == 5 && len(gone) > 5 {
			names = append(names, fmt.Sprintf("and %s more", digits(int64(len(gone)-5))))
			break
		}
	}
	return ", in place of " + strings.Join(names, ", ")
}

// fileSize returns a number of bytes for people.
func fileSize(n int64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if float64(n) >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/unit.size, unit.name)
		}
	}
	return number(n, "byte", "bytes")
}

// An endpoint is a server to ask. Without a URL it is the one that serve would
// be.
type endpoint struct{ url string }

// request returns a request for a path.
func (e *endpoint) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	at := e.url
	if at == "" {
		opts, err := option.Load(pflag.NewFlagSet("", pflag.ContinueOnError), os.Getenv)
		if err != nil {
			return nil, err
		}
		if at, err = findServer(ctx, opts); err != nil {
			return nil, fmt.Errorf("no server answers; another is named by --endpoint: %w", err)
		}
	}
	if !strings.Contains(at, "://") {
		at = "http://" + at
	}
	return http.NewRequestWithContext(ctx, method, strings.TrimRight(at, "/")+path, body)
}

// send sends a request that must be answered well. The caller closes the
// response's body.
func (e *endpoint) send(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // it only explains
	if text = bytes.TrimSpace(text); len(text) > 0 && resp.Header.Get("Content-Type") == "text/plain; charset=utf-8" {
		return nil, errors.New(string(text))
	}
	return nil, fmt.Errorf("%s answered %s: %s", r.URL, resp.Status, text)
}

// ask has a request answered by JSON.
func (e *endpoint) ask(ctx context.Context, method, path string, body io.Reader, into any) error {
	r, err := e.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := e.send(r)
	if err != nil || into == nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("the answer of %s: %w", r.URL, err)
	}
	return nil
}

// upload sends a file.
func (e *endpoint) upload(ctx context.Context, file, path string, into any) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	return e.ask(ctx, http.MethodPost, path, f, into)
}

// download saves a snapshot in a file here, which is whole or not there.
func (e *endpoint) download(ctx context.Context, file string) (info snapshot.Info, size int64, err error) {
	r, err := e.request(ctx, http.MethodGet, "/_admin/snapshot", nil)
	if err != nil {
		return info, 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return info, 0, err
	}
	defer func() { _, _ = f.Close(), os.Remove(f.Name()) }() // if it has no name
	resp, err := e.send(r)
	if err != nil {
		return info, 0, err
	}
	defer resp.Body.Close()
	if size, err = io.Copy(f, resp.Body); err != nil {
		return info, 0, fmt.Errorf("%s broke off: %w", r.URL, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return info, 0, err
	}
	if info, err = snapshot.Verify(f); err != nil {
		return info, 0, fmt.Errorf("what came %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return info, 0, err
	}
	return info, size, os.Rename(f.Name(), file)
}
