package sockdiag

import (
	"encoding/binary"
	"time"
)

// Offsets in struct tcp_info, the same on every architecture. All that is read
// here is older than MPTCP.
const (
	tcpRetransmits  = 2
	tcpRTO          = 8 // µs
	tcpMSS          = 16
	tcpUnacked      = 24
	tcpLost         = 32
	tcpLastSent     = 44 // ms, as the next two
	tcpLastReceived = 52
	tcpLastAck      = 56
	tcpRTT          = 68 // µs, as the next
	tcpRTTVar       = 72
	tcpSSThresh     = 76
	tcpCwnd         = 80
	tcpTotalRetrans = 100
	tcpPacingRate   = 104
	tcpBytesAcked   = 120
	tcpReceived     = 128
	tcpSegsOut      = 136
	tcpSegsIn       = 140
	tcpMinRTT       = 148 // µs
	tcpDelivery     = 160
	tcpBytesSent    = 200
	tcpBytesRetrans = 208
	tcpInfoLen      = 216 // as much as is read
)

// compactTCP is TCPInfo in less room, in the kernel's units.
type compactTCP struct {
	pacing, delivery, sent, acked, received, retransmitted uint64
	rtt, rttVar, minRTT, rto, cwnd, ssthresh, mss          uint32
	segsOut, segsIn, retrans, lost, unacked                uint32
	lastSent, lastReceived, lastAck                        uint32
	timeouts                                               uint8
}

// decode reads a struct tcp_info in host byte order, and reports whether it is one.
func (c *compactTCP) decode(b []byte) bool {
	if len(b) < tcpInfoLen {
		return false
	}
	host := binary.NativeEndian
	*c = compactTCP{
		pacing: host.Uint64(b[tcpPacingRate:]), delivery: host.Uint64(b[tcpDelivery:]),
		sent: host.Uint64(b[tcpBytesSent:]), acked: host.Uint64(b[tcpBytesAcked:]),
		received: host.Uint64(b[tcpReceived:]), retransmitted: host.Uint64(b[tcpBytesRetrans:]),
		rtt: host.Uint32(b[tcpRTT:]), rttVar: host.Uint32(b[tcpRTTVar:]),
		minRTT: host.Uint32(b[tcpMinRTT:]), rto: host.Uint32(b[tcpRTO:]),
		cwnd: host.Uint32(b[tcpCwnd:]), ssthresh: host.Uint32(b[tcpSSThresh:]), mss: host.Uint32(b[tcpMSS:]),
		segsOut: host.Uint32(b[tcpSegsOut:]), segsIn: host.Uint32(b[tcpSegsIn:]),
		retrans: host.Uint32(b[tcpTotalRetrans:]), lost: host.Uint32(b[tcpLost:]), unacked: host.Uint32(b[tcpUnacked:]),
		lastSent: host.Uint32(b[tcpLastSent:]), lastReceived: host.Uint32(b[tcpLastReceived:]), lastAck: host.Uint32(b[tcpLastAck:]),
		timeouts: b[tcpRetransmits],
	}
	return true
}

// noRTT is what the kernel says before it has measured any.
const noRTT = ^uint32(0)

func (c *compactTCP) unpack(into *TCPInfo) {
	minRTT := c.minRTT
	if minRTT == noRTT {
		minRTT = 0
	}
	*into = TCPInfo{
		RTT: micros(c.rtt), RTTVar: micros(c.rttVar), MinRTT: micros(minRTT), RTO: micros(c.rto),
		Cwnd: c.cwnd, SSThresh: c.ssthresh, MSS: c.mss, PacingRate: c.pacing, DeliveryRate: c.delivery,
		BytesSent: c.sent, BytesAcked: c.acked, BytesReceived: c.received, BytesRetransmitted: c.retransmitted,
		SegmentsOut: c.segsOut, SegmentsIn: c.segsIn, Retransmissions: c.retrans, Lost: c.lost, Unacked: c.unacked,
		Timeouts: c.timeouts,
		Sent:     millis(c.lastSent), Received: millis(c.lastReceived), AckReceived: millis(c.lastAck),
	}
}

func micros(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }

func millis(n uint32) time.Duration { return time.Duration(n) * time.Millisecond }
