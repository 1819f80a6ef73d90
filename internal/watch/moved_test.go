package watch

import (
	"testing"

	"golang.org/x/sys/unix"
)

// give makes a socket that is watched in a program.
func give(t *testing.T, w *Watcher) *program {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	k := w.Prepare(fd)
	p := start(t, fd)
	unix.Close(fd)
	w.Handed(k, p.cmd.Process.Pid, 3)
	return p
}

func TestOtherProcess(t *testing.T) {
	w := watcher(t)
	p := give(t, w)
	p.must("connect", 3, listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"))
	await(t, w, "connected", func(r Connections) bool { return r.MPTCP == 1 && r.Subflows[0].Subflows == 1 })
	p.done()
	w.Look()
	if r := w.Report(); r.MPTCP != 1 || len(r.Unknown) > 0 {
		t.Errorf("after the process has ended: %+v", r)
	}
}

// TestMovedConnected: a socket that is another descriptor now is found by its cookie.
func TestMovedConnected(t *testing.T) {
	w := watcher(t)
	p := give(t, w)
	p.must("connect", 3, listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"))
	p.must("dup2", 3, 9)
	p.must("close", 3)
	w.Look()
	if r := w.Report(); r.MPTCP != 1 {
		t.Errorf("%+v", r)
	}
	if p.must("status", 9) != 1 {
		t.Error("the program's socket is not MPTCP")
	}
}

// TestMovedFirst: it connects only when it is elsewhere, and an event tells.
func TestMovedFirst(t *testing.T) {
	for _, c := range []struct {
		protocol        int
		mptcp, fallback int
	}{{unix.IPPROTO_MPTCP, 1, 0}, {unix.IPPROTO_TCP, 0, 1}} {
		w := watcher(t)
		p := give(t, w)
		p.must("dup2", 3, 9)
		p.must("close", 3)
		await(t, w, "lost", func(r Connections) bool { return len(r.Unknown) == 1 && r.Unknown[0].Reason == reasonTexts[neverSeen] })
		p.must("connect", 9, listen(t, c.protocol, "127.0.0.1"))
		await(t, w, "found", func(r Connections) bool {
			return r.MPTCP == c.mptcp && r.FallenBack == c.fallback && len(r.Unknown) == 0
		})
	}
}

// TestPassed: a socket that another process has.
func TestPassed(t *testing.T) {
	w := watcher(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	k := w.Prepare(fd)
	first, second := start(t, fd), start(t, fd)
	unix.Close(fd)
	w.Handed(k, first.cmd.Process.Pid, 3)
	second.must("connect", 3, listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"))
	await(t, w, "connected", func(r Connections) bool { return r.MPTCP == 1 })
	first.done()
	w.Look()
	w.mu.Lock()
	n := w.inUse
	w.mu.Unlock()
	if n != 1 {
		t.Errorf("%d sockets watched after one of two processes has ended", n)
	}
	second.done()
	w.Look()
	if r := w.Report(); r.MPTCP != 1 || len(r.Unknown) > 0 {
		t.Errorf("%+v", r)
	}
	w.mu.Lock()
	n = w.inUse
	w.mu.Unlock()
	if n != 0 {
		t.Errorf("%d sockets watched after both have ended", n)
	}
}

// TestTree: nothing is handed over.
func TestTree(t *testing.T) {
	w := watcher(t)
	p := start(t)
	w.Tree(p.cmd.Process.Pid)
	to, tcp := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"), listen(t, unix.IPPROTO_TCP, "127.0.0.1")
	p.must("connect", p.must("socket"), to)
	p.must("connect", p.must("socket"), tcp)
	server := p.must("socket")
	p.must("bind", server, "127.0.0.1:0")
	p.must("listen", server)
	await(t, w, "found", func(r Connections) bool {
		return r.MPTCP == 1 && r.FallenBack == 1 && r.Listening == 1 && r.Sockets == 3
	})
}
