package bench

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Counts are what one end's kernel counted on a subflow, or on a plain TCP
// connection, since the test began: bytes of the TCP stream.
type Counts struct {
	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote"`
	State  string         `json:"state"`  // TCP's
	Closed bool           `json:"closed"` // it went during the test; the counts are the last ones seen

	RTT             time.Duration `json:"rtt"`             // smoothed; 0 until measured
	Sent            uint64        `json:"sent"`            // with those sent again
	Retransmitted   uint64        `json:"retransmitted"`   // sent again
	Acked           uint64        `json:"acked"`           // a SYN during the test counts as one
	Received        uint64        `json:"received"`        // each once
	Retransmissions uint64        `json:"retransmissions"` // segments
	id              uint32        // of the kernel's, 0: unknown
}

func countsOf(s *mptcp.Subflow) Counts {
	c := Counts{Local: s.Local, Remote: s.Remote, State: s.State.String(), RTT: s.RTT, Sent: s.BytesSent,
		Retransmitted: s.BytesRetransmitted, Acked: s.BytesAcked, Received: s.BytesReceived,
		Retransmissions: uint64(s.Retransmissions)}
	if s.ID != nil {
		c.id = *s.ID
	}
	return c
}

// since takes away what was there before.
func (c Counts) since(base *Counts) Counts {
	c.Sent -= base.Sent
	c.Retransmitted -= base.Retransmitted
	c.Acked -= base.Acked
	c.Received -= base.Received
	c.Retransmissions -= base.Retransmissions
	return c
}

// after reports whether counts can be later ones of the same subflow.
func (c *Counts) after(b *Counts) bool {
	return c.id == b.id && c.Sent >= b.Sent && c.Acked >= b.Acked && c.Received >= b.Received &&
		c.Retransmitted >= b.Retransmitted && c.Retransmissions >= b.Retransmissions
}

// plainCounts reads those of a TCP connection. A connection that fell back
// answers for the one subflow that it is (TCP_INFO, net/mptcp/sockopt.c).
func plainCounts(conn *mptcp.Conn) (*Counts, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var info *unix.TCPInfo
	var failed error
	if err := raw.Control(func(fd uintptr) {
		info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	if info.Segs_in == 0 { // One that fell back, and is over, has forgotten all (tcp_disconnect).
		return nil, errForgotten
	}
	return &Counts{Local: addressOf(conn.LocalAddr()), Remote: addressOf(conn.RemoteAddr()),
		State: mptcp.TCPState(info.State).String(), RTT: time.Duration(info.Rtt) * time.Microsecond,
		Sent: info.Bytes_sent, Retransmitted: info.Bytes_retrans, Acked: info.Bytes_acked,
		Received: info.Bytes_received, Retransmissions: uint64(info.Total_retrans)}, nil
}

var errForgotten = errors.New("the kernel has forgotten the counts")

// addressOf is an address of package net's; one of IPv4 is never in IPv6 form.
func addressOf(a net.Addr) netip.AddrPort {
	if tcp, ok := a.(*net.TCPAddr); ok {
		at := tcp.AddrPort()
		return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	return netip.AddrPort{}
}
