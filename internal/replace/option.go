package replace

import (
	"fmt"
	"slices"
	"sync/atomic"
	"unsafe"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// option is one that a socket can be asked for.
type option struct {
	level, number int
	name          string
	answered      bool // by MPTCP sockets
}

func (o option) is(level, number int) bool { return o.level == level && o.number == number }

// value is what a socket says about an option: that it has none is a value, too.
type value struct {
	errno unix.Errno
	size  uint32 // as the kernel says; the number of instructions of SO_ATTACH_FILTER
	bytes [valueSize]byte
}

// valueSize is more than any option has that is set by its value.
const valueSize = 64

// read asks a socket. It never waits: so the scheduler need not know.
func (o option) read(fd int, v *value) {
	*v = value{size: valueSize}
	if o.level == unix.SOL_SOCKET && o.number == unix.SO_ATTACH_FILTER {
		v.size = 0 // it counts in instructions, and would write beyond bytes
	}
	_, _, v.errno = unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(o.level), uintptr(o.number),
		uintptr(unsafe.Pointer(&v.bytes)), uintptr(unsafe.Pointer(&v.size)), 0)
	if v.errno != 0 {
		v.size = 0
	}
}

// write gives a socket what another said.
func (o option) write(fd int, v *value) error {
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(o.level), uintptr(o.number),
		uintptr(unsafe.Pointer(&v.bytes)), uintptr(min(v.size, valueSize)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// unasked are options whose reading changes something, or says nothing about what the
// socket was told.
var unasked = []string{
	"SO_ERROR", "SO_PEERCRED", "SO_PEERNAME", "SO_COOKIE", "SO_MEMINFO", "SO_BINDTODEVICE", // SO_BINDTOIFINDEX says it
	"SO_RCVTIMEO_NEW", "SO_SNDTIMEO_NEW", // as without NEW
	"TCP_INFO", "TCP_CC_INFO", "TCP_SAVED_SYN", "TCP_ZEROCOPY_RECEIVE", "TCP_TIMESTAMP",
	"SO_ORIGINAL_DST", "IP6T_SO_ORIGINAL_DST", "IP_PKTOPTIONS", "IPV6_2292PKTOPTIONS", "IPV6_ADDRFORM",
}

// known are the options of each family that this kernel's TCP sockets can be told, once
// they were found.
var known struct{ ip4, ip6 atomic.Pointer[[]option] }

func optionsOf(family int) ([]option, error) {
	cache := &known.ip4
	if family == unix.AF_INET6 {
		cache = &known.ip6
	}
	if found := cache.Load(); found != nil {
		return *found, nil
	}
	found, err := probe(family)
	if err != nil { // It may be better the next time.
		return nil, fmt.Errorf("find out about socket options: %w", err)
	}
	cache.Store(&found)
	return found, nil
}

// probe sorts out what new sockets do not agree on, and what they never take.
func probe(family int) ([]option, error) {
	var sockets [3]int
	for i, protocol := range []int{unix.IPPROTO_TCP, unix.IPPROTO_TCP, unix.IPPROTO_MPTCP} {
		fd, err := Here(family, protocol)
		if err != nil {
			return nil, err
		}
		defer unix.Close(fd)
		sockets[i] = fd
	}
	var options []option
	for _, c := range mptcp.SocketOptions() {
		o := option{level: c.Level, number: c.Option, name: c.Name}
		if slices.Contains(unasked, c.Name) || c.Level == unix.SOL_IPV6 && family == unix.AF_INET {
			continue
		}
		if o.agreed(sockets[0], sockets[1]) {
			o.answered = o.readable(sockets[2])
			options = append(options, o)
		}
	}
	// Only now: what one option is told may change another.
	return slices.DeleteFunc(options, func(o option) bool { return o.constant(sockets[1]) }), nil
}

// agreed reports whether new sockets say the same about an option that there is.
func (o option) agreed(a, b int) bool {
	var first, second value
	o.read(a, &first)
	o.read(b, &second)
	return first == second && o.readable(a)
}

// readable reports whether a socket answers. EINVAL is for options that want another
// one first, as TCP_REPAIR, or something to look for.
func (o option) readable(fd int) bool {
	var v value
	o.read(fd, &v)
	return v.errno != unix.EOPNOTSUPP && v.errno != unix.ENOPROTOOPT && v.errno != unix.EINVAL
}

// constant reports whether an option is only there to be read.
func (o option) constant(fd int) bool {
	var v value
	o.read(fd, &v)
	return v.errno == 0 && o.write(fd, &v) == unix.ENOPROTOOPT
}
