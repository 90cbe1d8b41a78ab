package bench

import (
	"math"
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that grow with them, so that a
// percentile is right to one part in 64 from a nanosecond to centuries. Its
// zero value is empty. One goroutine records; merge brings several together.
type histogram struct {
	counts [(64 - subBits + 1) << subBits]uint64
	total  uint64
}

const subBits = 6 // each power of two is cut into 64 buckets

func (h *histogram) record(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.total++
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.total += other.total
}

// percentile returns the smallest duration that at least p percent of those
// recorded do not exceed, or zero when nothing was recorded.
func (h *histogram) percentile(p float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := max(uint64(math.Ceil(float64(h.total)*p/100)), 1)
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return time.Duration(upper(i))
		}
	}
	return time.Duration(math.MaxInt64)
}

// bucket returns the index of the bucket that v belongs to: v itself while it
// is small, then its exponent and its next subBits bits.
func bucket(v uint64) int {
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// upper returns the largest value of bucket i.
func upper(i int) uint64 {
	shift := max(i>>subBits-1, 0)
	return (uint64(i-shift<<subBits)+1)<<shift - 1
}
