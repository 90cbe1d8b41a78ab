package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeEndpoint answers every request of the workloads as a DynamoDB endpoint
// would, and remembers what it was asked for.
type fakeEndpoint struct {
	t      *testing.T
	refuse string // an operation that is answered with an error

	mu    sync.Mutex
	asked map[string]int
}

func (f *fakeEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var request map[string]any
	if err := json.Unmarshal(body, &request); err != nil {
		f.t.Errorf("%s: %v", body, err)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	f.mu.Lock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[operation]++
	f.mu.Unlock()
	items := func(n int) string { return repeated(n, func(int) string { return `{}` }) }
	answer := `{}`
	if operation == f.refuse {
		w.WriteHeader(http.StatusBadRequest)
		answer = `{"__type":"com.amazon.coral.service#UnknownOperationException"}`
	}
	switch operation {
	case "DescribeTable":
		answer = `{"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexStatus":"ACTIVE"}]}}`
	case "GetItem":
		members := make([]string, 13)
		for i := range members {
			members[i] = fmt.Sprintf(`"%c":{"S":""}`, 'a'+i)
		}
		answer = `{"Item":{` + strings.Join(members, ",") + `}}`
	case "ExecuteStatement":
		answer = `{"Items":[` + items(1) + `]}`
	case "Query":
		answer = `{"Count":20,"ScannedCount":20,"Items":[` + items(20) + `]}`
		if request["FilterExpression"] != nil {
			answer = `{"Count":25,"ScannedCount":50,"Items":[` + items(25) + `]}`
		}
	case "BatchGetItem":
		answer = `{"Responses":{"t":[` + items(50) + `]},"UnprocessedKeys":{}}`
	case "Scan":
		answer = `{"Count":50,"ScannedCount":500,"Items":[` + items(50) + `]}`
	}
	io.WriteString(w, answer)
}

func serve(t *testing.T, h http.Handler, name string) Target {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	target, err := parseTarget(name + "=" + server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		target.PID = os.Getpid()
	}
	return target
}

func TestRunMeasuresAllWorkloads(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	endpoint := &fakeEndpoint{t: t}
	report, err := Run(ctx, Config{
		Targets:  []Target{serve(t, endpoint, "fake"), serve(t, nothingHandler(2), "nothing")},
		Workers:  2,
		Duration: 20 * time.Millisecond,
		Warmup:   time.Millisecond,
		Items:    1000,
		Replicas: []string{"eu-west-1", "ap-south-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(workloads()); len(report.Measured) != want {
		t.Fatalf("%d measurements, want %d", len(report.Measured), want)
	}
	for i, m := range report.Measured {
		if m.Errors > 0 || m.Requests == 0 || m.P50 == 0 || m.P99 < m.P50 {
			t.Errorf("%s on %s: %+v", m.Workload, m.Target, m)
		}
		if m.Target == nothing && m.ResponseBytes != report.Measured[i-1].ResponseBytes {
			t.Errorf("%s: the do-nothing server answered %d bytes, the other one %d",
				m.Workload, m.ResponseBytes, report.Measured[i-1].ResponseBytes)
		}
	}
	if endpoint.asked["CreateTable"] != 1 || endpoint.asked["DeleteTable"] != 1 {
		t.Errorf("the table was created %d times and deleted %d times", endpoint.asked["CreateTable"], endpoint.asked["DeleteTable"])
	}
	if n := endpoint.asked["UpdateTable"]; n != 2*2 {
		t.Errorf("two replicas were created and deleted in %d requests", n)
	}
	if failed := report.failures("fake"); failed != "" {
		t.Error(failed)
	}
}

func TestRunReportsAnOperationThatIsRefused(t *testing.T) {
	all, err := chooseWorkloads("transact,get")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), Config{
		Targets:   []Target{serve(t, &fakeEndpoint{t: t, refuse: "TransactWriteItems"}, "fake")},
		Workloads: all,
		Workers:   1,
		Duration:  time.Millisecond,
		Warmup:    time.Millisecond,
		Items:     1000,
		KeepTable: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := report.Measured[0]; !m.Refused || !strings.Contains(m.FirstError, "UnknownOperation") {
		t.Errorf("TransactWriteItems: %+v", m)
	}
	if m := report.Measured[1]; m.Refused || m.Errors > 0 {
		t.Errorf("GetItem: %+v", m)
	}
	if failed := report.failures("fake"); !strings.Contains(failed, "was refused") {
		t.Errorf("failures: %q", failed)
	}
	if report.Targets[0].Table == "" {
		t.Error("the kept table's name is missing")
	}
}

func TestRunReportsWhenTheTableCannotBeDeleted(t *testing.T) {
	chosen, err := chooseWorkloads("get")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Run(t.Context(), Config{
		Targets: []Target{serve(t, &fakeEndpoint{t: t, refuse: "DeleteTable"}, "fake")}, Workloads: chosen,
		Workers: 1, Duration: time.Millisecond, Warmup: time.Millisecond, Items: 1000,
	})
	if err == nil || !strings.Contains(err.Error(), "fake: delete table: status 400") {
		t.Errorf("error %v", err)
	}
	if report == nil || len(report.Measured) != 1 {
		t.Error("the measurements are lost")
	}
}

func TestRunReportsAnImplausibleResponse(t *testing.T) {
	chosen, err := chooseWorkloads("scan")
	if err != nil {
		t.Fatal(err)
	}
	chosen[0].operation = "Query" // the fake answers another number of items
	report, err := Run(t.Context(), Config{
		Targets: []Target{serve(t, &fakeEndpoint{t: t}, "fake")}, Workloads: chosen,
		Workers: 1, Duration: time.Millisecond, Warmup: time.Millisecond, Items: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := report.Measured[0]; !strings.Contains(m.FirstError, "implausible") {
		t.Errorf("%+v", m)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	endpoint := &fakeEndpoint{t: t}
	_, err := Run(ctx, Config{
		Targets: []Target{serve(t, endpoint, "fake")},
		Warmup:  time.Hour,
		Items:   1000,
		Workers: 1,
		Progress: func(what string) { // the load reports; the first measurement is far away
			if strings.Contains(what, "warm-up") {
				cancel()
			}
		},
	})
	cancel()
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("error %v", err)
	}
	if endpoint.asked["DeleteTable"] != 1 {
		t.Error("the table was left behind")
	}
}

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		text, name, endpoint string
		pid                  int
	}{
		{"stator=http://127.0.0.1:4566", "stator", "http://127.0.0.1:4566/", 0},
		{"stator=http://127.0.0.1:4566:4711", "stator", "http://127.0.0.1:4566/", 4711},
		{"peer-1=http://[::1]:8000:5", "peer-1", "http://[::1]:8000/", 5},
		{"http://localhost:8000/", "localhost:8000", "http://localhost:8000/", 0},
		{"https://dynamodb.example.org", "dynamodb.example.org", "https://dynamodb.example.org/", 0},
	} {
		target, err := parseTarget(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if target.Name != c.name || target.Endpoint.String() != c.endpoint || target.PID != c.pid {
			t.Errorf("%s: %s %s %d", c.text, target.Name, target.Endpoint, target.PID)
		}
	}
	for _, text := range []string{"", "stator", "stator=", "a=ftp://b", "a=http://b:1:2:3", "a=http://b:x", "a=http://b:1:99999999999999999999"} {
		if target, err := parseTarget(text); err == nil {
			t.Errorf("%q was read as %v", text, target)
		}
	}
}

func TestConfigRefusesNonsense(t *testing.T) {
	target := func(text string) Target {
		p, err := parseTarget(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one := []Target{target("a=http://a:1")}
	for name, cfg := range map[string]Config{
		"no target":              {},
		"only the yardstick":     {Targets: []Target{target("nothing=http://a:1")}},
		"one name for two":       {Targets: []Target{one[0], one[0]}},
		"a negative duration":    {Targets: one, Duration: -1},
		"few items for the scan": {Targets: one, Items: 10},
		"few items for workers":  {Targets: one, Items: 1000, Workers: 500},
	} {
		if _, err := cfg.withDefaults(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	cfg, err := Config{Targets: one, Items: 1001}.withDefaults()
	if err != nil || cfg.Items != 1050 {
		t.Errorf("1001 items became %d: %v", cfg.Items, err)
	}
}

func TestChooseWorkloads(t *testing.T) {
	chosen, err := chooseWorkloads("get, scan")
	if err != nil || len(chosen) != 2 || chosen[0].name != "get" || chosen[1].name != "scan" {
		t.Errorf("get, scan: %v, %v", chosen, err)
	}
	if all, err := chooseWorkloads("all"); err != nil || len(all) != 12 {
		t.Errorf("all: %d workloads, %v", len(all), err)
	}
	if _, err := chooseWorkloads("get,drink"); err == nil || !strings.Contains(err.Error(), "query-gsi") {
		t.Errorf("an unknown name: %v", err)
	}
}

// Every body is a JSON object, whatever fills it.
func TestTemplatesAreValid(t *testing.T) {
	d := dataset{table: "t", partitions: 40}
	random := rand.New(rand.NewPCG(1, 2))
	for _, w := range workloads() {
		body := d.template(w.body)
		text := slices.Clone(body.text)
		keys := make([]key, body.keys)
		for range 3 {
			for i := range keys {
				keys[i] = key{random.IntN(40), random.IntN(partitionSize)}
			}
			body.fill(text, keys, 40, random)
			if !json.Valid(text) {
				t.Errorf("%s: %s", w.name, text)
			}
		}
	}
	if !json.Valid(d.createRequest()) {
		t.Errorf("CreateTable: %s", d.createRequest())
	}
}

func TestTemplateFill(t *testing.T) {
	body := newTemplate(`[<p0>,<s0>,<c0>,<state0>,<wrap0>|<p1>,<s1>,<c1>,<state1>,<wrap1>]`)
	text := slices.Clone(body.text)
	body.fill(text, []key{{7, 10}, {30, 49}}, 40, nil)
	want := `[000007,000010,000000,SHIPPED,gifts|000030,000049,000029,PENDING,plain]`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}

// Each index partition has as many items as each partition of the table.
func TestIndexPartitionsAreFull(t *testing.T) {
	const partitions = 40
	body := newTemplate(`<c0>`)
	perCustomer := map[string]int{}
	for p := range partitions {
		for s := range partitionSize {
			text := slices.Clone(body.text)
			body.fill(text, []key{{p, s}}, partitions, nil)
			perCustomer[string(text)]++
		}
	}
	if len(perCustomer) != partitions {
		t.Errorf("%d customers", len(perCustomer))
	}
	for customer, items := range perCustomer {
		if items != partitionSize {
			t.Errorf("customer %s has %d items", customer, items)
		}
	}
}

func TestItemIsAboutOneKilobyteOfThirteenAttributes(t *testing.T) {
	body := newTemplate(itemFor(0))
	text := slices.Clone(body.text)
	body.fill(text, make([]key, 1), 1, rand.New(rand.NewPCG(1, 1)))
	var item map[string]any
	if err := json.Unmarshal(text, &item); err != nil {
		t.Fatal(err)
	}
	if len(item) != 13 {
		t.Errorf("%d attributes", len(item))
	}
	if len(text) < 1200 || len(text) > 1700 { // with the JSON around it
		t.Errorf("%d bytes of JSON", len(text))
	}
}

func TestWorkersNeverShareAPartition(t *testing.T) {
	const partitions, workers = 23, 4
	owner := map[int]int{}
	for i := range workers {
		w := worker{first: i, step: workers, partitions: partitions, random: rand.New(rand.NewPCG(1, 1)), keys: make([]key, batchGetSize)}
		for range 100 {
			w.chooseKeys()
			distinct := map[key]bool{}
			for _, k := range w.keys {
				distinct[k] = true
				if k.partition >= partitions || k.place >= partitionSize {
					t.Fatalf("no such item: %v", k)
				}
				if by, ok := owner[k.partition]; ok && by != i {
					t.Fatalf("partition %d belongs to %d and %d", k.partition, by, i)
				}
				owner[k.partition] = i
			}
			if len(distinct) != len(w.keys) {
				t.Fatalf("%d different keys of %d", len(distinct), len(w.keys))
			}
		}
	}
}

func TestNothingAnswersTheSizeAskedFor(t *testing.T) {
	server := httptest.NewServer(nothingHandler(7))
	defer server.Close()
	for _, c := range []struct {
		size         string
		status, want int
	}{{"", 200, 7}, {"0", 200, 0}, {"200000", 200, 200_000}, {"-1", 400, -1}, {"x", 400, -1}, {"999999999", 400, -1}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if c.size != "" {
			req.Header.Set(sizeHeader, c.size)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.status || (c.want >= 0 && len(body) != c.want) {
			t.Errorf("size %q: status %d, %d bytes, %v", c.size, resp.StatusCode, len(body), err)
		}
	}
}
