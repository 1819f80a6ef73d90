package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal gives a command that runs elsewhere this process's standard files; and
// where its input and output are a terminal, one that the command can control,
// since it cannot have a terminal of another session. What is typed and shown is
// copied.
type terminal struct {
	files    [3]*os.File
	controls int // which of the files is the command's terminal, -1: none

	master, slave *os.File
	saved         *term.State
	ended         chan struct{} // closed when the command has
	shown         chan struct{} // closed when there is no more to show, nil before begin
}

func openTerminal() (*terminal, error) {
	t := &terminal{files: [3]*os.File{os.Stdin, os.Stdout, os.Stderr}, controls: -1}
	// A pipe's other end may be a pager, which needs the terminal for itself.
	if !isTerminal(os.Stdin) || !isTerminal(os.Stdout) {
		return t, nil
	}
	var err error
	if t.master, t.slave, err = pty.Open(); err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	t.controls = 0
	for i, file := range t.files {
		if isTerminal(file) {
			t.files[i] = t.slave
		}
	}
	t.resize()
	return t, nil
}

func isTerminal(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

func (t *terminal) resize() { _ = pty.InheritSize(os.Stdin, t.master) }

// begin is called when the command has the files.
func (t *terminal) begin() {
	if t.slave == nil {
		return
	}
	t.slave.Close()
	t.saved, _ = term.MakeRaw(int(os.Stdin.Fd()))
	t.ended, t.shown = make(chan struct{}), make(chan struct{})
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	t.resize()
	go func() {
		for range resized {
			t.resize()
		}
	}()
	go func() { _, _ = io.Copy(t.master, os.Stdin) }()
	go t.show()
}

// show copies what the command writes until nobody has its terminal any more; or,
// when others that it left behind have it still, until nothing comes after its end.
func (t *terminal) show() {
	defer close(t.shown)
	buffer := make([]byte, 32<<10)
	for t.await() {
		n, err := t.master.Read(buffer)
		if err == nil {
			_, err = os.Stdout.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

// lastWords is how long after a command's end what it has written may take to
// come.
const lastWords = 200 * time.Millisecond

func (t *terminal) await() bool {
	polled := []unix.PollFd{{Fd: int32(t.master.Fd()), Events: unix.POLLIN}}
	for {
		over := t.isOver()
		n, err := unix.Poll(polled, int(lastWords.Milliseconds()))
		switch {
		case n > 0:
			return true
		case err != nil && err != unix.EINTR, err == nil && over:
			return false
		}
	}
}

func (t *terminal) isOver() bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}

// close shows what the command has written up to its end, and gives the terminal
// back.
func (t *terminal) close() {
	if t.shown != nil {
		close(t.ended)
		<-t.shown
	}
	if t.saved != nil {
		_ = term.Restore(int(os.Stdin.Fd()), t.saved)
	}
}
