package holding

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// process is one whose descriptors can be duplicated (pidfd_getfd(2)), which takes the
// right to trace it.
type process struct {
	pid int
	fd  int // -1: it cannot be opened
}

func openProcess(pid int) *process {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		fd = -1
	}
	return &process{pid, fd}
}

func (p *process) close() {
	if p.fd >= 0 {
		unix.Close(p.fd)
	}
}

var errNoProcess = errors.New("the process cannot be opened")

// do runs fn with a duplicate of a descriptor. It is held for microseconds: a socket
// that the program closes meanwhile is closed that much later.
func (p *process) do(descriptor int, fn func(socket)) error {
	if p.fd < 0 {
		return errNoProcess
	}
	fd, err := unix.PidfdGetfd(p.fd, descriptor, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	fn(socket(fd))
	return nil
}

// socket is a descriptor as package mptcp wants it.
type socket int

func (s socket) SyscallConn() (syscall.RawConn, error) { return s, nil }

func (s socket) Control(fn func(fd uintptr)) error    { fn(uintptr(s)); return nil }
func (s socket) Read(fn func(fd uintptr) bool) error  { fn(uintptr(s)); return nil }
func (s socket) Write(fn func(fd uintptr) bool) error { fn(uintptr(s)); return nil }

// protocol is the name that the kernel gives what made a socket, as lsof(8) reads it:
// "TCP", "MPTCPv6", "UNIX-STREAM". An accepted socket has the name of its listener.
func (p *process) protocol(descriptor int) (name string, v6 bool) {
	buffer := make([]byte, 64)
	path := "/proc/" + strconv.Itoa(p.pid) + "/fd/" + strconv.Itoa(descriptor)
	n, err := unix.Getxattr(path, "system.sockprotoname", buffer)
	if err != nil {
		return "", false
	}
	return strings.CutSuffix(strings.TrimRight(string(buffer[:n]), "\x00"), "v6")
}

// ask finds out what a socket is that is on no list; false: it is of another protocol,
// and counted, or gone.
func (h *Held) ask(p *process, descriptor int) (s Socket, ok bool) {
	name, _ := p.protocol(descriptor)
	if name != "" && name != "TCP" && name != "MPTCP" {
		protocol, _, _ := strings.Cut(strings.ToLower(name), "-")
		h.other(protocol)
		return s, false
	}
	err := p.do(descriptor, func(of socket) { s, ok = h.read(of) })
	switch {
	case err == nil:
		return s, ok
	case errors.Is(err, unix.EBADF): // It was closed meanwhile.
		return s, false
	case name == "TCP":
		return Socket{Kind: TCP}, true
	}
	return Socket{Kind: Unknown, Why: "the kernel does not list it, and it cannot be asked (pidfd_getfd: " + err.Error() + ")"}, true
}

// read asks the socket itself.
func (h *Held) read(of socket) (s Socket, ok bool) {
	protocol, err := unix.GetsockoptInt(int(of), unix.SOL_SOCKET, unix.SO_PROTOCOL)
	kind, err2 := unix.GetsockoptInt(int(of), unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || err2 != nil {
		return s, false // no socket any more
	}
	if kind != unix.SOCK_STREAM || protocol != unix.IPPROTO_TCP && protocol != unix.IPPROTO_MPTCP {
		h.other("other")
		return s, false
	}
	s.Kind = TCP
	s.Local, s.Remote = ends(int(of))
	s.State = stateOf(int(of), s.Remote.IsValid())
	if protocol == unix.IPPROTO_MPTCP {
		s.readMPTCP(of)
	}
	return s, true
}

// stateOf is the state of a socket. One of MPTCP that is not connected does not tell.
func stateOf(fd int, connected bool) mptcp.TCPState {
	if info, err := unix.GetsockoptTCPInfo(fd, unix.SOL_TCP, unix.TCP_INFO); err == nil && info.State != 0 {
		return mptcp.TCPState(info.State)
	}
	listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	switch {
	case err != nil || connected:
		return 0
	case listens == 1:
		return mptcp.StateListen
	}
	return mptcp.StateClose
}

func (s *Socket) readMPTCP(of socket) {
	status, err := mptcp.ReadStatus(of)
	switch {
	case err != nil:
		s.Kind, s.Why = Unknown, err.Error()
		return
	case status.Kind == mptcp.KindFallback:
		s.Kind = Fallback
		return
	}
	s.Kind = MPTCP
	info, err := mptcp.ReadInfo(of)
	subflows, err2 := mptcp.ReadSubflows(of)
	if err != nil || err2 != nil || s.State == mptcp.StateListen || info.Token == 0 {
		return
	}
	established, pending := 0, 0
	for i := range subflows {
		switch subflows[i].State {
		case mptcp.StateEstablished:
			established++
		case mptcp.StateSynSent, mptcp.StateSynRecv, mptcp.StateNewSynRecv:
			pending++
		}
	}
	s.Token, s.Subflows, s.Pending = &info.Token, &established, &pending
}
