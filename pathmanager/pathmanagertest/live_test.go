package pathmanagertest_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
)

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// TestFakeConnectionsAreLikeTheKernels gives a connection of the kernel's and one
// of the Fake the same commands.
func TestFakeConnectionsAreLikeTheKernels(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	must(t, ns.SetSysctl("net.mptcp.pm_type", "1"))
	pm, err := pathmanager.Dial(t.Context(), pathmanager.InNetNS(ns.Fd()))
	must(t, err)
	defer pm.Close()
	// While somebody listens the server takes further subflows.
	listener, err := pathmanager.Listen(t.Context(), pathmanager.InNetNS(ns.Fd()))
	must(t, err)
	defer listener.Close()
	conn, info := connect(t, ns)
	token, to := pathmanager.Token(info.Token), conn.RemoteAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort()
	fake := new(pathmanagertest.Fake)
	fake.Connect(token, conn.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort(), to)
	kernel := &end{t, pm, token, to, func() netip.AddrPort { return second(t, conn) }}
	other := &end{t, fake, token, to, func() netip.AddrPort { return fake.Subflows(token)[1].Local }}
	if diff := cmp.Diff(kernel.script(), other.script()); diff != "" {
		t.Errorf("(-kernel +fake):\n%s", diff)
	}
	if left := fake.Subflows(token); len(left) != 0 {
		t.Errorf("subflows %v are left, whose addresses are withdrawn", left)
	}
}

// connect makes a connection of a namespace with itself, fully established.
func connect(t *testing.T, ns *netns.NS) (*mptcp.Conn, *mptcp.Info) {
	t.Helper()
	var listener *mptcp.Listener
	var conn *mptcp.Conn
	must(t, ns.Do(func() (err error) {
		if listener, err = mptcp.Listen(t.Context(), netip.MustParseAddrPort("127.0.0.1:0")); err == nil {
			conn, err = new(mptcp.Dialer).Dial(t.Context(), listener.AddrPort())
		}
		return err
	}))
	t.Cleanup(func() { listener.Close(); conn.Close() })
	must(t, listener.SetDeadline(time.Now().Add(10*time.Second)))
	peer, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() { peer.Close() })
	for _, way := range [][2]*mptcp.Conn{{conn, peer}, {peer, conn}} {
		must(t, way[1].SetDeadline(time.Now().Add(10*time.Second)))
		_, errWrite := way[0].Write([]byte("x"))
		_, errRead := way[1].Read(make([]byte, 1))
		must(t, errWrite, errRead)
	}
	info, err := conn.Info()
	must(t, err)
	return conn, info
}

// second waits for the second subflow and returns where it comes from.
func second(t *testing.T, conn *mptcp.Conn) netip.AddrPort {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, conn.WaitSubflows(ctx, 2))
	flows, err := conn.Subflows()
	must(t, err)
	return flows[1].Local
}

// end is one of two that get the same commands.
type end struct {
	t      *testing.T
	c      pathmanager.Controller
	token  pathmanager.Token
	remote netip.AddrPort
	second func() netip.AddrPort
}

// script gives commands, good and bad, and says what came of each.
func (e *end) script() (said []string) {
	ctx := e.t.Context()
	say := func(what string, err error) {
		list, errList := e.c.ConnectionEndpoints(ctx, e.token)
		refusal := new(pathmanager.Error)
		if err != nil && !errors.As(err, &refusal) {
			e.t.Errorf("%s: %v", what, err)
		}
		said = append(said, fmt.Sprint(what, ": ", err != nil, refusal.Errno, refusal.Text, list, errList))
	}
	at := func(addr string, id uint8, flags pathmanager.Flags) pathmanager.Endpoint {
		return pathmanager.Endpoint{Addr: netip.MustParseAddr(addr), ID: id, Flags: flags}
	}
	say("announce", e.c.Announce(ctx, e.token, at("127.0.0.9", 9, 0)))
	say("announce again", e.c.Announce(ctx, e.token, at("127.0.0.9", 9, 0)))
	say("announce by another id", e.c.Announce(ctx, e.token, at("127.0.0.9", 8, 0)))
	say("announce by a taken id", e.c.Announce(ctx, e.token, at("127.0.0.8", 9, 0)))
	say("announce id 0", e.c.Announce(ctx, e.token, at("127.0.0.8", 0, 0)))
	say("announce to nobody", e.c.Announce(ctx, e.token+1, at("127.0.0.8", 8, 0)))
	say("create to announce", e.c.CreateSubflow(ctx, e.token, at("127.0.0.2", 2, pathmanager.Signal), e.remote))
	say("create", e.c.CreateSubflow(ctx, e.token, at("127.0.0.2", 2, 0), e.remote))
	local := e.second()
	say("create by another id", e.c.CreateSubflow(ctx, e.token, at("127.0.0.2", 3, 0), e.remote))
	say("priority", e.c.SetPriority(ctx, e.token, local, e.remote, true))
	say("priority by address", e.c.SetPriority(ctx, e.token, netip.AddrPortFrom(local.Addr(), 0), e.remote, false))
	nowhere := netip.AddrPortFrom(local.Addr(), 1)
	say("priority of none", e.c.SetPriority(ctx, e.token, nowhere, e.remote, true))
	say("destroy none", e.c.DestroySubflow(ctx, e.token, nowhere, e.remote))
	say("destroy without a port", e.c.DestroySubflow(ctx, e.token, netip.AddrPortFrom(local.Addr(), 0), e.remote))
	say("destroy without the other", e.c.DestroySubflow(ctx, e.token, local, netip.AddrPortFrom(e.remote.Addr(), 0)))
	say("destroy", e.c.DestroySubflow(ctx, e.token, local, e.remote))
	say("withdraw what is lost", e.c.Withdraw(ctx, e.token, 2))
	say("withdraw", e.c.Withdraw(ctx, e.token, 9))
	say("withdraw again", e.c.Withdraw(ctx, e.token, 9))
	say("withdraw the initial address", e.c.Withdraw(ctx, e.token, 0))
	return said
}
