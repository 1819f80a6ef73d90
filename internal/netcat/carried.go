package netcat

import (
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// carried asks the kernel how many bytes a connection, of which this end has sent
// the end, was given to send and has received, for when they do not pass through
// this process; nil is not known.
func carried(c *mptcp.Conn) (sent, received *uint64) {
	if info, err := c.Info(); err == nil && !info.Fallback {
		if info.Traffic == nil {
			return nil, nil
		}
		// What is acknowledged and what is not yet; the end counts as a byte.
		all := info.Traffic.BytesAcked + info.WriteSeq - info.SndUna - 1
		return &all, &info.Traffic.BytesReceived
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, nil
	}
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		// One that fell back, and is over, may have forgotten all (tcp_disconnect).
		if err == nil && info.Segs_in > 0 {
			out, in := givenToTCP(info), withoutFIN(mptcp.Subflow{State: mptcp.TCPState(info.State), BytesReceived: info.Bytes_received})
			sent, received = &out, &in
		}
	})
	return sent, received
}

func givenToTCP(info *unix.TCPInfo) uint64 {
	sent := info.Bytes_sent - info.Bytes_retrans
	if info.Notsent_bytes > 0 {
		sent += uint64(info.Notsent_bytes) - 1 // The end is behind them.
	}
	return sent
}
