package top

import (
	"fmt"
	"net/netip"
	"time"

	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// began is when the fakes begin.
var began = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// address is that of a host, by IPv4 or IPv6.
func address(six bool, path, host int, port uint16) netip.AddrPort {
	if six {
		return netip.MustParseAddrPort(fmt.Sprintf("[2001:db8:1234:%x::%x]:%d", path, host, port))
	}
	return netip.MustParseAddrPort(fmt.Sprintf("10.%d.0.%d:%d", path, host, port))
}

// fakeConnection is one over some paths, of which each carries rate bytes per second.
func fakeConnection(n int, six bool, rates ...float64) live.Connection {
	var c live.Connection
	c.State, c.Cookie, c.Info.Token = mptcp.StateEstablished, uint64(n), 0x83119fc5+uint32(n)
	c.Info.Limits = mptcp.Limits{ExtraSubflows: 2}
	c.Info.Traffic = &mptcp.Traffic{BytesSent: 5_512_345_678, BytesReceived: 12, BytesRetransmitted: 70_000}
	c.Info.Idle = &mptcp.Idle{DataSent: 20 * time.Millisecond, DataReceived: 5 * time.Second}
	all := 0.0
	for i, rate := range rates {
		all += rate
		s := sockdiag.Subflow{
			State: mptcp.StateEstablished, LocalID: uint8(i), LocalToken: c.Info.Token,
			Local: address(six, i+1, 2, uint16(40000+n)), Remote: address(six, i+1, 1, 4321),
			TCP: sockdiag.TCPInfo{RTT: time.Duration(20*(i+1)) * time.Millisecond, MinRTT: 20 * time.Millisecond, Cwnd: 10,
				BytesSent: 3_000_000, BytesReceived: 6, Retransmissions: uint32(i)},
		}
		if i > 0 {
			s.Flags = sockdiag.JoinLocal
		}
		c.Subflows = append(c.Subflows, s)
		c.Paths = append(c.Paths, live.Path{
			Interface: []string{"wlan0", "wwan0", "eth2"}[i%3], Sent: new(rate), Received: new(0.0),
			Share: new(1 / float64(len(rates))),
		})
	}
	c.Sent, c.Received = new(all), new(0.0)
	c.Local, c.Remote = c.Subflows[0].Local, c.Subflows[0].Remote
	return c
}

// fakeModel has been looking at connections for some looks, a second apart.
func fakeModel(looks int, at func(look int) []live.Connection) *model {
	m := newModel(Options{Interval: time.Second})
	m.heard = map[string]bool{"": true, "red": true, "blue": true, "pid:12345": true}
	m.shown.height = 10
	for i := range looks {
		m.look(&live.Snapshot{At: began.Add(time.Duration(i) * time.Second), Since: time.Second, Connections: at(i)}, nil)
	}
	return m
}

// waves are three connections, the first of which goes up and down.
func waves(six bool) func(int) []live.Connection {
	return func(look int) []live.Connection {
		first := fakeConnection(1, six, 1e5*float64(look%20), 2e6-1e5*float64(look%10))
		first.Paths[1].Interface = ""
		second := fakeConnection(2, six, 1000)
		second.Subflows = append(second.Subflows, second.Subflows[0])
		second.Paths = append(second.Paths, live.Path{Interface: "wwan0"})
		pending := &second.Subflows[1]
		pending.State, pending.Flags, pending.TCP = mptcp.StateSynSent, sockdiag.JoinLocal, sockdiag.TCPInfo{}
		pending.Local, pending.Remote = address(six, 2, 2, 40002), address(six, 2, 1, 4321)
		third := fakeConnection(3, six, 0, 0, 0)
		third.Subflows[1].Flags |= sockdiag.BackupLocal
		third.Paths[2].Stale = true
		third.Sent, third.Received, third.Info.Traffic, third.Info.Idle = nil, nil, nil, nil
		third.Info.Limits = mptcp.Limits{}
		for i := range third.Paths {
			third.Paths[i] = live.Path{Interface: third.Paths[i].Interface, Stale: third.Paths[i].Stale}
		}
		return []live.Connection{third, second, first}
	}
}
