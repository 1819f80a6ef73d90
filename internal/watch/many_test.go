package watch

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// total is how many sockets a report accounts for.
func total(r Connections) int {
	n := r.Connected + r.Failed + r.Listening + r.Unconnected
	for _, u := range r.Unknown {
		n += u.Count
	}
	return n
}

// TestShort: sockets that are closed as soon as they are connected are all accounted for,
// and nothing is taken for what it was not.
func TestShort(t *testing.T) {
	w := watcher(t)
	to, tcp := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"), listen(t, unix.IPPROTO_TCP, "127.0.0.1")
	const each = 300
	for i := range 3 * each {
		fd := hand(t, w, unix.AF_INET)
		switch i % 3 {
		case 0:
			unix.Connect(fd, sockaddr(to))
		case 1:
			unix.Connect(fd, sockaddr(tcp))
		}
		unix.Close(fd)
	}
	w.Look()
	r := w.Report()
	if r.Sockets != 3*each || total(r) != 3*each || r.MPTCP > each || r.FallenBack > each || r.Failed > 0 || r.Unconnected > 0 {
		t.Errorf("%d accounted for: %+v", total(r), r)
	}
	t.Logf("%d of %d seen as MPTCP, %d as fallen back", r.MPTCP, each, r.FallenBack)
}

// TestTooMany: no more than most are watched; when some are gone there is room again.
func TestTooMany(t *testing.T) {
	w := watcher(t)
	p := start(t)
	hand := func() {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		if err != nil {
			t.Fatal(err)
		}
		w.Handed(w.Prepare(fd), p.cmd.Process.Pid, 99)
		unix.Close(fd)
	}
	w.looking.Lock() // Nobody looks meanwhile.
	for range most + 10 {
		hand()
	}
	r := w.Report()
	w.looking.Unlock()
	if len(r.Unknown) != 1 || r.Unknown[0] != (Unknown{reasonTexts[tooMany], 10}) || total(r) != most+10 {
		t.Errorf("%d accounted for: %+v", total(r), r)
	}
	w.Look()
	for range 100 {
		hand()
	}
	w.Look()
	if r = w.Report(); r.Sockets != most+110 || total(r) != r.Sockets || r.Unknown[len(r.Unknown)-1].Count != 10 {
		t.Errorf("after there was room again: %d accounted for: %+v", total(r), r)
	}
}

// TestLeak: neither descriptors nor memory are kept of what is over.
func TestLeak(t *testing.T) {
	before := descriptors(t)
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
	round := func(n int) {
		for range n {
			fd := hand(t, w, unix.AF_INET)
			if n < 100 {
				unix.Connect(fd, sockaddr(to))
			}
			unix.Close(fd)
		}
		w.Look()
	}
	round(1000)
	round(50)
	first := heap()
	open := descriptors(t)
	for range 5 {
		round(1000)
		round(50)
	}
	if n := descriptors(t); n > open {
		t.Errorf("%d descriptors, %d before", n, open)
	}
	if grown := int64(heap()) - int64(first); grown > 200_000 {
		t.Errorf("%d bytes more than before", grown)
	}
	w.mu.Lock()
	if w.inUse > mostLost {
		t.Errorf("%d sockets are watched of those that were closed", w.inUse)
	}
	w.mu.Unlock()
	w.Close()
	w.Close()
	if n := descriptors(t); n != before+1 { // The listener.
		t.Errorf("%d descriptors after Close, %d before New", n-1, before)
	}
	if r := w.Report(); total(r) != r.Sockets {
		t.Errorf("after Close: %+v", r)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestNothingHeld: when the program closes a socket, the peer sees it at once, in whatever
// state it is watched.
func TestNothingHeld(t *testing.T) {
	for _, wait := range []time.Duration{0, 30 * time.Millisecond} {
		w := watcher(t)
		fd := hand(t, w, unix.AF_INET)
		listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(listener)
		unix.Listen(listener, 1)
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(localOf(listener).Port()), Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		peer, _, err := unix.Accept(listener)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(peer)
		time.Sleep(wait)
		unix.Close(fd)
		fds := []unix.PollFd{{Fd: int32(peer), Events: unix.POLLIN}}
		if n, _ := unix.Poll(fds, 5000); n != 1 {
			t.Fatal("the peer sees no end in 5 s")
		}
		if n, err := unix.Read(peer, make([]byte, 1)); n != 0 || err != nil {
			t.Errorf("the peer reads %d bytes, %v", n, err)
		}
	}
}

// TestCloseUnconnected: an unconnected socket that is watched goes when the program closes
// it, and the port it was bound to is free.
func TestCloseUnconnected(t *testing.T) {
	w := watcher(t)
	fd := hand(t, w, unix.AF_INET)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at := localOf(fd)
	unix.Close(fd)
	other, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(other)
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if err = unix.Bind(other, sockaddr(at)); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the port is still taken: %v", err)
		}
	}
}

// TestNoDescriptors: a process without any to spare looks later.
func TestNoDescriptors(t *testing.T) {
	w := watcher(t)
	to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
	fd := hand(t, w, unix.AF_INET)
	defer unix.Close(fd)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	err := unix.Connect(fd, sockaddr(to))
	time.Sleep(50 * time.Millisecond)
	r := w.Report()
	unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	if err != nil || r.Connected != 0 || total(r) != 1 {
		t.Fatalf("%v, without descriptors: %+v", err, r)
	}
	await(t, w, "connected", func(r Connections) bool { return r.MPTCP == 1 })
}
