package impair

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/rtnl"
)

// TestSlowInterfaceHoldsBack sends to an interface that takes frames slowly:
// when the socket is full, frames wait and none is dropped.
func TestSlowInterfaceHoldsBack(t *testing.T) {
	const frames = 200
	b := newBed(t)
	slow := rtnl.TBF{Rate: 8_000_000, Burst: 4000, Latency: 10 * time.Second}
	configure(t, b.middle, func(c *rtnl.Conn) error { return c.SetTBF("b", slow) })
	l := b.open(t, Params{}, Params{}, Options{})
	if err := unix.SetsockoptInt(l.sockets[1].fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 10_000); err != nil {
		t.Fatal(err)
	}
	client, server := b.datagrams(t)
	warm(t, client, server)
	for range frames {
		if _, err := client.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all frames are read", func() bool { return l.Stats(AToB).In.Frames >= frames })
	if s := l.Stats(AToB); s.Waiting < frames/2 {
		t.Errorf("only %d frames wait: the interface is not slow", s.Waiting)
	}
	for n := range frames {
		if _, err := server.Read(make([]byte, 2000)); err != nil {
			t.Fatalf("datagram %d: %v, %+v", n, err, l.Stats(AToB))
		}
	}
}

// TestCarryingAllocatesNothing does by hand what the link's thread does.
func TestCarryingAllocatesNothing(t *testing.T) {
	b := newBed(t)
	l := &Link{clock: clock{base: time.Now()}, wake: -1, done: make(chan struct{})}
	faults := Params{Rate: 1_000_000_000, Delay: 20 * time.Microsecond}
	if err := l.open(Port{b.middle, "a"}, Port{b.middle, "b"}, faults, faults, Options{RingFrames: 64}); err != nil {
		t.Fatal(err)
	}
	defer l.release()
	send := stamper(t, Port{b.client, "eth0"}, 1514)
	pass := func() {
		send()
		sent := l.flows[AToB].stats.Sent.Frames
		for l.flows[AToB].stats.Sent.Frames == sent {
			if err := l.sleep(); err != nil {
				t.Fatal(err)
			}
			if _, err := l.turn(l.clock.read()); err != nil {
				t.Fatal(err)
			}
			l.publish()
		}
	}
	pass()
	if n := testing.AllocsPerRun(200, pass); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
