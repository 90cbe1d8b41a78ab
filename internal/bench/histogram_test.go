package bench

import (
	"math"
	"testing"
	"time"
)

func TestPercentileIsRightToOnePartIn64(t *testing.T) {
	var h, other histogram
	for i := 1; i <= 100_000; i++ {
		into := &h
		if i%3 == 0 {
			into = &other
		}
		into.record(time.Duration(i) * time.Microsecond)
	}
	h.merge(&other)
	for _, p := range []float64{0.1, 1, 50, 90, 99, 99.9, 100} {
		exact := p * 1000 * float64(time.Microsecond)
		got := float64(h.percentile(p))
		if got < exact || got > exact*(1+1.0/64) {
			t.Errorf("p%v: %v, want %v", p, time.Duration(got), time.Duration(exact))
		}
	}
}

func TestPercentileOfFewValues(t *testing.T) {
	var h histogram
	if got := h.percentile(50); got != 0 {
		t.Errorf("of none: %v", got)
	}
	h.record(5)
	h.record(-1) // a clock that was set back
	for p, want := range map[float64]time.Duration{0: 0, 50: 0, 51: 5, 100: 5} {
		if got := h.percentile(p); got != want {
			t.Errorf("p%v: %d, want %d", p, got, want)
		}
	}
}

func TestBucketsAreSeamless(t *testing.T) {
	for i := range len(histogram{}.counts) {
		if got := bucket(upper(i)); got != i {
			t.Fatalf("the largest value of bucket %d, %d, is in bucket %d", i, upper(i), got)
		}
		if i+1 < len(histogram{}.counts) {
			if got := bucket(upper(i) + 1); got != i+1 {
				t.Fatalf("the value after bucket %d is in bucket %d", i, got)
			}
		}
	}
	if upper(len(histogram{}.counts)-1) != math.MaxUint64 {
		t.Error("the last bucket ends early")
	}
}
