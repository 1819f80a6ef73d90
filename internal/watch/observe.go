package watch

import (
	"errors"
	"net/netip"
	"syscall"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// observation is what a socket says of itself.
type observation struct {
	stage       stage
	bound       bool
	fallback    bool
	cause       mptcp.FallbackCause
	explained   bool // the cause was asked for
	token       uint32
	established uint8
	space       uint64
	bytes       Bytes
	local       netip.AddrPort // of a listener
}

// descriptor is a syscall.Conn of a descriptor that stays open meanwhile.
type descriptor int

func (d descriptor) SyscallConn() (syscall.RawConn, error) { return d, nil }

func (d descriptor) Control(f func(uintptr)) error { f(uintptr(d)); return nil }

func (d descriptor) Read(func(uintptr) bool) error { return syscall.ENOTSUP }

func (d descriptor) Write(func(uintptr) bool) error { return syscall.ENOTSUP }

// observe asks a socket of which some is known. looking is held.
func (w *Watcher) observe(fd int, before *socket) (o observation, err error) {
	o.space = before.space
	if o.space == 0 {
		o.space = w.spaces.find(fd)
	}
	if listens, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); listens != 0 {
		o.stage, o.local = listening, localOf(fd)
		return o, nil
	}
	// Of an MPTCP connection it is that of the first subflow. mptcp.ReadTCP wants addresses
	// too, which a socket that is not connected lacks.
	tcp, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return o, err
	}
	info, err := mptcp.ReadInfo(descriptor(fd))
	switch {
	case errors.Is(err, mptcp.ErrNotMPTCP) || err == nil && info.Fallback:
		o.fellBack(tcp)
		w.findCause(fd, &o, before)
		err = nil
	case err == nil && (info.RemoteKeyReceived || tcp.State == uint8(mptcp.StateEstablished)):
		o.multipath(fd, info, before)
	case err == nil:
		o.stage = begun(tcp.State)
	}
	o.bound = o.stage == unconnected && localOf(fd).Port() != 0
	return o, err
}

// begun tells the stages before a connection.
func begun(state uint8) stage {
	if state := mptcp.TCPState(state); state == mptcp.StateSynSent || state == mptcp.StateSynRecv {
		return connecting
	}
	return unconnected
}

// multipath reads the subflows when there may be more than were ever seen.
func (o *observation) multipath(fd int, info *mptcp.Info, before *socket) {
	o.stage, o.token = connected, info.Token
	if info.Traffic != nil {
		o.bytes = Bytes{info.Traffic.BytesSent, info.Traffic.BytesReceived}
	}
	if before.token == info.Token && info.ExtraSubflows < before.most {
		return
	}
	subflows, err := mptcp.ReadSubflows(descriptor(fd))
	if err != nil {
		return
	}
	for i := range subflows {
		if subflows[i].State == mptcp.StateEstablished && o.established < 255 {
			o.established++
		}
	}
}

// fellBack: a connection that was refused may have fallen back before. The acknowledgement
// of the SYN counts as a byte.
func (o *observation) fellBack(tcp *unix.TCPInfo) {
	state := mptcp.TCPState(tcp.State)
	if state == mptcp.StateSynSent || state == mptcp.StateClose && tcp.Bytes_acked == 0 {
		o.stage = begun(tcp.State)
		return
	}
	o.stage, o.fallback = connected, true
}

// findCause asks once why a connection fell back, unless that takes too much of a CPU now:
// then at the next look.
func (w *Watcher) findCause(fd int, o *observation, before *socket) {
	o.cause, o.explained = before.cause, before.explained
	begin := time.Now()
	if !o.fallback || o.explained || begin.Before(w.causesFrom) {
		return
	}
	o.explained = true
	if status, err := mptcp.ReadStatus(descriptor(fd)); err == nil {
		o.cause = status.Cause
	}
	w.causesFrom = time.Now().Add(10 * time.Since(begin))
}

// localOf returns the local address of a socket, with port 0 when it has none.
func localOf(fd int) netip.AddrPort {
	address, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port))
	}
	return netip.AddrPort{}
}
