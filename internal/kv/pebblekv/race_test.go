//go:build race

package pebblekv

// The race detector makes sync.Pool forget, so that more is allocated.
func init() { raceDetector = true }
