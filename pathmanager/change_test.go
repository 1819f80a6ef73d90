package pathmanager_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
)

func TestEndpointByID(t *testing.T) {
	ns, conn := dial(t)
	for _, want := range examples(device(t, ns)) {
		must(t, conn.AddEndpoint(t.Context(), want))
		if got, err := conn.Endpoint(t.Context(), want.ID); err != nil || got != want {
			t.Errorf("Endpoint(%d) = %v, %v, want %v", want.ID, got, err, want)
		}
		must(t, conn.Flush(t.Context()))
	}
}

func TestDeleteEndpoint(t *testing.T) {
	ns, conn := dial(t)
	for i := range byte(3) {
		must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, i}), ID: 5 + i}))
	}
	must(t, conn.DeleteEndpoint(t.Context(), 6, netip.Addr{}))
	want := []pathmanager.Endpoint{{Addr: netip.MustParseAddr("10.0.0.0"), ID: 5}, {Addr: netip.MustParseAddr("10.0.0.2"), ID: 7}}
	if diff := cmp.Diff(want, shown(t, ns), equalAddr); diff != "" {
		t.Errorf("ip shows (-want +got):\n%s", diff)
	}
	// Id 0 is a connection's, of which there is none here.
	must(t, conn.DeleteEndpoint(t.Context(), 0, netip.MustParseAddr("10.0.0.0")))
	must(t, conn.DeleteEndpoint(t.Context(), 0, netip.MustParseAddr("fd00::1")))
	if diff := cmp.Diff(want, endpoints(t, conn), equalAddr); diff != "" {
		t.Errorf("after deleting id 0 (-want +got):\n%s", diff)
	}
	if err := conn.DeleteEndpoint(t.Context(), 0, netip.Addr{}); err == nil || !strings.Contains(err.Error(), "no address") {
		t.Errorf("id 0 without an address: %v", err)
	}
}

// TestSetFlags changes flags by id and by address, and compares with what ip
// does with the same words.
func TestSetFlags(t *testing.T) {
	ns, conn := dial(t)
	dev := device(t, ns)
	must(t,
		conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), ID: 1, Flags: pathmanager.Subflow, IfIndex: dev}),
		conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.1.0.1"), ID: 2, Flags: pathmanager.Signal, Port: 99}))
	for _, c := range []struct {
		named pathmanager.Endpoint
		flags pathmanager.Flags
		words string
	}{
		{pathmanager.Endpoint{ID: 1}, pathmanager.Backup, "id 1 backup"},
		{pathmanager.Endpoint{ID: 1}, pathmanager.Fullmesh, "id 1 nobackup fullmesh"},
		{pathmanager.Endpoint{ID: 1}, pathmanager.Backup | pathmanager.Fullmesh, "id 1 backup fullmesh"},
		{pathmanager.Endpoint{ID: 1}, 0, "id 1 nobackup nofullmesh"},
		{pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1")}, pathmanager.Backup, "10.0.0.1 backup"},
		{pathmanager.Endpoint{Addr: netip.MustParseAddr("10.1.0.1"), Port: 99}, pathmanager.Backup, "10.1.0.1 port 99 backup"},
		{pathmanager.Endpoint{Addr: netip.MustParseAddr("10.1.0.1"), Port: 99}, 0, "10.1.0.1 port 99 nobackup"},
	} {
		must(t, conn.SetFlags(t.Context(), c.named, c.flags))
		ours := shown(t, ns)
		for i := range ours {
			must(t, conn.SetFlags(t.Context(), ours[i], pathmanager.Backup^ours[i].Flags&pathmanager.Backup))
		}
		netnstest.Output(t, ns, "ip mptcp endpoint change "+c.words)
		theirs, named := endpoints(t, conn), 0
		for i, e := range theirs {
			if e.ID == c.named.ID || e.Addr == c.named.Addr {
				named++
				if e != ours[i] || e.Flags&(pathmanager.Backup|pathmanager.Fullmesh) != c.flags {
					t.Errorf("%s: ours %v, of ip %v", c.words, ours[i], e)
				}
			}
		}
		if named != 1 {
			t.Errorf("%s is about %d endpoints", c.words, named)
		}
	}
}

func TestChangeLimits(t *testing.T) {
	ns, conn := dial(t)
	must(t, conn.SetLimits(t.Context(), pathmanager.Limits{Subflows: 3, AddAddrAccepted: 4}))
	must(t, conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{Subflows: new(uint32(5))}))
	is(t, ns, conn, pathmanager.Limits{Subflows: 5, AddAddrAccepted: 4})
	must(t, conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{AddAddrAccepted: new(uint32(0))}))
	is(t, ns, conn, pathmanager.Limits{Subflows: 5})
	must(t, conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{}))
	is(t, ns, conn, pathmanager.Limits{Subflows: 5})
	err := conn.ChangeLimits(t.Context(), pathmanager.LimitsChange{AddAddrAccepted: new(uint32(255))})
	if !errors.Is(err, pathmanager.ErrTooMany) || !strings.HasPrefix(err.Error(), "set limits add_addr_accepted 255: limit greater") {
		t.Errorf("a limit of 255: %v, want ErrTooMany", err)
	}
	is(t, ns, conn, pathmanager.Limits{Subflows: 5})
}
