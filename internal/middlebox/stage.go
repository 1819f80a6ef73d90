package middlebox

import (
	"sync/atomic"

	"allroads/wire"
)

// A stage is a rule, ready to be followed.
type stage struct {
	do            Action
	options       subtypes
	flags         flagMatch
	after         uint64
	find, replace []byte
	packets       atomic.Uint64 // that it had an effect on
}

func (g *stage) set(r Rule) {
	g.do, g.after = r.Do, r.After
	g.options = subtypesOf(r.Options)
	g.flags = packetFlags[r.Packets]
	g.find, g.replace = []byte(r.Find), []byte(r.Replace)
}

// follow does to the segment what the rule says. passed is the payload that its
// flow had before, in bytes.
func (g *stage) follow(s *segment, passed uint64) (drop bool) {
	if passed < g.after || !s.is(g.flags) {
		return false
	}
	var changed bool
	switch g.do {
	case Drop:
		drop = s.options&g.options != 0
	case Strip:
		changed = s.strip(g.options)
	case Rewrite:
		changed = s.rewrite(g.find, g.replace)
	}
	if drop || changed {
		g.packets.Add(1)
	}
	return drop
}

// subtypes is a set of MPTCP options: bit n for subtype n.
type subtypes uint16

func setOf(s wire.Subtype) subtypes { return 1 << s }

// subtypesOf takes none for all.
func subtypesOf(list []wire.Subtype) (set subtypes) {
	if len(list) == 0 {
		return ^subtypes(0)
	}
	for _, s := range list {
		set |= setOf(s)
	}
	return set
}

// Control bits of a TCP header (RFC 9293, section 3.1).
const (
	flagSYN = 1 << 1
	flagRST = 1 << 2
	flagACK = 1 << 4
)

// A flagMatch is for segments that have, of the control bits in mask, just those
// in want.
type flagMatch struct{ mask, want byte }

var (
	opens  = flagMatch{flagSYN | flagACK, flagSYN}
	resets = flagMatch{flagRST, flagRST}
)

var packetFlags = map[Packets]flagMatch{
	"":     {},
	Any:    {},
	SYN:    opens,
	SYNACK: {flagSYN | flagACK, flagSYN | flagACK},
	Later:  {flagSYN, 0},
}
