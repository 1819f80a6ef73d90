package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// terminal gives a command that runs elsewhere this process's standard files; and
// where its input is a terminal, one that the command can control, since it cannot
// have a terminal of another session. What is typed and shown is copied.
type terminal struct {
	files    [3]*os.File
	controls int // which of the files is the command's terminal, -1: none

	master, slave *os.File
	saved         *term.State
	shown         chan struct{} // closed when there is no more to show
	restore       sync.Once
}

func openTerminal() (*terminal, error) {
	t := &terminal{files: [3]*os.File{os.Stdin, os.Stdout, os.Stderr}, controls: -1}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return t, nil
	}
	var err error
	if t.master, t.slave, err = pty.Open(); err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	t.controls, t.shown = 0, make(chan struct{})
	for i, file := range t.files {
		if term.IsTerminal(int(file.Fd())) {
			t.files[i] = t.slave
		}
	}
	_ = pty.InheritSize(os.Stdin, t.master)
	return t, nil
}

// begin is called when the command has the files.
func (t *terminal) begin() {
	if t.slave == nil {
		return
	}
	t.slave.Close()
	t.slave = nil
	t.saved, _ = term.MakeRaw(int(os.Stdin.Fd()))
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	go func() {
		for range resized {
			_ = pty.InheritSize(os.Stdin, t.master)
		}
	}()
	go func() { _, _ = io.Copy(t.master, os.Stdin) }()
	go func() {
		_, _ = io.Copy(os.Stdout, t.master) // It ends with an error when nobody has the terminal.
		close(t.shown)
	}()
}

// lastWords is how long what a command has written may take to be shown, when
// another that it left behind has the terminal still.
const lastWords = 200 * time.Millisecond

// end shows what the command has written up to its end.
func (t *terminal) end() {
	if t.saved == nil {
		return
	}
	select {
	case <-t.shown:
	case <-time.After(lastWords):
	}
	t.restore.Do(func() { _ = term.Restore(int(os.Stdin.Fd()), t.saved) })
}

func (t *terminal) close() {
	t.end()
	for _, file := range []*os.File{t.slave, t.master} {
		if file != nil {
			file.Close()
		}
	}
}
