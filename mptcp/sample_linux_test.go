package mptcp

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tryGet reads an option with room for what any of them fills.
func (c Compatibility) tryGet(fd int) (err error) {
	for _, room := range []int{256, 4, 8, 16} {
		buf := make([]byte, room)
		if _, err = getsockoptAt(fd, c.Level, c.Option, buf); err == nil {
			return nil
		}
	}
	return err
}

func (c Compatibility) trySet(fd int) error {
	switch c.Name {
	case "SO_ATTACH_FILTER", "SO_ATTACH_REUSEPORT_CBPF":
		return attachFilter(fd, c.Option)
	case "SO_DETACH_FILTER":
		_ = attachFilter(fd, unix.SO_ATTACH_FILTER)
	case "SO_BINDTODEVICE", "TCP_CONGESTION", "TCP_ULP":
		name := map[string]string{"SO_BINDTODEVICE": "lo", "TCP_CONGESTION": "reno", "TCP_ULP": "tls"}[c.Name]
		return unix.SetsockoptString(fd, c.Level, c.Option, name)
	}
	return unix.SetsockoptString(fd, c.Level, c.Option, string(c.sample()))
}

// sample is a value that TCP takes.
func (c Compatibility) sample() []byte {
	number := func(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
	switch c.Name {
	case "SO_LINGER", "SO_TXTIME", "IPV6_HOPOPTS", "IPV6_RTHDRDSTOPTS", "IPV6_DSTOPTS":
		return append(number(1), number(0)...)
	case "SO_RCVTIMEO", "SO_SNDTIMEO":
		return make([]byte, unsafe.Sizeof(unix.Timeval{}))
	case "SO_RCVTIMEO_NEW", "SO_SNDTIMEO_NEW", "TCP_FASTOPEN_KEY":
		return make([]byte, 16)
	case "TCP_MAXSEG", "IP_UNICAST_IF", "IPV6_MTU", "IPV6_UNICAST_IF":
		return number(0)
	case "TCP_RTO_MAX_MS":
		return number(1000)
	case "TCP_RTO_MIN_US", "TCP_DELACK_MAX_US":
		return number(20000)
	case "IPV6_PKTINFO":
		return make([]byte, 20)
	case "IPV6_RTHDR":
		return nil
	case "IPV6_FLOWLABEL_MGR": // struct in6_flowlabel_req: get a label for ::1, creating it
		req := make([]byte, 32)
		req[15], req[21], req[22] = 1, 255, 1
		return req
	}
	return number(1)
}

// attachFilter attaches a classic BPF program that takes all.
func attachFilter(fd, option int) error {
	if option == unix.SO_ATTACH_REUSEPORT_CBPF {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}
	filter := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff}}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, option, &unix.SockFprog{Len: 1, Filter: &filter[0]})
}
