package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/check"
	"github.com/statordb/stator/internal/kv"
	"github.com/statordb/stator/internal/kv/pebblekv"
	"github.com/statordb/stator/internal/option"
)

// checkPath is where a server is asked to check its store.
const checkPath = "/_admin/check"

// errDamage is what a check ends with that found some. It has told of it.
var errDamage = &statusError{1, errors.New("damage was found")}

// unchecked is the exit status that says that a store could not be checked.
const unchecked = 2

func checkCommand() *cobra.Command {
	var endpoint string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Look for damage in a store",
		Long: "stator check reads all of a store and tells of items without their index entries\n" +
			"and entries without their items, wrong counters, change records that are missing\n" +
			"or dangling, and leftovers of deleted tables. It changes nothing.\n\n" +
			"The exit status is 0 if there is no damage, 1 if there is, and 2 if the store could\n" +
			"not be checked. A directory that a server has open is checked through the server,\n" +
			"which goes on serving: stator check --endpoint http://127.0.0.1:4566",
		Args: func(cmd *cobra.Command, args []string) error { return couldNot(cobra.NoArgs(cmd, args)) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			show := newFindings(cmd.OutOrStdout(), cmd.ErrOrStderr())
			if asJSON {
				show = showJSON(cmd.OutOrStdout())
			}
			if endpoint != "" {
				return checkServer(cmd.Context(), endpoint, show)
			}
			opts, err := option.Load(cmd.Flags(), os.Getenv)
			if err != nil {
				return couldNot(err)
			}
			return checkOffline(cmd.Context(), opts, newLogger(opts, cmd.ErrOrStderr()), show)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return couldNot(err) })
	option.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&endpoint, "endpoint", "", "URL of a running server whose store to check")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each finding, the progress and the counts as a line of JSON")
	return cmd
}

// couldNot makes err end the program with the status that says so.
func couldNot(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{unchecked, err}
}

// A checkLine is one line of what a check tells: one of its fields is set. The
// last line is a report or an error.
type checkLine struct {
	Progress *check.Progress `json:"progress,omitempty"`
	Finding  *check.Finding  `json:"finding,omitempty"`
	Report   *check.Report   `json:"report,omitempty"`
	Error    string          `json:"error,omitempty"`
}

// checkStore checks a store and gives all there is to tell to emit.
func checkStore(ctx context.Context, store kv.Store, emit func(checkLine)) (check.Report, error) {
	report, err := check.Run(ctx, store, check.Options{
		Found:    func(f check.Finding) { emit(checkLine{Finding: &f}) },
		Progress: func(p check.Progress) { emit(checkLine{Progress: &p}) },
	})
	if err == nil {
		emit(checkLine{Report: &report})
	}
	return report, err
}

// checkOffline checks the store that opts name.
func checkOffline(ctx context.Context, opts *option.Options, log *slog.Logger, show func(checkLine)) error {
	for _, warning := range opts.Warnings {
		log.Warn(warning)
	}
	if opts.Memory {
		return couldNot(errors.New("with --memory there is no store to check but that of a running server: use --endpoint"))
	}
	store, err := openStore(ctx, opts, true, log)
	if errors.Is(err, kv.ErrNoStore) {
		err = fmt.Errorf("there is no store in %s", place(opts))
	}
	if errors.Is(err, pebblekv.ErrInUse) {
		err = fmt.Errorf("the data directory %s %w: have that check it, with --endpoint http://%s", opts.Data, pebblekv.ErrInUse, reachable(opts.Listen[0]))
	}
	if err != nil {
		return couldNot(err)
	}
	report, err := checkStore(ctx, store, show)
	if err = errors.Join(err, store.Close()); err != nil {
		return couldNot(err)
	}
	return verdict(report)
}

func verdict(r check.Report) error {
	if r.Total() > 0 {
		return errDamage
	}
	return nil
}

// checkServer has the server at endpoint check its store.
func checkServer(ctx context.Context, endpoint string, show func(checkLine)) error {
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(endpoint, "/")+checkPath, nil)
	if err != nil {
		return couldNot(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return couldNot(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // it only explains
		return couldNot(fmt.Errorf("%s answered %s: %s", r.URL, resp.Status, bytes.TrimSpace(text)))
	}
	lines := json.NewDecoder(resp.Body)
	for {
		var line checkLine
		if err := lines.Decode(&line); err != nil {
			return couldNot(fmt.Errorf("%s broke off: %w", endpoint, err))
		}
		if line.Error != "" {
			return couldNot(fmt.Errorf("%s: %s", endpoint, line.Error))
		}
		show(line)
		if line.Report != nil {
			return verdict(*line.Report)
		}
	}
}

func showJSON(w io.Writer) func(checkLine) {
	lines := json.NewEncoder(w)
	return func(line checkLine) { _ = lines.Encode(line) }
}

// newFindings shows what a check tells to people: findings and the report in
// lines of their own, and the progress on the terminal, if errOut is one.
func newFindings(out, errOut io.Writer) func(checkLine) {
	terminal := isTerminal(errOut)
	const clear = "\r\x1b[K"
	return func(line checkLine) {
		if terminal {
			fmt.Fprint(errOut, clear)
		}
		switch {
		case line.Finding != nil:
			fmt.Fprintln(out, line.Finding)
		case line.Report != nil:
			fmt.Fprintln(out, summary(*line.Report))
		case terminal && line.Progress != nil:
			fmt.Fprintf(errOut, "%s: %s", line.Progress.Table, counted(line.Progress.Counts))
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func summary(r check.Report) string {
	s := counted(r.Counts)
	if r.Leaving > 0 {
		s += ", and " + number(r.Leaving, "deleted table", "deleted tables") + " to be cleared away"
	}
	if r.Total() == 0 {
		return s + ": no damage found"
	}
	kinds := slices.SortedFunc(maps.Keys(r.Findings), func(a, b check.Kind) int {
		return cmp.Or(cmp.Compare(r.Findings[b], r.Findings[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, kind := range kinds {
		parts = append(parts, digits(r.Findings[kind])+" "+string(kind))
	}
	return fmt.Sprintf("%s: %s: %s", s, number(r.Total(), "finding", "findings"), strings.Join(parts, ", "))
}

func counted(c check.Counts) string {
	return strings.Join([]string{
		number(c.Tables, "table", "tables"),
		number(c.Items, "item", "items"),
		number(c.Entries, "index entry", "index entries"),
		number(c.Records, "change record", "change records"),
	}, ", ")
}

func number(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return digits(n) + " " + many
}

// digits returns n with a space before every three digits.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
