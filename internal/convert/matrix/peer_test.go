package matrix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// serve answers one client that does MPTCP, holds the connection, and sends what came of it.
func serve(host *lab.Host, at netip.AddrPort, hold func() error) (<-chan error, error) {
	var listener *mptcp.Listener
	if err := host.Run(func() (err error) {
		listener, err = mptcp.Listen(context.Background(), at)
		return err
	}); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		defer listener.Close()
		_ = listener.SetDeadline(time.Now().Add(patience))
		conn, err := listener.Accept()
		if err != nil {
			done <- err
			return
		}
		done <- talk(conn, "ping\n", "pong\n", hold)
	}()
	return done, nil
}

// call is the other way round.
func call(host *lab.Host, to netip.AddrPort, hold func() error) error {
	var conn *mptcp.Conn
	if err := host.Run(func() (err error) {
		conn, err = (&mptcp.Dialer{Timeout: patience}).Dial(context.Background(), to)
		return err
	}); err != nil {
		return err
	}
	return talk(conn, "pong\n", "ping\n", hold)
}

// talk hears one thing, says another, and demands that the connection is MPTCP.
func talk(conn *mptcp.Conn, hear, say string, hold func() error) error {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	heard := make([]byte, len(hear))
	if _, err := io.ReadFull(conn, heard); err != nil || string(heard) != hear {
		return fmt.Errorf("heard %q: %w", heard, err)
	}
	status, err := conn.Status()
	if err == nil && status.Kind != mptcp.KindMPTCP {
		err = fmt.Errorf("the connection is %v", status)
	}
	if err == nil {
		err = hold()
	}
	_, wrong := conn.Write([]byte(say))
	return errors.Join(err, wrong)
}
