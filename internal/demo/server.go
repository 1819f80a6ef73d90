package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// server receives what one client sends.
type server struct {
	listener *mptcp.Listener
	done     chan outcome
}

type outcome struct {
	received *digest
	err      error
}

// digest counts bytes and sums them up, to compare what was sent with what came.
type digest struct {
	hash hash.Hash
	n    uint64
}

func newDigest() *digest { return &digest{hash: sha256.New()} }

func (d *digest) Write(b []byte) (int, error) {
	d.n += uint64(len(b))
	return d.hash.Write(b)
}

func (d *digest) sum() [sha256.Size]byte { return [sha256.Size]byte(d.hash.Sum(nil)) }

// serve starts listening in the host, at every address of target's family.
func serve(ctx context.Context, host *lab.Host, target netip.AddrPort) (*server, error) {
	anywhere := netip.IPv4Unspecified()
	if target.Addr().Is6() {
		anywhere = netip.IPv6Unspecified()
	}
	s := &server{done: make(chan outcome, 1)}
	err := host.Run(func() (err error) {
		s.listener, err = mptcp.Listen(ctx, netip.AddrPortFrom(anywhere, target.Port()))
		return err
	})
	if err != nil {
		return nil, err
	}
	go func() { s.done <- s.receive(ctx) }()
	return s, nil
}

// receive takes one connection and reads it to its end.
func (s *server) receive(ctx context.Context) outcome {
	conn, err := s.listener.Accept()
	if err != nil {
		return outcome{err: err}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	received := newDigest()
	if _, err := io.CopyBuffer(received, onlyReader{conn}, make([]byte, 256<<10)); err != nil {
		return outcome{err: fmt.Errorf("receive: %w", err)}
	}
	return outcome{received: received}
}

// onlyReader hides what else a connection can do, so that the copy uses the
// buffer it is given.
type onlyReader struct{ io.Reader }

// receiveWait is how long the rest of the data may take when the client has
// closed.
const receiveWait = 10 * time.Second

func (s *server) wait(ctx context.Context) (*digest, error) {
	select {
	case o := <-s.done:
		return o.received, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(receiveWait):
		return nil, fmt.Errorf("receive: the server's data did not end within %v of the client's", receiveWait)
	}
}

func (s *server) close() { s.listener.Close() }
