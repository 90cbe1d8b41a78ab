package option

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryLimitIsTheContainers(t *testing.T) {
	old := limitFiles
	defer func() { limitFiles = old }()
	file := filepath.Join(t.TempDir(), "memory.max")
	limitFiles = []string{filepath.Join(t.TempDir(), "absent"), file}
	for text, want := range map[string]string{"1000000000\n": "900000000", "max\n": "0", "9223372036854771712\n": "0", "": "0"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := memoryLimit(nil, nil); got != want || err != nil {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
}
