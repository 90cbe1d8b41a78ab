package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// tick is the unit of the times in /proc/PID/stat. The kernel gives them in
// USER_HZ, which is 100 on every architecture Go runs on.
const tick = 10 * time.Millisecond

// memory is what a process holds of the machine's memory, in bytes.
type memory struct {
	Resident int64 `json:"resident"`
	Peak     int64 `json:"peak"`
}

// processCPU returns the CPU time that all threads of a process have used
// since it started, in user and kernel mode, those that ended included.
func processCPU(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return parseStat(stat)
}

// processMemory returns the memory a process holds now and the most it held.
func processMemory(pid int) (memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return memory{}, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	return parseStatus(status)
}

// parseStat reads utime and stime, fields 14 and 15 of proc_pid_stat(5). The
// second field is the program's name in parentheses and may hold anything,
// so that counting starts behind the last parenthesis.
func parseStat(stat []byte) (time.Duration, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("read process statistics: %d fields", len(fields))
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read process statistics: user time: %w", err)
	}
	system, err := strconv.ParseInt(string(fields[12]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read process statistics: system time: %w", err)
	}
	return time.Duration(user+system) * tick, nil
}

// parseStatus reads VmRSS and VmHWM of proc_pid_status(5), which count in KiB.
func parseStatus(status []byte) (memory, error) {
	var m memory
	for line := range bytes.Lines(status) {
		name, rest, _ := bytes.Cut(line, []byte(":"))
		var into *int64
		switch string(name) {
		case "VmRSS":
			into = &m.Resident
		case "VmHWM":
			into = &m.Peak
		default:
			continue
		}
		fields := bytes.Fields(rest)
		if len(fields) != 2 || string(fields[1]) != "kB" {
			return memory{}, fmt.Errorf("read process status: %q", bytes.TrimSpace(line))
		}
		kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
		if err != nil {
			return memory{}, fmt.Errorf("read process status: %s: %w", name, err)
		}
		*into = kib << 10
	}
	if m.Resident == 0 {
		return memory{}, fmt.Errorf("read process status: no VmRSS")
	}
	return m, nil
}
