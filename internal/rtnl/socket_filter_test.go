package rtnl

import (
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// TestRouteFilter: it lets through what wanted does, and all that is about no routes.
func TestRouteFilter(t *testing.T) {
	raw, err := routeFilter()
	if err != nil {
		t.Fatal(err)
	}
	program, _ := bpf.Disassemble(raw)
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []uint16{unix.RTM_NEWROUTE, unix.RTM_DELROUTE, unix.RTM_NEWLINK, unix.RTM_DELLINK, unix.RTM_NEWADDR, unix.RTM_NEWRULE, unix.RTM_DELNEXTHOP} {
		for _, length := range []byte{0, 24} {
			for _, protocol := range []byte{unix.RTPROT_BOOT, Protocol} {
				body := make([]byte, routeHeader)
				body[0], body[1], body[5] = unix.AF_INET, length, protocol
				n, err := vm.Run(packed(kind, 0, body))
				route := kind == unix.RTM_NEWROUTE || kind == unix.RTM_DELROUTE
				if err != nil || (n > 0) != (!route || wanted(body)) {
					t.Errorf("message %d, prefix length %d, protocol %d: %d bytes let through, %v", kind, length, protocol, n, err)
				}
			}
		}
	}
}
