package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"allroads/lab"
)

// servers are the listening sockets of a scenario: one for all sends to a host and
// port.
type servers struct {
	mu      sync.Mutex
	open    map[serverKey]*server
	clients uint16 // that got a port
}

type serverKey struct {
	host string
	port uint16
}

// server takes connections, which it knows by their client's port. Each send has
// one that no other of the scenario has: NAT on the way changes addresses, but
// keeps a port that is free. Nothing in the data tells connections apart, since
// middleboxes look into it.
type server struct {
	listener net.Listener
	done     chan struct{}

	mu       sync.Mutex
	expected map[uint16]chan *net.TCPConn
}

// Ports of clients are beyond those that the kernel gives to others, unless
// net.ipv4.ip_local_port_range was changed, and below the last one.
const (
	firstPort = 61000
	portCount = 4500
)

// at returns the server for an address of a host, which listens from now on.
func (s *servers) at(ctx context.Context, host *lab.Host, address netip.AddrPort) (*server, error) {
	key := serverKey{host.Name, address.Port()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if there := s.open[key]; there != nil {
		return there, nil
	}
	listener, err := listen(ctx, host, key.port)
	if err != nil {
		return nil, fmt.Errorf("listen in %s: %w", host.Name, err)
	}
	made := &server{listener: listener, done: make(chan struct{}), expected: map[uint16]chan *net.TCPConn{}}
	go made.accept()
	if s.open == nil {
		s.open = map[serverKey]*server{}
	}
	s.open[key] = made
	return made, nil
}

// listen makes an MPTCP socket for IPv4 and IPv6, since subflows of a connection
// may be of both; or one of TCP where the host has MPTCP switched off.
func listen(ctx context.Context, host *lab.Host, port uint16) (listener net.Listener, err error) {
	err = host.Run(func() (err error) {
		config := net.ListenConfig{KeepAlive: -1} // Nothing but the data.
		config.SetMultipathTCP(true)
		listener, err = config.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
		return err
	})
	return listener, err
}

// nextPort returns a port for a client, which no other of the scenario has had
// unless there are thousands.
func (s *servers) nextPort() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	port := firstPort + s.clients%portCount
	s.clients++
	return port
}

// close ends all servers.
func (s *servers) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, server := range s.open {
		server.listener.Close()
		<-server.done
	}
	clear(s.open)
}

// expect returns where the connection from a client's port will come, if it does
// before forget.
func (s *server) expect(port uint16) <-chan *net.TCPConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	arrival := make(chan *net.TCPConn, 1)
	s.expected[port] = arrival
	return arrival
}

// forget closes the connection from a port that nobody has taken, whether it has
// come already or comes later.
func (s *server) forget(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case conn := <-s.expected[port]:
		abort(conn)
	default:
	}
	delete(s.expected, port)
}

func (s *server) accept() {
	defer close(s.done)
	for {
		conn, err := s.listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // Too many open files may pass.
			time.Sleep(10 * time.Millisecond)
		default:
			s.deliver(conn.(*net.TCPConn))
		}
	}
}

func (s *server) deliver(conn *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.expected[portOf(conn)] <- conn:
	default: // A stranger's.
		abort(conn)
	}
}

func portOf(conn *net.TCPConn) uint16 {
	return conn.RemoteAddr().(*net.TCPAddr).AddrPort().Port()
}

// abort closes a connection so that the kernel does not go on trying to deliver
// what is left of it.
func abort(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	conn.Close()
}
