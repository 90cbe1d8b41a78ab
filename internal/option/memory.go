package option

import (
	"math"
	"os"
	"strconv"
	"strings"
)

// limitFiles are where Linux tells the memory limit of the container that a
// process is in, of either version of control groups.
var limitFiles = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// memoryLimit returns nine tenths of the container's limit, for what is not
// counted, or "0" if there is none.
func memoryLimit(*Options, func(string) string) (string, error) {
	for _, file := range limitFiles {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // no such limit here
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil || n > math.MaxInt64/2 { // "max", or the older version's way to say so
			continue
		}
		return strconv.FormatInt(n/10*9, 10), nil
	}
	return "0", nil
}
