package watch

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkPrepare is what a socket costs whoever hands it over, beside the call that
// makes it.
func BenchmarkPrepare(b *testing.B) {
	w := watcher(b)
	var making, watching time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		made := time.Now()
		if err != nil {
			b.Fatal(err)
		}
		k := w.Prepare(fd)
		w.Handed(k, 1, fd)
		w.Dropped(k)
		watching += time.Since(made)
		making += made.Sub(begin)
		unix.Close(fd)
	}
	b.ReportMetric(float64(watching)/float64(b.N), "ns/watched")
	b.ReportMetric(float64(watching)/float64(making), "of-socket()")
}

// BenchmarkShort is how many connections are seen that a program closes some time after
// the answer to its request.
func BenchmarkShort(b *testing.B) {
	for _, pause := range []string{"0s", "100us", "300us", "1ms", "3ms"} {
		b.Run(pause, func(b *testing.B) {
			asked, seen := 0, 0
			for b.Loop() {
				r := shortConnections(b, 100, pause)
				asked, seen = asked+r.Sockets, seen+r.Connected
			}
			b.ReportMetric(100*float64(seen)/float64(asked), "%seen")
		})
	}
}

func shortConnections(b *testing.B, n int, pause string) Connections {
	w := watcher(b)
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(listener)
	if err := unix.Listen(listener, n); err != nil {
		b.Fatal(err)
	}
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), localOf(listener).Port())
	fds, keys := []int{listener}, make([]Key, n)
	for i := range n {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		if err != nil {
			b.Fatal(err)
		}
		keys[i] = w.Prepare(fd)
		fds = append(fds, fd)
	}
	server, client := start(b, listener), start(b, fds...)
	for i, fd := range fds[1:] {
		unix.Close(fd)
		w.Handed(keys[i], client.cmd.Process.Pid, 4+i)
	}
	server.must("serve", 3)
	client.must("requests", strconv.Itoa(3+n), to, pause)
	client.done()
	server.done()
	w.Look()
	w.Close()
	return w.Report()
}

// BenchmarkTransfer is how fast data goes over a connection that is watched, compared with
// one that is not, a while after connecting.
func BenchmarkTransfer(b *testing.B) {
	w := watcher(b)
	plain, watched := newPipe(b, nil), newPipe(b, w)
	await(b, w, "connected", func(r Connections) bool { return r.MPTCP == 1 })
	const chunk = 16 << 20
	var with, without time.Duration
	b.SetBytes(2 * chunk)
	for b.Loop() {
		without += plain.carry(b, chunk/2)
		with += watched.carry(b, chunk/2)
		with += watched.carry(b, chunk/2)
		without += plain.carry(b, chunk/2)
	}
	b.ReportMetric(float64(without)/float64(with), "of-unwatched")
}

// pipe is a connection to this process itself.
type pipe struct{ from, to int }

func newPipe(b *testing.B, w *Watcher) *pipe {
	b.Helper()
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(listener)
	unix.Listen(listener, 1)
	p := new(pipe)
	if w != nil {
		p.from = hand(b, w, unix.AF_INET)
	} else if p.from, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP); err != nil {
		b.Fatal(err)
	}
	if err := unix.Connect(p.from, &unix.SockaddrInet4{Port: int(localOf(listener).Port()), Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		b.Fatal(err)
	}
	if p.to, _, err = unix.Accept(listener); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(p.from); unix.Close(p.to) })
	return p
}

func (p *pipe) carry(b *testing.B, n int) time.Duration {
	begin := time.Now()
	go func() {
		data := make([]byte, 64<<10)
		for sent := 0; sent < n; sent += len(data) {
			unix.Write(p.from, data)
		}
	}()
	data := make([]byte, 64<<10)
	for got := 0; got < n; {
		m, err := unix.Read(p.to, data)
		if m <= 0 {
			b.Fatalf("read %d: %v", m, err)
		}
		got += m
	}
	return time.Since(begin)
}

// BenchmarkLook is a look at a listener with a thousand connections.
func BenchmarkLook(b *testing.B) {
	w := watcher(b)
	fd := hand(b, w, unix.AF_INET)
	defer unix.Close(fd)
	unix.Listen(fd, 1000)
	for range 1000 {
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		if err != nil {
			b.Fatal(err)
		}
		defer unix.Close(c)
		unix.Connect(c, &unix.SockaddrInet4{Port: int(localOf(fd).Port()), Addr: [4]byte{127, 0, 0, 1}})
	}
	for b.Loop() {
		w.Look()
	}
	if n := w.Report().Accepted.MPTCP; n != 1000 {
		b.Errorf("%d connections", n)
	}
}
