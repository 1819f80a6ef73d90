package netcat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Program is what a connection is joined to instead of standard input and output.
// It is started for each connection, in a process group of its own, with
// ALLROADS_REMOTE_ADDR, ALLROADS_REMOTE_PORT, ALLROADS_LOCAL_ADDR,
// ALLROADS_LOCAL_PORT and ALLROADS_PROTO (mptcp or tcp) in its environment.
//
// Unless bytes have to be seen or changed on their way, the program's standard
// input and output are the connection itself.
type Program struct {
	Args []string // the program, and its arguments
}

// Shell is a program that is a command line of /bin/sh.
func Shell(command string) *Program { return &Program{[]string{"/bin/sh", "-c", command}} }

// Times given to a program that is asked to end, and to the peer to take in what
// a program that has ended has sent.
const (
	endPatience  = time.Second
	lingerAtMost = 2 * time.Second
)

// runProgram runs the program until it has ended, whatever the peer does; when
// ctx ends or the connection fails, it is killed, with all that it started and
// that stayed in its group.
func (s *session) runProgram(ctx context.Context) error {
	var err error
	if s.copies() {
		err = s.runPiped(ctx)
	} else {
		err = s.runDirect(ctx)
	}
	if err == nil {
		s.linger(ctx)
	}
	return err
}

func (s *session) command() *exec.Cmd {
	cmd := exec.Command(s.Program.Args[0], s.Program.Args[1:]...)
	cmd.Env = append(os.Environ(), s.environment()...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (s *session) environment() []string {
	proto := "tcp"
	if status, err := s.conn.Status(); err == nil && status.Kind == mptcp.KindMPTCP {
		proto = "mptcp"
	}
	local := addrPort(s.conn.LocalAddr())
	return append(named("REMOTE", s.peer), append(named("LOCAL", local), "ALLROADS_PROTO="+proto)...)
}

func named(end string, at netip.AddrPort) []string {
	return []string{
		"ALLROADS_" + end + "_ADDR=" + at.Addr().String(),
		"ALLROADS_" + end + "_PORT=" + strconv.Itoa(int(at.Port())),
	}
}

// start starts a command. ended gets nil when it has ended, with whatever exit
// code.
func start(cmd *exec.Cmd) (ended <-chan error, err error) {
	started, done := make(chan error, 1), make(chan error, 1)
	go func() {
		// The death signal comes when the thread ends that started the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = cmd.Wait()
		if errors.As(err, new(*exec.ExitError)) {
			err = nil
		}
		done <- err
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Args[0], execWords(err))
	}
	return done, nil
}

func execWords(err error) error {
	if named := (*exec.Error)(nil); errors.As(err, &named) {
		return named.Err
	}
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// kill ends a command, with its process group, and waits for it.
func kill(cmd *exec.Cmd, ended <-chan error) {
	_ = unix.Kill(-cmd.Process.Pid, unix.SIGTERM)
	select {
	case <-ended:
	case <-time.After(endPatience):
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
		<-ended
	}
}

// linger lets the peer have all that was sent: closing with bytes unread would
// reset the connection, and the peer might lose what it has not read yet.
func (s *session) linger(ctx context.Context) {
	if err := s.conn.CloseWrite(); err != nil {
		return
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(lingerAtMost))
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetReadDeadline(longAgo) })
	defer stop()
	b := make([]byte, smallChunk)
	for {
		if _, err := s.conn.Read(b); err != nil {
			return
		}
	}
}
