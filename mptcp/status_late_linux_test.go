package mptcp_test

import (
	"net/netip"
	"testing"

	"allroads/lab"
	"allroads/mptcp"
)

// After good data, a wrong checksum has the receiver say so, and the sender go on
// without MPTCP (RFC 8684, section 3.7).
func TestStatusAfterWrongChecksum(t *testing.T) {
	network := firewall{
		hosts: "net.mptcp.checksum_enabled: 1", wire: "{do: rewrite, find: ping, replace: pong, from: server}",
	}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	client, err := dial(t, network, mptcp.Dialer{}, l.AddrPort())
	must(t, err)
	server := accept(t, l)
	say(t, client, server, "fine")
	say(t, server, client, "fine")
	say(t, client, server, "fine")
	say(t, server, client, "ping")
	for range 3 {
		say(t, client, server, "more")
		say(t, server, client, "more")
	}
	checkStatus(t, "client", client, fellBack(mptcp.CauseMapping))
	checkStatus(t, "server", server, fellBack(mptcp.CauseFail))
	for host, counter := range map[string]string{"client": "InfiniteMapRx", "server": "InfiniteMapTx"} {
		if n := nstat(t, network, host, counter); n != 1 {
			t.Errorf("nstat counts %d %s at the %s", n, counter, host)
		}
	}
}

// Both ends connect to each other before either has heard of it.
func TestStatusOfSimultaneousConnect(t *testing.T) {
	t.Parallel()
	network := uplinks(t, "delay: 200ms", "")
	here, there := netip.AddrPortFrom(redAddr, 4321), netip.MustParseAddrPort(serverAt)
	client, server := connectBoth(t, network, here, there)
	for range 5 { // One may begin too late, on a busy machine, and reset the other.
		if client != nil && server != nil {
			break
		}
		client, server = connectBoth(t, network, here, there)
	}
	if client == nil || server == nil {
		t.Fatal("the ends never meet")
	}
	for host, conn := range map[string]*mptcp.Conn{"client": client, "server": server} {
		checkStatus(t, host, conn, fellBack(mptcp.CauseSimultaneous))
		if n := nstat(t, network, host, "SimultConnectFallback"); n != 1 {
			t.Errorf("nstat counts %d at the %s", n, host)
		}
	}
}

// connectBoth connects from both ends at once; an end that fails is nil.
func connectBoth(t *testing.T, network *lab.Lab, here, there netip.AddrPort) (client, server *mptcp.Conn) {
	connect := func(host string, from, to netip.AddrPort) <-chan *mptcp.Conn {
		end := make(chan *mptcp.Conn, 1)
		go func() {
			var conn *mptcp.Conn
			if err := network.Host(host).Run(func() (err error) {
				conn, err = (&mptcp.Dialer{LocalAddr: from, AllowTCP: true, Timeout: patience}).Dial(t.Context(), to)
				return err
			}); err != nil {
				t.Logf("%s: %v", host, err)
			} else {
				t.Cleanup(func() { conn.Close() })
			}
			end <- conn
		}()
		return end
	}
	ours, theirs := connect("client", here, there), connect("server", there, here)
	return <-ours, <-theirs
}
