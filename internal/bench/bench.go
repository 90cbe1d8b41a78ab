// Package bench measures a DynamoDB endpoint: how many requests of each kind
// it answers in a second, how long they take, and what they cost the server in
// CPU time and memory. It speaks plain HTTP and knows nothing of the server
// behind the endpoint; beside other engines it can measure a server that does
// nothing, as a yardstick for the machine.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Config says what to measure. The zero value of a field means its default.
type Config struct {
	Targets   []Target      // what to measure, one after the other; the first is the one in question
	Workloads []workload    // all of them by default
	Workers   int           // connections, each with one request under way; 8 by default
	Duration  time.Duration // of each measurement; 3 s by default
	Warmup    time.Duration // before each measurement; 1 s by default
	Items     int           // in the table; 10 000 by default, rounded up to full partitions
	Stream    bool          // the table has a stream
	Replicas  []string      // other regions that the table is in, too
	Region    string        // that requests are addressed to; us-east-1 by default
	AccessKey string        // that requests carry; "bench" by default
	KeepTable bool          // leave the table behind

	// Progress, if set, is called now and then with what is under way.
	Progress func(string)
}

// A Target is an endpoint to measure.
type Target struct {
	Name     string
	Endpoint *url.URL
	PID      int // of the server, or 0 when its CPU time and memory are not of interest
}

// nothing is the name of the target that is the do-nothing server. It gets
// the requests of the first target, is told to answer as many bytes, and has
// no table.
const nothing = "nothing"

func (t Target) isNothing() bool { return t.Name == nothing }

