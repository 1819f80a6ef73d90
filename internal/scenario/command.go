package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"allroads/lab"
)

// command is a run being played.
type command struct {
	player *player
	step   *lab.ScenarioStep
	lab    *lab.Command
	output output
	copied chan struct{} // closed when all output has come

	mu     sync.Mutex
	reader *os.File // of the output; nil: not started
	exit   *int     // nil: it has not ended by itself
}

// Times that a command may take in addition to its own.
const (
	outputWait = 100 * time.Millisecond // for the last of the output, when it has ended
	killWait   = time.Second            // to end, when it is asked to
)

// commandHost is where a command runs: where it says, or in the first host.
func (p *player) commandHost(s *lab.ScenarioStep) string {
	if s.In != "" {
		return s.In
	}
	return p.network.Topology.Hosts[0].Name
}

func newCommand(p *player, s *lab.ScenarioStep, host string) *command {
	c := &command{player: p, step: s, copied: make(chan struct{})}
	c.lab = p.network.Host(host).Command(s.Run[0], s.Run[1:]...)
	// What it starts is in its group, and can be ended with it.
	c.lab.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// do runs the command to its end, or ends it when ctx does.
func (c *command) do(ctx context.Context) error {
	if err := c.start(); err != nil {
		return err
	}
	waited := make(chan error, 1)
	go func() { waited <- c.lab.Wait() }()
	select {
	case err := <-waited:
		return c.finish(err)
	case <-ctx.Done():
	}
	c.signal(syscall.SIGTERM)
	select {
	case <-waited:
	case <-time.After(killWait):
		c.signal(syscall.SIGKILL)
		<-waited
	}
	return context.Cause(ctx)
}

// start starts the command with its output in a pipe that is read here: package
// exec would wait for all who have it open, not only for the command.
func (c *command) start() error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer writer.Close()
	c.lab.Stdout, c.lab.Stderr = writer, writer
	if err := c.lab.Start(); err != nil {
		reader.Close()
		return err
	}
	c.mu.Lock()
	c.reader = reader
	c.mu.Unlock()
	go func() {
		defer close(c.copied)
		_, _ = io.Copy(&c.output, reader) // It ends with end, at the latest.
	}()
	return nil
}

// finish takes note of how the command has ended by itself.
func (c *command) finish(err error) error {
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		return err
	}
	code := exitCode(c.lab.ProcessState)
	c.mu.Lock()
	c.exit = &code
	c.mu.Unlock()
	select {
	case <-c.copied:
	case <-time.After(outputWait):
	}
	return c.judge(code)
}

// judge holds the exit code against the one asked for.
func (c *command) judge(code int) error {
	want := 0
	switch {
	case c.step.Exit != nil:
		want = *c.step.Exit
	case c.player.decides(c.step.Name, "exit"):
		return nil
	}
	if code != want {
		return fmt.Errorf("exit code %d, not %d", code, want)
	}
	return nil
}

// exitCode is 128 and the signal's number when one has killed the process, as
// shells have it.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}

// signal sends a signal to the command and all that it has started.
func (c *command) signal(signal syscall.Signal) {
	_ = syscall.Kill(-c.lab.Process.Pid, signal)
}

// end kills what the command has left, if it was started. It has ended itself.
func (c *command) end() {
	c.mu.Lock()
	reader := c.reader
	c.mu.Unlock()
	if reader == nil {
		return
	}
	c.signal(syscall.SIGKILL)
	// Who has left the group may have the output open still.
	select {
	case <-c.copied:
	case <-time.After(outputWait):
	}
	reader.Close()
	<-c.copied
}

func (c *command) complete(s *Step) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Exit, s.Output = c.exit, c.output.String()
}
