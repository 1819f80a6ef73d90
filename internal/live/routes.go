package live

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// routes remembers by which interface packets leave from an address to another.
type routes struct {
	known map[route]uint32 // several: none or not known
	since time.Time
}

type route struct{ from, to netip.Addr }

// Routes change, and there are as many as peers.
const (
	routesLast = 5 * time.Second
	routesMost = 1 << 14
)

// forget begins anew when what is remembered is old.
func (r *routes) forget(now time.Time) {
	if r.known == nil || now.Sub(r.since) > routesLast {
		r.known, r.since = map[route]uint32{}, now
	}
}

// leaving returns the number of the interface that the kernel would send a packet
// by; several when it would not.
func (i *interfaces) leaving(from, to netip.Addr) uint32 {
	r := route{from, to}
	index, known := i.routes.known[r]
	if known {
		return index
	}
	if len(i.routes.known) >= routesMost {
		clear(i.routes.known)
	}
	index = i.ask(r)
	i.routes.known[r] = index
	return index
}

// ask has the kernel look a route up, with its rules for the source address.
func (i *interfaces) ask(r route) (index uint32) {
	index = several
	i.sequence++
	request := routeRequest(i.sequence, r)
	_ = i.raw.Control(func(fd uintptr) {
		if _, err := unix.Write(int(fd), request); err != nil {
			return
		}
		// The kernel answers while it is asked: this does not wait.
		for {
			n, err := unix.Read(int(fd), i.answer[:])
			if err == unix.EINTR {
				continue
			}
			if err != nil || n < unix.NLMSG_HDRLEN {
				return
			}
			if binary.NativeEndian.Uint32(i.answer[8:]) == i.sequence {
				index = routeInterface(i.answer[:n])
				return
			}
		}
	})
	return index
}

// routeRequest writes struct nlmsghdr, struct rtmsg of linux/rtnetlink.h, and both
// addresses.
func routeRequest(sequence uint32, r route) []byte {
	from, to := r.from.AsSlice(), r.to.AsSlice()
	length := unix.NLMSG_HDRLEN + unix.SizeofRtMsg + 2*unix.SizeofRtAttr + len(from) + len(to)
	host := binary.NativeEndian
	b := host.AppendUint32(make([]byte, 0, length), uint32(length))
	b = host.AppendUint16(b, unix.RTM_GETROUTE)
	b = host.AppendUint16(b, unix.NLM_F_REQUEST)
	b = host.AppendUint32(b, sequence)
	b = append(b, 0, 0, 0, 0)
	family := uint8(unix.AF_INET)
	if r.to.Is6() {
		family = unix.AF_INET6
	}
	b = append(b, family, uint8(len(to)*8), uint8(len(from)*8), 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = append(host.AppendUint16(host.AppendUint16(b, uint16(unix.SizeofRtAttr+len(to))), unix.RTA_DST), to...)
	return append(host.AppendUint16(host.AppendUint16(b, uint16(unix.SizeofRtAttr+len(from))), unix.RTA_SRC), from...)
}

// routeInterface reads the number of the interface from an answer; several when it
// is an error.
func routeInterface(b []byte) uint32 {
	if binary.NativeEndian.Uint16(b[4:]) != unix.RTM_NEWROUTE || len(b) < unix.NLMSG_HDRLEN+unix.SizeofRtMsg {
		return several
	}
	attributes, err := netlink.NewAttributeDecoder(b[unix.NLMSG_HDRLEN+unix.SizeofRtMsg:])
	for err == nil && attributes.Next() {
		if attributes.Type() == unix.RTA_OIF {
			return attributes.Uint32()
		}
	}
	return several
}
