package fullscreen

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
)

// Terminal is a terminal of which this program has the whole screen. Its methods may
// be called from several goroutines.
type Terminal struct {
	in, out *os.File
	keys    chan Key
	wake    [2]*os.File // a pipe that ends the reader
	signals chan os.Signal
	ended   chan struct{} // by Close
	once    sync.Once

	mu      sync.Mutex
	state   state
	saved   *settings // from before
	painter painter
}

type state int

const (
	outside state = iota // the screen is another's
	inside
	closed
)

// What is written to have the screen, and to give it back: the alternate screen,
// without a cursor. Another program may have left a style.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[0m\x1b[2J"
	leaveScreen = "\x1b[0m\x1b[2J\x1b[?25h\x1b[?1049l"
)

// Open takes the screen of the terminal that both files are. Close gives it back.
//
// Meanwhile SIGWINCH, SIGTSTP, SIGCONT and SIGQUIT are handled here. Signals that
// end the program are left to it: it has to call Close.
func Open(in, out *os.File) (*Terminal, error) {
	t := &Terminal{in: in, out: out, keys: make(chan Key, 64), ended: make(chan struct{})}
	t.painter.ascii = !Unicode()
	t.painter.colorless = os.Getenv("NO_COLOR") != ""
	var err error
	if t.wake[0], t.wake[1], err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	t.listen()
	if err := t.enter(); err != nil {
		t.Close()
		t.wake[0].Close()
		return nil, err
	}
	t.Go(t.read)
	return t, nil
}

// Keys are those that are typed, Redraw and Gone.
func (t *Terminal) Keys() <-chan Key { return t.keys }

// Size is the present number of columns and rows.
func (t *Terminal) Size() (width, height int) { return readSize(t.out) }

// Show makes the screen show a grid, and writes only what has changed. While the
// screen is not this program's, nothing is written.
func (t *Terminal) Show(g *Grid) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state != inside {
		return nil
	}
	return t.write(t.painter.paint(g))
}

// Refresh has the next Show write everything.
func (t *Terminal) Refresh() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.painter.shown = nil
}

// Close gives the terminal back as it was. It may be called again.
func (t *Terminal) Close() error {
	err := t.leave(closed)
	t.once.Do(func() {
		signal.Stop(t.signals)
		close(t.ended)
		t.wake[1].Close()
	})
	return err
}

// Go runs fn in a goroutine. If it panics, the terminal is given back before the
// program ends with that: the end does not run what other goroutines have deferred.
func (t *Terminal) Go(fn func()) {
	go func() {
		returned := false
		defer func() {
			if !returned {
				t.leave(closed)
			}
		}()
		fn()
		returned = true
	}()
}
