package mptcp

import (
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// cannotShow are options that TCP refuses, too, where these tests run: they take
// what a test does not have, or a kernel's option that it may lack.
var cannotShow = map[string]string{
	"SO_ATTACH_BPF": "a BPF program", "SO_ATTACH_REUSEPORT_EBPF": "a BPF program", "SO_DETACH_REUSEPORT_BPF": "a BPF program",
	"TCP_MD5SIG": "CONFIG_TCP_MD5SIG", "TCP_MD5SIG_EXT": "CONFIG_TCP_MD5SIG", "TCP_ULP": "kernel module tls",
	"TCP_AO_ADD_KEY": "CONFIG_TCP_AO", "TCP_AO_DEL_KEY": "CONFIG_TCP_AO", "TCP_AO_INFO": "CONFIG_TCP_AO",
	"TCP_AO_GET_KEYS": "CONFIG_TCP_AO", "TCP_AO_REPAIR": "CONFIG_TCP_AO",
	"TCP_REPAIR_QUEUE": "TCP_REPAIR", "TCP_QUEUE_SEQ": "TCP_REPAIR", "TCP_REPAIR_OPTIONS": "TCP_REPAIR",
	"TCP_REPAIR_WINDOW": "TCP_REPAIR", "TCP_TIMESTAMP": "TCP_REPAIR", "TCP_ZEROCOPY_RECEIVE": "a mapping of the socket",
	"SO_ATTACH_REUSEPORT_CBPF": "a group of sockets", "SO_ORIGINAL_DST": "connection tracking", "IP6T_SO_ORIGINAL_DST": "connection tracking",
}

// Each row is held against the running kernel: what is refused works on TCP, and
// what is not refused does on both or on neither.
func TestCompatible(t *testing.T) {
	requireMPTCP(t)
	ns := newNamespace(t)
	if err := ns.Do(func() error { checkTable(t); return nil }); err != nil {
		t.Fatal(err)
	}
}

func checkTable(t *testing.T) {
	release := kernelRelease(t)
	without6 := len(loopbacks(t)) == 1
	shown := 0
	for _, row := range SocketOptions() {
		if !atLeast(release, version(t, row.Since)) {
			t.Logf("%s: this kernel is older than %s", row.Name, row.Since)
			continue
		}
		family := loopback4
		if row.Level == levelIPv6 {
			family = loopback6
		}
		if family == loopback6 && without6 {
			continue
		}
		refused := row.Set != SameAsTCP || row.SetConnected != SameAsTCP || row.Get != SameAsTCP
		seen := tryRow(t, row, family)
		if refused && seen {
			shown++
		}
		if reason := cannotShow[row.Name]; refused && !seen && reason == "" && atLeast(release, [2]int{6, 18}) {
			t.Errorf("%s: TCP refuses it too", row.Name)
		}
	}
	if shown < 75 && !without6 {
		t.Errorf("only %d rows could be shown to differ from TCP", shown)
	}
}

// tryRow tries an option on four sockets, and reports whether TCP takes all that
// MPTCP is said to refuse.
func tryRow(t *testing.T, row Compatibility, family netip.AddrPort) (seen bool) {
	seen = true
	for _, c := range []struct {
		what      string
		connected bool
		want      Refusal
		try       func(fd int) error
	}{
		{"set", false, row.Set, row.trySet},
		{"set when connected", true, row.SetConnected, row.trySet},
		{"get", true, row.Get, row.tryGet},
	} {
		ofTCP := onSocket(t, family, unix.IPPROTO_TCP, c.connected, c.try)
		ofMPTCP := onSocket(t, family, unix.IPPROTO_MPTCP, c.connected, c.try)
		switch {
		case c.want == SameAsTCP:
			if (ofTCP == nil) != (ofMPTCP == nil) {
				t.Errorf("%s %s: %v on TCP, %v on MPTCP", c.what, row.Name, ofTCP, ofMPTCP)
			}
		case ofMPTCP != c.want.errno():
			t.Errorf("%s %s: %v on MPTCP, want %s", c.what, row.Name, ofMPTCP, c.want)
		case ofTCP != nil:
			seen = false
		}
	}
	return seen
}

func (r Refusal) errno() error {
	switch r {
	case NotSupported:
		return unix.EOPNOTSUPP
	case NoSuchOption:
		return unix.ENOPROTOOPT
	case Invalid:
		return unix.EINVAL
	}
	return nil
}

// onSocket runs a call on a new socket, which has a peer if connected.
func onSocket(t *testing.T, at netip.AddrPort, protocol int, connected bool, call func(fd int) error) error {
	t.Helper()
	open := func() int {
		fd, err := unix.Socket(familyOf(at), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
		if err != nil {
			t.Fatal(err)
		}
		return fd
	}
	fd := open()
	defer unix.Close(fd)
	if connected {
		listener := open()
		defer unix.Close(listener)
		if err := connectTo(fd, listener, at); err != nil {
			t.Fatal(err)
		}
	}
	return call(fd)
}

func connectTo(fd, listener int, at netip.AddrPort) error {
	if err := bind(listener, at); err != nil {
		return err
	}
	if err := unix.Listen(listener, 1); err != nil {
		return err
	}
	name, err := unix.Getsockname(listener)
	if err != nil {
		return err
	}
	return unix.Connect(fd, name)
}

func TestCompatibleTable(t *testing.T) {
	var last [2]int
	for i, row := range SocketOptions() {
		at := [2]int{slices.Index([]int{levelSocket, levelTCP, levelIP, levelIPv6}, row.Level), row.Option}
		if i > 0 && slices.Compare(last[:], at[:]) >= 0 {
			t.Errorf("%s is out of order", row.Name)
		}
		last = at
		if got := Compatible(row.Level, row.Option); got != row || !got.Known() {
			t.Errorf("looked up %s, found %+v", row.Name, got)
		}
	}
	for _, c := range []struct {
		level, option int
		works         bool
		name, text    string
	}{
		{unix.SOL_TCP, unix.TCP_NODELAY, true, "TCP_NODELAY", "same as tcp"},
		{unix.SOL_TCP, unix.TCP_USER_TIMEOUT, false, "TCP_USER_TIMEOUT", "ENOPROTOOPT"},
		{unix.SOL_SOCKET, unix.SO_ZEROCOPY, false, "SO_ZEROCOPY", "EOPNOTSUPP"},
		{unix.SOL_SOCKET, 4711, false, "", "same as tcp"},
		{4711, 1, false, "", "same as tcp"},
	} {
		got := Compatible(c.level, c.option)
		if got.Works() != c.works || got.Name != c.name || got.Set.String() != c.text || got.Option != c.option || got.Level != c.level {
			t.Errorf("option %d of level %d: %+v", c.option, c.level, got)
		}
	}
}
