package replace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// childVariable makes this test program make a socket and hold it.
const childVariable = "REPLACE_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		os.Exit(child(name))
	}
	if os.Getenv(ordinaryVariable) != "" {
		os.Exit(m.Run())
	}
	if netns.Inside() {
		if err := loopbackUp(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	netnstest.Main(m)
}

// loopbackUp is for the namespace of our own that an ordinary user's tests have.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// ordinaryVariable makes the tests run without any rights.
const ordinaryVariable = "REPLACE_TEST_ORDINARY"

// TestOrdinaryUser runs tests as somebody without rights, not even in a namespace.
func TestOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 || netns.Inside() {
		t.Skip("started by root only")
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "test")
	content, err := os.ReadFile("/proc/self/exe")
	if err := errors.Join(err, os.WriteFile(program, content, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.v", "-test.run=^(TestPrograms|TestGoProgram|TestWatchedProgram|TestEverythingAtOnce)$")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), ordinaryVariable+"=1")
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestPrograms/curl") {
		t.Errorf("%v\n%s", err, out)
	}
}

// child makes a socket, or connects, as it is told, and writes its number.
func child(name string) int {
	if address, ok := strings.CutPrefix(name, "connect "); ok {
		return connect(address)
	}
	scenario, ok := scenarios[name]
	if !ok {
		fmt.Println("there is no scenario", name)
		return 1
	}
	fd, err := scenario.make()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(fd)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// hold starts a process that makes a socket.
func hold(t testing.TB, name string) (pid, fd int) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("scenario %s: %v", name, err)
	}
	fd, err = strconv.Atoi(strings.TrimSpace(line))
	if strings.Contains(line, unix.EPERM.Error()) {
		t.Skipf("scenario %s: %s", name, line)
	} else if err != nil {
		t.Fatalf("scenario %s: %s", name, line)
	}
	return cmd.Process.Pid, fd
}

// newSocket makes a socket that is closed after the test.
func newSocket(t testing.TB, family, protocol int) int {
	t.Helper()
	fd, err := Here(family, protocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// replaced makes the successor of a socket of this very process.
func replaced(t testing.TB, fd int) (int, error) {
	t.Helper()
	family, err := examine(fd)
	if err != nil {
		return -1, err
	}
	got, err := successor(fd, family, Here)
	if err == nil {
		t.Cleanup(func() { unix.Close(got) })
	}
	return got, err
}
