package mptcp

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSocketError(t *testing.T) {
	for _, test := range []struct {
		family    int
		errno     unix.Errno
		supported bool
		want      string
	}{
		{unix.AF_INET, unix.ENOPROTOOPT, false, "multipath tcp not supported: switched off in this network namespace: " +
			"set sysctl net.mptcp.enabled=1: socket: protocol not available"},
		{unix.AF_INET, unix.EPROTONOSUPPORT, false, "multipath tcp not supported: not in this kernel: " +
			"run Linux 5.6 or newer with CONFIG_MPTCP: socket: protocol not supported"},
		{unix.AF_INET6, unix.EPROTONOSUPPORT, false, "multipath tcp not supported: not in this kernel: " +
			"run Linux 5.6 or newer with CONFIG_MPTCP and CONFIG_MPTCP_IPV6: socket: protocol not supported"},
		{unix.AF_INET, unix.EINVAL, false, "multipath tcp not supported: not in this kernel: " +
			"run Linux 5.6 or newer with CONFIG_MPTCP: socket: invalid argument"},
		{unix.AF_INET, unix.EMFILE, true, "socket: too many open files"},
		{unix.AF_INET6, unix.EAFNOSUPPORT, true, "socket: address family not supported by protocol"},
	} {
		err := socketError(test.family, test.errno)
		if err.Error() != test.want {
			t.Errorf("error %q, want %q", err, test.want)
		}
		if !errors.Is(err, test.errno) || errors.Is(err, ErrNotSupported) == test.supported {
			t.Errorf("%q wraps the wrong errors", err)
		}
	}
}

func TestSwitchedOff(t *testing.T) {
	requireMPTCP(t)
	ns := newNamespace(t)
	if err := ns.SetSysctl("net.mptcp.enabled", "0"); err != nil {
		t.Fatal(err)
	}
	ctx := soon(t)
	dialErr := ns.Do(func() error {
		_, err := new(Dialer).Dial(ctx, loopback4)
		return err
	})
	listenErr := ns.Do(func() error {
		_, err := Listen(ctx, loopback4)
		return err
	})
	const why = " mptcp 127.0.0.1:0: multipath tcp not supported: switched off in this network namespace: " +
		"set sysctl net.mptcp.enabled=1: socket: protocol not available"
	for op, err := range map[string]error{"dial": dialErr, "listen": listenErr} {
		if !errors.Is(err, ErrNotSupported) || !errors.Is(err, unix.ENOPROTOOPT) || err.Error() != op+why {
			t.Errorf("%s: %v, want %s", op, err, op+why)
		}
	}
}
