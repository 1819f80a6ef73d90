package watch

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// program is another process, which does with sockets what it is told.
type program struct {
	t    testing.TB
	cmd  *exec.Cmd
	in   *bufio.Writer
	out  *bufio.Scanner
	done func()
}

// start starts this test as a program that has files as descriptors 3 and so on.
func start(t testing.TB, files ...int) *program {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestProgram$")
	cmd.Env = append(os.Environ(), "ALLROADS_WATCH_PROGRAM=1", plain+"=1")
	for _, fd := range files {
		copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := os.NewFile(uintptr(copied), "socket")
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: cmd, in: bufio.NewWriter(stdin), out: bufio.NewScanner(stdout)}
	p.done = func() { stdin.Close(); cmd.Wait() }
	t.Cleanup(p.done)
	return p
}

// does has the program do something, and returns what came of it.
func (p *program) does(words ...any) string {
	p.t.Helper()
	fmt.Fprintln(p.in, words...)
	p.in.Flush()
	if !p.out.Scan() {
		p.t.Fatalf("%v: the program has ended", words)
	}
	return p.out.Text()
}

// must is does with what has to succeed.
func (p *program) must(words ...any) int {
	p.t.Helper()
	answer := p.does(words...)
	n, err := strconv.Atoi(answer)
	if err != nil {
		p.t.Fatalf("%v: %s", words, answer)
	}
	return n
}

// TestProgram is the program, and no test.
func TestProgram(t *testing.T) {
	if os.Getenv("ALLROADS_WATCH_PROGRAM") == "" {
		t.Skip("the program of other tests")
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		n, err := obey(strings.Fields(lines.Text()))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(n)
	}
	os.Exit(0)
}

func obey(words []string) (int, error) {
	fd := 0
	if len(words) > 1 {
		fd, _ = strconv.Atoi(words[1])
	}
	switch words[0] {
	case "socket":
		return unix.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	case "connect":
		return 0, unix.Connect(fd, sockaddr(netip.MustParseAddrPort(words[2])))
	case "bind":
		return 0, unix.Bind(fd, sockaddr(netip.MustParseAddrPort(words[2])))
	case "listen":
		return int(localOf(fd).Port()), unix.Listen(fd, 100)
	case "accept":
		n, _, err := unix.Accept(fd)
		return n, err
	case "close":
		return 0, unix.Close(fd)
	case "dup2":
		to, _ := strconv.Atoi(words[2])
		return 0, unix.Dup2(fd, to)
	case "write":
		return unix.Write(fd, []byte(words[2]))
	case "requests":
		return 0, requests(fd, words[2], words[3])
	case "serve":
		go serve(fd)
		return 0, nil
	case "undumpable":
		return 0, unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	case "status":
		n, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, 43)
		return n, err
	}
	return 0, fmt.Errorf("what is %q?", words)
}

// requests makes a connection with each descriptor from 4 to last, asks for an answer, and
// closes it after a while.
func requests(last int, to, after string) error {
	pause, _ := time.ParseDuration(after)
	for fd := 4; fd <= last; fd++ {
		if err := unix.Connect(fd, sockaddr(netip.MustParseAddrPort(to))); err != nil {
			return err
		}
		unix.Write(fd, []byte("x"))
		unix.Read(fd, make([]byte, 1))
		for end := time.Now().Add(pause); time.Now().Before(end); {
		}
		unix.Close(fd)
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// serve answers requests.
func serve(listener int) {
	b := make([]byte, 1)
	for {
		fd, _, err := unix.Accept(listener)
		if err != nil {
			return
		}
		unix.Read(fd, b)
		unix.Write(fd, b)
		unix.Read(fd, b)
		unix.Close(fd)
	}
}
