package mptcp_test

import (
	"errors"
	"strings"
	"testing"

	"allroads/lab"
	"allroads/mptcp"
)

func status(t testing.TB, c *mptcp.Conn) mptcp.Status {
	t.Helper()
	s, err := c.Status()
	must(t, err)
	return s
}

var (
	multipath = mptcp.Status{Kind: mptcp.KindMPTCP}
	plain     = mptcp.Status{Kind: mptcp.KindTCP}
)

func fellBack(cause mptcp.FallbackCause) mptcp.Status {
	return mptcp.Status{Kind: mptcp.KindFallback, Cause: cause}
}

// Statuses are read before data, and after both ends have spoken twice, inside the
// client's namespace and from outside. ss and nstat have to agree.
func TestStatus(t *testing.T) {
	const sums = "net.mptcp.checksum_enabled: 1"
	for name, c := range map[string]struct {
		firewall
		atFirst, client, server mptcp.Status
		counter                 string // of the client; "": none
	}{
		"nothing in the way": {firewall{}, multipath, multipath, multipath, ""},
		"syn stripped": {firewall{router: "{do: strip, options: [mp_capable], packets: syn}"},
			fellBack(mptcp.CauseSYNACK), fellBack(mptcp.CauseSYNACK), plain, "MPCapableFallbackSYNACK"},
		"syn-ack stripped": {firewall{router: "{do: strip, options: [mp_capable], packets: syn-ack}"},
			fellBack(mptcp.CauseSYNACK), fellBack(mptcp.CauseSYNACK), plain, "MPCapableFallbackSYNACK"},
		"client's ack stripped": {firewall{router: "{do: strip, packets: later, dev: inside}"},
			multipath, fellBack(mptcp.CauseFirstData), plain, "MPCapableDataFallback"},
		"server's data stripped": {firewall{router: "{do: strip, packets: later, dev: outside}"},
			multipath, fellBack(mptcp.CauseFirstData), fellBack(mptcp.CauseMapping), "MPCapableDataFallback"},
		"server's data changed": {firewall{sums, "", "{do: rewrite, find: ping, replace: pong, from: server}"},
			multipath, fellBack(mptcp.CauseMapping), fellBack(mptcp.CauseMapping), "DssFallback"},
		"client's data changed": {firewall{sums, "", "{do: rewrite, find: ping, replace: pong, from: firewall}"},
			multipath, fellBack(mptcp.CauseFirstData), fellBack(mptcp.CauseMapping), "MPCapableDataFallback"},
		"syn dropped": {firewall{hosts: "net.mptcp.syn_retrans_before_tcp_fallback: 0", router: "{do: drop, packets: syn}"},
			fellBack(mptcp.CauseDropped), fellBack(mptcp.CauseDropped), plain, "MPCapableSYNTXDrop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := c.start(t)
			l := listen(t, network, "10.2.0.2:80")
			client, err := dial(t, network, mptcp.Dialer{AllowTCP: true}, l.AddrPort())
			must(t, err)
			server := accept(t, l)
			checkStatus(t, "client at first", client, c.atFirst)
			for range 2 {
				say(t, client, server, "ping")
				say(t, server, client, "ping")
			}
			checkStatus(t, "client", client, c.client)
			checkStatus(t, "server", server, c.server)
			checkStatusBySS(t, network, client)
			checkTCP(t, client, 8)
			checkTCP(t, server, 8)
			if c.counter != "" && nstat(t, network, "client", c.counter) != 1 {
				t.Errorf("nstat: %s is not 1", c.counter)
			}
			_, err = dial(t, network, mptcp.Dialer{}, l.AddrPort())
			if got, want := errors.Is(err, mptcp.ErrNotMPTCP), c.atFirst != multipath; got != want {
				t.Errorf("dial without AllowTCP: %v", err)
			}
		})
	}
}

