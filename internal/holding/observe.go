package holding

import (
	"fmt"
	"strings"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// lasting are options whose value a program alone changes: neither the kernel nor a
// sysctl does, so that whatever is not as on a new socket was set.
var lasting = []string{
	"SO_OOBINLINE", "SO_LOCK_FILTER", "SO_PEEK_OFF", "SO_MAX_PACING_RATE", "SO_ZEROCOPY", "SO_TXTIME", "SO_RCVMARK", "SO_RCVPRIORITY",
	"TCP_USER_TIMEOUT", "TCP_THIN_LINEAR_TIMEOUTS", "TCP_REPAIR", "TCP_SAVE_SYN", "TCP_TX_DELAY", "TCP_ULP",
	"IP_RECVERR", "IP_RECVTOS", "IP_RECVTTL", "IP_RECVOPTS", "IP_RETOPTS", "IP_PKTINFO", "IP_MINTTL", "IP_UNICAST_IF", "IP_OPTIONS",
	"IP_RECVORIGDSTADDR",
	"IPV6_RECVERR", "IPV6_RECVTCLASS", "IPV6_RECVPKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVRTHDR", "IPV6_DONTFRAG", "IPV6_MINHOPCOUNT",
	"IPV6_UNICAST_IF", "IPV6_RECVPATHMTU", "IPV6_RECVORIGDSTADDR",
}

// Observe asks the TCP sockets of a process, one by one, which options it has set, of
// those whose value tells. An MPTCP socket does not have most of them. It takes the
// right to trace the process: without, the error says so.
func (h *Held) Observe() error {
	p := openProcess(h.PID)
	defer p.close()
	fresh := newValues()
	for i := range h.Sockets {
		s := &h.Sockets[i]
		if s.Kind == Unknown {
			continue
		}
		err := p.do(s.Descriptors[0], func(of socket) { s.Options = fresh.changed(int(of)) })
		if err == unix.EBADF {
			continue // It was closed meanwhile.
		}
		if err != nil {
			return fmt.Errorf("ask sockets of process %d for their options: %w: run it as its user, or as root", h.PID, err)
		}
		if s.md5 {
			s.Options = append(s.Options, "TCP_MD5SIG")
		}
	}
	return nil
}

// values are those of a new TCP socket of each family, by names.
type values struct {
	options []mptcp.Compatibility
	fresh   map[int]map[string]string
}

func newValues() *values {
	v := &values{fresh: map[int]map[string]string{}}
	known := map[string]mptcp.Compatibility{}
	for _, o := range mptcp.SocketOptions() {
		known[o.Name] = o
	}
	for _, name := range lasting {
		if o, ok := known[name]; ok {
			v.options = append(v.options, o)
		}
	}
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		v.fresh[family] = map[string]string{}
		fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
		if err != nil {
			continue
		}
		for _, o := range v.options {
			if value, err := unix.GetsockoptString(fd, o.Level, o.Option); err == nil {
				v.fresh[family][o.Name] = value
			}
		}
		unix.Close(fd)
	}
	return v
}

// isOwnULP reports whether the upper layer of a socket's TCP is MPTCP itself: each
// subflow has that, and an MPTCP socket tells it of its first.
func isOwnULP(option, value string) bool {
	return option == "TCP_ULP" && strings.HasPrefix(value, "mptcp")
}

// changed are the options that are not as on a new socket, none as a slice that is
// not nil.
func (v *values) changed(fd int) []string {
	changed := []string{}
	family, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return nil
	}
	for _, o := range v.options {
		fresh, known := v.fresh[family][o.Name]
		value, err := unix.GetsockoptString(fd, o.Level, o.Option)
		if known && err == nil && value != fresh && !isOwnULP(o.Name, value) {
			changed = append(changed, o.Name)
		}
	}
	return changed
}
