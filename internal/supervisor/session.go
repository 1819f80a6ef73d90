package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// hangupWait is how long a command may go on when its client has gone.
const hangupWait = time.Second

// exec runs a command in a host until it ends, its client goes, or the lab does.
func (s *server) exec(c *conn, r *execRequest, files []*os.File) (*reply, error) {
	if r == nil || len(r.Command) == 0 || len(files) != 3 {
		return nil, errors.New("exec: wanted a command and three files")
	}
	host := s.network.Host(r.Host)
	if host == nil {
		return nil, fmt.Errorf("no host %q%s", r.Host, s.network.HostSuggestion(r.Host))
	}
	cmd := host.Command(r.Path)
	cmd.Args = r.Command
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files[0], files[1], files[2]
	cmd.Dir = r.Dir
	cmd.Env = append(r.Env, "ALLROADS_LAB="+s.about.Name, "ALLROADS_HOST="+r.Host)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: r.Terminal >= 0, Ctty: min(max(r.Terminal, 0), 2)}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	closeAll(files) // The command alone has them, and their end is its end.
	pid := cmd.Process.Pid
	s.began(pid, Session{Host: r.Host, Pid: pid, Command: r.Command})
	defer s.ended(pid)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	_ = c.send(&reply{}) // It runs.
	return s.conduct(c, pid, ended)
}

// conduct passes signals on until the command has ended.
func (s *server) conduct(c *conn, pid int, ended <-chan error) (*reply, error) {
	words := make(chan word)
	gone := make(chan struct{})
	go listen(c, words, gone)
	for {
		select {
		case err := <-ended:
			code := exitCode(err)
			return &reply{Exit: &code}, nil
		case w := <-words:
			signalCommand(pid, syscall.Signal(w.Signal))
			continue
		case <-gone:
		case <-s.ctx.Done():
		}
		hangUp(pid, ended)
		return nil, errDown // If it is the client that has gone, this reaches nobody.
	}
}

func listen(c *conn, words chan<- word, gone chan<- struct{}) {
	defer close(gone)
	for {
		var w word
		if c.receive(&w) != nil {
			return
		}
		select {
		case words <- w:
		case <-time.After(hangupWait): // The command has ended.
			return
		}
	}
}

// signalCommand sends what a terminal would send to all of a command to all of
// it, and other signals to its first process.
func signalCommand(pid int, s syscall.Signal) {
	switch s {
	case syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP:
		pid = -pid
	}
	_ = syscall.Kill(pid, s)
}

// hangUp ends a command as the end of its terminal does, and then for good.
func hangUp(pid int, ended <-chan error) {
	_ = syscall.Kill(-pid, syscall.SIGHUP)
	_ = syscall.Kill(-pid, syscall.SIGCONT)
	select {
	case <-ended:
		return
	case <-time.After(hangupWait):
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	<-ended
}

// exitCode is what a shell makes of how a command ended.
func exitCode(err error) int {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return 0
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

func (s *server) began(pid int, session Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[pid] = session
}

func (s *server) ended(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, pid)
}
