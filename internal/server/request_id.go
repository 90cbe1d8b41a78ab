package server

import "math/rand/v2"

// A requestID names one request in its answer and in the log.
type requestID [52]byte

// newRequestID returns an id like the service's: 52 digits and capital
// letters. Ids are unlikely to repeat and easy to guess; nothing relies on
// them.
func newRequestID() (id requestID) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
	for i := 0; i < len(id); {
		// One random number is good for twelve characters of five bits.
		bits := rand.Uint64()
		for end := min(i+12, len(id)); i < end; i++ {
			id[i] = alphabet[bits&31]
			bits >>= 5
		}
	}
	return id
}
