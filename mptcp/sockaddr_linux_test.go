package mptcp

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func sockaddr4(a netip.AddrPort) []byte {
	ip := a.Addr().As4()
	return answer(128, map[int]any{0: uint16(unix.AF_INET), 2: []byte{byte(a.Port() >> 8), byte(a.Port())}, 4: ip[:]})
}

func sockaddr6(a netip.AddrPort, scope uint32) []byte {
	ip := a.Addr().As16()
	return answer(128, map[int]any{
		0: uint16(unix.AF_INET6), 2: []byte{byte(a.Port() >> 8), byte(a.Port())}, 8: ip[:], 24: scope})
}

func TestParseSockaddr(t *testing.T) {
	v4 := netip.MustParseAddrPort("192.0.2.1:258")
	v6 := netip.MustParseAddrPort("[2001:db8::7]:65535")
	for want, b := range map[string][]byte{
		"192.0.2.1:258":         sockaddr4(v4),
		"0.0.0.0:0":             sockaddr4(netip.MustParseAddrPort("0.0.0.0:0")),
		"[2001:db8::7]:65535":   sockaddr6(v6, 0),
		"[2001:db8::7%3]:65535": sockaddr6(v6, 3),
	} {
		if got, err := parseSockaddr(b); err != nil || got.String() != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if got, err := parseSockaddr(sockaddr6(v4, 3)); err != nil || got != v4 {
		t.Errorf("mapped address: %s, %v, want %s", got, err, v4)
	}
	for want, b := range map[string][]byte{
		"decode socket address: 27 bytes are too short":             sockaddr4(v4)[:27],
		"decode socket address: family 1 is neither IPv4 nor IPv6":  answer(128, map[int]any{0: uint16(unix.AF_UNIX)}),
		"decode socket address: family 0 is neither IPv4 nor IPv6":  make([]byte, 128),
		"decode socket address: family 16 is neither IPv4 nor IPv6": answer(128, map[int]any{0: uint16(unix.AF_NETLINK)}),
	} {
		if got, err := parseSockaddr(b); err == nil || err.Error() != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// What connect and bind are given must be what the kernel would give back.
func TestSockaddr(t *testing.T) {
	for _, text := range []string{"192.0.2.1:258", "[2001:db8::7]:1", "[fe80::1%7]:1"} {
		a, err := sockaddr(netip.MustParseAddrPort(text))
		if err != nil {
			t.Fatal(err)
		}
		var got netip.AddrPort
		switch a := a.(type) {
		case *unix.SockaddrInet4:
			got, err = parseSockaddr(sockaddr4(netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))))
		case *unix.SockaddrInet6:
			got, err = parseSockaddr(sockaddr6(netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)), a.ZoneId))
		}
		if err != nil || got.String() != text {
			t.Errorf("%s comes back as %s, %v", text, got, err)
		}
	}
}

func TestZoneByName(t *testing.T) {
	named, err := sockaddr(netip.MustParseAddrPort("[fe80::1%lo]:1"))
	if err != nil {
		t.Fatal(err)
	}
	if zone := named.(*unix.SockaddrInet6).ZoneId; zone != 1 {
		t.Errorf("interface lo has index %d, want 1", zone)
	}
}
