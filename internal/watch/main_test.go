package watch

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"
	"unsafe"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// plain in the environment has tests run as whoever runs them.
const plain = "ALLROADS_WATCH_PLAIN"

// A test program started again for its rights is in a namespace of its own, in which
// nobody has raised loopback yet.
func TestMain(m *testing.M) {
	if os.Getenv(plain) != "" {
		os.Exit(m.Run())
	}
	if netns.Inside() {
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "raise loopback: %v: %s", err, out)
			os.Exit(1)
		}
	}
	netnstest.Main(m)
}

// TestOrdinaryUser runs what needs no rights as a user who has none.
func TestOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 || os.Getenv(plain) != "" || netns.Inside() {
		t.Skip("needs root, to become another user")
	}
	// The other user may have no way to where the program is.
	program, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	cmd := exec.Command("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/bin/sh", "-c",
		`exec /proc/self/fd/3 -test.v -test.run "$0"`, "^(TestConnect|TestRefused|TestReconnect|TestListener|TestMoved.*|TestOtherProcess|TestPassed|TestTree|TestHeld|TestShort|TestLeak)$")
	cmd.Env = append(os.Environ(), plain+"=1")
	cmd.Dir, cmd.ExtraFiles = "/", []*os.File{program}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		netnstest.Missing(t, "setpriv")
	}
	if err != nil || bytes.Count(out, []byte("\n--- PASS")) != 12 {
		t.Errorf("%v\n%s", err, out)
	}
}

// watcher makes a Watcher that is closed after the test.
func watcher(t testing.TB) *Watcher {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// hand makes a socket as the supervisor does, and hands it over to this process.
func hand(t testing.TB, w *Watcher, family int) int {
	t.Helper()
	made, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		netnstest.Missing(t, "MPTCP sockets: "+err.Error())
	}
	k := w.Prepare(made)
	fd, err := unix.FcntlInt(uintptr(made), unix.F_DUPFD_CLOEXEC, 100)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(made)
	w.Handed(k, os.Getpid(), fd)
	return fd
}

// listen makes a listener on loopback and accepts what comes, until the test ends.
func listen(t testing.TB, protocol int, host string) netip.AddrPort {
	t.Helper()
	at := netip.AddrPortFrom(netip.MustParseAddr(host), 0)
	fd, err := unix.Socket(family(at), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, sockaddr(at)); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 1000); err != nil {
		t.Fatal(err)
	}
	return localOf(fd)
}

func family(a netip.AddrPort) int {
	if a.Addr().Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// await waits until a report is as it should be.
func await(t testing.TB, w *Watcher, what string, ok func(Connections) bool) Connections {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		r := w.Report()
		if ok(r) {
			return r
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within 10 s: %+v", what, r)
		}
	}
}

// connectUnspec dissolves a connection (connect(2), AF_UNSPEC).
func connectUnspec(fd int) error {
	var address unix.RawSockaddr
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&address)), unsafe.Sizeof(address))
	if errno != 0 {
		return errno
	}
	return nil
}
