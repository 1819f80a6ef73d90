package mptcp

import "math/bits"

// causes is a set of causes, a bit for each.
type causes uint16

const allCauses = causes(1<<causeCount - 1<<CauseSYNACK)

func (s causes) has(c FallbackCause) bool { return s>>c&1 != 0 }

// only returns the one cause of the set, CauseUnknown when there are more or none.
func (s causes) only() FallbackCause {
	if bits.OnesCount16(uint16(s)) != 1 {
		return CauseUnknown
	}
	return FallbackCause(bits.TrailingZeros16(uint16(s)))
}
