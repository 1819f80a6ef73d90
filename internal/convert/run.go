package convert

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"allroads/internal/tally"
	"allroads/internal/watch"
)

// session is a program that runs.
type session struct {
	pid        int
	again      func() (unix.WaitStatus, error) // what becomes of it next
	noNewPrivs bool
	sockets    func() *tally.Sockets // nil, or returning nil: not known
	end        func() error          // when the program has ended; nil: nothing is to do
}

// run is a program on its way, and what is seen of it.
type run struct {
	*Plan
	inherited []int // descriptors that are the program's, and ours only until it has them
	counts    tally.Tally
	watch     *watch.Watcher
	session   *session
}

// Run runs the program as if it had been started in our place: with our files, signals
// and terminal. When somebody sends SIGUSR1, show gets the report so far. What is
// returned is that of the end; the program may have left others behind, which go on.
func (p *Plan) Run(show func(*Report)) (*Report, error) {
	r := &run{Plan: p, inherited: inheritable()}
	parent := listen(func() { show(r.report(nil)) })
	var err error
	if r.watch, err = watch.New(); err != nil {
		return nil, err
	}
	defer r.watch.Close()
	if err := r.start(); err != nil {
		return nil, err
	}
	letGo(r.inherited)
	status, err := parent.wait(r.session.pid, r.session.again)
	if err != nil {
		return nil, fmt.Errorf("wait for %s: %w", p.Options.Path, err)
	}
	if r.session.end != nil {
		err = r.session.end()
	}
	exit := exitOf(status)
	return r.report(&exit), err
}

// start takes the first strategy that works.
func (r *run) start() (err error) {
	for {
		r.session, err = r.starter()()
		if err == nil || isProgram(err) {
			return err
		}
		if err := r.without(err); err != nil {
			return err
		}
	}
}

// isProgram reports whether an error is that the program itself cannot be started.
func isProgram(err error) bool {
	return errors.As(err, new(*fs.PathError)) && !errors.As(err, new(hookError))
}

func (r *run) starter() func() (*session, error) {
	switch r.Taken() {
	case Notify:
		return r.notify
	case Trace:
		return r.trace
	case BPF:
		return r.bpf
	case Godebug:
		return r.godebug
	}
	return r.plain
}

// report is what is known now; exit is nil while the program runs.
func (r *run) report(exit *Exit) *Report {
	report := &Report{
		Schema: Schema, Command: r.Options.Args, Strategy: r.Taken(), Others: r.Others(), Exit: exit,
		NoNewPrivs: r.session.noNewPrivs,
	}
	if exit == nil {
		r.watch.Look()
	}
	if r.session.sockets != nil {
		report.Sockets = r.session.sockets()
	}
	report.Connections = r.watch.Report()
	return report
}

func (r *run) counted() *tally.Sockets {
	sockets := r.counts.Sockets()
	return &sockets
}

// attributes give the program what we were given.
func attributes() *os.ProcAttr {
	return &os.ProcAttr{Env: os.Environ(), Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}}
}
