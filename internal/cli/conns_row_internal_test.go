package cli

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// strange is a connection of which nearly nothing is known, on an old kernel, and
// which changes.
func strange() *live.Connection {
	at := netip.MustParseAddrPort
	c := &live.Connection{Connection: sockdiag.Connection{
		State: mptcp.StateEstablished, Local: at("[2001:db8::1]:443"), Remote: at("10.0.0.1:1"),
		Info: mptcp.Info{Token: 0xbeef}, Changing: true, Inode: 7,
		Subflows: []sockdiag.Subflow{
			{State: mptcp.StateSynRecv, Local: at("[2001:db8::1]:443"), Remote: at("[2001:db8::2]:5"), Flags: sockdiag.JoinRemote | sockdiag.BackupLocal | sockdiag.BackupRemote},
			{State: mptcp.StateLastAck, Local: at("10.0.0.2:6"), Remote: at("10.0.0.1:1"), TCP: sockdiag.TCPInfo{RTT: 12345 * time.Microsecond}},
			{State: 99, Local: at("10.0.0.2:7"), Remote: at("10.0.0.1:1")},
		},
	}, Space: "red"}
	c.Paths = make([]live.Path, 3)
	c.Paths[1] = live.Path{Stale: true, Share: new(0.996), ShareNow: new(0.5), Sent: new(1e9 / 8.0), Interface: "eth0"}
	return c
}

func TestConnsRowUnknown(t *testing.T) {
	const whole = `ESTABLISHED  [2001:db8::1]:443 -> 10.0.0.1:1  token 0000beef  0 established, 1 pending, 2 closing of ?  changing  `
	const plain = whole + `sent ?  received ?  retransmitted ?  idle ?
  SYN_RECV  [2001:db8::1]:443 -> [2001:db8::2]:5  joined  backup (both ends)  dev ?  ids 0/0  rtt ?  cwnd 0  rate 0 bit/s  sent 0 B  received 0 B  retransmitted 0  share ?
  LAST_ACK  10.0.0.2:6 -> 10.0.0.1:1  initial  stale  dev eth0  ids 0/0  rtt 12.3 ms  cwnd 0  rate 0 bit/s  sent 0 B  received 0 B  retransmitted 0  share 100 %
  TCPState(99)  10.0.0.2:7 -> 10.0.0.1:1  initial  dev ?  ids 0/0  rtt ?  cwnd 0  rate 0 bit/s  sent 0 B  received 0 B  retransmitted 0  share ?
`
	const watched = whole + `out ?  in ?  sent ?  received ?  retransmitted ?  idle ?  netns red  owner ?
  SYN_RECV  [2001:db8::1]:443 -> [2001:db8::2]:5  joined  backup (both ends)  dev ?  ids 0/0  rtt ?  cwnd 0  out ?  in ?  sent 0 B  received 0 B  retransmitted 0  share ?
  LAST_ACK  10.0.0.2:6 -> 10.0.0.1:1  initial  stale  dev eth0  ids 0/0  rtt 12.3 ms  cwnd 0  out 1.0 Gbit/s  in ?  sent 0 B  received 0 B  retransmitted 0  share 50 %
  TCPState(99)  10.0.0.2:7 -> 10.0.0.1:1  initial  dev ?  ids 0/0  rtt ?  cwnd 0  out ?  in ?  sent 0 B  received 0 B  retransmitted 0  share ?
`
	for want, view := range map[string]*connsView{
		plain:   {screen: &screen{}},
		watched: {screen: &screen{}, watching: true, spaces: true, owners: true},
	} {
		view.connection(strange())
		if got := view.text.String(); got != want {
			t.Errorf("it is\n%s\nwant\n%s", got, want)
		}
	}
}

// TestConnsRowNames: what somebody else has called a program or cgroup cannot
// change the terminal.
func TestConnsRowNames(t *testing.T) {
	c := strange()
	c.OwnersKnown, c.Cgroup = true, "/a\nb\u009bc"
	c.Owners = []live.Owner{{PID: 3, Name: "e\x1b[2Jvil"}, {PID: 4, Name: "two words"}}
	view := &connsView{screen: &screen{file: os.Stdout}, owners: true}
	view.connection(c)
	line, _, _ := strings.Cut(view.text.String(), "\n")
	if !strings.HasSuffix(line, "  owner e?[2Jvil (3), two words (4)  cgroup /a?b?c") {
		t.Errorf("%q", line)
	}
}

// TestConnsRowWraps at any width: no line is longer than it has to be, and all
// words are there.
func TestConnsRowWraps(t *testing.T) {
	one := &connsView{screen: &screen{}}
	one.connection(strange())
	for width := 20; width < 200; width++ {
		view := &connsView{screen: &screen{width: width}}
		view.connection(strange())
		text := view.text.String()
		if got, want := strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(one.text.String()), " "); got != want {
			t.Errorf("at %d columns:\n%s", width, text)
		}
		if view.lines != strings.Count(text, "\n") {
			t.Errorf("%d lines are counted: %s", view.lines, text)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if len(line) > width && strings.Contains(strings.TrimSpace(line), "  ") {
				t.Errorf("%d columns instead of %d: %q", len(line), width, line)
			}
		}
	}
}

func TestScaled(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 1e6 - 1: "1.0 MB", 123456: "123.5 kB", 5e9: "5.0 GB", 1.8e19: "18.0 EB", 1e30: "1000000000000.0 EB",
	} {
		if got := scaled(n, "B"); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "?", 23 * time.Microsecond: "0.02 ms", 1500 * time.Microsecond: "1.50 ms", 10200 * time.Microsecond: "10.2 ms", 2 * time.Second: "2000.0 ms",
	} {
		if got := rtt(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
