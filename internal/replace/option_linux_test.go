package replace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// unchangeable are options that no value of candidates changes on a new TCP socket,
// with the reason. Whoever adds an option to mptcp.SocketOptions gets to decide.
var unchangeable = map[string]string{
	"SO_BSDCOMPAT": "no effect", "SO_ATTACH_FILTER": "TestScenarios", "SO_TXTIME": "a struct, and a clock",
	"SO_RESERVE_MEM": "memory control groups", "TCP_THIN_DUPACK": "no effect", "TCP_ULP": "a connection",
	"TCP_REPAIR_WINDOW": "TCP_REPAIR", "TCP_AO_INFO": "keys", "IP_MTU": "a connection",
	"IP_MULTICAST_IF": "no stream sockets", "IP_MULTICAST_TTL": "no stream sockets", "IP_UNICAST_IF": "an interface in network byte order",
	"IPV6_UNICAST_IF": "an interface in network byte order", "IPV6_MTU": "a connection", "IPV6_PATHMTU": "a connection",
	"IPV6_RTHDR": "a header", "IPV6_FLOWLABEL_MGR": "a lease",
}

// candidates are values that options take, each other than some default.
func candidates() [][]byte {
	var list [][]byte
	for _, n := range []int32{1, 0, 2, 3, 5, 8, 17, 600, 4096, 100_000, 1 << 20, 10<<16 | 5} {
		list = append(list, binary.NativeEndian.AppendUint32(nil, uint32(n)))
	}
	pair := binary.NativeEndian.AppendUint32(nil, 1)
	list = append(list, binary.NativeEndian.AppendUint32(pair, 7)) // struct linger, SO_TIMESTAMPING, timeval of 32 bits
	long := binary.NativeEndian.AppendUint64(nil, 3)
	long = binary.NativeEndian.AppendUint64(long, 0)
	return append(list, long, []byte("reno"), []byte("cubic"), []byte("0123456789abcdef"), []byte{1, 0, 0, 0, 16, 0, 0, 0})
}

// get is a reading of the test's own.
func get(fd int, o option) string {
	text, err := unix.GetsockoptString(fd, o.level, o.number)
	n, intErr := unix.GetsockoptInt(fd, o.level, o.number)
	linger, lingerErr := unix.GetsockoptTimeval(fd, o.level, o.number)
	return fmt.Sprintf("%q %v %d %v %v %v", text, err, n, intErr, linger, lingerErr)
}

// change gives a socket another value of an option.
func change(t *testing.T, fd, family int, o option) (value []byte, forbidden bool) {
	fresh := newSocket(t, family, unix.IPPROTO_TCP)
	if o.is(unix.SOL_SOCKET, unix.SO_ATTACH_FILTER) { // what it reads is as long as a program
		return nil, false
	}
	for _, c := range candidates() {
		err := unix.SetsockoptString(fd, o.level, o.number, string(c))
		if err == nil && get(fd, o) != get(fresh, o) {
			return c, false
		}
		forbidden = forbidden || err == unix.EPERM || err == unix.EACCES
	}
	return nil, forbidden
}

// TestEveryOption changes each option that TCP has. Then it is the same on the new
// socket, or an error names it, and an MPTCP socket does not take it indeed.
func TestEveryOption(t *testing.T) {
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		options, err := optionsOf(family)
		if err != nil {
			t.Fatal(err)
		}
		var carried, refused, unchanged []string
		for _, o := range options {
			fd := newSocket(t, family, unix.IPPROTO_TCP)
			value, forbidden := change(t, fd, family, o)
			if value == nil {
				unchanged = append(unchanged, o.name)
				if unchangeable[o.name] == "" && !forbidden {
					t.Errorf("%s: no value is another one than that of a new socket", o.name)
				}
				continue
			}
			got, err := replaced(t, fd)
			if err == nil {
				carried = append(carried, o.name)
				if is, want := get(got, o), get(fd, o); is != want {
					t.Errorf("%s: %s, want %s", o.name, is, want)
				}
				continue
			}
			refused = append(refused, o.name)
			checkRefusal(t, o, family, value, get(fd, o), err)
		}
		for _, must := range []string{"SO_SNDBUF", "SO_LINGER", "SO_RCVTIMEO", "TCP_NODELAY", "TCP_CONGESTION", "IP_TOS"} {
			if !slices.Contains(carried, must) {
				t.Errorf("%s is not carried over", must)
			}
		}
		t.Logf("carried over: %v", carried)
		t.Logf("refused: %v", refused)
		t.Logf("not changed: %v", unchanged)
	}
}

// checkRefusal holds an error against what an MPTCP socket itself does.
func checkRefusal(t *testing.T, o option, family int, value []byte, want string, err error) {
	option, ok := errors.AsType[*OptionError](err)
	if !ok {
		t.Errorf("%s: %v", o.name, err)
		return
	}
	fd := newSocket(t, family, unix.IPPROTO_MPTCP)
	if unix.SetsockoptString(fd, o.level, o.number, string(value)) == nil && get(fd, o) == want {
		t.Errorf("%s: %v, but an MPTCP socket takes it", o.name, err)
	}
	if option.Name != o.name {
		t.Logf("%s: named %s", o.name, option.Name)
	}
}
