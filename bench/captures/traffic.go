package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"allroads/lab"
	"allroads/mptcp"

	"golang.org/x/sync/errgroup"
)

// Sizes of a short connection: a request, and an answer that takes some packets.
const (
	request = 200
	answer  = 12_000
)

// atOnce is how many short connections there are at a time.
const atOnce = 16

func (p *plan) traffic(ctx context.Context, network *lab.Lab, r *recording) error {
	var listener *mptcp.Listener
	err := network.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(ctx, netip.AddrPortFrom(netip.IPv4Unspecified(), 4321))
		return err
	})
	if err != nil {
		return err
	}
	defer listener.Close()
	go serve(listener)
	if p.connections > 0 {
		return p.short(ctx, network.Host("client"))
	}
	return p.bulk(ctx, network.Host("client"), r)
}

// serve answers requests, and takes all that comes besides.
func serve(listener *mptcp.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			if _, err := io.ReadFull(conn, make([]byte, request)); err != nil {
				return
			}
			if _, err := conn.Write(make([]byte, answer)); err == nil {
				_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, conn, make([]byte, 1<<20))
			}
		}()
	}
}

// connect connects from a host, asks and reads the answer.
func connect(ctx context.Context, host *lab.Host) (conn *mptcp.Conn, err error) {
	err = host.Run(func() (err error) {
		conn, err = new(mptcp.Dialer).Dial(ctx, netip.AddrPortFrom(address(0, 1), 4321))
		return err
	})
	if err != nil {
		return nil, err
	}
	_, err = conn.Write(make([]byte, request))
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, answer))
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (p *plan) short(ctx context.Context, host *lab.Host) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for range p.connections {
		group.Go(func() error {
			conn, err := connect(ctx, host)
			if err != nil {
				return err
			}
			defer conn.Close()
			if err := conn.CloseWrite(); err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, conn) // until the server has closed
			return err
		})
	}
	return group.Wait()
}

// bulk sends until enough packets are written.
func (p *plan) bulk(ctx context.Context, host *lab.Host, r *recording) error {
	conn, err := connect(ctx, host)
	if err != nil {
		return err
	}
	defer conn.Close()
	sent := make(chan error, 1)
	go func() {
		block := make([]byte, 256<<10)
		for {
			if _, err := conn.Write(block); err != nil {
				sent <- err
				return
			}
		}
	}()
	for r.written.Load() < p.packets {
		select {
		case err := <-sent:
			return err
		case <-time.After(time.Millisecond):
		}
	}
	_ = conn.SetWriteDeadline(time.Now())
	if err := <-sent; !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		return err
	}
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn)
	return err
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
