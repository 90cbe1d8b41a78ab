package server

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/statordb/stator/internal/api"
)

// metrics are the figures of one server, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec   // by operation and error
	latency  *prometheus.HistogramVec // by operation
	received *prometheus.CounterVec   // by operation
	sent     *prometheus.CounterVec   // by operation
	inFlight atomic.Int64
}

func newMetrics(figures func() map[string]float64) *metrics {
	byOperation := []string{"operation"}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stator_requests_total",
			Help: "Requests answered, by operation and exception; error is empty for success.",
		}, []string{"operation", "error"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "stator_request_duration_seconds",
			Help: "Time from a request's header to the end of its answer.",
			Buckets: []float64{
				.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10,
			},
		}, byOperation),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stator_request_bytes_total",
			Help: "Bytes of request bodies, decompressed.",
		}, byOperation),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "stator_response_bytes_total",
			Help: "Bytes of response bodies, before compression.",
		}, byOperation),
	}
	inFlight := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "stator_requests_in_flight",
		Help: "Requests being answered.",
	}, func() float64 { return float64(m.inFlight.Load()) })
	m.registry.MustRegister(m.requests, m.latency, m.received, m.sent, inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if figures != nil {
		m.registry.MustRegister(figuresCollector(figures))
	}
	return m
}

func (m *metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling: promhttp.ContinueOnError,
	})
}

// An operation is a name a client can ask for, and its meter.
type operation struct {
	api, name string // "DynamoDB_20120810", "PutItem"
	metrics   *metrics
	meter     atomic.Pointer[meter] // made at the first use
	off       bool                  // its service is not served
}

// service returns the name of the operation's service as LocalStack has it.
func (o *operation) service() string {
	name, _, _ := strings.Cut(o.api, "_")
	return strings.ToLower(name)
}

// newOperations returns the operations by the target clients name them with.
func newOperations(m *metrics) map[string]*operation {
	ops := make(map[string]*operation, len(api.Operations))
	for _, op := range api.Operations {
		ops[op.Target+"."+op.Name] = &operation{api: op.Target, name: op.Name, metrics: m}
	}
	return ops
}

// used reports whether the operation was ever called.
func (o *operation) used() bool { return o.meter.Load() != nil }

// measure counts one request.
func (o *operation) measure(fault string, took time.Duration, in, out int) {
	m := o.meter.Load()
	if m == nil {
		// Two first requests at once make two meters of the same figures.
		m = o.metrics.newMeter(o.name)
		o.meter.Store(m)
	}
	if fault == faultNone {
		m.good.Inc()
	} else {
		m.faults.WithLabelValues(fault).Inc()
	}
	m.latency.Observe(took.Seconds())
	m.received.Add(float64(in))
	m.sent.Add(float64(out))
}

// A meter is the figures of one operation, looked up beforehand.
type meter struct {
	good           prometheus.Counter
	faults         *prometheus.CounterVec // by error
	latency        prometheus.Observer
	received, sent prometheus.Counter
}

func (m *metrics) newMeter(operation string) *meter {
	return &meter{
		good:     m.requests.WithLabelValues(operation, faultNone),
		faults:   m.requests.MustCurryWith(prometheus.Labels{"operation": operation}),
		latency:  m.latency.WithLabelValues(operation),
		received: m.received.WithLabelValues(operation),
		sent:     m.sent.WithLabelValues(operation),
	}
}

// A figuresCollector shows the figures of the store. Which there are depends
// on the engine, so it describes none beforehand.
type figuresCollector func() map[string]float64

func (figuresCollector) Describe(chan<- *prometheus.Desc) {}

func (f figuresCollector) Collect(ch chan<- prometheus.Metric) {
	figures := f()
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		desc := prometheus.NewDesc("stator_store_"+name, "A figure of the store.", nil, nil)
		ch <- prometheus.MustNewConstMetric(desc, prometheus.UntypedValue, figures[name])
	}
}
