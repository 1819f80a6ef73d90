package pathtest_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// process is a program that runs in a host until the test ends.
type process struct {
	*lab.Command
	site   *site
	log    output
	ended  chan struct{}
	socket string // of allroadsd
}

// start runs a program in a host.
func (s *site) start(host *lab.Host, env []string, name string, args ...string) *process {
	s.Helper()
	p := &process{Command: host.Command(name, args...), site: s, ended: make(chan struct{})}
	p.Env = append(os.Environ(), env...)
	p.Stdout, p.Stderr = &p.log, &p.log
	must(s, p.Start())
	go func() {
		_ = p.Wait()
		close(p.ended)
	}()
	s.Cleanup(func() {
		p.signal(unix.SIGKILL)
		<-p.ended
		if s.Failed() {
			s.Logf("%s wrote:\n%s", name, tail(p.log.String(), 6000))
		}
	})
	return p
}

func tail(text string, n int) string {
	if len(text) > n {
		return "…" + text[len(text)-n:]
	}
	return text
}

func (p *process) signal(sig syscall.Signal) { _ = p.Process.Signal(sig) }

// halt stops all threads of the program until SIGCONT comes.
func (p *process) halt() {
	p.site.Helper()
	p.signal(unix.SIGSTOP)
	p.site.await("the program stands still", func() bool {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p.Process.Pid))
		must(p.site, err)
		for _, task := range tasks {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", p.Process.Pid, task.Name()))
			if err == nil && !strings.Contains(string(text), "\nState:\tT") {
				return false
			}
		}
		return true
	})
}

// stop ends the program with a signal, and waits until it has ended.
func (p *process) stop(sig syscall.Signal) {
	p.site.Helper()
	p.signal(sig)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.site.Fatalf("process %d does not end on %v", p.Process.Pid, sig)
	}
}

// status is a line of /proc/PID/status: VmRSS in KiB, voluntary_ctxt_switches.
func (p *process) status(key string) int {
	p.site.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	must(p.site, err)
	_, rest, found := strings.Cut(string(text), "\n"+key+":")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		p.site.Fatalf("/proc/%d/status has no %s", p.Process.Pid, key)
	}
	n, err := strconv.Atoi(fields[0])
	must(p.site, err)
	return n
}

// clockTick is that of /proc/PID/stat (USER_HZ), the same on all machines of Linux.
const clockTick = 10 * time.Millisecond

// cpu is the processor time that the program has used: in user mode and the kernel's.
func (p *process) cpu() time.Duration {
	p.site.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	must(p.site, err)
	fields := strings.Fields(string(text)[strings.LastIndex(string(text), ")")+1:])
	user, err := strconv.Atoi(fields[11])
	must(p.site, err)
	system, err := strconv.Atoi(fields[12])
	must(p.site, err)
	return time.Duration(user+system) * clockTick
}

// switches is how often the program's threads have waited for something until now: each
// time it is woken up counts once.
func (p *process) switches() (n int) {
	p.site.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", p.Process.Pid))
	must(p.site, err)
	for _, task := range tasks {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", p.Process.Pid, task.Name()))
		if err != nil {
			continue // It has ended.
		}
		_, rest, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
		count, err := strconv.Atoi(strings.Fields(rest)[0])
		must(p.site, err)
		n += count
	}
	return n
}
