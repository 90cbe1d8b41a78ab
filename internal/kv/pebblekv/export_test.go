package pebblekv

// OpenIn opens a store on any file system, and PowerFails is what is left of
// one after a power failure.
var (
	OpenIn     = open
	PowerFails = powerFails
	SeedsOf    = seedsOf
)
