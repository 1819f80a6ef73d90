package hook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"allroads/internal/hook/cgroup"
	"allroads/internal/vm"

	"golang.org/x/sys/unix"
)

var probed = sync.OnceValue(Probe)

// requireHook skips a test where the kernel refuses the hook, but never in a virtual
// machine, which is there for it.
func requireHook(t testing.TB) {
	t.Helper()
	if err := probed(); err != nil {
		if vm.Inside() {
			t.Fatal(err)
		}
		t.Skipf("make test-vm runs this: %v", err)
	}
}

// newCgroup makes a cgroup that is gone after the test.
func newCgroup(t testing.TB, name string) *cgroup.Cgroup {
	t.Helper()
	c, err := cgroup.Create(fmt.Sprintf("%s-%d", name, os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Remove(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return c
}

// hooked attaches a hook to a cgroup until the end of the test.
func hooked(t testing.TB, c *cgroup.Cgroup) *Hook {
	t.Helper()
	h, err := Attach(c.Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func wantCounts(t testing.TB, h *Hook, seen, converted uint64) {
	t.Helper()
	got, err := h.Counts()
	if err != nil {
		t.Fatal(err)
	}
	if got.Seen != seen || got.Converted != converted {
		t.Errorf("counts are %+v, want %d seen and %d converted", got, seen, converted)
	}
}

func TestConverted(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "converted")
	h := hooked(t, c)
	p := start(t, c)
	n := uint64(0)
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		for _, flags := range []int{0, unix.SOCK_CLOEXEC, unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC} {
			for _, protocol := range []int{0, unix.IPPROTO_TCP} {
				got := p.ask("socket %d %d %d", family, unix.SOCK_STREAM|flags, protocol)
				if got != isMPTCP {
					t.Errorf("socket(%d, SOCK_STREAM|%#x, %d) has protocol %s", family, flags, protocol, got)
				}
				n++
				wantCounts(t, h, n, n)
			}
		}
	}
}

// untouched are sockets that nobody wants to be MPTCP, with the protocol that they
// have, or the error of those that there are not.
var untouched = []struct {
	name                   string
	family, kind, protocol int
	want                   string
}{
	{"UDP", unix.AF_INET, unix.SOCK_DGRAM, 0, "17"},
	{"UDP over IPv6", unix.AF_INET6, unix.SOCK_DGRAM, unix.IPPROTO_UDP, "17"},
	{"raw", unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP, "1"},
	{"SCTP stream", unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP, "132"},
	{"SCTP", unix.AF_INET, unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP, "132"},
	{"SCTP over IPv6", unix.AF_INET6, unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP, "132"},
	{"Unix stream", unix.AF_UNIX, unix.SOCK_STREAM, 0, "0"},
	{"Unix datagram", unix.AF_UNIX, unix.SOCK_DGRAM, 0, "0"},
	{"Unix packets", unix.AF_UNIX, unix.SOCK_SEQPACKET, 0, "0"},
	{"netlink", unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE, "0"},
	{"netlink datagram", unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_GENERIC, "16"},
	{"packet", unix.AF_PACKET, unix.SOCK_RAW, 0, "0"},
	{"MPTCP itself", unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP, isMPTCP},
	{"MPTCP over IPv6", unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP, isMPTCP},
	{"no such protocol", unix.AF_INET, unix.SOCK_STREAM, 200, "error protocol not supported"},
	{"no such family", 99, unix.SOCK_STREAM, 0, "error address family not supported by protocol"},
	{"no such type", unix.AF_INET, 9, 0, "error socket type not supported"},
	{"UDP's type, TCP's number", unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_TCP, "error protocol not supported"},
	{"no type", unix.AF_INET, 0, 0, "error socket type not supported"},
}

// TestUntouched: other sockets, and the errors of calls that fail, are what they are
// outside.
func TestUntouched(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "untouched")
	h := hooked(t, c)
	inside, outside := start(t, c), start(t, nil)
	for _, s := range untouched {
		call := fmt.Sprintf("socket %d %d %d", s.family, s.kind, s.protocol)
		got, plain := inside.ask("%s", call), outside.ask("%s", call)
		if got != s.want || plain != s.want {
			t.Errorf("%s: protocol %s in the cgroup, %s outside, want %s", s.name, got, plain, s.want)
		}
	}
	wantCounts(t, h, 0, 0)
}

// TestOutside: tasks of the parent, and of another child of it, are not concerned.
func TestOutside(t *testing.T) {
	requireHook(t)
	h := hooked(t, newCgroup(t, "outside"))
	start(t, nil).wantTCP(isTCP, "in the parent cgroup")
	start(t, newCgroup(t, "sibling")).wantTCP(isTCP, "in a sibling")
	wantCounts(t, h, 0, 0)
}

// TestThreads: a thousand sockets, in threads of one process.
func TestThreads(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "threads")
	h := hooked(t, c)
	if got := start(t, c).ask("threads 20 50"); got != "map[262:1000]" {
		counts, err := h.Counts()
		t.Errorf("1000 sockets in threads: %s, counts are %+v: %v", got, counts, err)
	}
	wantCounts(t, h, 1000, 1000)
}

// TestCrowd: threads that fight for a processor. It is for kernels that preempt their
// own code, of which internal/vm starts one. Whether calls pass by there is a matter
// of luck; those that do are counted.
func TestCrowd(t *testing.T) {
	requireHook(t)
	const threads, each = 40, 1000
	c := newCgroup(t, "crowd")
	h := hooked(t, c)
	got := start(t, c).ask("threads %d %d", threads, each)
	counts, err := h.Counts()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s, %+v", got, counts)
	missed := uint64(threads*each) - counts.Seen
	if counts.Converted != counts.Seen || counts.Seen < threads*each/2 || missed > counts.Missed {
		t.Errorf("of %d sockets %s; counts are %+v", threads*each, got, counts)
	}
}

// move moves a running process to a cgroup.
func move(t *testing.T, p *program, c *cgroup.Cgroup) {
	t.Helper()
	path := filepath.Join(c.Path(), "cgroup.procs")
	if err := os.WriteFile(path, []byte(strconv.Itoa(p.cmd.Process.Pid)), 0); err != nil {
		t.Fatal(err)
	}
}

// TestRunning: programs that ran before the hook was attached, or before they came to
// the cgroup.
func TestRunning(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "running")
	there, comes := start(t, c), start(t, nil)
	there.wantTCP(isTCP, "before the hook is attached")
	hooked(t, c)
	there.wantTCP(isMPTCP, "a program that ran in the cgroup already")
	comes.wantTCP(isTCP, "before the program is moved")
	move(t, comes, c)
	comes.wantTCP(isMPTCP, "after it was moved")
}

