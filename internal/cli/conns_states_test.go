package cli_test

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// TestConns shows a connection that uses two paths, at both ends.
func TestConns(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		l.shows("client", `
ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  token T  2 established of 4  sent 5 B  received 0 B  retransmitted 0 B  idle N s
  ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  initial  dev red  ids 0/0  rtt N  cwnd N  rate N  sent 5 B  received 0 B  retransmitted 0  share 100 %
  ESTABLISHED  10.0.2.1:P -> 10.0.1.2:4000  joined  dev blue  ids 5/0  rtt N  cwnd N  rate N  sent 0 B  received 0 B  retransmitted 0  share 0 %
`)
		// The server has one address for both; what it sends leaves by two interfaces.
		l.shows("server", `
ESTABLISHED  10.0.1.2:4000 -> 10.0.1.1:P  token T  2 established of 4  sent 0 B  received 5 B  retransmitted 0 B  idle N s
  ESTABLISHED  10.0.1.2:4000 -> 10.0.1.1:P  initial  dev red  ids 0/0  rtt N  cwnd N  rate N  sent 0 B  received 5 B  retransmitted 0  share 100 %
  ESTABLISHED  10.0.1.2:4000 -> 10.0.2.1:P  joined  dev blue  ids 0/5  rtt N  cwnd N  rate N  sent 0 B  received 0 B  retransmitted 0  share 0 %
`)
		l.chooses()
	})
}

// chooses asks the client for its one connection, and for others.
func (l *connsLab) chooses() {
	l.t.Helper()
	all := l.ok("client")
	_, rest, _ := strings.Cut(all, "token ")
	token := rest[:8]
	for words, want := range map[string]bool{
		token: true, "0x" + strings.ToUpper(token): true, "1": false, token + " 1": true,
		"10.0.1.1": true, "10.0.2.1": true, "10.0.2.2": false, ":4000": true, ":1": false,
		"10.0.1.2:4000": true, "10.0.1.1:4000": false, "[::ffff:10.0.1.2]:4000": true, "::1 [::1]:4000 10.0.1.2": true,
		"established": true, "syn-sent": false, "ESTAB SYN_SENT": true, "listen": false,
		token + " 10.0.1.1 estab": true, token + " 10.0.1.1 close-wait": false, token + " ::1 estab": false,
	} {
		if got := l.ok("client", strings.Fields(words)...); (got != "") != want {
			l.t.Errorf("conns %s prints %q", words, got)
		}
	}
}

// TestConnsPending: the handshake of the second subflow never ends, though the
// kernel counts it.
func TestConnsPending(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "{do: drop, options: [mp_join]}")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		l.shows("client", `
ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  token T  1 established, 1 pending of 4  sent 5 B  received 0 B  retransmitted 0 B  idle N s
  ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  initial  dev red  ids 0/0  rtt N  cwnd N  rate N  sent 5 B  received 0 B  retransmitted 0  share 100 %
  SYN_SENT  10.0.2.1:P -> 10.0.1.2:4000  joined  dev blue  ids 5/0  rtt ?  cwnd N  rate N  sent 0 B  received 0 B  retransmitted 0  share 0 %
`)
		if ss := l.system("client", "ss -Mni"); !strings.Contains(ss, "subflows:1 ") {
			t.Errorf("ss shows no subflow that is counted:\n%s", ss)
		}
	})
}

// system runs a program of the system in a host.
func (l *connsLab) system(host, command string) (out string) {
	l.t.Helper()
	words := strings.Fields(command)
	text, err := l.Host(host).Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		netnstest.Missing(l.t, command+": "+err.Error()+": "+string(text))
	}
	return string(text)
}

func TestConnsBackup(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, backupBlue, "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		for host, row := range map[string]string{
			"client": "  ESTABLISHED  10.0.2.1:P -> 10.0.1.2:4000  joined  backup (this end)  dev blue  ids 5/0  ",
			"server": "  ESTABLISHED  10.0.1.2:4000 -> 10.0.2.1:P  joined  backup (the peer)  dev blue  ids 0/5  ",
		} {
			eventually(t, "the backup in "+host, func() bool { return strings.Contains(steady(l.ok(host)), "\n"+row) })
		}
	})
}

// TestConnsFallback: the peer's answer to MP_CAPABLE is lost on the way.
func TestConnsFallback(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "{do: strip, packets: syn-ack}", "")
		_, accepted := l.listen("10.0.1.2:4000")
		l.connect("10.0.1.2:4000", accepted)
		l.shows("client", `
ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  token T  fell back to TCP  1 established  sent 5 B  received 0 B  retransmitted 0 B  idle N s
  ESTABLISHED  10.0.1.1:P -> 10.0.1.2:4000  initial  dev red  ids 0/0  rtt N  cwnd N  rate N  sent 5 B  received 0 B  retransmitted 0  share 100 %
`)
		if ss := l.system("client", "ss -Mni"); !strings.Contains(ss, " fallback") {
			t.Errorf("ss shows no fallback:\n%s", ss)
		}
	})
}

