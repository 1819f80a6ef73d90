package netns_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// here tells the network namespace of the calling thread.
func here() (string, error) { return os.Readlink("/proc/thread-self/ns/net") }

// wants returns a function for Do that fails anywhere but in ns.
func wants(t testing.TB, ns *netns.NS) func() error {
	t.Helper()
	inode, err := ns.Inode()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("net:[%d]", inode)
	return func() error {
		if got, err := here(); err != nil || got != want {
			return fmt.Errorf("in namespace %s, %v, want %s", got, err, want)
		}
		return nil
	}
}

func TestNewIsFresh(t *testing.T) {
	a, b := netnstest.New(t), netnstest.New(t)
	own, err := netns.Current()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	inodes := map[uint64]bool{}
	for _, ns := range []*netns.NS{a, b, own} {
		inode, err := ns.Inode()
		if err != nil {
			t.Fatal(err)
		}
		inodes[inode] = true
	}
	if len(inodes) != 3 {
		t.Errorf("inodes of two new namespaces and this one: %v, want 3", inodes)
	}
	links := netnstest.Output(t, a, "ip -o link show")
	if strings.Count(links, "\n") != 1 || !strings.Contains(links, "lo: <LOOPBACK>") {
		t.Errorf("a new namespace has links\n%swant a loopback that is down", links)
	}
}

func TestOpen(t *testing.T) {
	ns := netnstest.New(t)
	again, err := netns.Open(fmt.Sprintf("/proc/self/fd/%d", ns.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Do(wants(t, ns)); err != nil {
		t.Error(err)
	}
	if _, err := netns.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of nothing: %v, want fs.ErrNotExist", err)
	}
}

func TestDoWantsANamespace(t *testing.T) {
	netnstest.Require(t)
	for _, path := range []string{os.DevNull, "/proc/self/ns/uts"} {
		file, err := netns.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := file.Do(func() error { return nil }); !errors.Is(err, unix.EINVAL) {
			t.Errorf("Do in %s: %v, want EINVAL", path, err)
		}
	}
}

func TestDoReturnsTheError(t *testing.T) {
	ns := netnstest.New(t)
	want := errors.New("the function's own")
	if err := ns.Do(func() error { return want }); err != want {
		t.Errorf("Do = %v, want the error of the function as it is", err)
	}
}

func TestDoNested(t *testing.T) {
	a, b := netnstest.New(t), netnstest.New(t)
	inA, inB := wants(t, a), wants(t, b)
	err := a.Do(func() error {
		return errors.Join(inA(), b.Do(inB), inA(), b.Do(func() error { return a.Do(inA) }), inA())
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDoAfterClose(t *testing.T) {
	ns := netnstest.New(t)
	if err := ns.Close(); err != nil {
		t.Fatal(err)
	}
	ran := false
	err := ns.Do(func() error { ran = true; return nil })
	if err == nil || ran {
		t.Errorf("Do after Close: error %v, ran %v, want an error and nothing run", err, ran)
	}
	if _, err := ns.Inode(); err == nil {
		t.Error("Inode after Close: no error")
	}
	if fd := ns.Fd(); fd >= 0 {
		t.Errorf("Fd after Close = %d, want none", fd)
	}
	if err := ns.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("second Close: %v, want fs.ErrClosed", err)
	}
}

func TestSocketsStay(t *testing.T) {
	ns := netnstest.New(t)
	loopback(t, ns)
	var server *net.UDPConn
	err := ns.Do(func() (err error) {
		server, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	at := server.LocalAddr().(*net.UDPAddr)
	err = ns.Do(func() error {
		client, err := net.DialUDP("udp4", nil, at)
		if err != nil {
			return err
		}
		defer client.Close()
		_, err = client.Write([]byte("inside"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 16)
	if n, err := server.Read(b); err != nil || string(b[:n]) != "inside" {
		t.Errorf("the socket, used outside, reads %q, %v", b[:n], err)
	}
	if outside, err := net.ListenUDP("udp4", at); err != nil {
		t.Errorf("the socket's port is taken outside its namespace: %v", err)
	} else {
		outside.Close()
	}
}

func TestProcessesStay(t *testing.T) {
	ns := netnstest.New(t)
	inode, err := ns.Inode()
	if err != nil {
		t.Fatal(err)
	}
	out := netnstest.Output(t, ns, "readlink /proc/self/ns/net")
	if want := fmt.Sprintf("net:[%d]\n", inode); out != want {
		t.Errorf("a process started by Do is in %q, want %q", out, want)
	}
}

// loopback brings lo up.
func loopback(t testing.TB, ns *netns.NS) {
	t.Helper()
	netnstest.Output(t, ns, "ip link set lo up")
}
