//go:build unix

package pebblekv

import "syscall"

// openFiles returns how many tables to keep open: a quarter of the files that
// the process may open, and not more than Pebble does otherwise. The rest is
// for logs and tables that are written, and for the connections of a server.
func openFiles() int {
	const most = 1000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return most
	}
	return int(min(most, uint64(limit.Cur)/4)) //nolint:unconvert // it is signed on some systems
}
