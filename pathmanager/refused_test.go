package pathmanager_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestRefusedEndpoints are refusals of the kernel. Where ip(8) asks the kernel
// too, its words are compared; others it refuses itself.
func TestRefusedEndpoints(t *testing.T) {
	ns, conn := dial(t)
	netnstest.Output(t, ns, "ip link set lo up")
	a := netip.MustParseAddr
	must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: a("10.0.0.1"), ID: 7, Flags: pathmanager.Subflow}))
	before := endpoints(t, conn)
	for _, c := range []struct {
		endpoint pathmanager.Endpoint
		errno    error
		text     string
		words    string
	}{
		{pathmanager.Endpoint{Addr: a("10.0.0.1")}, unix.EEXIST, "too many addresses or duplicate one", "10.0.0.1"},
		{pathmanager.Endpoint{Addr: a("10.0.0.2"), ID: 7}, unix.EBUSY, "too many addresses or duplicate one", "10.0.0.2 id 7"},
		{pathmanager.Endpoint{Addr: a("10.9.9.9"), Port: 80, Flags: pathmanager.Signal}, unix.EADDRNOTAVAIL,
			"create listen socket error", "10.9.9.9 signal port 80"},
		{pathmanager.Endpoint{Addr: a("fd00::9"), Port: 80, Flags: pathmanager.Signal}, unix.EADDRNOTAVAIL,
			"create listen socket error", "fd00::9 signal port 80"},
		{pathmanager.Endpoint{Addr: a("10.0.0.3"), Flags: pathmanager.Implicit}, unix.EINVAL,
			"can't create IMPLICIT endpoint", ""},
		{pathmanager.Endpoint{Addr: a("127.0.0.1"), Port: 80}, unix.EINVAL, "flags must have signal", ""},
		{pathmanager.Endpoint{Addr: a("10.0.0.3"), Flags: pathmanager.Signal | pathmanager.Fullmesh}, unix.EINVAL,
			"flags mustn't have both signal and fullmesh", ""},
	} {
		err := conn.AddEndpoint(t.Context(), c.endpoint)
		if want := "add endpoint " + c.endpoint.Addr.String() + ": " + c.text; !errors.Is(err, c.errno) ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("AddEndpoint(%v) = %v, want %v and %q", c.endpoint, err, c.errno, want)
		}
		if c.words != "" {
			sameWords(t, ns, err, c.words)
		}
	}
	if diff := cmp.Diff(before, endpoints(t, conn), equalAddr); diff != "" {
		t.Errorf("what was refused has changed the endpoints (-before +after):\n%s", diff)
	}
}

// TestUnsendableEndpoints cannot be written as attributes, so that the kernel
// would be told something else.
func TestUnsendableEndpoints(t *testing.T) {
	_, conn := dial(t)
	addr := netip.MustParseAddr("fe80::1")
	for want, e := range map[string]pathmanager.Endpoint{
		"add endpoint invalid IP: no address":                                    {},
		"add endpoint fe80::1%eth0: address with a zone":                         {Addr: addr.WithZone("eth0")},
		"add endpoint fe80::1: interface index -1 is not":                        {Addr: addr, IfIndex: -1},
		fmt.Sprintf("add endpoint fe80::1: interface index %d is not", beyond()): {Addr: addr, IfIndex: beyond()},
	} {
		if err := conn.AddEndpoint(t.Context(), e); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("AddEndpoint(%v) = %v, want %s", e, err, want)
		}
	}
	if list := endpoints(t, conn); len(list) > 0 {
		t.Errorf("what was refused is there: %v", list)
	}
}

// beyond is the first interface index that no kernel has; where int cannot hold
// it, it is a negative one.
func beyond() int {
	index := math.MaxInt32
	return index + 1
}

func TestWithoutNetAdmin(t *testing.T) {
	ns, conn := dial(t)
	must(t, conn.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), ID: 1}))
	must(t, ns.Do(func() error {
		if err := dropNetAdmin(); err != nil {
			return err
		}
		withoutNetAdmin(t, conn)
		return nil
	}))
	if list := endpoints(t, conn); len(list) != 1 {
		t.Errorf("what was refused has left %v", list)
	}
}

// withoutNetAdmin uses a context that cannot end, so that it is this thread
// that asks.
func withoutNetAdmin(t *testing.T, conn *pathmanager.Conn) {
	ctx := context.Background()
	remote := netip.MustParseAddrPort("10.0.0.9:80")
	endpoint := pathmanager.Endpoint{Addr: netip.MustParseAddr("10.0.0.2"), ID: 2}
	_, listenErr := pathmanager.Listen(ctx)
	for want, err := range map[string]error{
		"add endpoint 10.0.0.2: ":                                     conn.AddEndpoint(ctx, endpoint),
		"delete endpoint 1: ":                                         conn.DeleteEndpoint(ctx, 1, netip.Addr{}),
		"set flags of endpoint 1: ":                                   conn.SetFlags(ctx, pathmanager.Endpoint{ID: 1}, pathmanager.Backup),
		"flush endpoints: ":                                           conn.Flush(ctx),
		"set limits subflows 1 add_addr_accepted 0: ":                 conn.SetLimits(ctx, pathmanager.Limits{Subflows: 1}),
		"announce 10.0.0.2 to the peer of connection 00000001: ":      conn.Announce(ctx, 1, endpoint),
		"withdraw address 2 of connection 00000001: ":                 conn.Withdraw(ctx, 1, 2),
		"create subflow of connection 00000001 from 10.0.0.2 to ":     conn.CreateSubflow(ctx, 1, endpoint, remote),
		"destroy subflow of connection 00000001 from 10.0.0.9:80 to ": conn.DestroySubflow(ctx, 1, remote, remote),
		"set priority of the subflow of connection 00000001 from ":    conn.SetPriority(ctx, 1, remote, remote, true),
		"listen to events of the path manager: ":                      listenErr,
	} {
		if !errors.Is(err, unix.EPERM) || !errors.Is(err, os.ErrPermission) || !errors.Is(err, pathmanager.ErrPermission) ||
			!strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "operation not permitted: it needs CAP_NET_ADMIN") {
			t.Errorf("error %q, want EPERM: %q", err, want)
		}
	}
	if _, err := conn.Limits(ctx); err != nil {
		t.Errorf("anybody may read limits: %v", err)
	}
}

// dropNetAdmin takes CAP_NET_ADMIN from the calling thread.
func dropNetAdmin() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	data[0].Effective &^= 1 << unix.CAP_NET_ADMIN
	return unix.Capset(&header, &data[0])
}
