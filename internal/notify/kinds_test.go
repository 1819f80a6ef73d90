package notify_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/notify"

	"golang.org/x/sys/unix"
)

// kinds runs the program with sockets to open, plain and under supervision.
func kinds(t *testing.T, o notify.Options, sockets [][3]int64) (plain, filtered []string, r *run) {
	t.Helper()
	args := []string{program(t), "kind"}
	for _, s := range sockets {
		for _, number := range s {
			args = append(args, fmt.Sprint(number))
		}
	}
	out, err := exec.Command(args[0], args[1:]...).Output()
	if err != nil {
		t.Fatal(err)
	}
	r = start(t, o, args...)
	return strings.Split(strings.TrimSpace(string(out)), "\n"), strings.Split(r.wait(t), "\n"), r
}

// TestConverted: exactly these become MPTCP, with their flags.
func TestConverted(t *testing.T) {
	const cloexec, nonblock = unix.SOCK_CLOEXEC, unix.SOCK_NONBLOCK
	var sockets [][3]int64
	for _, family := range []int64{unix.AF_INET, unix.AF_INET6} {
		for _, protocol := range []int64{0, unix.IPPROTO_TCP} {
			for _, flags := range []int64{0, cloexec, nonblock, cloexec | nonblock} {
				sockets = append(sockets, [3]int64{family, unix.SOCK_STREAM | flags, protocol})
			}
		}
	}
	// The kernel takes an int from each register: what is above is nothing.
	sockets = append(sockets, [3]int64{unix.AF_INET | 1<<40, unix.SOCK_STREAM | 1<<33, unix.IPPROTO_TCP | 1<<50})
	plain, filtered, r := kinds(t, notify.Options{}, sockets)
	for i, s := range sockets {
		if want := strings.Replace(plain[i], "protocol 6 ", "protocol 262 ", 1); want == plain[i] || filtered[i] != want {
			t.Errorf("socket%v: %q plain, %q here, want %q", s, plain[i], filtered[i], want)
		}
	}
	if s := r.tally.Sockets(); s.Converted != len(sockets) || s.Seen != s.Converted {
		t.Errorf("tally %+v, want %d converted", s, len(sockets))
	}
}

// TestUntouched: all others are what they are without us, errors as well.
func TestUntouched(t *testing.T) {
	sockets := [][3]int64{
		{unix.AF_INET, unix.SOCK_DGRAM, 0}, {unix.AF_INET6, unix.SOCK_DGRAM, unix.IPPROTO_UDP},
		{unix.AF_UNIX, unix.SOCK_STREAM, 0}, {unix.AF_UNIX, unix.SOCK_DGRAM, 0}, {unix.AF_UNIX, unix.SOCK_SEQPACKET, 0},
		{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE}, {unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_SOCK_DIAG},
		{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP}, {unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_SCTP},
		{unix.AF_INET, unix.SOCK_SEQPACKET, 0}, {unix.AF_INET, unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP},
		{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP}, {unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP},
		{unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_TCP}, {unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP},
		{unix.AF_PACKET, unix.SOCK_RAW, 0}, {unix.AF_VSOCK, unix.SOCK_STREAM, 0},
		{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_UDP}, {unix.AF_INET, unix.SOCK_STREAM, -1}, {unix.AF_INET, unix.SOCK_STREAM, 1 << 16},
		{unix.AF_INET, unix.SOCK_STREAM | 0x10, 0}, {unix.AF_INET, unix.SOCK_STREAM | 0x100000, 0},
		{unix.AF_INET | 0x100, unix.SOCK_STREAM, 0}, {-1, unix.SOCK_STREAM, 0}, {0, unix.SOCK_STREAM, 0}, {unix.AF_INET, 0, 0}, {999, 1, 0},
	}
	plain, filtered, r := kinds(t, notify.Options{}, sockets)
	for i, s := range sockets {
		if filtered[i] != plain[i] {
			t.Errorf("socket%v: %q, want %q as without us", s, filtered[i], plain[i])
		}
	}
	if s := r.tally.Sockets(); s.Seen != 0 {
		t.Errorf("tally %+v of sockets that are none of ours", s)
	}
}

// TestCompat: the calls of 32-bit programs, from a 64-bit one.
func TestCompat(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("there are other tests for other machines")
	}
	plain, err := exec.Command(program(t), "compat").Output()
	if err != nil {
		netnstest.Missing(t, "calls of 32-bit programs (CONFIG_IA32_EMULATION)")
	}
	want := strings.ReplaceAll(strings.TrimSpace(string(plain)), "protocol 6", "protocol 262")
	r := start(t, notify.Options{}, program(t), "compat")
	if got := r.wait(t); got != want || strings.Count(want, "262") != 2 {
		t.Errorf("%q, want %q", got, want)
	}
	if s := r.tally.Sockets(); s.Converted != 2 || s.Seen != 2 {
		t.Errorf("tally %+v", s)
	}
}

// TestGo386 is a 32-bit program of Go, which calls socketcall(2) for all.
func TestGo386(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("only amd64 runs programs of 386")
	}
	gotool, err := exec.LookPath("go")
	if err != nil {
		netnstest.Missing(t, "program go")
	}
	file := filepath.Join(t.TempDir(), "program386")
	build := exec.Command(gotool, "build", "-o", file, "testdata/go386.go")
	build.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("build for GOARCH=386: %v: %s", err, out)
	}
	r := start(t, notify.Options{}, file)
	if got, want := r.wait(t), "4 262\n10 262\n4 17\n"; got+"\n" != want {
		t.Errorf("%q, want %q", got, want)
	}
}
