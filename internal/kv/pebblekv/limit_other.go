//go:build !unix

package pebblekv

// openFiles returns how many tables to keep open: as many as Pebble does.
func openFiles() int { return 0 }
