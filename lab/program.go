package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Command is a program to be run in a host. Its fields, and the methods that are
// not here, are those of exec.Cmd.
type Command struct {
	*exec.Cmd
	host *Host
}

// Command returns a command that runs a program in the host. The program ends
// with this process, however that ends, which sends it SIGKILL; it does not end
// with the lab.
func (h *Host) Command(name string, args ...string) *Command {
	return &Command{exec.Command(name, args...), h}
}

// Start starts the program, as exec.Cmd.Start does.
func (c *Command) Start() error {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error, 1)
	go func() {
		// The death signal comes when the thread ends that started the program.
		err := c.host.Run(func() error {
			err := c.Cmd.Start()
			started <- err
			if err == nil {
				awaitEnd(c.Process.Pid)
			}
			return err
		})
		if err != nil {
			started <- err
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s in %s: %w", c.Args[0], c.host.Name, reason(err))
	}
	return nil
}

// reason leaves the words of exec out that name the program once more.
func reason(err error) error {
	if named := (*exec.Error)(nil); errors.As(err, &named) {
		return named.Err
	}
	return err
}

// awaitEnd waits until a child has ended, and leaves its exit code to whoever
// asks.
func awaitEnd(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// Run starts the program and waits for its end, as exec.Cmd.Run does.
func (c *Command) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the program and returns its standard output.
func (c *Command) Output() ([]byte, error) {
	var out writer
	c.Stdout = &out
	err := c.Run()
	return out, err
}

// CombinedOutput runs the program and returns what it wrote to both its outputs.
func (c *Command) CombinedOutput() ([]byte, error) {
	var out writer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out, err
}

type writer []byte

func (w *writer) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// Dial connects from the host, as net.Dialer does from here. The address is a
// numeric one: a host has no name service.
func (h *Host) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.Run(func() (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen listens in the host, as net.Listen does here. The address is a numeric
// one.
func (h *Host) Listen(ctx context.Context, network, address string) (listener net.Listener, err error) {
	err = h.Run(func() (err error) {
		listener, err = new(net.ListenConfig).Listen(ctx, network, address)
		return err
	})
	return listener, err
}
