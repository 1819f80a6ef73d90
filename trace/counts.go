package trace

// PacketCounts say what became of the packets.
type PacketCounts struct {
	Total    uint64 `json:"total"`     // given to the analyzer
	NotTCP   uint64 `json:"not_tcp"`   // other protocols, and headers that contradict themselves
	Fragment uint64 `json:"fragment"`  // fragments but the first, which have no TCP header
	TooDeep  uint64 `json:"too_deep"`  // more tunnels, tags or extension headers around each other than are followed
	Link     uint64 `json:"link"`      // of a link type that is not known
	Cut      uint64 `json:"cut"`       // too little captured to read headers or options
	NoPath   uint64 `json:"no_path"`   // captured on an interface that has no name
	NotMPTCP uint64 `json:"not_mptcp"` // of flows without MPTCP, closed, or whose start was not captured
	Stray    uint64 `json:"stray"`     // handshakes of no connection, or data behind the end of a subflow
	Copies   uint64 `json:"copies"`    // of flows that are followed where they were captured first, captured at another place
	Evicted  uint64 `json:"evicted"`   // SYNs, or other first packets of a flow, without an answer, given up since newer ones came
}

// undecoded counts a packet without a segment.
func (c *PacketCounts) undecoded(err error) {
	switch err {
	case ErrCut:
		c.Cut++
	case ErrFragment:
		c.Fragment++
	case ErrTooDeep:
		c.TooDeep++
	case ErrLinkType:
		c.Link++
	default:
		c.NotTCP++
	}
}
