package fullscreen

import (
	"os"
	"os/signal"
	"runtime"

	"golang.org/x/sys/unix"
)

// listen begins to handle the signals that concern the terminal.
func (t *Terminal) listen() {
	t.signals = make(chan os.Signal, 8)
	signal.Notify(t.signals, unix.SIGWINCH, unix.SIGTSTP, unix.SIGCONT, unix.SIGQUIT)
	t.Go(func() {
		for {
			select {
			case received := <-t.signals:
				t.handle(received)
			case <-t.ended:
				return
			}
		}
	})
}

func (t *Terminal) handle(received os.Signal) {
	switch received {
	case unix.SIGTSTP:
		t.suspend()
	case unix.SIGCONT:
		t.resume()
	case unix.SIGWINCH:
		t.redraw()
	case unix.SIGQUIT:
		// Go's own answer is to print all goroutines: readable on a terminal that
		// is as it was.
		t.leave(closed)
		signal.Reset(unix.SIGQUIT)
		raise(unix.SIGQUIT)
	}
}

// suspend stops this program as the terminal asked it to, until somebody continues
// it. Nobody would if whoever started it is of another session. (SIGTSTP itself would
// know, but Go does not let go of it once it was heard: runtime.sigdisable.)
func (t *Terminal) suspend() {
	parent, err := unix.Getsid(unix.Getppid())
	own, _ := unix.Getsid(0)
	if err != nil || parent != own {
		return
	}
	t.leave(outside)
	raise(unix.SIGSTOP)
	t.resume()
}

// raise sends a signal to the calling thread, so that it has been delivered when
// raise returns.
func raise(number unix.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), number)
}

// resume takes the screen again. In the background that stops the program until it
// is in the foreground.
func (t *Terminal) resume() {
	if t.enter() == nil {
		t.redraw()
	}
}

// redraw asks for all to be drawn anew. Where keys wait, whoever reads them will
// draw anyway, after a change that is known by then.
func (t *Terminal) redraw() {
	select {
	case t.keys <- Redraw:
	default:
	}
}
