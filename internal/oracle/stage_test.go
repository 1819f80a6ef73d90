package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/pathmanager"

	"golang.org/x/sync/errgroup"
)

// patience is how long anything of a scene may take: a second in most. Nothing is
// measured by it.
const patience = 6 * time.Second

// stage is where a scene is played: a lab that is up, and a listener in it.
type stage struct {
	network  *lab.Lab
	listener net.Listener
	pairs    []*pair
}

// pair is a connection, at both its ends.
type pair struct {
	conns [2]*mptcp.Conn
	begun netip.AddrPort // the client's end of the initial subflow
	said  [2]said
	asked bool // the kernels had said all that
}

// said is what a kernel said of its end of a connection when all data had arrived,
// right before it was closed.
type said struct {
	at       int64 // nanoseconds since 1970
	status   mptcp.Status
	info     *mptcp.Info // nil: it is plain TCP
	subflows []mptcp.Subflow
}

// listen listens in a host, for MPTCP where its kernel has that switched on.
func listen(host *lab.Host, at netip.AddrPort) (l net.Listener, err error) {
	err = host.Run(func() (err error) {
		config := net.ListenConfig{}
		config.SetMultipathTCP(true)
		l, err = config.Listen(context.Background(), "tcp", at.String())
		return err
	})
	return l, err
}

// connect opens a connection from the client to the server's address on the first
// path.
func (s *stage) connect(to netip.AddrPort) (*pair, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p, group := &pair{}, errgroup.Group{}
	group.Go(func() (err error) {
		conn, err := s.listener.Accept()
		if err == nil {
			p.conns[server] = &mptcp.Conn{TCPConn: conn.(*net.TCPConn)}
		}
		return err
	})
	err := s.network.Host(hosts[client]).Run(func() (err error) {
		dialer := mptcp.Dialer{AllowTCP: true}
		p.conns[client], err = dialer.Dial(ctx, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	p.begun = p.conns[client].LocalAddr().(*net.TCPAddr).AddrPort()
	s.pairs = append(s.pairs, p)
	for _, conn := range p.conns {
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// dial is connect to where servers listen, and a byte each way, so that both ends know
// of each other.
func (s *stage) dial(six bool) (*pair, error) {
	p, err := s.connect(netip.AddrPortFrom(address(0, server, six), port))
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.send(client, 1), p.send(server, 1))
}

// send sends so many bytes from one end, and has the other read them.
func (p *pair) send(from, bytes int) error {
	group := errgroup.Group{}
	group.Go(func() error {
		block := make([]byte, bytes)
		dice := rand.NewChaCha8([32]byte{byte(from), byte(bytes)})
		_, _ = dice.Read(block)
		_, err := p.conns[from].Write(block)
		return err
	})
	group.Go(func() error {
		_, err := io.ReadFull(p.conns[1-from], make([]byte, bytes))
		return err
	})
	return group.Wait()
}

// subflows waits until both ends have so many.
func (p *pair) subflows(n int) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return errors.Join(p.conns[client].WaitSubflows(ctx, n), p.conns[server].WaitSubflows(ctx, n))
}

// until waits for something to come about.
func until(what string, is func() (bool, error)) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if yes, err := is(); err != nil || yes {
			return err
		}
	}
	return fmt.Errorf("%s: not within %v", what, patience)
}

// grace is how long is waited for subflows to be done with what is acknowledged at the
// data level: one whose path has died may take a minute.
const grace = 300 * time.Millisecond

// ask has the kernels speak once all data is acknowledged, at the data level and by
// each subflow that is alive.
func (p *pair) ask() error {
	p.asked = true
	begun := time.Now()
	return until("all data acknowledged", func() (bool, error) {
		rest := true
		for side := range p.conns {
			if err := p.said[side].ask(p.conns[side]); err != nil {
				return false, err
			}
			rest = rest && p.said[side].rests(time.Since(begun) < grace)
		}
		return rest, nil
	})
}

// rests reports whether all that was sent is acknowledged, on subflows too, if these are
// asked for.
func (s *said) rests(subflows bool) bool {
	if s.info != nil && s.info.SndUna != s.info.WriteSeq {
		return false
	}
	return !subflows || !slices.ContainsFunc(s.subflows, under)
}

// under reports whether a subflow has payload under way. The SYN counts as a byte where
// the subflow was opened.
func under(flow mptcp.Subflow) bool {
	sent := flow.BytesSent - flow.BytesRetransmitted
	return flow.State == mptcp.StateEstablished && flow.BytesAcked != sent && flow.BytesAcked != sent+1
}

func (s *said) ask(conn *mptcp.Conn) (err error) {
	*s = said{at: time.Now().UnixNano()}
	if s.status, err = conn.Status(); err != nil {
		return err
	}
	if s.status.Kind != mptcp.KindMPTCP {
		flow, err := mptcp.ReadTCP(conn)
		if err == nil {
			s.subflows = []mptcp.Subflow{*flow}
		}
		return err
	}
	if s.info, err = conn.Info(); err != nil {
		return err
	}
	s.subflows, err = conn.Subflows()
	return err
}

// finish asks the kernels, and closes the connection from the client on.
func (p *pair) finish() error {
	if err := p.ask(); err != nil {
		return err
	}
	for _, side := range [...]int{client, server} {
		if err := p.conns[side].CloseWrite(); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, p.conns[1-side]); err != nil {
			return err
		}
	}
	return errors.Join(p.conns[client].Close(), p.conns[server].Close())
}

// manager is a side's path manager, asked by fn.
func (s *stage) manager(side int, fn func(context.Context, *pathmanager.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.network.Host(hosts[side]).Run(func() error {
		c, err := pathmanager.Dial(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		return fn(ctx, c)
	})
}

// counted waits until a counter of a side's kernel has a value.
func (s *stage) counted(side int, name string, least uint64) error {
	return until(name, func() (bool, error) {
		c, err := readCounters(s.network.Host(hosts[side]))
		return c[name] >= least, err
	})
}

// counters are what a kernel counts in a namespace: MPTcpExt, TcpExt and Tcp of
// nstat(8), named as there.
type counters map[string]uint64

func readCounters(host *lab.Host) (counters, error) {
	c := counters{}
	return c, host.Run(func() error {
		for _, file := range []string{"netstat", "snmp"} {
			text, err := os.ReadFile("/proc/thread-self/net/" + file)
			if err != nil {
				return err
			}
			c.read(string(text))
		}
		return nil
	})
}

// read reads pairs of lines: names, and below them values.
func (c counters) read(text string) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		names, values := strings.Fields(lines[i]), strings.Fields(lines[i+1])
		group := strings.TrimSuffix(names[0], ":")
		for j := 1; j < min(len(names), len(values)); j++ {
			var value uint64
			if _, err := fmt.Sscan(values[j], &value); err == nil {
				c[group+names[j]] = value
			}
		}
	}
}

func netipPort(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

// sendText sends a text from the client, and has the server read as much.
func (p *pair) sendText(text string) error {
	if _, err := io.WriteString(p.conns[client], text); err != nil {
		return err
	}
	_, err := io.ReadFull(p.conns[server], make([]byte, len(text)))
	return err
}