// TestConnsFallbackLater: MPTCP's options are lost after it has begun.
func TestConnsFallbackLater(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, "", "", "{do: strip, packets: later, after: 6}", "")
		_, accepted := l.listen("10.0.1.2:4000")
		client, server := l.connect("10.0.1.2:4000", accepted)
		if text := l.ok("client"); strings.Contains(text, "fell back") {
			t.Fatalf("it has fallen back already:\n%s", text)
		}
		l.pass(client, server, "more")
		_, err := server.Write([]byte("more"))
		must(t, err)
		eventually(t, "the fallback", func() bool {
			return strings.Contains(steady(l.ok("client")), "token T  fell back to TCP  1 established  ")
		})
		if ss := l.system("client", "ss -Mni"); !strings.Contains(ss, " fallback") {
			t.Errorf("ss shows no fallback:\n%s", ss)
		}
	})
}

// TestConnsListeners: an IPv6 listener that accepts IPv4, and the kernel's own.
func TestConnsListeners(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, "", "{address: 10.0.2.2, port: 4321, flags: [signal]}", "", "")
		_, accepted := l.listen("[::]:4000")
		l.connect("10.0.1.2:4000", accepted)
		l.shows("server", `
LISTEN  10.0.2.2:4321  the kernel's own, for an endpoint with a port
LISTEN  [::]:4000  waiting 0 of 4096
ESTABLISHED  10.0.1.2:4000 -> 10.0.1.1:P  token T  2 established of 4  sent 0 B  received 5 B  retransmitted 0 B  idle N s
  ESTABLISHED  10.0.1.2:4000 -> 10.0.1.1:P  initial  dev red  ids 0/0  rtt N  cwnd N  rate N  sent 0 B  received 5 B  retransmitted 0  share 100 %
  ESTABLISHED  10.0.2.2:4321 -> 10.0.2.1:P  joined  dev blue  ids 1/1  rtt N  cwnd N  rate N  sent 0 B  received 0 B  retransmitted 0  share 0 %
`, "--all")
		l.shows("server", "LISTEN  [::]:4000  waiting 0 of 4096\n", "-l", ":4000")
		l.shows("client", "", "--listening")
		if all := l.ok("server", "listen", "established"); all == "" {
			t.Error("the states of both show nothing")
		}
	})
}

// TestConnsClosed: what a subflow carried that is gone is nobody's share.
func TestConnsClosed(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, overBlue, "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		client, server := l.connect("10.0.1.2:4000", accepted)
		eventually(t, "two subflows", func() bool { return strings.Contains(l.ok("client"), "2 established of 4") })
		const size = 8 << 20
		go func() { _, _ = client.Write(make([]byte, size)) }()
		_, err := io.CopyN(io.Discard, server, size)
		must(t, err)
		if l.ok("client", "10.0.2.1"); l.share("client") < 1-1e-3 {
			t.Error("two subflows have not carried all")
		}
		l.system("client", "ip mptcp endpoint delete id 5")
		eventually(t, "one subflow", func() bool { return strings.Contains(l.ok("client"), "1 established of 4") })
		if share := l.share("client"); share <= 0 || share >= 1 {
			t.Errorf("the subflow that is left has carried %v of all", share)
		}
	})
}

// share is which part of the first connection's bytes its subflows carried
// together, as conns says; and as follows from the counters, or the test fails.
func (l *connsLab) share(host string) (all float64) {
	l.t.Helper()
	var shown struct {
		Connections []struct {
			Acked    float64 `json:"bytes_acked"`
			Subflows []struct {
				Share float64
				Acked float64 `json:"bytes_acked"`
			}
		}
	}
	must(l.t, json.Unmarshal([]byte(l.ok(host, "--json")), &shown))
	c := shown.Connections[0]
	for _, f := range c.Subflows {
		all += f.Share
		if want := f.Acked / c.Acked; math.Abs(f.Share-want) > 0.05 {
			l.t.Errorf("share %v of a subflow that carried %v of %v", f.Share, f.Acked, c.Acked)
		}
	}
	return all
}

// TestConnsEnds: a connection that one end has closed.
func TestConnsEnds(t *testing.T) {
	asEachRoot(t, func(t *testing.T) {
		l := theLab(t, "", "", "", "")
		_, accepted := l.listen("10.0.1.2:4000")
		client, _ := l.connect("10.0.1.2:4000", accepted)
		must(t, client.Close())
		eventually(t, "the client waits", func() bool {
			text := l.ok("client", "-p")
			return strings.HasPrefix(text, "FIN_WAIT2  ") && strings.Contains(text, "  no owner")
		})
		eventually(t, "the server waits", func() bool { return strings.HasPrefix(l.ok("server", "close-wait"), "CLOSE_WAIT  ") })
	})
}
