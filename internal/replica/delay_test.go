package replica

import (
	"testing"
	"time"
)

func TestParseDelay(t *testing.T) {
	for text, want := range map[string][3]time.Duration{ // at a tenth, the half and nine tenths
		"0":                 {0, 0, 0},
		"800ms":             {800 * time.Millisecond, 800 * time.Millisecond, 800 * time.Millisecond},
		"1s..3s":            {1200 * time.Millisecond, 2 * time.Second, 2800 * time.Millisecond},
		"normal(2s,1s)":     {718448 * time.Microsecond, 2 * time.Second, 3281551 * time.Microsecond},
		"normal(100ms, 1s)": {0, 100 * time.Millisecond, 1381551 * time.Microsecond},
		"exp(1s)":           {105360 * time.Microsecond, 693147 * time.Microsecond, 2302585 * time.Microsecond},
	} {
		d, err := ParseDelay(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i, fraction := range []float64{0.1, 0.5, 0.9} {
			if got := d.at(fraction).Truncate(time.Microsecond); got != want[i] {
				t.Errorf("%s at %v is %v, want %v", text, fraction, got, want[i])
			}
		}
		if again, err := ParseDelay(d.String()); err != nil || again != d {
			t.Errorf("%s is %s, which is not the same: %v", text, d, err)
		}
	}
	for _, text := range []string{"", "800", "-1s", "3s..1s", "1s..", "normal(1s)", "exp(1s", "exp(1s,2s)", "25h", "exp()", "1s..normal(1s,1s)"} {
		if d, err := ParseDelay(text); err == nil {
			t.Errorf("%s is %s", text, d)
		}
	}
}
