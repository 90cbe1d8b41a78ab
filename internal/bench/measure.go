package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// sampleEvery is how many responses pass unseen for one that is checked.
// Checking all of them would make the client the slowest part.
const sampleEvery = 128

// measure runs one workload on one target: a first request that must succeed,
// the warm-up, and then the interval that counts. size is what the do-nothing
// server shall answer. An error means that there is nothing to report; failing
// requests are part of the measurement.
func measure(ctx context.Context, cfg Config, t Target, data dataset, w workload, size int) (Measurement, error) {
	m := Measurement{Workload: w.name, Target: t.Name}
	ctx, cancel := context.WithTimeout(ctx, cfg.Warmup+cfg.Duration+2*requestTimeout)
	defer cancel()

	body := data.template(w.body)
	workers := make([]*worker, cfg.Workers)
	for i := range workers {
		workers[i] = &worker{
			client: newClient(t.Endpoint, cfg), workload: w, template: body,
			body: append([]byte(nil), body.text...), keys: make([]key, body.keys),
			first: i, step: cfg.Workers, partitions: data.partitions,
			random: rand.New(rand.NewPCG(uint64(i), 4566)),
			blind:  t.isNothing(),
		}
		if t.isNothing() {
			workers[i].client.askSize(size)
		}
		defer workers[i].client.close()
	}
	if _, err := workers[0].once(ctx, true); err != nil {
		if ctx.Err() != nil {
			return m, err
		}
		m.Refused, m.Requests, m.Errors, m.FirstError = true, 1, 1, err.Error()
		return m, nil
	}

	var p phases
	var running sync.WaitGroup
	for _, w := range workers {
		running.Go(func() { w.run(ctx, &p) })
	}
	stop := func() { p.over.Store(true); running.Wait() }
	defer stop()
	title := t.Name + ": " + w.title
	if err := wait(ctx, cfg.Warmup, func(time.Duration) { cfg.Progress(title + ", warm-up") }); err != nil {
		return m, err
	}

	before, err := take(workers, t.PID)
	if err != nil {
		return m, err
	}
	p.measuring.Store(true)
	err = wait(ctx, cfg.Duration, func(passed time.Duration) {
		var done int64
		for _, w := range workers {
			done += w.done.Load()
		}
		cfg.Progress(fmt.Sprintf("%s, %.0f requests/s", title, float64(done-before.done)/passed.Seconds()))
	})
	if err != nil {
		return m, err
	}
	p.measuring.Store(false)
	after, err := take(workers, t.PID)
	if err != nil {
		return m, err
	}
	stop()

	var latencies histogram
	for _, w := range workers {
		latencies.merge(&w.latencies)
		if m.FirstError == "" && w.firstError != nil {
			m.FirstError = w.firstError.Error()
		}
	}
	m.Requests = after.done - before.done
	m.Errors = after.failed - before.failed
	m.RequestsPerSecond = float64(m.Requests) / after.at.Sub(before.at).Seconds()
	m.P50, m.P99 = latencies.percentile(50), latencies.percentile(99)
	if m.Requests > 0 {
		m.ResponseBytes = (after.bytes - before.bytes) / m.Requests
		m.CPUMicros = float64((after.cpu - before.cpu).Nanoseconds()) / 1e3 / float64(m.Requests)
	}
	return m, nil
}

// phases tells the workers when to keep figures and when to end.
type phases struct{ measuring, over atomic.Bool }

// counters is the state of a measurement at one moment.
type counters struct {
	at                  time.Time
	cpu                 time.Duration
	done, failed, bytes int64
}

func take(workers []*worker, pid int) (counters, error) {
	c := counters{at: time.Now()}
	for _, w := range workers {
		c.done += w.done.Load()
		c.failed += w.failed.Load()
		c.bytes += w.bytes.Load()
	}
	if pid == 0 {
		return c, nil
	}
	var err error
	c.cpu, err = processCPU(pid)
	return c, err
}

// wait returns after d, or earlier when ctx is done. Four times a second it
// calls tell with the time that has passed.
func wait(ctx context.Context, d time.Duration, tell func(time.Duration)) error {
	begin := time.Now()
	end := time.NewTimer(d)
	defer end.Stop()
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-end.C:
			return nil
		case <-ticker.C:
			tell(time.Since(begin))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A worker keeps one connection busy.
type worker struct {
	client   *client
	workload workload
	template *template
	body     []byte
	keys     []key
	random   *rand.Rand
	blind    bool // responses mean nothing

	// The worker's partitions are first, first+step, …: no other worker
	// touches them, so that transactions do not meet.
	first, step, partitions int

	done, failed, bytes atomic.Int64

	// For the coordinator once run has returned.
	latencies  histogram
	firstError error
}

// run sends requests until the phases are over or ctx is done.
func (w *worker) run(ctx context.Context, p *phases) {
	for n := 0; !p.over.Load() && ctx.Err() == nil; n++ {
		measuring := p.measuring.Load()
		took, err := w.once(ctx, n%sampleEvery == 0)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			w.failed.Add(1)
			if w.firstError == nil {
				w.firstError = err
			}
		}
		if measuring {
			w.latencies.record(took)
		}
		w.done.Add(1)
	}
}

// once sends one request and returns how long it took to its last byte.
func (w *worker) once(ctx context.Context, check bool) (time.Duration, error) {
	w.chooseKeys()
	w.template.fill(w.body, w.keys, w.partitions, w.random)
	begin := time.Now()
	response, err := w.client.do(ctx, w.workload.operation, w.body)
	took := time.Since(begin)
	if err != nil {
		return took, err
	}
	w.bytes.Add(int64(len(response)))
	if !check || w.blind {
		return took, nil
	}
	a, err := parseAnswer(response)
	if err == nil {
		err = w.workload.check(a)
	}
	if err != nil {
		return took, fmt.Errorf("implausible response: %w", err)
	}
	return took, nil
}

// chooseKeys picks the keys of the next request, all different and in as many
// partitions as possible.
func (w *worker) chooseKeys() {
	if len(w.keys) == 0 {
		return
	}
	mine := (w.partitions - w.first + w.step - 1) / w.step
	partition, place := w.random.IntN(mine), w.random.IntN(partitionSize)
	for i := range w.keys {
		w.keys[i] = key{
			partition: w.first + (partition+i)%mine*w.step,
			place:     (place + i/mine) % partitionSize,
		}
	}
}
