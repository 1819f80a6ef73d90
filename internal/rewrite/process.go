package rewrite

import (
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Process is a program that runs under the tracer, and its children.
type Process struct {
	pid     int
	process *os.Process
	// NoNewPrivs: set-uid programs and file capabilities have no effect, since the
	// filter was installed without CAP_SYS_ADMIN.
	NoNewPrivs bool

	ended   chan struct{} // closed when status is set
	status  unix.WaitStatus
	over    bool          // ended is closed; of the tracer's thread
	drained chan struct{} // closed when err is set
	err     error
	stops   chan unix.Signal
	tasks   atomic.Int64
}

// PID is the program's.
func (p *Process) PID() int { return p.pid }

// Signal sends a signal to the program; os.ErrProcessDone: it has ended.
func (p *Process) Signal(s os.Signal) error { return p.process.Signal(s) }

// Wait returns how the program itself has ended, be it that children of it live on.
func (p *Process) Wait() (unix.WaitStatus, error) {
	select {
	case <-p.ended:
	case <-p.drained:
	}
	select {
	case <-p.ended:
		return p.status, nil
	default:
		return 0, p.err
	}
}

// Drain returns when the last task is gone. Until then this process has to live.
func (p *Process) Drain() error {
	<-p.drained
	return p.err
}

// Tasks is how many threads there are of the program and its children, of those which
// have been seen.
func (p *Process) Tasks() int { return int(p.tasks.Load()) }

// Stops gives the signals that stop the program's first thread, as Ctrl-Z does. So
// whoever has started it can stop itself when the program has, and not before: a
// program that handles SIGTSTP needs the tracer until it stops in the end. What nobody
// takes in time is dropped.
func (p *Process) Stops() <-chan unix.Signal { return p.stops }

func (p *Process) stopped(tid int, signal unix.Signal) {
	if tid != p.pid {
		return
	}
	select {
	case p.stops <- signal:
	default:
	}
}

// finish is called once: later the number may be another's, a child's even.
func (p *Process) finish(status unix.WaitStatus) {
	if !p.over {
		p.over = true
		p.status = status
		close(p.ended)
	}
}
