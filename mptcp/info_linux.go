package mptcp

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Offsets in struct mptcp_info, the same on every architecture. Fields were
// added at the end, but for two that took padding in Linux 6.18 and after it.
const (
	infoExtraSubflows    = 0
	infoAddAddrSignal    = 1
	infoAddAddrAccepted  = 2
	infoLimitExtra       = 3
	infoEndpSignalMax    = 4
	infoLimitAccepted    = 5
	infoFlags            = 8
	infoToken            = 12
	infoWriteSeq         = 16
	infoSndUna           = 24
	infoRcvNxt           = 32
	infoLocalAddrUsed    = 40
	infoEndpSubflowMax   = 41
	infoChecksums        = 42
	infoRetransmits      = 44
	infoBytesRetrans     = 48
	infoBytesSent        = 56
	infoBytesReceived    = 64
	infoBytesAcked       = 72
	infoSubflowsTotal    = 80
	infoEndpLaminarMax   = 81
	infoEndpFullmeshMax  = 82
	infoLastDataSent     = 84
	infoLastDataReceived = 88
	infoLastAckReceived  = 92
)

// Lengths from which a group of fields is there. A struct ends in padding: that
// of Linux 6.1 has 48 bytes and nothing after the 43rd, that of 6.8 has 88 and
// nothing after the 81st. So a group counts from its last byte, not its first.
const (
	infoFirst      = infoChecksums + 1       // Linux 5.16, the first with this option
	infoHasTraffic = infoBytesAcked + 8      // Linux 6.5
	infoHasTotal   = infoSubflowsTotal + 1   // Linux 6.8
	infoHasIdle    = infoLastAckReceived + 4 // Linux 6.10
)

// infoRoom is more than any kernel fills yet.
const infoRoom = 256

// Bits of the flags field.
const (
	infoFallback          = 1 << 0
	infoRemoteKeyReceived = 1 << 1
)

func readInfo(fd int) (*Info, error) {
	buf := make([]byte, infoRoom)
	n, err := getsockopt(fd, optInfo, buf)
	if err != nil {
		return nil, explain(fd, "MPTCP_INFO", "5.16", err)
	}
	return parseInfo(buf[:n])
}

func parseInfo(b []byte) (*Info, error) {
	info := new(Info)
	if err := ParseInfo(b, info); err != nil {
		return nil, err
	}
	return info, nil
}

// ParseInfo decodes a struct mptcp_info of any kernel's length, in host byte
// order: what socket option MPTCP_INFO answers, and sock_diag in attribute
// INET_DIAG_INFO of an MPTCP socket. All of into is set, on success; what its
// pointers refer to is overwritten, so that an Info used again allocates nothing,
// and a copy of it changes.
func ParseInfo(b []byte, into *Info) error {
	if len(b) < infoFirst {
		return fmt.Errorf("decode mptcp info: %d bytes are fewer than the %d of linux 5.16", len(b), infoFirst)
	}
	host := binary.NativeEndian
	flags := host.Uint32(b[infoFlags:])
	*into = Info{
		Token:             host.Uint32(b[infoToken:]),
		Fallback:          flags&infoFallback != 0,
		RemoteKeyReceived: flags&infoRemoteKeyReceived != 0,
		Checksums:         b[infoChecksums] != 0,
		WriteSeq:          host.Uint64(b[infoWriteSeq:]),
		SndUna:            host.Uint64(b[infoSndUna:]),
		RcvNxt:            host.Uint64(b[infoRcvNxt:]),
		ExtraSubflows:     b[infoExtraSubflows],
		AddAddrSignal:     b[infoAddAddrSignal],
		AddAddrAccepted:   b[infoAddAddrAccepted],
		LocalAddrUsed:     b[infoLocalAddrUsed],
		Limits:            parseLimits(b, into.Limits),
		Traffic:           parseTraffic(b, into.Traffic),
		SubflowsTotal:     parseTotal(b, into.SubflowsTotal),
		Idle:              parseIdle(b, into.Idle),
	}
	return nil
}

// room returns where something can be put that an answer of a length has: where it
// was before, if anywhere. It is nil when the answer does not have it.
func room[T any](has bool, before *T) *T {
	switch {
	case !has:
		return nil
	case before == nil:
		return new(T)
	}
	return before
}

func parseLimits(b []byte, before Limits) Limits {
	return Limits{
		ExtraSubflows:     b[infoLimitExtra],
		AddAddrAccepted:   b[infoLimitAccepted],
		SignalEndpoints:   b[infoEndpSignalMax],
		SubflowEndpoints:  b[infoEndpSubflowMax],
		LaminarEndpoints:  formerPadding(b, infoEndpLaminarMax, before.LaminarEndpoints),
		FullmeshEndpoints: formerPadding(b, infoEndpFullmeshMax, before.FullmeshEndpoints),
	}
}

// formerPadding reads a byte that older kernels leave zero, which the length
// does not show: only another value proves that the field exists.
func formerPadding(b []byte, offset int, before *uint8) *uint8 {
	count := room(offset < len(b) && b[offset] != 0, before)
	if count != nil {
		*count = b[offset]
	}
	return count
}

func parseTraffic(b []byte, before *Traffic) *Traffic {
	traffic := room(len(b) >= infoHasTraffic, before)
	if traffic == nil {
		return nil
	}
	host := binary.NativeEndian
	*traffic = Traffic{
		BytesSent:          host.Uint64(b[infoBytesSent:]),
		BytesAcked:         host.Uint64(b[infoBytesAcked:]),
		BytesReceived:      host.Uint64(b[infoBytesReceived:]),
		BytesRetransmitted: host.Uint64(b[infoBytesRetrans:]),
		Retransmits:        host.Uint32(b[infoRetransmits:]),
	}
	return traffic
}

func parseTotal(b []byte, before *uint8) *uint8 {
	total := room(len(b) >= infoHasTotal, before)
	if total != nil {
		*total = b[infoSubflowsTotal]
	}
	return total
}

func parseIdle(b []byte, before *Idle) *Idle {
	idle := room(len(b) >= infoHasIdle, before)
	if idle == nil {
		return nil
	}
	*idle = Idle{
		DataSent:     parseMillis(b[infoLastDataSent:]),
		DataReceived: parseMillis(b[infoLastDataReceived:]),
		AckReceived:  parseMillis(b[infoLastAckReceived:]),
	}
	return idle
}

func parseMillis(b []byte) time.Duration {
	return time.Duration(binary.NativeEndian.Uint32(b)) * time.Millisecond
}
