package netcat

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// runDirect gives the program the socket.
func (s *session) runDirect(ctx context.Context) error {
	socket, err := s.conn.File()
	if err != nil {
		return fmt.Errorf("give the connection to %s: %w", s.Program.Args[0], err)
	}
	defer socket.Close()
	cmd := s.command()
	cmd.Stdin, cmd.Stdout = socket, socket
	// Programs do not expect a socket that does not block; nor does this process
	// touch it as long as they have it.
	if err := setBlocking(socket, true); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if s.NoPath > 0 {
		go s.watchPaths(ctx, cancel)
	}
	ended, err := start(cmd)
	if err == nil {
		select {
		case err = <-ended:
		case <-ctx.Done():
			kill(cmd, ended)
			err = context.Cause(ctx)
		}
	}
	_ = s.conn.CloseWrite() // A program that has ended says no more.
	if failed := setBlocking(socket, false); err == nil {
		err = failed
	}
	return err
}

func setBlocking(file *os.File, blocking bool) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.SetNonblock(int(fd), !blocking) }); err != nil {
		return err
	}
	return os.NewSyscallError("fcntl", failed)
}
