package packets_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// stage is a scene that is up.
type stage struct {
	*testing.T
	network        *lab.Lab
	client, server *mptcp.Conn
}

// record plays a scene and returns what the client saw, as a pcapng file.
func (s scene) record(t *testing.T) []byte {
	t.Helper()
	network := lab.Start(t, lab.Value(s.topology()))
	var file bytes.Buffer
	capturing, err := network.Host("client").Capture(&file)
	if err != nil {
		t.Fatal(err)
	}
	at := &stage{T: t, network: network}
	at.connect(netip.AddrPortFrom(s.ip(0, 1), 4321))
	s.play(at)
	at.client.Close()
	at.server.Close()
	time.Sleep(100 * time.Millisecond) // what the kernels still have to say
	if _, err := capturing.Stop(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func (s *stage) connect(to netip.AddrPort) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	var listener *mptcp.Listener
	err := s.network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(ctx, netip.AddrPortFrom(netip.IPv6Unspecified(), to.Port()))
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { listener.Close() })
	err = s.network.Host("client").Run(func() (err error) {
		s.client, err = new(mptcp.Dialer).Dial(ctx, to)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { s.client.Close() })
	if s.server, err = listener.Accept(); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { s.server.Close() })
	s.send(s.client, s.server, "question")
	s.send(s.server, s.client, "answer")
}

// send has a text arrive, of which a middlebox may have made another.
func (s *stage) send(from, to net.Conn, text string) {
	s.Helper()
	deadline := time.Now().Add(20 * time.Second)
	_, err := from.Write([]byte(text))
	if err == nil {
		err = to.SetReadDeadline(deadline)
	}
	if err == nil {
		_, err = io.ReadFull(to, make([]byte, len(text)))
	}
	if err != nil {
		s.Fatal(err)
	}
}

// second waits for the subflow that joins.
func (s *stage) second() {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 20*time.Second)
	defer cancel()
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		if err := c.WaitSubflows(ctx, 2); err != nil {
			s.Fatal(err)
		}
	}
}

// close ends the connection in order.
func (s *stage) close() {
	s.Helper()
	s.send(s.client, s.server, string(make([]byte, 5000)))
	s.send(s.server, s.client, string(make([]byte, 5000)))
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		if err := c.CloseWrite(); err != nil {
			s.Fatal(err)
		}
	}
	for _, c := range []*mptcp.Conn{s.client, s.server} {
		if n, err := io.Copy(io.Discard, c); n != 0 || err != nil {
			s.Fatal(n, err)
		}
	}
}

func (s *stage) both() { s.second(); s.close() }

func (s *stage) alone() { time.Sleep(50 * time.Millisecond); s.close() }

// query sends what the middlebox alters.
func (s *stage) query() {
	s.send(s.client, s.server, "query")
	s.send(s.server, s.client, "answer")
	s.close()
}

// abort is a connection that is reset.
func (s *stage) abort() {
	s.second()
	if err := s.client.SetLinger(0); err != nil {
		s.Fatal(err)
	}
	s.client.Close()
	if _, err := s.server.Read(make([]byte, 1)); err == nil || err == io.EOF {
		s.Fatal(err)
	}
}

// ip runs `ip mptcp endpoint`.
func (s *stage) ip(host string, words ...string) {
	s.Helper()
	command := s.network.Host(host).Command("ip", slices.Concat([]string{"mptcp", "endpoint"}, words)...)
	if out, err := command.CombinedOutput(); err != nil {
		s.Fatalf("%v: %s", err, out)
	}
	time.Sleep(50 * time.Millisecond)
}

func (s *stage) priority() {
	needs(s.T, "ip")
	s.second()
	s.ip("client", "change", "id", "1", "nobackup")
	s.ip("client", "change", "id", "1", "backup")
	s.close()
}

func (s *stage) withdraw() {
	needs(s.T, "ip")
	s.second()
	s.ip("server", "delete", "id", "7")
	s.close()
}

// needs ends a test for want of a program.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		missing(t, err)
	}
}
