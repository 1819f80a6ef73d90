package sockdiag

import (
	"net/netip"
	"testing"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// interrupted is a stream of a kernel that calls each dump interrupted; that of
// sockets never does as of Linux 6.18.
type interrupted struct {
	stream
	asked map[string]int
}

func (i *interrupted) Interrupted() bool { return true }

func (i *interrupted) Ask(kind, flags uint16, body []byte) error {
	i.asked[string(body)]++
	return i.stream.Ask(kind, flags, body)
}

// TestInterrupted: such a dump is repeated, not for ever, and nothing of it is
// yielded twice.
func TestInterrupted(t *testing.T) {
	s, err := open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	fake := &interrupted{s.dumps, make(map[string]int)}
	s.dumps = fake
	listening, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Skipf("no MPTCP sockets: %v", err)
	}
	defer unix.Close(listening)
	if err := unix.Listen(listening, 1); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(listening)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(name.(*unix.SockaddrInet4).Port))
	found := 0
	for c, err := range s.connections(t.Context(), Filter{Listeners: WithListeners}) {
		if err != nil {
			t.Fatal(err)
		}
		if c.State == mptcp.StateListen && c.Local == at {
			found++
		}
	}
	if found != 1 {
		t.Errorf("a listener is yielded %d times", found)
	}
	for request, n := range fake.asked {
		if n%maxDumps != 0 || n > 2*maxDumps {
			t.Errorf("request %x was made %d times, want %d", request, n, maxDumps)
		}
	}
	if len(fake.asked) != 2*3 {
		t.Errorf("%d requests, want those for two families", len(fake.asked))
	}
}
