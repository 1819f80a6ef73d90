package policy_test

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
	"allroads/mptcp"
	"allroads/pathmanager"
)

// client is a host with 10.0.1.2 and 10.0.2.2, and an MPTCP connection from the first to
// 10.0.1.1 of a server that can be reached from both.
func client(t *testing.T, prepare func(client, server *netns.NS)) (*netns.NS, *mptcp.Conn) {
	t.Helper()
	here, there := netnstest.New(t), netnstest.New(t)
	conn, err := rtnl.Dial(here.Fd())
	must(t, err)
	defer conn.Close()
	for i := 1; i <= 2; i++ {
		name := fmt.Sprintf("eth%d", i)
		must(t, conn.AddVeth(name, name, there.Fd()), conn.SetUp(name))
		netnstest.Output(t, there, "ip link set "+name+" up")
		netnstest.Output(t, here, fmt.Sprintf("ip address add 10.0.%d.2/24 dev %s", i, name))
		netnstest.Output(t, there, fmt.Sprintf("ip address add 10.0.%d.1/24 dev %s", i, name))
	}
	for _, line := range []string{"ip rule add from 10.0.2.2 lookup 100", "ip route add default via 10.0.2.1 dev eth2 table 100"} {
		netnstest.Output(t, here, line)
	}
	prepare(here, there)
	var listener *mptcp.Listener
	must(t, there.Do(func() (err error) {
		listener, err = mptcp.Listen(t.Context(), netip.MustParseAddrPort("0.0.0.0:0"))
		return err
	}))
	t.Cleanup(func() { listener.Close() })
	go func() {
		if accepted, err := listener.Accept(); err == nil {
			_, _ = accepted.Write([]byte("hello"))
			_, _ = io.Copy(io.Discard, accepted) // Held until the client closes.
			accepted.Close()
		}
	}()
	var dialed *mptcp.Conn
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	to := netip.MustParseAddrPort("10.0.1.1:" + strings.Trim(port[strings.LastIndex(port, ":")+1:], "]"))
	must(t, here.Do(func() (err error) {
		dialed, err = (&mptcp.Dialer{Timeout: 20 * time.Second}).Dial(t.Context(), to)
		return err
	}))
	t.Cleanup(func() { dialed.Close() })
	_, err = io.ReadFull(dialed, make([]byte, 5))
	must(t, err)
	return here, dialed
}

// eventually asks until it is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in 20 s: %s", what)
		}
	}
}

func manager(t *testing.T, ns *netns.NS) *pathmanager.Conn {
	t.Helper()
	conn, err := pathmanager.Dial(t.Context(), pathmanager.InNetNS(ns.Fd()))
	if err != nil {
		netnstest.Missing(t, fmt.Sprintf("path manager: %v", err))
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// established are the local addresses of the connection's subflows, and their ports.
func established(t *testing.T, conn *mptcp.Conn) (from []netip.AddrPort) {
	subflows, err := mptcp.ReadSubflows(conn)
	must(t, err)
	for _, s := range subflows {
		if s.State == mptcp.StateEstablished {
			from = append(from, s.Local)
		}
	}
	return from
}

// TestImplicitInKernel has the kernel make an endpoint of its own for 10.0.2.2, by
// connecting from there to an announced address; it becomes the wanted one, with its id.
func TestImplicitInKernel(t *testing.T) {
	here, _ := client(t, func(client, server *netns.NS) {
		netnstest.Output(t, client, "ip mptcp limits set subflows 2 add_addr_accepted 2")
		netnstest.Output(t, server, "ip mptcp limits set subflows 2")
		netnstest.Output(t, server, "ip mptcp endpoint add 10.0.2.1 signal")
	})
	kernel := manager(t, here)
	var there []pathmanager.Endpoint
	eventually(t, "an implicit endpoint", func() bool {
		var err error
		there, err = kernel.Endpoints(t.Context())
		must(t, err)
		return len(there) == 1 && there[0].Flags&pathmanager.Implicit != 0
	})
	a := indexed(t, here, []policy.Assessment{assessed(2, "10.0.2.2", config.InterfaceSettings{Role: config.Use})})
	var owned []pathmanager.Endpoint
	for round := range 2 {
		actual, err := kernel.Endpoints(t.Context())
		must(t, err)
		limits, err := kernel.Limits(t.Context())
		must(t, err)
		foreign := slices.DeleteFunc(slices.Clone(actual), func(e pathmanager.Endpoint) bool { return e.Flags&pathmanager.Implicit == 0 })
		changes := policy.Reconcile(policy.Draw(a, config.Default(), new(policy.IDs), 8, foreign), policy.Actual{Endpoints: actual, Limits: limits}, owned)
		if len(changes) != 1-round {
			t.Fatalf("round %d: %v", round, changes)
		}
		for _, change := range changes {
			netnstest.Output(t, here, change.String())
			owned = append(owned, change.Endpoint)
		}
	}
	got, err := kernel.Endpoints(t.Context())
	must(t, err)
	if len(got) != 1 || got[0].ID != there[0].ID || got[0].Flags != pathmanager.Subflow {
		t.Errorf("%+v became %+v", there, got)
	}
}

// TestMadeAgainInKernel is what the Reviver rests on: to delete an endpoint and to add it
// closes the subflows from its address, the initial one too, and makes them anew.
func TestMadeAgainInKernel(t *testing.T) {
	here, conn := client(t, func(client, server *netns.NS) {
		netnstest.Output(t, server, "ip mptcp limits set subflows 2")
		netnstest.Output(t, client, "ip mptcp endpoint add 10.0.1.2 dev eth1 id 1 subflow")
		netnstest.Output(t, client, "ip mptcp endpoint add 10.0.2.2 dev eth2 id 2 subflow")
	})
	kernel := manager(t, here)
	from := func(addr string) (at netip.AddrPort) {
		for _, local := range established(t, conn) {
			if local.Addr() == netip.MustParseAddr(addr) {
				at = local
			}
		}
		return at
	}
	both := func() bool { return from("10.0.1.2").IsValid() && from("10.0.2.2").IsValid() }
	eventually(t, "two subflows", both)
	endpoints, err := kernel.Endpoints(t.Context())
	must(t, err)
	for _, e := range endpoints { // The first is the initial subflow's.
		before := from(e.Addr.String())
		must(t, kernel.DeleteEndpoint(t.Context(), e.ID, netip.Addr{}))
		eventually(t, "the subflow from "+e.Addr.String()+" is closed", func() bool { return from(e.Addr.String()) != before })
		must(t, kernel.AddEndpoint(t.Context(), e))
		eventually(t, "two subflows again", both)
		if after := from(e.Addr.String()); after == before {
			t.Errorf("the subflow from %s is the same as before", before)
		}
	}
}