// TestNested: cgroups below, however deep, belong to it, also when they are made
// later. Of two hooks for a task, the one attached last converts, and the other goes
// on when that is gone.
func TestNested(t *testing.T) {
	requireHook(t)
	outer := newCgroup(t, "nested")
	first := hooked(t, outer)
	deep := below(t, outer, 5)
	p := start(t, deep)
	p.wantTCP(isMPTCP, "five levels below")
	second := hooked(t, deep)
	p.wantTCP(isMPTCP, "with two hooks")
	wantCounts(t, first, 1, 1)
	wantCounts(t, second, 1, 1)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	p.wantTCP(isMPTCP, "with the outer hook alone")
	wantCounts(t, first, 2, 2)
	third := hooked(t, deep)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	p.wantTCP(isMPTCP, "with the inner hook alone")
	wantCounts(t, third, 1, 1)
	start(t, outer).wantTCP(isTCP, "in the outer cgroup, which has no hook any more")
}

// below makes cgroups inside of each other, and returns the lowest.
func below(t *testing.T, c *cgroup.Cgroup, levels int) *cgroup.Cgroup {
	t.Helper()
	path := c.Path()
	for i := range levels {
		path = filepath.Join(path, fmt.Sprint("level", i))
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	deep, err := cgroup.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deep.Close() })
	return deep
}

func TestDetach(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "detach")
	p := start(t, c)
	for range 3 {
		h := hooked(t, c)
		p.wantTCP(isMPTCP, "attached")
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		p.wantTCP(isTCP, "detached")
	}
}

// TestWithoutIPv6: on a kernel that has no MPTCP over IPv6, such sockets are seen, and
// left alone.
func TestWithoutIPv6(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "ipv4only")
	h := &Hook{cgroup: c}
	var err error
	if h.collection, err = load(false); err != nil {
		t.Fatal(err)
	}
	defer h.collection.Close()
	if err := aim(h.collection, c); err != nil {
		t.Fatal(err)
	}
	if h.links, err = attach(h.collection); err != nil {
		t.Fatal(err)
	}
	defer h.links.Close()
	p := start(t, c)
	p.wantTCP(isMPTCP, "IPv4")
	if got := p.ask("socket %d %d 0", unix.AF_INET6, unix.SOCK_STREAM); got != isTCP {
		t.Errorf("IPv6: protocol %s", got)
	}
	wantCounts(t, h, 2, 1)
}

// TestFull: the kernel has room for so many, and what is refused leaves nothing.
func TestFull(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "full")
	const room = 38 / copies
	var last *Hook
	for range room {
		last = hooked(t, c)
	}
	_, err := Attach(c.Path())
	if !errors.Is(err, ErrNotSupported) || !errors.Is(err, unix.E2BIG) || !strings.Contains(err.Error(), "detach one") {
		t.Errorf("one hook more than there is room for: %v", err)
	}
	if err := last.Close(); err != nil {
		t.Fatal(err)
	}
	hooked(t, c)
}
