package sockdiag_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/mptcp"
	"allroads/sockdiag"
)

// fellBack checks the one connection of an end that fell back.
func fellBack(t *testing.T, c *sockdiag.Conn) *sockdiag.Connection {
	t.Helper()
	found := await(t, c, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool { return c.Info.Fallback }))[0]
	if len(found.Subflows) != 1 || found.Changing {
		t.Fatalf("%+v, want a connection that is settled with one subflow", found)
	}
	s := found.Subflows[0]
	if !s.Initial() || s.State != mptcp.StateEstablished || s.Local != found.Local || s.Remote != found.Remote {
		t.Errorf("subflow %+v of a connection from %s to %s", s, found.Local, found.Remote)
	}
	if s.TCP.BytesAcked == 0 || s.LocalToken != found.Info.Token {
		t.Errorf("subflow %+v, token %#x", s, found.Info.Token)
	}
	return found
}

// TestFallbackAtHandshake: the end that connected has a connection that fell back,
// the other nothing but a TCP socket.
func TestFallbackAtHandshake(t *testing.T) {
	for packets, keyReceived := range map[string]bool{"syn": false, "syn-ack": false, "later": true} {
		t.Run(packets, func(t *testing.T) {
			p := connectLab(t, startPaths(t, "RED", "    middlebox: [{do: strip, packets: "+packets+"}]"))
			p.greet()
			c := fellBack(t, p.atClient)
			if c.Info.Token == 0 || c.Info.RemoteKeyReceived != keyReceived {
				t.Errorf("%+v", c.Info)
			}
			if all := list(t, p.atServer, sockdiag.Filter{}); len(all) != 0 {
				t.Errorf("at the server: %+v", all[0])
			}
			if ss := p.output("server", "ss", "-Mnai", "state", "established"); strings.Contains(ss, "token") {
				t.Errorf("ss has it: %s", ss)
			}
		})
	}
}

// TestFallbackLater: both ends have it, whether options disappear, or a checksum is
// wrong.
func TestFallbackLater(t *testing.T) {
	sum := ", net.mptcp.checksum_enabled: 1"
	for name, words := range map[string][]string{
		"no mapping":     {"RED", "    middlebox: [{do: strip, packets: later, after: 3kB}]"},
		"wrong checksum": {"RED", "    middlebox: [{do: rewrite, find: EVIL, replace: GOOD}]", "SYSCTLS", sum},
	} {
		t.Run(name, func(t *testing.T) {
			// Where there could be another subflow, that one would be closed instead.
			p := connectLab(t, startPaths(t, append(words, "FLAGS", "signal")...))
			for _, word := range []string{"hello ", "EVIL ", "bye "} {
				p.say(p.client, p.server, strings.Repeat(word, 400))
				p.say(p.server, p.client, "yes")
			}
			client, server := fellBack(t, p.atClient), fellBack(t, p.atServer)
			if client.Local != server.Remote || !server.Info.RemoteKeyReceived {
				t.Errorf("ends %+v and %+v", client, server)
			}
		})
	}
}

// TestFallbackWithoutToken: after a firewall has dropped the SYNs of one connection,
// the next does not try MPTCP at all. The kernel's list of MPTCP sockets lacks it.
func TestFallbackWithoutToken(t *testing.T) {
	p := connectLab(t, startPaths(t,
		"RED", "    middlebox: [{do: drop, packets: syn, options: [mp_capable]}]",
		"SYSCTLS", ", net.mptcp.syn_retrans_before_tcp_fallback: 0"))
	p.greet()
	first := fellBack(t, p.atClient)
	client, server := p.connect(netip.MustParseAddrPort("10.1.0.1:4321"))
	p.say(client, server, "hello")
	all := list(t, p.atClient, sockdiag.Filter{})
	if len(all) != 2 {
		t.Fatalf("%d connections, want 2", len(all))
	}
	c := all[0]
	if c.Local == first.Local {
		c = all[1]
	}
	if !c.Info.Fallback || c.Info.Token != 0 || c.Inode == 0 || c.Inode == first.Inode || len(c.Subflows) != 1 {
		t.Fatalf("%+v", c)
	}
	s := c.Subflows[0]
	if c.State != mptcp.StateEstablished || s.State != c.State || s.Local != c.Local || s.TCP.BytesSent != 5 {
		t.Errorf("%+v", c)
	}
	if ss := p.output("client", "ss", "-Mn"); strings.Contains(ss, c.Local.String()) || !strings.Contains(ss, first.Local.String()) {
		t.Errorf("ss has it, or not the first: %s", ss)
	}
}
