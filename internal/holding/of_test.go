package holding

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

const everything = "mptcp tcp to-tcp from-tcp new-mptcp new-tcp udp udp unix netlink twice"

// kinds are what the words' descriptors are.
var kinds = map[string][]Kind{
	"mptcp": {MPTCP, MPTCP, MPTCP}, "tcp": {TCP, TCP, TCP}, "to-tcp": {Fallback, TCP, TCP}, "from-tcp": {TCP, TCP, MPTCP},
	"new-mptcp": {MPTCP}, "new-tcp": {TCP}, "twice": {TCP, TCP},
}

func of(t testing.TB, pid int) *Held {
	t.Helper()
	h, err := Of(t.Context(), pid)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// by finds a socket by a descriptor.
func (h *Held) by(descriptor int) *Socket {
	for i := range h.Sockets {
		if slices.Contains(h.Sockets[i].Descriptors, descriptor) {
			return &h.Sockets[i]
		}
	}
	return &Socket{}
}

// TestOf has each kind of socket, in this process's namespace and in another.
func TestOf(t *testing.T) {
	ns := inside(t)
	if err := ns.Do(func() error {
		p := holds(t, nil, everything)
		check(t, of(t, p.pid), p, false)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	p := holds(t, ns, everything)
	h := of(t, p.pid)
	check(t, h, p, true)
	if !h.Foreign || h.Closed != nil {
		t.Errorf("another namespace: %v, %v", h.Foreign, h.Closed)
	}
	heldAgainstSS(t, h, netnstest.Output(t, ns, "ss -Hantp"), netnstest.Output(t, ns, "ss -HanMp"))
}

func check(t *testing.T, h *Held, p *holder, listed bool) {
	t.Helper()
	for word, want := range kinds {
		for i, kind := range want {
			if s := h.by(p.fds[word][i]); s.Kind != kind {
				t.Errorf("%s %d: %+v, want %s", word, i, s, kind)
			}
		}
	}
	for _, word := range []string{"mptcp", "tcp", "to-tcp", "from-tcp"} {
		one, other, listener := h.by(p.fds[word][0]), h.by(p.fds[word][1]), h.by(p.fds[word][2])
		if one.State != mptcp.StateEstablished || one.Local != other.Remote || one.Remote != other.Local || !one.Local.IsValid() {
			t.Errorf("%s: %+v\n%+v", word, one, other)
		}
		if listener.State != mptcp.StateListen || listener.Local != one.Remote || listener.Remote.IsValid() || listener.Subflows != nil || listener.Token != nil {
			t.Errorf("%s: listener %+v", word, listener)
		}
		if (one.Token != nil) != (word == "mptcp") || (one.Subflows != nil) != (word == "mptcp") {
			t.Errorf("%s: %+v", word, one)
		}
	}
	for _, word := range []string{"new-mptcp", "new-tcp"} {
		if s := h.by(p.fds[word][0]); s.State != mptcp.StateClose || s.Local.IsValid() || s.Remote.IsValid() {
			t.Errorf("%s: %+v", word, s)
		}
	}
	if s := h.by(p.fds["twice"][0]); !slices.Equal(s.Descriptors, p.fds["twice"]) {
		t.Errorf("twice: %+v, want %v", s, p.fds["twice"])
	}
	if want := map[string]int{"udp": 2, "unix": 1, "netlink": 1}; !maps.Equal(h.Others, want) {
		t.Errorf("others %v, want %v", h.Others, want)
	}
	if len(h.Sockets) != 15 || h.Count(MPTCP) != 5 || h.Count(Fallback) != 1 || h.Count(TCP) != 9 || h.Name == "" {
		t.Errorf("%d sockets: %+v", len(h.Sockets), h)
	}
}

var ssDescriptor = regexp.MustCompile(`pid=([0-9]+),fd=([0-9]+)`)

// heldAgainstSS: ss lists the same sockets, as far as it lists any.
func heldAgainstSS(t *testing.T, h *Held, tcp, multipath string) {
	t.Helper()
	descriptors := func(text string) map[int]bool {
		found := map[int]bool{}
		for _, m := range ssDescriptor.FindAllStringSubmatch(text, -1) {
			if m[1] == strconv.Itoa(h.PID) {
				fd, _ := strconv.Atoi(m[2])
				found[fd] = true
			}
		}
		return found
	}
	ofTCP, ofMPTCP := descriptors(tcp), descriptors(multipath)
	if len(ofMPTCP) < 5 || len(ofTCP) < 10 {
		t.Fatalf("ss lists too little:\n%s%s", tcp, multipath)
	}
	for fd := range ofMPTCP {
		if s := h.by(fd); s.Kind != MPTCP && s.Kind != Fallback {
			t.Errorf("ss has descriptor %d as MPTCP: %+v", fd, s)
		}
	}
	for fd := range ofTCP {
		if s := h.by(fd); s.Kind != TCP && !ofMPTCP[fd] {
			t.Errorf("ss has descriptor %d as TCP alone: %+v", fd, s)
		}
	}
}

// TestSubflows counts those that are established.
func TestSubflows(t *testing.T) {
	ns := inside(t)
	p := holds(t, ns, "mptcp")
	var s *Socket
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s = of(t, p.pid).by(p.fds["mptcp"][0]); s.Subflows != nil && *s.Subflows == 2 {
			return
		}
	}
	t.Errorf("%+v", s)
}

// TestElsewhere: sockets of a namespace that is not the process's own are asked one by
// one, and are the same.
func TestElsewhere(t *testing.T) {
	ns := inside(t)
	var fds []int
	if err := ns.Do(func() (err error) { fds, err = connected(unix.IPPROTO_MPTCP, unix.IPPROTO_MPTCP); return err }); err != nil {
		netnstest.Missing(t, err.Error())
	}
	defer func() {
		for _, fd := range fds {
			unix.Close(fd)
		}
	}()
	h := of(t, os.Getpid())
	one, other, listener := h.by(fds[0]), h.by(fds[1]), h.by(fds[2])
	if one.Kind != MPTCP || other.Kind != MPTCP || listener.Kind != MPTCP || listener.State != mptcp.StateListen || listener.Token != nil {
		t.Errorf("%+v\n%+v\n%+v", one, other, listener)
	}
	if one.Token == nil || one.Subflows == nil || *one.Subflows < 1 || one.Local != other.Remote || one.State != mptcp.StateEstablished {
		t.Errorf("%+v\n%+v", one, other)
	}
}

// TestUnknown: what can neither be found on a list nor asked is not known; what can
// only be TCP is.
func TestUnknown(t *testing.T) {
	p := holds(t, inside(t), "new-mptcp new-tcp udp")
	h := &Held{PID: p.pid, Others: map[string]int{}}
	closed := &process{p.pid, -1}
	if s, ok := h.ask(closed, p.fds["new-mptcp"][0]); !ok || s.Kind != Unknown || s.Why == "" {
		t.Errorf("%+v", s)
	}
	if s, ok := h.ask(closed, p.fds["new-tcp"][0]); !ok || s.Kind != TCP {
		t.Errorf("%+v", s)
	}
	if _, ok := h.ask(closed, p.fds["udp"][0]); ok || h.Others["udp"] != 1 {
		t.Errorf("%+v", h)
	}
}

func TestMany(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes 1000 connections")
	}
	h := of(t, holds(t, inside(t), "many").pid)
	// Half of the connections are of TCP, each has both ends, and there are two listeners.
	if h.Count(MPTCP) != 1002 || h.Count(TCP) != 1000 || len(h.Sockets) != 2002 {
		t.Errorf("%d MPTCP, %d TCP, %d in all", h.Count(MPTCP), h.Count(TCP), len(h.Sockets))
	}
}

// TestRing counts io_uring instances.
func TestRing(t *testing.T) {
	var parameters [120]byte
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(pointer(&parameters)), 0)
	if errno != 0 {
		t.Skipf("io_uring_setup: %v", errno)
	}
	before := of(t, os.Getpid()).Rings
	unix.Close(int(fd))
	if after := of(t, os.Getpid()).Rings; before != 1 || after != 0 {
		t.Errorf("%d rings, then %d", before, after)
	}
}

func TestNoProcess(t *testing.T) {
	if _, err := Of(t.Context(), 1<<30); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "there is none") {
		t.Error(err)
	}
	if _, err := Tree(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Of(ctx, os.Getpid()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := explain(7, unix.EACCES); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "as root") {
		t.Error(err)
	}
}

func BenchmarkOf(b *testing.B) {
	p := holds(b, inside(b), "many")
	for b.Loop() {
		if h, err := Of(b.Context(), p.pid); err != nil || len(h.Sockets) < 2000 {
			b.Fatalf("%v, %v", h, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2000, "ns/socket")
}
