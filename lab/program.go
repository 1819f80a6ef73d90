package lab

import (
	"context"
	"fmt"
	"net"
	"os/exec"
)

// Start starts a program in the host, as cmd.Start does here. The program is
// waited for with cmd.Wait, as always; it is not ended with the lab. Do not give
// cmd a death signal (Pdeathsig): it would come at once, since it is sent when
// the thread ends that started the program.
func (h *Host) Start(cmd *exec.Cmd) error {
	if err := h.Do(cmd.Start); err != nil {
		return fmt.Errorf("start %s in %s: %w", cmd.Path, h.Name, err)
	}
	return nil
}

// Run starts a program in the host and waits for its end, as cmd.Run does here.
func (h *Host) Run(cmd *exec.Cmd) error {
	if err := h.Start(cmd); err != nil {
		return err
	}
	return cmd.Wait()
}

// Dial connects from the host, as net.Dialer does from here. The address is a
// numeric one: a host has no name service.
func (h *Host) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.Do(func() (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen listens in the host, as net.Listen does here. The address is a numeric
// one.
func (h *Host) Listen(ctx context.Context, network, address string) (listener net.Listener, err error) {
	err = h.Do(func() (err error) {
		listener, err = new(net.ListenConfig).Listen(ctx, network, address)
		return err
	})
	return listener, err
}
