package rewrite

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Start starts a program as os.StartProcess does, with all its sockets seen from the
// first on. The calling process becomes its parent. Nothing of ours is in the program
// but the filter, and that it is traced (TracerPid, Seccomp in /proc/PID/status).
func Start(path string, argv []string, attr *os.ProcAttr, o Options) (*Process, error) {
	if !supported {
		return nil, fmt.Errorf("start %s: %w", path, ErrNotSupported)
	}
	started := make(chan error)
	p := &Process{
		ended: make(chan struct{}), drained: make(chan struct{}), stops: make(chan unix.Signal, 1),
	}
	go func() {
		// Never unlocked: the thread has the filter, and ends with its goroutine.
		runtime.LockOSThread()
		t := &tracer{Options: o, process: p, tasks: map[int]*task{}, early: map[int]bool{}}
		err := t.start(path, argv, attr)
		started <- err
		if err == nil {
			p.err = t.serve()
		}
		close(p.drained)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (t *tracer) start(path string, argv []string, attr *os.ProcAttr) error {
	installed, err := Filter().Trace()
	if err != nil {
		return err
	}
	t.process.NoNewPrivs = installed.NoNewPrivs
	process, err := os.StartProcess(path, argv, traced(attr))
	if err != nil {
		return explain(err)
	}
	t.process.process, t.process.pid = process, process.Pid
	if err := t.seize(process.Pid); err != nil {
		process.Kill()
		process.Wait()
		return fmt.Errorf("trace %s: %w", path, err)
	}
	return nil
}

// traced makes the new process ask for its tracer before it executes the program.
func traced(attr *os.ProcAttr) *os.ProcAttr {
	with := *attr
	with.Sys = &syscall.SysProcAttr{}
	if attr.Sys != nil {
		*with.Sys = *attr.Sys
	}
	with.Sys.Ptrace = true
	return &with
}

// seize replaces the attachment that a child asks for itself, under which nothing can
// be stopped by job control, by the newer one, which can only be had for a process that
// is there already. In between the child cannot go on: it is let go with SIGSTOP in
// the place of the SIGTRAP that ends the execution of a program, and so stops before
// its first instruction. The SIGCONT that ends this has no effect on a program that
// has not begun, unless it blocks that signal: then it is unblocked and swallowed.
//
// What is left is some 1 µs, between the child's ptrace() and its execve(), in which any
// signal but SIGKILL stops the child while this thread waits for that execve() (vfork)
// and cannot let it go on: both hang until the child is killed. Whoever forwards signals
// has no PID to send them to yet; those of a terminal can hit it.
func (t *tracer) seize(pid int) error {
	_, status, err := wait(pid)
	if err != nil {
		return os.NewSyscallError("wait", err)
	}
	if !status.Stopped() { // killed already
		t.handle(pid, status)
		return nil
	}
	if err := ptrace(unix.PTRACE_DETACH, pid, 0, uintptr(unix.SIGSTOP)); err != nil && err != unix.ESRCH {
		return os.NewSyscallError("ptrace detach", err)
	}
	// EPERM and ESRCH are what a process gets that is being killed, too.
	if err := ptrace(unix.PTRACE_SEIZE, pid, 0, options); err != nil && !t.gone(pid) {
		return fmt.Errorf("ptrace seize: %w: a program that its user may execute but not read cannot be traced without root", err)
	}
	// Should anybody have sent SIGCONT in between, it is stopped all the same.
	_ = ptrace(unix.PTRACE_INTERRUPT, pid, 0, 0)
	return t.release(pid)
}

// gone reports whether the program ends before it has begun, and leaves that to be
// waited for. What was let go with SIGSTOP stops, or ends.
func (t *tracer) gone(pid int) bool {
	const stopped = 5 // CLD_STOPPED
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT|unix.WALL, nil)
	return err == nil && info.Code != stopped
}

// release ends the stop that seize made.
func (t *tracer) release(pid int) error {
	_, status, err := wait(pid)
	if err != nil {
		return os.NewSyscallError("wait", err)
	}
	if !status.Stopped() {
		t.handle(pid, status)
		return nil
	}
	t.task(pid).announced = true
	mask := unblock(pid, unix.SIGCONT)
	unix.Kill(pid, unix.SIGCONT)
	for status.Stopped() && uint32(status)>>16 == unix.PTRACE_EVENT_STOP {
		t.resume(pid, unix.PTRACE_CONT, 0)
		if _, status, err = wait(pid); err != nil {
			return os.NewSyscallError("wait", err)
		}
	}
	mask.restore(pid)
	if status.Stopped() && status.StopSignal() == unix.SIGCONT {
		t.resume(pid, unix.PTRACE_CONT, 0)
		return nil
	}
	t.handle(pid, status) // somebody else's signal was first
	return nil
}
