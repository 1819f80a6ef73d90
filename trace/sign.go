package trace

// signs count what a direction's segments have once the handshake is complete, to
// tell whether options are taken out on the way.
type signs struct {
	with, without uint64 // segments with and without an MPTCP option
	first         uint64 // packet number of the first without
	cut           bool   // there were segments of whose options not all were captured
}

func (g *signs) count(has bool, f *subflow, s *Segment) {
	switch {
	case s.OptionsCut:
		g.cut = true
	case f.completed == 0 || s.Flags&(SYN|RST) != 0:
	case has:
		g.with++
	default:
		if g.without == 0 {
			g.first = f.packet
		}
		g.without++
	}
}
