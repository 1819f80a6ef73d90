package mptcp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// attempt is a socket that has yet to connect. Its namespace is that of the thread
// which made it, wherever it connects from.
type attempt struct {
	fd       int
	to       unix.Sockaddr
	allowTCP bool
	made     bool      // for MPTCP
	before   *counters // from before the handshake; nil: not known
}

func newAttempt(from netip.AddrPort, device string, to netip.AddrPort, allowTCP bool) (*attempt, error) {
	if from.IsValid() && from.Addr().Unmap().Is4() != to.Addr().Unmap().Is4() {
		return nil, fmt.Errorf("local address %s is of another family", from)
	}
	peer, err := sockaddr(to)
	if err != nil {
		return nil, err
	}
	a := &attempt{to: peer, allowTCP: allowTCP, made: true}
	a.fd, err = openSocket(to)
	if allowTCP && errors.Is(err, ErrNotSupported) {
		a.made = false
		a.fd, err = openTCP(to)
	}
	if err != nil {
		return nil, err
	}
	if err := a.bind(from, device); err != nil {
		a.close()
		return nil, err
	}
	a.before = recentCounters(a.fd)
	return a, nil
}

func (a *attempt) close() { unix.Close(a.fd) }

func (a *attempt) bind(from netip.AddrPort, device string) error {
	if device != "" {
		if err := unix.BindToDevice(a.fd, device); err != nil {
			return fmt.Errorf("bind to interface %s: %w", device, os.NewSyscallError("setsockopt SO_BINDTODEVICE", err))
		}
	}
	if !from.IsValid() {
		return nil
	}
	if from.Port() == 0 {
		// A port chosen at connect can be one that has a connection to another peer.
		// Where MPTCP lacks the option, bind chooses the port.
		_ = unix.SetsockoptInt(a.fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	} else if err := unix.SetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err) // The port may be in TIME-WAIT.
	}
	return bind(a.fd, from)
}

// run connects, and closes the socket when that fails.
func (a *attempt) run(ctx context.Context) (*Conn, error) {
	conn, err := a.connect(ctx)
	if err != nil || a.allowTCP {
		return conn, err
	}
	status, err := conn.Status()
	if err == nil && status.Kind != KindMPTCP {
		err = fmt.Errorf("%w: it %s", ErrNotMPTCP, status)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (a *attempt) connect(ctx context.Context) (*Conn, error) {
	file, err := a.start()
	if err != nil {
		return nil, err
	}
	defer file.Close() // What is returned has a descriptor of its own.
	if err := awaitConnect(ctx, file); err != nil {
		return nil, err
	}
	tcp, err := tcpConn(file)
	if err != nil {
		return nil, err
	}
	return &Conn{TCPConn: tcp, before: a.before}, nil
}

// start sends the SYN. The poller gets the socket only now: to epoll, one that has
// not begun to connect looks hung up.
func (a *attempt) start() (*os.File, error) {
	switch err := unix.Connect(a.fd, a.to); err {
	case nil, unix.EINPROGRESS, unix.EINTR: // A signal does not stop it either.
		return os.NewFile(uintptr(a.fd), network), nil
	default:
		a.close()
		return nil, os.NewSyscallError("connect", err)
	}
}