var targetPattern = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9._-]*)=)?(https?://(?:[^/:\[\]]+|\[[^\]]+\])(?::[0-9]+)?)(?::([0-9]+))?/?$`)

// parseTarget reads NAME=URL[:PID]. A process id needs a port before it.
func parseTarget(text string) (Target, error) {
	m := targetPattern.FindStringSubmatch(text)
	if m == nil {
		return Target{}, fmt.Errorf("%q is not NAME=http://HOST:PORT[:PID]", text)
	}
	endpoint, err := url.Parse(m[2] + "/")
	if err != nil {
		return Target{}, err
	}
	pid, err := strconv.Atoi(cmp.Or(m[3], "0"))
	if err != nil {
		return Target{}, fmt.Errorf("process id in %q: %w", text, err)
	}
	return Target{Name: cmp.Or(m[1], endpoint.Host), Endpoint: endpoint, PID: pid}, nil
}

// A Report is what was measured.
type Report struct {
	Workers  int             `json:"workers"`
	Seconds  float64         `json:"seconds"` // of each measurement
	Items    int             `json:"items"`
	Targets  []TargetReport  `json:"targets"`
	Measured []Measurement   `json:"measurements"`
	goals    map[string]goal // by workload
}

type goal struct {
	title string
	times float64
}

// A TargetReport says what a target's process holds after all workloads.
type TargetReport struct {
	Name     string  `json:"name"`
	Endpoint string  `json:"endpoint"`
	PID      int     `json:"pid,omitempty"`
	Memory   *memory `json:"memoryBytes,omitempty"`
	Table    string  `json:"table,omitempty"` // that was kept
}

// A Measurement is the figures of one workload on one target.
type Measurement struct {
	Workload          string        `json:"workload"`
	Target            string        `json:"target"`
	Requests          int64         `json:"requests"`
	RequestsPerSecond float64       `json:"requestsPerSecond"`
	P50               time.Duration `json:"p50Nanoseconds"`
	P99               time.Duration `json:"p99Nanoseconds"`
	ResponseBytes     int64         `json:"responseBytes"`                 // on average
	CPUMicros         float64       `json:"cpuMicrosPerRequest,omitempty"` // of the server
	TimesNothing      float64       `json:"timesNothing,omitempty"`        // CPUMicros as a multiple of the do-nothing server's
	Errors            int64         `json:"errors"`
	FirstError        string        `json:"firstError,omitempty"`
	Refused           bool          `json:"refused,omitempty"` // the first request failed, so that there are no figures
}

func (cfg Config) withDefaults() (Config, error) {
	cfg.Workers = cmp.Or(cfg.Workers, 8)
	cfg.Duration = cmp.Or(cfg.Duration, 3*time.Second)
	cfg.Warmup = cmp.Or(cfg.Warmup, time.Second)
	cfg.Items = cmp.Or(cfg.Items, 10_000)
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	cfg.AccessKey = cmp.Or(cfg.AccessKey, "bench")
	if cfg.Workloads == nil {
		cfg.Workloads = workloads()
	}
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	if cfg.Workers < 1 || cfg.Duration < 0 || cfg.Warmup < 0 {
		return cfg, errors.New("workers, duration and warm-up cannot be negative")
	}
	cfg.Items = (cfg.Items + partitionSize - 1) / partitionSize * partitionSize
	if least := max(2*scanSize, cfg.Workers*partitionSize); cfg.Items < least {
		return cfg, fmt.Errorf("%d workers need at least %d items", cfg.Workers, least)
	}
	if len(cfg.Targets) == 0 || cfg.Targets[0].isNothing() {
		return cfg, errors.New("no endpoint to measure")
	}
	names := map[string]bool{}
	for _, t := range cfg.Targets {
		if names[t.Name] {
			return cfg, fmt.Errorf("two endpoints are called %s", t.Name)
		}
		names[t.Name] = true
	}
	return cfg, nil
}

// Run fills a table on every target, sends all workloads to all of them, and
// deletes the tables. Each workload visits all targets before the next begins,
// so that what disturbs the machine disturbs them alike.
func Run(ctx context.Context, cfg Config) (report *Report, err error) {
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	data := dataset{
		table:      "stator-bench-" + strconv.FormatInt(time.Now().UnixMicro(), 36),
		partitions: cfg.Items / partitionSize,
		stream:     cfg.Stream,
		replicas:   cfg.Replicas,
	}
	for _, t := range cfg.Targets {
		if t.isNothing() {
			continue
		}
		if !cfg.KeepTable {
			defer func() {
				// Also when ctx was cancelled: the table is in the user's way.
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
				defer cancel()
				if dropErr := drop(ctx, cfg, t, data); err == nil {
					err = dropErr
				}
			}()
		}
		if err := create(ctx, cfg, t, data); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	report = &Report{Workers: cfg.Workers, Seconds: cfg.Duration.Seconds(), Items: cfg.Items, goals: map[string]goal{}}
	for _, w := range cfg.Workloads {
		report.goals[w.name] = goal{w.title, w.goal}
		row, err := measureAll(ctx, cfg, data, w)
		if err != nil {
			return nil, err
		}
		report.Measured = append(report.Measured, row...)
	}
	for _, t := range cfg.Targets {
		tr := TargetReport{Name: t.Name, Endpoint: t.Endpoint.String(), PID: t.PID}
		if t.PID != 0 {
			m, err := processMemory(t.PID)
			if err != nil {
				return nil, err
			}
			tr.Memory = &m
		}
		if cfg.KeepTable && !t.isNothing() {
			tr.Table = data.table
		}
		report.Targets = append(report.Targets, tr)
	}
	return report, nil
}

func create(ctx context.Context, cfg Config, t Target, data dataset) error {
	c := newClient(t.Endpoint, cfg)
	defer c.close()
	return data.create(ctx, c, func(what string) { cfg.Progress(t.Name + ": " + what) })
}

func drop(ctx context.Context, cfg Config, t Target, data dataset) error {
	c := newClient(t.Endpoint, cfg)
	defer c.close()
	if err := data.drop(ctx, c); err != nil {
		return fmt.Errorf("%s: %w", t.Name, err)
	}
	return nil
}

// measureAll runs one workload on all targets.
func measureAll(ctx context.Context, cfg Config, data dataset, w workload) ([]Measurement, error) {
	var row []Measurement
	var idle float64 // CPU time of the do-nothing server
	for _, t := range cfg.Targets {
		size := 0
		if t.isNothing() {
			size = int(row[0].ResponseBytes)
		}
		m, err := measure(ctx, cfg, t, data, w, size)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", t.Name, w.title, err)
		}
		if t.isNothing() {
			idle = m.CPUMicros
		}
		row = append(row, m)
	}
	for i := range row {
		if idle > 0 {
			row[i].TimesNothing = row[i].CPUMicros / idle
		}
	}
	return row, nil
}

// failures describes the errors of one target, or returns "".
func (r *Report) failures(target string) string {
	var b strings.Builder
	for _, m := range r.Measured {
		if m.Target != target || m.Errors == 0 {
			continue
		}
		if m.Refused {
			fmt.Fprintf(&b, "%s: %s was refused: %s\n", target, r.goals[m.Workload].title, m.FirstError)
		} else {
			fmt.Fprintf(&b, "%s: %s: %d of %d requests failed, the first one: %s\n",
				target, r.goals[m.Workload].title, m.Errors, m.Requests, m.FirstError)
		}
	}
	return b.String()
}
