package rewrite

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// tracer lives on one thread of the system, since the kernel takes requests from no
// other than the one that is attached.
type tracer struct {
	Options
	process *Process
	tasks   map[int]*task
	early   map[int]bool // have ended before their makers told of them
}

// task is a thread of the program or of its children.
type task struct {
	call   *call // between its beginning and its end
	failed *call // is to happen again
	// announced: the event of its maker has come, which can be after its end.
	announced bool
}

// serve goes on until nothing is traced any more.
func (t *tracer) serve() error {
	for {
		tid, status, err := wait(-1)
		switch err {
		case nil:
			t.handle(tid, status)
		case unix.ECHILD:
			return nil
		default:
			return fmt.Errorf("wait for traced tasks: %w", err)
		}
	}
}

// wait waits for children and tracees of this thread alone (__WNOTHREAD): those which
// other parts of this process have started are none of them.
func wait(tid int) (int, unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(tid, &status, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return tid, status, err
		}
	}
}

// syscallStop is what PTRACE_O_TRACESYSGOOD makes of the end of a call.
const syscallStop = unix.SIGTRAP | 0x80

func (t *tracer) handle(tid int, status unix.WaitStatus) {
	if status.Exited() || status.Signaled() {
		t.end(tid, status)
		return
	}
	k := t.task(tid)
	switch event, signal := int(uint32(status)>>16), status.StopSignal(); {
	case event == unix.PTRACE_EVENT_SECCOMP:
		t.picked(tid, k)
	case event == unix.PTRACE_EVENT_STOP && signal != unix.SIGTRAP:
		t.process.stopped(tid, signal)
		t.resume(tid, unix.PTRACE_LISTEN, 0)
	case event == unix.PTRACE_EVENT_EXEC:
		t.executed(tid)
	case event == unix.PTRACE_EVENT_FORK || event == unix.PTRACE_EVENT_VFORK || event == unix.PTRACE_EVENT_CLONE:
		t.born(tid)
	case event != 0:
		t.resume(tid, unix.PTRACE_CONT, 0)
	case signal == syscallStop:
		t.ended(tid, k)
	default: // with the signal it keeps its siginfo
		t.resume(tid, unix.PTRACE_CONT, int(signal))
	}
}

// resume: that a task is gone shows at the next wait.
func (t *tracer) resume(tid, how, signal int) { _ = ptrace(how, tid, 0, uintptr(signal)) }

// task returns what is known of a task, whose first stop may come before its maker's.
func (t *tracer) task(tid int) *task {
	k := t.tasks[tid]
	if k == nil {
		k = new(task)
		t.tasks[tid] = k
		t.process.tasks.Store(int64(len(t.tasks)))
	}
	return k
}

// executed: a thread that executes a program becomes the only one of its process, and
// gets its number; under the old one nothing is ever heard of it again.
func (t *tracer) executed(tid int) {
	if former, ok := eventMessage(tid); ok && former != tid {
		t.forget(former)
	}
	*t.task(tid) = task{announced: true}
	t.resume(tid, unix.PTRACE_CONT, 0)
}

// born: a task counts from its maker's event on, lest a daemon is missed when its
// program ends at once.
func (t *tracer) born(maker int) {
	if tid, ok := eventMessage(maker); ok && !t.early[tid] {
		t.task(tid).announced = true
	} else {
		delete(t.early, tid)
	}
	t.resume(maker, unix.PTRACE_CONT, 0)
}

func (t *tracer) end(tid int, status unix.WaitStatus) {
	if k := t.tasks[tid]; k == nil || !k.announced {
		t.early[tid] = true
	}
	t.forget(tid)
	if tid == t.process.pid {
		t.process.finish(status)
	}
}

func (t *tracer) forget(tid int) {
	delete(t.tasks, tid)
	t.process.tasks.Store(int64(len(t.tasks)))
}
