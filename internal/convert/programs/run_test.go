package programs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/lab"
)

// role is a program in a transfer.
type role struct {
	host    string // that it runs in
	command string // words; those of play.fill are filled in
	port    uint16 // that it listens on; 0: it ends by itself
	ends    bool   // by itself, all the same
	plain   bool   // not under allroads, ever

	// What the report has to say.
	opens     int  // TCP sockets, all made MPTCP
	connected int  // MPTCP connections, of which at least one has two subflows
	accepted  bool // MPTCP connections have come, and one has two subflows
	more      bool // than that: as many as it likes
	godebug   bool // a Go program for which GODEBUG is enough
}

// running is a role that plays.
type running struct {
	*play
	*lab.Command
	role
	out, err text
	exited   chan struct{}
	report   string // file; empty: it runs without allroads
}

// start starts it, with the strategy if it is to be run under allroads.
func (r role) start(p *play) *running {
	p.Helper()
	words := strings.Split(p.fill(r.command), " ")
	words[0] = find(p.T, words[0])
	if filepath.Base(words[0]) == "sshd" && p.user == root && !netns.Inside() {
		p.must(privilegeFolder())
	}
	run := &running{play: p, role: r}
	if !r.plain && p.converted {
		run.report = filepath.Join(p.dir, "report-of-"+r.host+"-"+filepath.Base(words[0]))
		under := []string{find(p.T, "allroads"), "run", "--report", run.report}
		if p.strategy != "" {
			under = append(under, "--strategy", string(p.strategy))
		}
		words = append(append(under, "--"), words...)
	}
	run.Command = p.network.Host(r.host).Command(words[0], words[1:]...)
	p.user.become(run.Cmd)
	run.Dir, run.Stdout, run.Stderr = p.dir, &run.out, &run.err
	run.Env = append(os.Environ(), "HOME="+p.dir, "LC_ALL=C")
	run.WaitDelay = time.Second
	p.must(run.Start())
	group := run.Process.Pid
	run.exited = make(chan struct{})
	p.Cleanup(func() {
		if !run.hasExited() {
			unix.Kill(-group, unix.SIGKILL)
			<-run.exited
		}
	})
	go func() {
		_ = run.Wait() // Its error is how it ended.
		close(run.exited)
	}()
	if r.port != 0 {
		run.awaitListener(p.network.Host(r.host))
	}
	return run
}

// patience is for what should not take long.
const patience = 30 * time.Second

// awaitListener waits until a server can be connected to.
func (r *running) awaitListener(host *lab.Host) {
	r.Helper()
	// proc(5): local address, remote address, and 0A is TCP_LISTEN.
	local := fmt.Appendf(nil, ":%04X 00000000:0000 0A", r.port)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		var sockets []byte
		r.must(host.Run(func() (err error) {
			sockets, err = os.ReadFile("/proc/thread-self/net/tcp")
			return err
		}))
		if bytes.Contains(sockets, local) {
			return
		}
		select {
		case <-r.exited:
			end = time.Now()
		case <-time.After(5 * time.Millisecond):
		}
	}
	r.cannot("%s does not listen: %+v", r.command, r.end())
}
