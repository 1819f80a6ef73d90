package netns_test

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// without calls fn on a thread that lacks capabilities, and ends the thread.
func without(fn func(), capabilities ...int) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := drop(capabilities)
		if err == nil {
			fn()
		}
		done <- err
	}()
	return <-done
}

func drop(capabilities []int) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	for _, c := range capabilities {
		data[c/32].Effective &^= 1 << (c % 32)
	}
	return unix.Capset(&header, &data[0])
}

func TestPrivileged(t *testing.T) {
	netnstest.Require(t)
	check := func(want bool) {
		t.Helper()
		if got, err := netns.Privileged(); got != want || err != nil {
			t.Errorf("Privileged = %v, %v, want %v", got, err, want)
		}
		if err := netns.Rights(); (err == nil) != want {
			t.Errorf("Rights = %v, want an error: %v", err, !want)
		}
	}
	check(true)
	for _, c := range []int{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_SYS_ADMIN} {
		if err := without(func() { check(false) }, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := without(func() { check(true) }, unix.CAP_CHOWN, unix.CAP_SYS_PTRACE); err != nil {
		t.Fatal(err)
	}
	check(true)
}

func TestRightsSaysWhatForbids(t *testing.T) {
	netnstest.Require(t)
	var err error
	if err := without(func() { err = netns.Rights() }, unix.CAP_NET_RAW); err != nil {
		t.Fatal(err)
	}
	var forbidden *netns.ForbiddenError
	if !errors.As(err, &forbidden) || !errors.Is(err, unix.EPERM) || forbidden.Setting == "" {
		t.Errorf("Rights without CAP_NET_RAW: %v, want a ForbiddenError with a setting", err)
	}
}

// TestOrdinaryUser is a process that cannot make a namespace until Rerun gives it
// the rights.
func TestOrdinaryUser(t *testing.T) {
	netnstest.Require(t)
	out, err := startWithout(play("ordinary"))
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestBareRoot is root that cannot even map itself into a user namespace.
func TestBareRoot(t *testing.T) {
	netnstest.Require(t)
	out, err := startWithout(play("rerun", "exit", "0"), unix.CAP_SETFCAP)
	if err == nil {
		t.Skip("this kernel lets it: it is older than 5.12")
	}
	if !bytes.Contains(out, []byte("(being root without its capabilities, as in a container, forbids it)")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func ordinary([]string) int {
	ok, err := netns.Privileged()
	_, refusal := netns.New()
	if !netns.Inside() && err == nil && !ok && errors.Is(refusal, unix.EPERM) {
		code, err := netns.Rerun()
		if err != nil {
			fmt.Println(err)
		}
		return code
	}
	if !netns.Inside() || err != nil || !ok || refusal != nil {
		fmt.Printf("inside %v: privileged %v, %v; New: %v\n", netns.Inside(), ok, err, refusal)
		return 1
	}
	return 0
}

// startWithout runs a program from a thread that can give it neither rights nor
// some capabilities.
func startWithout(cmd *exec.Cmd, capabilities ...int) (out []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		for _, c := range append(capabilities, unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_SYS_ADMIN) {
			if err = unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil {
				return
			}
		}
		out, err = cmd.CombinedOutput()
	}()
	<-done
	return out, err
}
