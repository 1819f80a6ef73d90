package anonymize

import "encoding/binary"

// numbers replaces what is neither an IP address nor of TCP or MPTCP: by others of
// the same class, one for one.
type numbers struct {
	secret  *secret
	ports   [3][]uint16 // the order in each range
	vlans   []uint16
	devices map[uint32]uint32
	keep    bool // ports
}

// The ranges of ports, which stay: of system services; of others; and those that
// clients are given.
var portRanges = [4]int{1, 1024, 32768, 65536}

func newNumbers(s *secret, keepPorts bool) *numbers {
	n := &numbers{secret: s, keep: keepPorts, devices: map[uint32]uint32{}}
	for i := range n.ports {
		n.ports[i] = s.order(1<<8|uint64(i), portRanges[i+1]-portRanges[i])
	}
	n.vlans = s.order(2<<8, 4094)
	return n
}

func (n *numbers) port(from uint16) uint16 {
	if n.keep || from == 0 {
		return from
	}
	i := 0
	for int(from) >= portRanges[i+1] {
		i++
	}
	return uint16(portRanges[i]) + n.ports[i][int(from)-portRanges[i]]
}

// tag replaces the identifier in a VLAN's tag; priority and drop eligibility stay,
// and so do the identifiers that are none: 0 and 4095.
func (n *numbers) tag(from uint16) uint16 {
	id := from & 0x0fff
	if id == 0 || id == 0x0fff {
		return from
	}
	return from&0xf000 | n.vlans[id-1] + 1
}

// appendMAC adds what stands for an Ethernet address: one that says that it is not
// from a manufacturer, and whether it is a group's. None and all stay.
func (n *numbers) appendMAC(b, from []byte) []byte {
	whole := uint64(binary.BigEndian.Uint16(from))<<32 | uint64(binary.BigEndian.Uint32(from[2:]))
	to := whole
	if whole != 0 && whole != 1<<48-1 {
		const group, local = 1 << 40, 2 << 40
		to = n.secret.number(forMAC, whole, 0)>>16&^(group|local) | whole&group | local
	}
	b = binary.BigEndian.AppendUint16(b, uint16(to>>32))
	return binary.BigEndian.AppendUint32(b, uint32(to))
}

// device numbers the interfaces of Linux cooked captures as they come.
func (n *numbers) device(from uint32) uint32 {
	if from == 0 {
		return 0
	}
	if _, known := n.devices[from]; !known {
		if len(n.devices) >= maxDevices {
			return 0 // It is unknown.
		}
		n.devices[from] = uint32(len(n.devices) + 1)
	}
	return n.devices[from]
}

// maxDevices are more than a host has.
const maxDevices = 1 << 16
