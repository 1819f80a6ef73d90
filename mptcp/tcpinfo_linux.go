package mptcp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Offsets in struct tcp_info, the same on every architecture. All of it that is
// read here is older than MPTCP (the last, tcpi_bytes_retrans, is of Linux
// 4.19), so nothing can be missing from a kernel's answer.
const (
	tcpState         = 0
	tcpRTT           = 68 // µs
	tcpRTTVar        = 72 // µs
	tcpTotalRetrans  = 100
	tcpBytesAcked    = 120
	tcpBytesReceived = 128
	tcpSegsOut       = 136
	tcpSegsIn        = 140
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
	into.SegmentsSent = host.Uint32(b[tcpSegsOut:])
	into.SegmentsReceived = host.Uint32(b[tcpSegsIn:])
	into.Retransmissions = host.Uint32(b[tcpTotalRetrans:])
	return nil
}

func parseMicros(b []byte) time.Duration {
	return time.Duration(binary.NativeEndian.Uint32(b)) * time.Microsecond
}

// readTCP reads TCP_INFO and the addresses of a socket.
func readTCP(fd int) (*Subflow, error) {
	info := make([]byte, tcpInfoSize)
	n, err := getsockoptAt(fd, unix.IPPROTO_TCP, unix.TCP_INFO, info)
	if err != nil {
		return nil, os.NewSyscallError("getsockopt TCP_INFO", err)
	}
	s := new(Subflow)
	if err := parseTCPInfo(info[:n], s); err != nil {
		return nil, err
	}
	local, remote, err := socketAddrs(fd)
	s.Local, s.Remote = unmap(local), unmap(remote)
	return s, err
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
