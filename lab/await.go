package lab

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ReadyConfig says when a process is ready: when all that is given here is so.
type ReadyConfig struct {
	Listen  uint16        `yaml:"listen,omitempty" json:"listen,omitempty"`   // the host has a TCP socket that listens on this port
	Output  string        `yaml:"output,omitempty" json:"output,omitempty"`   // the process has written this text
	Command []string      `yaml:"command,omitempty" json:"command,omitempty"` // this command has the exit code 0; it is tried again until then
	Within  time.Duration `yaml:"within,omitempty" json:"within,omitempty"`   // 0: 10 seconds
}

const (
	defaultWithin = 10 * time.Second
	readyPoll     = 5 * time.Millisecond
)

func (r *ReadyConfig) validate() error {
	switch {
	case r == nil:
		return nil
	case r.Within < 0:
		return fmt.Errorf("ready: within %v: not a time span", r.Within)
	case r.Listen == 0 && r.Output == "" && len(r.Command) == 0:
		return errors.New("ready: none of listen, output and command")
	case len(r.Command) > 0 && r.Command[0] == "":
		return errors.New("ready: command: no program")
	}
	return nil
}

// awaitReady waits until the process is ready, has ended, or takes too long.
func (p *Process) awaitReady(ctx context.Context) error {
	ready := p.config.Ready
	if ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(ready.Within, defaultWithin),
		fmt.Errorf("not ready within %v", cmp.Or(ready.Within, defaultWithin)))
	defer cancel()
	for {
		is, err := p.isReady(ctx, ready)
		if is || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.ended:
			return fmt.Errorf("it ended before it was ready: %s", endOf(p.err))
		case <-time.After(readyPoll):
		}
	}
}

func (p *Process) isReady(ctx context.Context, ready *ReadyConfig) (bool, error) {
	if ready.Output != "" && !strings.Contains(p.output.String(), ready.Output) {
		return false, nil
	}
	if ready.Listen != 0 {
		if listens, err := p.host.listens(ready.Listen); !listens || err != nil {
			return false, err
		}
	}
	if len(ready.Command) == 0 {
		return true, nil
	}
	check := p.host.Command(ready.Command[0], ready.Command[1:]...)
	check.Env = p.command.Env
	if err := check.Start(); err != nil {
		return false, err
	}
	stop := context.AfterFunc(ctx, func() { _ = check.Process.Kill() })
	defer stop()
	return check.Wait() == nil, nil
}

// listens reports whether a TCP socket of the host, or one of MPTCP, listens on a
// port.
func (h *Host) listens(port uint16) (found bool, err error) {
	err = h.Run(func() error {
		for _, table := range []string{"tcp", "tcp6"} {
			text, err := os.ReadFile("/proc/thread-self/net/" + table)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("read sockets of %s: %w", h.Name, err)
			}
			found = found || listening(text, port)
		}
		return nil
	})
	return found, err
}

// listening looks for a port in a table of proc_net_tcp(5): the second column is
// the local address, the fourth the state, 0A for LISTEN.
func listening(table []byte, port uint16) bool {
	for line := range bytes.Lines(table) {
		columns := strings.Fields(string(line))
		if len(columns) < 4 || columns[3] != "0A" {
			continue
		}
		_, digits, _ := strings.Cut(columns[1], ":")
		if number, err := strconv.ParseUint(digits, 16, 16); err == nil && uint16(number) == port {
			return true
		}
	}
	return false
}
