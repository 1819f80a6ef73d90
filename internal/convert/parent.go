package convert

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// parent waits for a program in the place of whoever started us: signals for us go to
// it, and when it stops for the sake of the terminal, so do we.
type parent struct {
	pid     int
	signals chan os.Signal
	report  func() // SIGUSR1
}

// passed go to the program when somebody sends them to us.
var passed = []os.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGALRM, unix.SIGUSR1, unix.SIGUSR2,
}

// shared come from the terminal to all of its foreground, and stop a program that does
// not do something else with them.
var shared = []os.Signal{unix.SIGTSTP, unix.SIGTTIN}

// listen begins to catch signals, before the program starts. What was ignored stays so,
// in the program as well.
func listen(report func()) *parent {
	p := &parent{signals: make(chan os.Signal, 32), report: report}
	ignored := ignoredSignals()
	for _, s := range slices.Concat(passed, shared) {
		if ignored&(1<<(s.(unix.Signal)-1)) == 0 {
			signal.Notify(p.signals, s)
		}
	}
	return p
}

// ignoredSignals reads the set of those that this process ignores (proc(5), SigIgn).
func ignoredSignals() (set uint64) {
	status, _ := os.ReadFile("/proc/self/status")
	if _, rest, found := bytes.Cut(status, []byte("\nSigIgn:\t")); found {
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		set, _ = strconv.ParseUint(string(line), 16, 64)
	}
	return set
}

// wait returns how the program ended. again waits for what becomes of it next.
func (p *parent) wait(pid int, again func() (unix.WaitStatus, error)) (unix.WaitStatus, error) {
	p.pid = pid
	type change struct {
		status unix.WaitStatus
		err    error
	}
	changes := make(chan change)
	go func() {
		for {
			status, err := again()
			changes <- change{status, err}
			if err != nil || !status.Stopped() {
				return
			}
		}
	}()
	for {
		select {
		case s := <-p.signals:
			p.pass(s.(unix.Signal))
		case c := <-changes:
			if c.err != nil || !c.status.Stopped() {
				return c.status, c.err
			}
			p.stop(c.status.StopSignal())
		}
	}
}

// waitFor is the again of a child.
func waitFor(pid int) func() (unix.WaitStatus, error) {
	return func() (status unix.WaitStatus, err error) {
		for {
			_, err = unix.Wait4(pid, &status, unix.WUNTRACED, nil)
			if err != unix.EINTR {
				return status, os.NewSyscallError("wait for the program", err)
			}
		}
	}
}

// pass hands a signal on, but those of the keyboard, which the terminal sends to the
// program, too.
func (p *parent) pass(s unix.Signal) {
	switch {
	case s == unix.SIGUSR1:
		p.report()
	case (s == unix.SIGINT || s == unix.SIGQUIT) && atKeyboard():
	case slices.Contains(shared, os.Signal(s)): // We stop when the program has.
	default:
		_ = unix.Kill(p.pid, s) // It may have ended meanwhile.
	}
}

// atKeyboard reports whether Ctrl-C is for our process group.
func atKeyboard() bool {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// stop stops with the program: a shell's job is us. Nobody would let us go on after a
// SIGSTOP of somebody else.
func (p *parent) stop(s unix.Signal) {
	if s != unix.SIGTSTP && s != unix.SIGTTIN && s != unix.SIGTTOU || !stopped(p.pid) {
		return
	}
	undergo(unix.SIGTSTP) // Has no effect where no shell would continue us.
	_ = unix.Kill(p.pid, unix.SIGCONT)
}

// stopped reads the state of a process (proc(5), /proc/pid/stat).
func stopped(pid int) bool {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	end := bytes.LastIndexByte(stat, ')')
	return end > 0 && bytes.HasPrefix(bytes.ToUpper(stat[end:]), []byte(") T")) // t: its tracer holds it
}