// checkStatus reads a status in each of the ways there are.
func checkStatus(t *testing.T, who string, c *mptcp.Conn, want mptcp.Status) {
	t.Helper()
	for range 2 { // The second time it may be remembered.
		if got := status(t, c); got != want {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
	got, err := mptcp.ReadStatus(c.TCPConn)
	if err != nil || got != want {
		t.Errorf("%s: ReadStatus: %v, %v, want %v", who, got, err, want)
	}
	if is, err := mptcp.IsMPTCP(c); err != nil || is != (want.Kind == mptcp.KindMPTCP) {
		t.Errorf("%s: IsMPTCP = %v, %v, and its status is %v", who, is, err, want)
	}
}

// checkStatusBySS holds the kind against what ss prints of the client.
func checkStatusBySS(t *testing.T, network *lab.Lab, client *mptcp.Conn) {
	t.Helper()
	out := output(t, network, "client", "ss", "-HMni", "src", client.LocalAddr().String())
	fallback := strings.Contains(out, " fallback ")
	if kind := status(t, client).Kind; strings.Contains(out, "token:") && fallback != (kind == mptcp.KindFallback) {
		t.Errorf("status is %v, and ss says: %s", kind, out)
	}
}

// checkTCP reads what TCP knows, which it does whatever became of the connection.
func checkTCP(t *testing.T, c *mptcp.Conn, sent uint64) {
	t.Helper()
	s, err := mptcp.ReadTCP(c)
	must(t, err)
	if s.State != mptcp.StateEstablished || s.BytesSent != sent+s.BytesRetransmitted || s.BytesReceived != sent || s.RTT <= 0 || s.ID != nil {
		t.Errorf("TCP of %v says %+v, after %d bytes each way", c.LocalAddr(), s, sent)
	}
	if s.Local.String() != c.LocalAddr().String() || s.Remote.String() != c.RemoteAddr().String() {
		t.Errorf("TCP of %v is from %v to %v", c.LocalAddr(), s.Local, s.Remote)
	}
}

// What happened to others must not be taken for the cause: then it is unknown.
func TestStatusCauseUnknown(t *testing.T) {
	t.Parallel()
	network := firewall{
		hosts: "net.mptcp.syn_retrans_before_tcp_fallback: 0", router: "{do: drop, packets: syn}",
	}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	dropped, err := dial(t, network, mptcp.Dialer{AllowTCP: true}, l.AddrPort())
	must(t, err)
	accept(t, l)
	disabled, err := dial(t, network, mptcp.Dialer{AllowTCP: true}, l.AddrPort())
	must(t, err)
	accept(t, l)
	if n := nstat(t, network, "client", "MPCapableSYNTXDisabled"); n != 1 {
		t.Fatalf("MPTCP was off for %d connections, want 1", n)
	}
	// Nothing of this one was sent again.
	checkStatus(t, "the second", disabled, fellBack(mptcp.CauseDisabled))
	// It was for the first one, which could have been disabled, too.
	if got := status(t, dropped); got != fellBack(mptcp.CauseUnknown) {
		t.Errorf("the first: %v, want an unknown cause", got)
	}
	if got := status(t, dropped).String(); got != "fell back to tcp" {
		t.Errorf("its text is %q", got)
	}
}

// A status that is read in time stays known, whatever happens to others later.
func TestStatusStays(t *testing.T) {
	t.Parallel()
	network := firewall{
		hosts: "net.mptcp.syn_retrans_before_tcp_fallback: 0", router: "{do: drop, packets: syn}",
	}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	first, err := dial(t, network, mptcp.Dialer{AllowTCP: true}, l.AddrPort())
	must(t, err)
	want := fellBack(mptcp.CauseDropped)
	if got := status(t, first); got != want {
		t.Fatalf("status is %v, want %v", got, want)
	}
	_, err = dial(t, network, mptcp.Dialer{AllowTCP: true}, l.AddrPort())
	must(t, err)
	if got := status(t, first); got != want {
		t.Errorf("later status is %v, want %v", got, want)
	}
}
