package mptcp

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

// newNamespace makes a namespace whose loopback interface is up.
func newNamespace(t testing.TB) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	if err := ns.Do(raiseLoopback); err != nil {
		t.Fatal(err)
	}
	return ns
}

func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, lo); err != nil || lo.Uint16()&unix.IFF_UP != 0 {
		return err
	}
	lo.SetUint16(lo.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// run runs a program of the system in the namespace and returns its output.
func run(t testing.TB, ns *netns.NS, command string) string {
	t.Helper()
	args := strings.Fields(command)
	path, err := exec.LookPath(args[0])
	if err != nil {
		netnstest.Missing(t, fmt.Sprintf("program %s: %v", args[0], err))
	}
	var out []byte
	err = ns.Do(func() (err error) {
		out, err = exec.Command(path, args[1:]...).CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}
