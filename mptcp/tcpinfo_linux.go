package mptcp

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Offsets in struct tcp_info, the same on every architecture. All of it that is
// read here is older than MPTCP (the last, tcpi_bytes_retrans, is of Linux
// 4.19), so nothing can be missing from a kernel's answer.
const (
	tcpState         = 0
	tcpRTT           = 68 // µs
	tcpRTTVar        = 72 // µs
	tcpBytesAcked    = 120
	tcpBytesReceived = 128
	tcpBytesSent     = 200
	tcpBytesRetrans  = 208
	tcpInfoSize      = tcpBytesRetrans + 8 // as much as is read
)

// parseTCPInfo reads a struct tcp_info of tcpInfoSize bytes or more, in host
// byte order, into a subflow.
func parseTCPInfo(b []byte, into *Subflow) error {
	if len(b) < tcpInfoSize {
		return fmt.Errorf("decode tcp info: %d bytes are fewer than the %d of linux 4.19", len(b), tcpInfoSize)
	}
	host := binary.NativeEndian
	into.State = TCPState(b[tcpState])
	into.RTT = parseMicros(b[tcpRTT:])
	into.RTTVar = parseMicros(b[tcpRTTVar:])
	into.BytesAcked = host.Uint64(b[tcpBytesAcked:])
	into.BytesReceived = host.Uint64(b[tcpBytesReceived:])
	into.BytesSent = host.Uint64(b[tcpBytesSent:])
	into.BytesRetransmitted = host.Uint64(b[tcpBytesRetrans:])
	return nil
}

func parseMicros(b []byte) time.Duration {
	return time.Duration(binary.NativeEndian.Uint32(b)) * time.Microsecond
}
