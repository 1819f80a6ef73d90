// Package middlebox is what middleboxes do to Multipath TCP: a rule says which
// packets they meddle with, and how; a Box does it to Ethernet frames.
package middlebox

import (
	"fmt"
	"strings"

	"allroads/wire"
)

// Rule is one thing that a middlebox does.
type Rule struct {
	Do Action
	// Options are the MPTCP options (RFC 8684, section 3) that it is about;
	// none means all of them. Drop and Reset are for packets with such an
	// option, Strip takes the options away. Rewrite does not look at them.
	Options []wire.Subtype
	Packets Packets
	// After is how many bytes of payload have to have passed on a TCP flow, both
	// directions together, until the rule applies to it: from the packet that
	// comes next. What is sent again counts again.
	After uint64
	// Find is the payload that Rewrite looks for in each packet, Replace what it
	// puts in each of its places, of the same length. No stream is put together:
	// what two packets share is not found.
	Find, Replace string
}

// Action is what is done to a packet.
type Action string

const (
	Drop    Action = "drop"    // the packet never arrives
	Strip   Action = "strip"   // its options arrive as NOPs
	Reset   Action = "reset"   // it never arrives, and its sender gets a TCP RST
	Rewrite Action = "rewrite" // its payload arrives changed
)

// Actions are all there are.
var Actions = []Action{Drop, Strip, Reset, Rewrite}

// Packets narrows a rule to some packets of a TCP flow.
type Packets string

const (
	Any    Packets = "any"     // "" too
	SYN    Packets = "syn"     // SYN without ACK
	SYNACK Packets = "syn-ack" // SYN with ACK
	Later  Packets = "later"   // all behind the handshake's: without SYN
)

// PacketKinds are all there are.
var PacketKinds = []Packets{Any, SYN, SYNACK, Later}

// AllOptions stands for every MPTCP option where options have names.
const AllOptions = "mptcp"

// ParseOption reads the name of an MPTCP option: the RFC's, in any case.
func ParseOption(name string) (wire.Subtype, error) {
	for s := wire.SubtypeMPCapable; s <= wire.SubtypeMPTCPRst; s++ {
		if strings.EqualFold(name, s.String()) {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is not an MPTCP option: mp_capable, mp_join, dss, add_addr, remove_addr, mp_prio, mp_fail, mp_fastclose or mp_tcprst", name)
}
