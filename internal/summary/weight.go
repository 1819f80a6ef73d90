package summary

import (
	"cmp"

	"allroads/trace"
)

// weight says how telling a connection is: odd ones before others, then by bytes,
// then in order of appearance.
type weight struct {
	odd   oddity
	bytes uint64
	id    int
}

// before reports whether a connection is to be listed rather than another.
func (w weight) before(other weight) int {
	return cmp.Or(cmp.Compare(other.odd, w.odd), cmp.Compare(other.bytes, w.bytes), cmp.Compare(w.id, other.id))
}

// oddity orders what is odd, from what is not to what matters most.
type oddity int

const (
	plainTCP oddity = iota - 1
	plain
	reason   // why one path only was used, as both ends wanted it
	event    // a handover; a part that was not captured
	unsaid   // checks that are unknown
	wrong    // checks that are bad
	tampered // a sign of a middlebox
	idle     // a path that carried nothing
	refused  // a join that came to nothing
	fallback // plain TCP
)

// oddityOf ranks a finding.
func oddityOf(code trace.Code) oddity {
	switch code {
	case trace.FoundFallback:
		return fallback
	case trace.FoundRefused, trace.FoundJoinReset, trace.FoundNoAnswer, trace.FoundNoMPTCP, trace.FoundNoACK:
		return refused
	case trace.FoundIdle:
		return idle
	case trace.SignSequence, trace.SignOptions, trace.SignPayload, trace.SignReset:
		return tampered
	}
	return reason
}
