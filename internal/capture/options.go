package capture

import (
	"fmt"
	"net/netip"
)

// Options says what to capture and how much room it gets. The zero value
// captures every frame whole.
type Options struct {
	SnapLen   int    // bytes kept of each frame, at most MaxSnapLen; 0 is MaxSnapLen
	RingBytes int    // kernel memory for frames not yet read, at most 1 GiB; 0 is 16 MiB
	Filter    Filter // which frames are captured

	// Bulk has the kernel hand over frames in larger pieces, and up to 128
	// milliseconds later instead of 16: for who writes them to a file, it takes
	// less processor time.
	Bulk bool
}

// Filter narrows a capture, in the kernel: frames that do not pass take no room
// in the ring and are not counted. The zero value passes everything; each field
// that is set takes frames away.
type Filter struct {
	// TCP passes TCP over IPv4 and IPv6 only, fragments included. IPv6
	// hop-by-hop, routing, destination options and fragment headers are
	// skipped (RFC 8200, section 4), up to six of them, and so is one VLAN
	// tag. TCP inside a tunnel or behind an authentication header is not found.
	TCP bool

	// Each of Hosts has one of the packet's two addresses in it, of IPv4 or
	// IPv6 behind at most one VLAN tag.
	Hosts []netip.Prefix

	// Each of Ports is one of the packet's two, of TCP as found for TCP, but
	// of no later fragments, which have no ports.
	Ports []uint16
}

// MaxRingBytes is the most that a ring takes.
const MaxRingBytes = 1 << 30

const defaultRing = 16 << 20

// withDefaults checks o and gives every field the value it stands for.
func (o Options) withDefaults() (Options, error) {
	if o.SnapLen < 0 || o.SnapLen > MaxSnapLen {
		return o, fmt.Errorf("snap length %d: not within 0 to %d", o.SnapLen, MaxSnapLen)
	}
	if o.RingBytes < 0 || o.RingBytes > MaxRingBytes {
		return o, fmt.Errorf("ring of %d bytes: not within 0 to %d", o.RingBytes, MaxRingBytes)
	}
	if o.SnapLen == 0 {
		o.SnapLen = MaxSnapLen
	}
	if o.RingBytes == 0 {
		o.RingBytes = defaultRing
	}
	return o, nil
}
