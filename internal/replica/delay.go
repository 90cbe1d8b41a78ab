package replica

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// A Delay is how long after their commit changes are made in other regions: a
// distribution, of which each change on each link has one value. The zero Delay
// is none: writes are made in all replicas at once.
type Delay struct {
	kind   string // as it is written, "" is always the same
	first  time.Duration
	second time.Duration
}

// IsZero reports whether there is no delay.
func (d Delay) IsZero() bool { return d == Delay{} }

// The distributions.
const (
	between     = ".."
	normal      = "normal"
	exponential = "exp"
)

var errDelay = errors.New(`want a duration such as 800ms, or a distribution of them: 200ms..2s, normal(800ms,150ms) or exp(800ms)`)

// maxDelay is the longest delay. Records that wait are not trimmed.
const maxDelay = 24 * time.Hour

// ParseDelay reads a delay: 800ms, one evenly between two as in 200ms..2s, a
// normal distribution with mean and standard deviation as in
// normal(800ms,150ms), or an exponential one with its mean as in exp(800ms).
func ParseDelay(s string) (d Delay, err error) {
	low, high, is := strings.Cut(s, between)
	parts := []string{low}
	if is {
		d.kind, parts = between, []string{low, high}
	}
	for _, kind := range []string{normal, exponential} {
		if inner, ok := strings.CutPrefix(s, kind+"("); ok && strings.HasSuffix(inner, ")") {
			d.kind, parts = kind, strings.Split(strings.TrimSuffix(inner, ")"), ",")
		}
	}
	want := map[string]int{"": 1, between: 2, normal: 2, exponential: 1}[d.kind]
	if len(parts) != want {
		return Delay{}, errDelay
	}
	for i, to := range []*time.Duration{&d.first, &d.second}[:want] {
		*to, err = time.ParseDuration(strings.TrimSpace(parts[i]))
		if err != nil || *to < 0 || *to > maxDelay {
			return Delay{}, errDelay
		}
	}
	if d.kind == between && d.first > d.second {
		return Delay{}, errDelay
	}
	if d.first == 0 && d.second == 0 {
		return Delay{}, nil
	}
	return d, nil
}

// String returns d for ParseDelay.
func (d Delay) String() string {
	switch d.kind {
	case between:
		return fmt.Sprintf("%v..%v", d.first, d.second)
	case normal:
		return fmt.Sprintf("normal(%v,%v)", d.first, d.second)
	case exponential:
		return fmt.Sprintf("exp(%v)", d.first)
	case "":
		if d.first == 0 {
			return "0"
		}
	}
	return d.first.String()
}

// at returns the delay that a fraction of all are shorter than.
func (d Delay) at(fraction float64) time.Duration {
	of := float64(d.first)
	switch d.kind {
	case between:
		of += fraction * float64(d.second-d.first)
	case normal:
		of += float64(d.second) * math.Sqrt2 * math.Erfinv(2*fraction-1)
	case exponential:
		of *= -math.Log1p(-fraction)
	}
	return time.Duration(min(max(of, 0), float64(maxDelay)))
}
