package convert

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"allroads/internal/hook/cgroup"
	"allroads/internal/notify"
	"allroads/internal/rewrite"
	"allroads/internal/tally"
)

func (r *run) notify() (*session, error) {
	var busy sync.Mutex
	o := notify.Options{
		Require: r.Options.Require, Choose: r.Options.Rules, Tally: &r.counts, Watch: r.watch, Standby: true,
		Busy: &busy, Covered: make(chan struct{}),
	}
	process, installed, err := notify.Start(r.Options.Path, r.Options.Args, attributes(), o)
	if err != nil {
		return nil, err
	}
	go notify.Serve(installed.Listener, o) // Ends with us; the standby goes on.
	end := func() error {
		busy.Lock() // A program may end faster than its last socket is counted.
		_, err := installed.Listener.Wait(0)
		busy.Unlock()
		if err == nil { // It has left others behind.
			<-o.Covered
		}
		return nil
	}
	return &session{process.Pid, waitFor(process.Pid), installed.NoNewPrivs, r.counted, end}, nil
}

func (r *run) trace() (*session, error) {
	process, err := rewrite.Start(r.Options.Path, r.Options.Args, attributes(), rewrite.Options{
		Require: r.Options.Require, Tally: &r.counts, Watch: r.watch,
	})
	if err != nil {
		return nil, err
	}
	drain := func() error {
		if n := process.Tasks(); n > 0 && r.Options.Waiting != nil {
			r.Options.Waiting(n)
		}
		return process.Drain()
	}
	return &session{process.PID(), traced(process), process.NoNewPrivs, r.counted, drain}, nil
}

// traced is the again of a program whose tracer we are.
func traced(process *rewrite.Process) func() (unix.WaitStatus, error) {
	type end struct {
		status unix.WaitStatus
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		status, err := process.Wait()
		ended <- end{status, err}
	}()
	return func() (unix.WaitStatus, error) {
		select {
		case s := <-process.Stops():
			return unix.WaitStatus(uint32(s)<<8 | 0x7f), nil // as wait(2) would have it
		case e := <-ended:
			return e.status, e.err
		}
	}
}

// godebug asks the Go runtime of the program.
func (r *run) godebug() (*session, error) {
	attr := attributes()
	attr.Env = withGodebug(attr.Env)
	return r.own(attr)
}

// withGodebug adds the setting to those that are there.
func withGodebug(env []string) []string {
	const name, setting = "GODEBUG=", "multipathtcp=1"
	for i, variable := range env {
		if value, found := strings.CutPrefix(variable, name); found && value != "" {
			env[i] = name + value + "," + setting
			return env
		} else if found {
			env[i] = name + setting
			return env
		}
	}
	return append(env, name+setting)
}

func (r *run) plain() (*session, error) { return r.own(attributes()) }

// own starts a program that makes its sockets itself.
func (r *run) own(attr *os.ProcAttr) (*session, error) {
	process, err := os.StartProcess(r.Options.Path, r.Options.Args, attr)
	if err != nil {
		return nil, err
	}
	r.watch.Tree(process.Pid)
	return &session{pid: process.Pid, again: waitFor(process.Pid)}, nil
}

// bpf starts the program in a cgroup that the BPF program is attached to.
func (r *run) bpf() (*session, error) {
	group, err := r.cgroup()
	if err != nil {
		return nil, hookError{err}
	}
	s, err := r.within(group)
	if err != nil {
		return nil, errors.Join(err, r.leave(group))
	}
	return s, nil
}

func (r *run) within(group *cgroup.Cgroup) (*session, error) {
	h, err := attach(group.Path())
	if err != nil {
		return nil, err
	}
	attr := attributes()
	attr.Sys = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: group.Fd()}
	s, err := r.own(attr)
	if err != nil {
		_, detaching := h.detach()
		return nil, errors.Join(err, detaching)
	}
	s.end = func() error {
		sockets, err := h.detach()
		s.sockets = func() *tally.Sockets { return sockets }
		return errors.Join(err, r.leave(group))
	}
	return s, nil
}

// leave removes a cgroup of ours, unless programs are in it yet: then a later run does.
func (r *run) leave(group *cgroup.Cgroup) (err error) {
	if r.Options.Cgroup == "" {
		if err = group.Remove(); !errors.Is(err, cgroup.ErrBusy) {
			return err
		}
	}
	return group.Close()
}

func (r *run) cgroup() (*cgroup.Cgroup, error) {
	if r.Options.Cgroup != "" {
		return cgroup.Open(r.Options.Cgroup)
	}
	return cgroup.Create(fmt.Sprintf("run-%d", os.Getpid()))
}
