package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"allroads/lab"
)

// transfer is a send being played.
type transfer struct {
	player  *player
	step    *lab.ScenarioStep
	config  *lab.SendConfig
	content *content

	sent, received *tally

	mu    sync.Mutex
	ends  [2]*net.TCPConn // client, server; nil: not there yet, or closed
	mptcp *bool           // the kernel's last word, nil: it was not asked
	ended bool            // whatever came of it
	err   error           // what came in between
}

func newTransfer(p *player, s *lab.ScenarioStep, number uint64) *transfer {
	return &transfer{
		player: p, step: s, config: s.Send,
		content: newContent(s.Send.Text, p.network.Topology.Seed, number),
		sent:    newTally(), received: newTally(),
	}
}

// do makes the connection, sends, and returns when all has arrived or something
// has come in between.
func (t *transfer) do(ctx context.Context) error {
	server, err := t.player.servers.at(ctx, t.player.network.Host(t.config.To), t.config.Address)
	if err != nil {
		t.end(err)
		return err // Nothing was tried: that is not what anybody expects.
	}
	err = t.exchange(ctx, server)
	t.ask()
	t.end(err)
	t.close(err == nil)
	if t.player.decides(t.step.Name, "delivered", "intact") {
		return nil
	}
	if err == nil && !t.same() {
		err = t.damage()
	}
	return err
}

func (t *transfer) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended, t.err = true, err
}

func (t *transfer) damage() error {
	if sent, received := t.sent.count(), t.received.count(); sent != received {
		return fmt.Errorf("%d of %d bytes arrived", received, sent)
	}
	return errors.New("other bytes arrived than were sent")
}

// exchange is the connection's life up to its end, without closing. The first
// error ends both sides.
func (t *transfer) exchange(ctx context.Context, server *server) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	call, err := t.dial(ctx, server)
	if err != nil {
		return err
	}
	defer server.forget(call.port)
	stop := context.AfterFunc(ctx, func() { _ = call.client.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	t.set(clientEnd, call.client)
	var first sync.Once
	var both sync.WaitGroup
	for _, side := range []func() error{
		func() error { return t.send(ctx, call.client) },
		func() error { return t.receive(ctx, call.arrival) },
	} {
		both.Go(func() {
			if failed := side(); failed != nil {
				first.Do(func() { err = failed })
				cancel(failed)
			}
		})
	}
	both.Wait()
	return err
}

const (
	clientEnd = iota
	serverEnd
)

// receive takes the connection and reads it to its end.
func (t *transfer) receive(ctx context.Context, arrival <-chan *net.TCPConn) (err error) {
	defer func() { t.received.end(err == nil) }()
	var conn *net.TCPConn
	select {
	case conn = <-arrival:
	case <-ctx.Done():
		return fmt.Errorf("no connection arrived in %s: %w", t.config.To, context.Cause(ctx))
	}
	t.set(serverEnd, conn)
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for b := make([]byte, 256<<10); ; {
		n, err := conn.Read(b)
		if n > 0 {
			t.received.add(b[:n])
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return interrupted(ctx, "receive", err)
		}
	}
}

// interrupted says why a socket's call has ended.
func interrupted(ctx context.Context, what string, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// intact reports whether all was sent that was to be, and has arrived unharmed.
func (t *transfer) intact() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended && t.err == nil && t.same()
}

func (t *transfer) same() bool {
	return t.sent.count() == t.received.count() && t.sent.sum() == t.received.sum()
}
