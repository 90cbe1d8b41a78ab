package bench

import (
	"os"
	"runtime"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const line = "4711 (a b) c) S 1 4711 4711 0 -1 4194560 901 0 0 0 123 45 7 8 20 0 9 0 1234 0 0\n"
	got, err := parseStat([]byte(line))
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "1 (x) S 1 2", "1 (x) S 1 4711 4711 0 -1 4194560 901 0 0 0 u 45 7", "1 (x) S 1 4711 4711 0 -1 4194560 901 0 0 0 4 s 7"} {
		if got, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus([]byte("Name:\tstator\nVmPeak:\t 2000000 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nThreads:\t9\n"))
	if want := (memory{Resident: 10 << 20, Peak: 20 << 20}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "Name:\tkthreadd\n", "VmRSS:\t10240\n", "VmRSS:\tmuch kB\n"} {
		if got, err := parseStatus([]byte(bad)); err == nil {
			t.Errorf("%q was read as %+v", bad, got)
		}
	}
}

func TestOwnProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	if _, err := processCPU(os.Getpid()); err != nil {
		t.Error(err)
	}
	m, err := processMemory(os.Getpid())
	if err != nil || m.Resident < 1<<20 || m.Peak < m.Resident {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := processCPU(1 << 30); err == nil {
		t.Error("a process that does not exist has CPU time")
	}
}
