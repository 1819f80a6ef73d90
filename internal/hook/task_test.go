package hook

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"allroads/internal/hook/cgroup"

	"golang.org/x/sys/unix"
)

// task is a program under test: it does what the lines of its standard input say,
// and answers each with one.
func task() int {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		var a, b, c int
		_, _ = fmt.Sscan(rest, &a, &b, &c)
		switch word {
		case "socket":
			fmt.Println(socketProtocol(a, b, c))
		case "threads":
			fmt.Println(inThreads(a, b))
		case "uring":
			fmt.Println(uringProtocol())
		case "talk":
			fmt.Println(talk(rest))
		default:
			return 2
		}
	}
	return 0
}

// socketProtocol makes a socket by the system call itself, and says which protocol
// it really has.
func socketProtocol(family, kind, protocol int) string {
	fd, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return "error " + err.Error()
	}
	defer unix.Close(fd)
	return protocolOf(fd)
}

func protocolOf(fd int) string {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil {
		return "error " + err.Error()
	}
	return fmt.Sprint(protocol)
}

// inThreads makes sockets in many threads at once, and says how many of them have
// which protocol.
func inThreads(threads, each int) string {
	var mutex sync.Mutex
	var wait sync.WaitGroup
	found := map[string]int{}
	runtime.GOMAXPROCS(threads) // else the runtime has them take turns
	for range threads {
		wait.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			own := map[string]int{}
			for range each {
				own[socketProtocol(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)]++
			}
			mutex.Lock()
			defer mutex.Unlock()
			for p, n := range own {
				found[p] += n
			}
		})
	}
	wait.Wait()
	return fmt.Sprint(found)
}

// program is a task that runs.
type program struct {
	t       testing.TB
	cmd     *exec.Cmd
	in      *os.File
	answers *bufio.Reader
}

// start starts a task in a cgroup, or in the test's own if c is nil. It is gone
// after the test.
func start(t testing.TB, c *cgroup.Cgroup) *program {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), taskVariable+"=1")
	cmd.Stderr = os.Stderr
	if c != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: c.Fd()}
	}
	in, out := pipes(t, cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t, cmd, in, bufio.NewReader(out)}
	t.Cleanup(p.end)
	return p
}

// pipes makes the program's standard input and output files of ours, and closes the
// other ends after the test.
func pipes(t testing.TB, cmd *exec.Cmd) (in, out *os.File) {
	t.Helper()
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout = theirIn, theirOut
	t.Cleanup(func() {
		for _, f := range []*os.File{theirIn, theirOut, in, out} {
			f.Close()
		}
	})
	return in, out
}

// end kills the task, and waits until it is gone.
func (p *program) end() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ask has the task do something.
func (p *program) ask(format string, args ...any) string {
	p.t.Helper()
	p.send(format, args...)
	return p.answer()
}

func (p *program) send(format string, args ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		p.t.Fatalf("task: %v", err)
	}
}

func (p *program) answer() string {
	p.t.Helper()
	line, err := p.answers.ReadString('\n')
	if err != nil {
		p.t.Fatalf("task: %v", err)
	}
	return strings.TrimSpace(line)
}

// tcp is what a program asks that wants a TCP socket of IPv4.
func (p *program) tcp() string {
	p.t.Helper()
	return p.ask("socket %d %d %d", unix.AF_INET, unix.SOCK_STREAM, 0)
}

// Protocols as SO_PROTOCOL has them.
const (
	isTCP   = "6"
	isMPTCP = "262"
)

// wantTCP holds what the task's next TCP socket is.
func (p *program) wantTCP(want, when string) {
	p.t.Helper()
	if got := p.tcp(); got != want {
		p.t.Errorf("%s: socket(AF_INET, SOCK_STREAM, 0) has protocol %s, want %s", when, got, want)
	}
}
