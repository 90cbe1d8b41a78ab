package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

func (r *Report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// writeTable prints a line for each measurement, the memory of each target,
// and what failed.
func (r *Report) writeTable(w io.Writer) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	several := len(r.Targets) > 1
	line := func(operation, target string, rest ...string) {
		cells := append([]string{operation}, rest...)
		if several {
			cells = append([]string{operation, target}, rest...)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	line("operation", "server", "requests/s", "p50", "p99", "CPU µs/request", "× nothing")
	previous := ""
	for _, m := range r.Measured {
		title := r.goals[m.Workload].title
		if title == previous {
			title = ""
		} else {
			previous = title
		}
		if m.Refused {
			line(title, m.Target, "refused", "–", "–", "–", "–")
			continue
		}
		line(title, m.Target, grouped(m.RequestsPerSecond), millis(m.P50), millis(m.P99),
			figure(m.CPUMicros), figure(m.TimesNothing))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(&b)
	for _, target := range r.Targets {
		if target.Memory != nil {
			fmt.Fprintf(&b, "%s: %s resident, %s at its peak\n", target.Name, mega(target.Memory.Resident), mega(target.Memory.Peak))
		}
		if target.Table != "" {
			fmt.Fprintf(&b, "%s: table %s was kept\n", target.Name, target.Table)
		}
	}
	for _, target := range r.Targets {
		b.WriteString(r.failures(target.Name))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeMarkdown prints the table of docs/performance.md: server CPU time by
// operation and target, and the first target's beside its goals. Without
// goals, the columns that compare with them are left out.
func (r *Report) writeMarkdown(w io.Writer, goals bool) error {
	if len(r.Targets) == 0 {
		return nil
	}
	first := r.Targets[0].Name
	var b bytes.Buffer
	head := []string{"operation", first + ", requests/s", "p50", "p99"}
	for _, t := range r.Targets {
		head = append(head, t.Name+", CPU µs")
	}
	head = append(head, "× nothing")
	if goals {
		head = append(head, "target ×", "")
	}
	row := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	row(head)
	b.WriteString("|---" + strings.Repeat("|---:", len(head)-1) + "|\n")
	n := len(r.Targets)
	for i := 0; i+n <= len(r.Measured); i += n {
		m := r.Measured[i]
		cells := []string{r.goals[m.Workload].title, grouped(m.RequestsPerSecond), millis(m.P50), millis(m.P99)}
		for _, other := range r.Measured[i : i+n] {
			cells = append(cells, figure(other.CPUMicros))
		}
		cells = append(cells, figure(m.TimesNothing))
		if goals {
			times := r.goals[m.Workload].times
			cells = append(cells, strconv.FormatFloat(times, 'f', -1, 64), verdict(m, times))
		}
		row(cells)
	}
	b.WriteString("\n")
	for _, t := range r.Targets {
		if t.Memory != nil {
			fmt.Fprintf(&b, "- %s: %s resident after the run, %s at its peak\n", t.Name, mega(t.Memory.Resident), mega(t.Memory.Peak))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func verdict(m Measurement, goal float64) string {
	switch {
	case m.Errors > 0:
		return "errors"
	case m.TimesNothing == 0:
		return "–"
	case m.TimesNothing <= goal:
		return "✓"
	}
	return "✗"
}

// figure prints a number with as many digits as it deserves, and none when
// there is none.
func figure(f float64) string {
	switch {
	case f == 0:
		return "–"
	case f < 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return grouped(f)
}

// grouped prints a whole number with spaces between its thousands.
func grouped(f float64) string {
	digits := strconv.FormatInt(int64(math.Round(f)), 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}

func millis(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + " ms"
}

func mega(n int64) string { return grouped(float64(n)/1e6) + " MB" }
