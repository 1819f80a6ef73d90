package sockdiag_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// only is wanted of one connection, of which want is true.
func only(want func(*sockdiag.Connection) bool) func([]*sockdiag.Connection) bool {
	return func(all []*sockdiag.Connection) bool { return len(all) == 1 && want(all[0]) }
}

// TestPending: a subflow whose SYN nobody answers counts for the kernel, and is not
// established.
func TestPending(t *testing.T) {
	p := connectLab(t, startPaths(t, "BLUE", "    middlebox: [{do: drop, packets: syn, options: [mp_join]}]"))
	p.greet()
	c := await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool { return len(c.Subflows) == 2 }))[0]
	pending := c.Subflows[1]
	if pending.State != mptcp.StateSynSent || pending.Local.Addr() != netip.MustParseAddr("10.2.0.2") || pending.LocalID != 7 {
		t.Errorf("%+v is not the subflow without an answer", pending)
	}
	if c.Established() != 1 || c.Info.ExtraSubflows != 1 || c.Changing {
		t.Errorf("established %d, extra %d, changing %t", c.Established(), c.Info.ExtraSubflows, c.Changing)
	}
	if c := list(t, p.atServer, sockdiag.Filter{}); len(c) != 1 || len(c[0].Subflows) != 1 {
		t.Errorf("at the server: %+v", c)
	}
	if ss := p.output("client", "ss", "-Mni"); !strings.Contains(ss, " subflows:1 ") {
		t.Errorf("ss does not count it: %s", ss)
	}
}

// TestBackup: each end knows which of the two asked for a backup.
func TestBackup(t *testing.T) {
	p := connectLab(t, startPaths(t, "FLAGS", "subflow, backup"))
	p.greet()
	for conn, flag := range map[*sockdiag.Conn]sockdiag.Flags{p.atClient: sockdiag.BackupLocal, p.atServer: sockdiag.BackupRemote} {
		c := await(t, conn, sockdiag.Filter{}, settled(1, 2))[0]
		if c.Subflows[0].Backup() || !c.Subflows[1].Backup() || c.Subflows[1].Flags&flag == 0 {
			t.Errorf("flags %b and %b, want %b in the second", c.Subflows[0].Flags, c.Subflows[1].Flags, flag)
		}
	}
}

// TestClosed: a subflow that has gone is not listed; while TCP cannot close it, it
// is listed as closing, or not at all.
func TestClosed(t *testing.T) {
	p := connectLab(t, startPaths(t))
	p.greet()
	await(t, p.atClient, sockdiag.Filter{}, settled(1, 2))
	if err := p.lab.Link("blue").Down(); err != nil {
		t.Fatal(err)
	}
	p.output("client", "ip", "mptcp", "endpoint", "delete", "id", "7")
	c := await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool { return c.Established() == 1 }))[0]
	if c.Info.ExtraSubflows != 0 || c.Changing {
		t.Errorf("extra %d, changing %t", c.Info.ExtraSubflows, c.Changing)
	}
	for _, s := range c.Subflows[1:] {
		switch s.State {
		case mptcp.StateFinWait1, mptcp.StateClosing, mptcp.StateLastAck, mptcp.StateClose:
		default:
			t.Errorf("closed subflow in state %s", s.State)
		}
	}
	// A connection whose first subflow has gone goes on.
	p.output("client", "ip", "mptcp", "endpoint", "flush")
	p.say(p.client, p.server, "still there")
}

// TestInitialGone: a connection goes on, and keeps its addresses, without the
// subflow that it began with.
func TestInitialGone(t *testing.T) {
	p := connectLab(t, startPaths(t))
	p.greet()
	await(t, p.atClient, sockdiag.Filter{}, settled(1, 2))
	p.output("client", "ip", "mptcp", "endpoint", "delete", "id", "0", "10.1.0.2")
	c := await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool { return c.Established() == 1 }))[0]
	p.say(p.client, p.server, "still there")
	joined := c.Subflows[len(c.Subflows)-1]
	if joined.Initial() || joined.State != mptcp.StateEstablished || c.Changing || *c.Info.SubflowsTotal != 1 {
		t.Errorf("subflows %+v, total %d, changing %t", c.Subflows, *c.Info.SubflowsTotal, c.Changing)
	}
	if c.Local.Addr() != netip.MustParseAddr("10.1.0.2") {
		t.Errorf("the connection's address is %s", c.Local)
	}
}

// TestStale cuts a path that carries data, until the kernel's counter says that it
// has a stale subflow.
func TestStale(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	l := startPaths(t, "RED", "    delay: 5ms\n    rate: 20mbit", "BLUE", "    delay: 5ms\n    rate: 20mbit")
	p := connectLab(t, l)
	p.greet()
	c := await(t, p.atClient, sockdiag.Filter{}, settled(1, 2))[0]
	stop := p.pour()
	defer stop()
	await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool {
		return c.Established() == 2 && c.Subflows[1].TCP.BytesAcked > 500_000
	}))
	if c.Stale(0, 4) || c.Stale(1, 4) {
		t.Error("stale before the path was cut")
	}
	if err := l.Link("blue").Set(lab.Impairment{Loss: 100}); err != nil {
		t.Fatal(err)
	}
	c = await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool {
		return len(c.Subflows) == 2 && c.Stale(1, 4)
	}))[0]
	if c.Stale(0, 4) || c.Stale(1, 0) {
		t.Error("the other subflow is stale, or there is no limit")
	}
	// The kernel is ahead of that or behind it by one time-out or two.
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		fields := strings.Fields(p.output("client", "nstat", "-asz", "MPTcpExtSubflowStale"))
		if i := slices.Index(fields, "MPTcpExtSubflowStale"); i >= 0 && fields[i+1] != "0" {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the kernel does not call it stale: %q", fields)
		}
	}
	if err := l.Link("blue").Set(lab.Impairment{Delay: 5 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	await(t, p.atClient, sockdiag.Filter{}, only(func(c *sockdiag.Connection) bool { return c.Established() == 2 && !c.Stale(1, 4) }))
}
