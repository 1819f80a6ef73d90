package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Command is a command to run in a host of a lab.
type Command struct {
	Host     string
	Path     string      // the program's
	Words    []string    // its name and its arguments
	Files    [3]*os.File // its standard files
	Terminal int         // which of them is to control it, -1: none
	Signals  <-chan os.Signal
}

// Exec runs a command in a host and returns its exit code, 128 and N when signal
// N ended it. started is called when it runs. The command has this process's
// working directory and environment, and ends with this process.
func Exec(ctx context.Context, name string, command *Command, started func()) (code int, err error) {
	c, err := dial(ctx, name)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if code, err = c.exec(command, started); err != nil {
		return 0, fmt.Errorf("lab %s: %w", name, err)
	}
	return code, nil
}

func (c *conn) exec(command *Command, started func()) (code int, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	err = c.open(&request{Op: "exec", Exec: &execRequest{
		Host: command.Host, Path: command.Path, Command: command.Words, Dir: dir, Env: os.Environ(), Terminal: command.Terminal,
	}}, command.Files[:]...)
	if err != nil {
		return 0, ended(err)
	}
	running, done := make(chan struct{}), make(chan struct{})
	defer close(done)
	go c.passSignals(command.Signals, running, done)
	if _, err = c.answer(); err != nil {
		return 0, err
	}
	close(running)
	started()
	answer, err := c.answer()
	if err == nil && answer.Exit == nil {
		err = errors.New("no exit code")
	}
	if err != nil {
		return 0, err
	}
	return *answer.Exit, nil
}

// passSignals hands signals to the command; one that does not even begin to run is
// not waited for after one.
func (c *conn) passSignals(signals <-chan os.Signal, running, done <-chan struct{}) {
	for {
		select {
		case s := <-signals:
			_ = c.send(word{Signal: int(s.(syscall.Signal))})
			time.AfterFunc(hangupWait, func() {
				select {
				case <-running:
				default:
					c.close()
				}
			})
		case <-done:
			return
		}
	}
}

// Captured is what a capture has come to.
type Captured struct {
	Packets, Dropped uint64
}

// Capture writes the packets of links, or of all, to a file as pcapng until ctx
// ends. report is called now and then, first when it has begun.
func Capture(ctx context.Context, name string, links []string, file *os.File, report func(Captured)) (*Captured, error) {
	c, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.open(&request{Op: "capture", Capture: links}, file); err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, ended(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = c.send(word{}) })
	defer stop()
	for {
		r, err := c.answer()
		if err != nil {
			return nil, fmt.Errorf("lab %s: %w", name, err)
		}
		captured := Captured{r.Packets, r.Dropped}
		if r.Done {
			return &captured, nil
		}
		report(captured)
	}
}
