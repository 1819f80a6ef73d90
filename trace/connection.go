package trace

import (
	"fmt"

	"allroads/wire"
)

// side is an end of a connection. Its client opened the initial subflow; either
// may open others.
type side uint8

const (
	client side = iota
	server
)

func (s side) other() side { return 1 - s }

func (s side) String() string {
	if s == client {
		return "client"
	}
	return "server"
}

// connection is what is known of an MPTCP connection.
type connection struct {
	id           int
	older, newer *connection
	open         int // subflows
	brief        bool
	plain        bool // TCP, without MPTCP
	inferred     Inference
	owned        bool    // among those that subflows are compared with
	narrow       [2]bool // by side: of its numbers the high half is made up
	version      wire.Version
	versionKnown bool
	chart        int      // buckets
	payload      Receiver // nil: nobody wants it
	began        int64    // when its first packet was seen
	versions     []string // what speaks against the version and algorithm
	keys         [2]keyState
	subflows     []*subflow
	futile       []*subflow // of them those that never came about
	waiting      int        // subflows that nothing has come back on
	hidden       uint64     // subflows that never came about and are forgotten
	streams      [2]stream  // data that the side sends
	checksum     bool       // DSS checksums are in use
	fallback     *Fallback  // why it is TCP now, nil while it is not
	aborted      string     // how it was cut short (MP_FASTCLOSE), "" when it was not
	events       []Event
	more         uint64 // events beyond
	failed       string // who says that data was spoilt (MP_FAIL), "" when nobody does
}

// keyState is a side's key and what contradicts it.
type keyState struct {
	key      wire.Key
	token    wire.Token
	idsn     uint64
	known    bool
	source   string // the packet that it was read from
	conflict string // what another packet said, "" when all agree
}

// finished reports whether each side has all data of the other.
func (c *connection) finished() bool {
	return c.streams[client].finished() && c.streams[server].finished()
}

// release gives back what was kept to compare payload with.
func (c *connection) release() {
	for i := range c.streams {
		c.streams[i].content = content{}
	}
	for _, flow := range c.subflows {
		for d := range flow.halves {
			known := flow.halves[d].maps.list()
			for i := range known {
				known[i].collected = nil
			}
		}
	}
}

// learnKey takes note of a side's key as a packet tells it, and registers the
// token that stands for it. The first packet counts; others must agree.
func (c *connection) learnKey(a *Analyzer, of side, key wire.Key, source string) {
	state := &c.keys[of]
	if state.known {
		if key != state.key && state.conflict == "" {
			state.conflict = fmt.Sprintf("0x%v in the %s, but 0x%v in the %s", state.key, state.source, key, source)
		}
		return
	}
	*state = keyState{key: key, known: true, source: source}
	state.token, state.idsn = c.version.Derive(key)
	a.tokens[state.token] = owner{c, of}
	// The key stands for the first number of the sequence; data begins behind it.
	c.restart(of)
	c.streams[of].setBase(state.idsn + 1)
}

// restart forgets where data of a side was placed before its key was known: packets
// came out of order, and their place was not right.
func (c *connection) restart(of side) {
	early := false
	for _, flow := range c.subflows {
		h := flow.half(of)
		if h.maps.len() == 0 && len(h.conflicts) == 0 {
			continue
		}
		early = true
		h.maps, h.conflicts, h.bytes, h.reinjected = mappings{}, nil, 0, 0
		h.late++
	}
	if early {
		c.streams[of] = stream{acked: c.streams[of].acked}
	}
}

// negotiate takes note of the version and the flags in an MP_CAPABLE. The
// SYN/ACK settles the version, at the one offered or below, and bit H names the
// one algorithm that each version has (RFC 8684, section 3.1).
func (c *connection) negotiate(m *wire.MPCapable, source string, settles bool) {
	switch {
	case settles && m.Version < c.version:
		c.version = m.Version
	case m.Version != c.version:
		c.object("version %v in the %s, where it should be %v", m.Version, source, c.version)
	}
	if m.Flags&wire.FlagH == 0 {
		c.object("no algorithm in the %s", source)
	}
	c.checksum = c.checksum || m.Flags&wire.ChecksumRequired != 0
}

func (c *connection) object(format string, args ...any) {
	if len(c.versions) < maxDetails {
		c.versions = append(c.versions, fmt.Sprintf(format, args...))
	}
}
