package bench

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleReport() *Report {
	return &Report{
		Workers: 8, Seconds: 3, Items: 10_000,
		Targets: []TargetReport{
			{Name: "stator", Endpoint: "http://127.0.0.1:4566/", PID: 1, Memory: &memory{Resident: 31_400_000, Peak: 52_000_000}, Table: "b"},
			{Name: "nothing", Endpoint: "http://127.0.0.1:1/", PID: 2},
		},
		Measured: []Measurement{
			{
				Workload: "get", Target: "stator", Requests: 95_000, RequestsPerSecond: 31_666.6,
				P50: 210 * time.Microsecond, P99: 1234 * time.Microsecond, CPUMicros: 31.4, TimesNothing: 2.09,
			},
			{
				Workload: "get", Target: "nothing", Requests: 150_000, RequestsPerSecond: 50_000,
				P50: 150 * time.Microsecond, P99: time.Millisecond, CPUMicros: 15, TimesNothing: 1,
			},
			{
				Workload: "scan", Target: "stator", Requests: 900, RequestsPerSecond: 300, P50: 20 * time.Millisecond,
				P99: 30 * time.Millisecond, CPUMicros: 1999, TimesNothing: 120, Errors: 3, FirstError: "status 500: oh",
			},
			{Workload: "scan", Target: "nothing", Requests: 1, Errors: 1, Refused: true, FirstError: "status 400: no"},
		},
		goals: map[string]goal{"get": {"GetItem", 2.2}, "scan": {"Scan, 500 with filter", 110}},
	}
}

func TestWriteTable(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().writeTable(&b); err != nil {
		t.Fatal(err)
	}
	want := `operation              server   requests/s  p50       p99       CPU µs/request  × nothing
GetItem                stator   31 667      0.21 ms   1.23 ms   31              2.1
                       nothing  50 000      0.15 ms   1.00 ms   15              1.0
Scan, 500 with filter  stator   300         20.00 ms  30.00 ms  1 999           120
                       nothing  refused     –         –         –               –

stator: 31 MB resident, 52 MB at its peak
stator: table b was kept
stator: Scan, 500 with filter: 3 of 900 requests failed, the first one: status 500: oh
nothing: Scan, 500 with filter was refused: status 400: no
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestWriteMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().writeMarkdown(&b, true); err != nil {
		t.Fatal(err)
	}
	want := `| operation | stator, requests/s | p50 | p99 | stator, CPU µs | nothing, CPU µs | × nothing | target × |  |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
| GetItem | 31 667 | 0.21 ms | 1.23 ms | 31 | 15 | 2.1 | 2.2 | ✓ |
| Scan, 500 with filter | 300 | 20.00 ms | 30.00 ms | 1 999 | – | 120 | 110 | errors |

- stator: 31 MB resident after the run, 52 MB at its peak
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		m    Measurement
		want string
	}{
		{Measurement{TimesNothing: 4}, "✓"},
		{Measurement{TimesNothing: 4.1}, "✗"},
		{Measurement{}, "–"},
		{Measurement{TimesNothing: 1, Errors: 1}, "errors"},
	} {
		if got := verdict(c.m, 4); got != c.want {
			t.Errorf("%+v: %s", c.m, got)
		}
	}
}

func TestWriteJSONIsOneObject(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport().writeJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	want := sampleReport()
	if diff := cmp.Diff(want.Measured, back.Measured); diff != "" {
		t.Error(diff)
	}
}

func TestGrouped(t *testing.T) {
	for f, want := range map[float64]string{0: "0", 999.4: "999", 999.5: "1 000", 1234567: "1 234 567"} {
		if got := grouped(f); got != want {
			t.Errorf("%v: %q", f, got)
		}
	}
}
