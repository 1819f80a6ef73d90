package pathmanager_test

import (
	"net/netip"
	"testing"

	"allroads/internal/nl"
	"allroads/pathmanager"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// BenchmarkEmptyRequest is the limit: a request that says and does nothing, and
// the kernel's acknowledgement.
func BenchmarkEmptyRequest(b *testing.B) {
	ns, _ := dial(b)
	conn, err := netlink.Dial(unix.NETLINK_GENERIC, nl.Config(ns.Fd()))
	must(b, err)
	defer conn.Close()
	request := netlink.Message{Header: netlink.Header{Type: netlink.Noop, Flags: netlink.Request | netlink.Acknowledge}}
	for b.Loop() {
		_, err := conn.Execute(request)
		must(b, err)
	}
}

func BenchmarkEndpoints(b *testing.B) {
	_, conn := dial(b)
	for i := range 8 {
		must(b, conn.AddEndpoint(pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), ID: uint8(i + 1)}))
	}
	b.ReportAllocs()
	for b.Loop() {
		if list := endpoints(b, conn); len(list) != 8 {
			b.Fatalf("%d endpoints, want 8", len(list))
		}
	}
}

func BenchmarkLimits(b *testing.B) {
	_, conn := dial(b)
	for b.Loop() {
		_, err := conn.Limits()
		must(b, err)
	}
}
