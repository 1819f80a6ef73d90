// Package ipmptcp is the grammar and output of `ip mptcp`, to the byte, and the
// commands for single connections in the same style.
//
// It follows iproute2 7.3. Exit codes are iproute2's: 255 for a command line that
// cannot be understood, 1 for an address that cannot be read, 2 for a refusal of
// the kernel.
package ipmptcp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"allroads/internal/netns"
)

// session is one command on its way.
type session struct {
	ctx    context.Context
	stdout io.Writer
	out    *bufio.Writer // stdout
	stderr io.Writer
	native bool // an own command of allroads, which may know more than ip

	style   style
	ns      *netns.NS // nil: the caller's own
	devices *devices
	buffer  int // of a monitor, in bytes; 0: the default
}

// object is what a command is about.
type object struct {
	name string
	run  func(*session, *words) error
}

// shared are the objects of ip-mptcp(8), in the order in which prefixes are
// compared.
var shared = []object{
	{"help", (*session).help},
	{"endpoint", (*session).endpoint},
	{"limits", (*session).limits},
	{"monitor", (*session).monitor},
}

// own are those that ip does not have.
var own = []object{
	{"announce", (*session).announce},
	{"withdraw", (*session).withdraw},
	{"subflow", (*session).subflow},
}

// Run does what `ip [OPTIONS] mptcp ARGS` does, for the arguments OPTIONS ARGS,
// and returns the exit code. The end of ctx ends a monitor as a signal ends ip's:
// with exit code 0.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := &session{ctx: ctx, stdout: stdout, stderr: stderr}
	return s.main(args, shared)
}

// Command is Run for the commands of allroads itself: `allroads endpoint show`
// has the arguments "endpoint", "show". Beside those of Run there are the objects
// announce, withdraw and subflow and the options --json, --all-namespaces and
// --filter; and options may follow the object.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := &session{ctx: ctx, stdout: stdout, stderr: stderr, native: true}
	return s.main(args, append(shared[:len(shared):len(shared)], own...))
}

func (s *session) main(args []string, objects []object) int {
	s.out = bufio.NewWriter(s.stdout)
	defer s.close()
	err := s.dispatch(args, objects)
	if flushed := s.out.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("print result: %w", flushed)
	}
	return s.report(err)
}

func (s *session) dispatch(args []string, objects []object) error {
	rest, err := s.options(args)
	if err != nil {
		return err
	}
	line := &words{list: rest}
	word, more := line.next()
	if !more {
		return s.usage()
	}
	for _, o := range objects {
		if matches(word, o.name) {
			return o.run(s, line)
		}
	}
	return unknownCommand(word)
}

func (s *session) help(*words) error { return s.usage() }

// close gives up what was opened. What comes of it changes nothing any more.
func (s *session) close() {
	if s.devices != nil {
		s.devices.close()
	}
	if s.ns != nil {
		s.ns.Close()
	}
}

// report says on standard error what went wrong, and returns the exit code.
func (s *session) report(err error) int {
	if err == nil {
		return 0
	}
	var end *exit
	if !errors.As(err, &end) {
		end = s.refused(err)
	}
	io.WriteString(s.stderr, end.text)
	return end.code
}
