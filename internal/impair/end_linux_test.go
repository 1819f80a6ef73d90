package impair

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
)

func TestCloseFreesEverything(t *testing.T) {
	b := newBed(t)
	ports := [2]Port{{b.middle, "a"}, {b.middle, "b"}}
	once := func() {
		l, err := Open(ports[0], ports[1], Params{Delay: time.Hour}, Params{}, Options{RingFrames: 64})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := Open(ports[0], Port{b.middle, "nope"}, Params{}, Params{}, Options{}); err == nil {
			t.Fatal("no error")
		}
	}
	for range 5 {
		once()
	}
	files, threads, goroutines := entries(t, "fd"), entries(t, "task"), runtime.NumGoroutine()
	for range 50 {
		once()
	}
	if now := entries(t, "fd"); now > files {
		t.Errorf("%d file descriptors, were %d", now, files)
	}
	eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines })
	// Threads end some time after their work; others of the runtime may start.
	eventually(t, "the threads end", func() bool { return entries(t, "task") <= threads+5 })
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(maps), "socket:["); n > 0 {
		t.Errorf("%d rings still mapped", n)
	}
}

func entries(t *testing.T, what string) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/" + what)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestAfterClose(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	if err := l.Err(); err != nil {
		t.Error(err)
	}
	l.Close()
	<-l.Done()
	if err := l.Err(); err != nil {
		t.Error(err)
	}
	if err := l.Set(AToB, Params{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Set: %v", err)
	}
	if s := l.Stats(AToB); s.Sent.Frames == 0 || s != l.Stats(AToB) {
		t.Errorf("stats are not kept: %+v", s)
	}
}

// TestInterfaceGone removes an interface, while the link sleeps and while it has
// frames to send every now and then.
func TestInterfaceGone(t *testing.T) {
	for _, removed := range []string{"a", "b"} {
		b := newBed(t)
		l := b.open(t, Params{Delay: time.Millisecond}, Params{}, Options{})
		client, _ := b.datagrams(t)
		client.Write([]byte("x"))
		netnstest.Output(t, b.middle, "ip link delete dev "+removed)
		select {
		case <-l.Done():
		case <-time.After(5 * time.Second):
			t.Fatal("the link did not end")
		}
		err := l.Err()
		if !errors.Is(err, ErrInterfaceGone) || !strings.Contains(err.Error(), "interface "+removed) {
			t.Errorf("%s removed: %v", removed, err)
		}
		if again := l.Close(); again != err {
			t.Errorf("Close: %v, want %v", again, err)
		}
		if err := l.Set(AToB, Params{}); !errors.Is(err, ErrInterfaceGone) {
			t.Errorf("Set: %v", err)
		}
		t.Log(err)
	}
}

// TestInterfaceDownAndUp takes the link's ports and the hosts' down in turn.
func TestInterfaceDownAndUp(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	configure(t, b.middle, func(c *rtnl.Conn) error { return c.SetDown("b") })
	before := l.Stats(AToB)
	client.Write([]byte("refused"))
	eventually(t, "the frame is refused", func() bool { return l.Stats(AToB).Refused > before.Refused })
	configure(t, b.middle, func(c *rtnl.Conn) error { return c.SetUp("b") })
	exchange(t, client, server)
	warm(t, client, server)
	if err := l.Err(); err != nil {
		t.Error(err)
	}
}

func TestOpenFails(t *testing.T) {
	b := newBed(t)
	a, other := Port{b.middle, "a"}, Port{b.middle, "b"}
	var bad *ParamError
	for want, open := range map[string]func() (*Link, error){
		"interface nope: look up interface: no such device": func() (*Link, error) { return Open(a, Port{b.middle, "nope"}, Params{}, Params{}, Options{}) },
		"interface lo: not an Ethernet interface":           func() (*Link, error) { return Open(Port{b.middle, "lo"}, a, Params{}, Params{}, Options{}) },
		"a name has 1 to 15 characters": func() (*Link, error) {
			return Open(a, Port{b.middle, "0123456789abcdef"}, Params{}, Params{}, Options{})
		},
		"open link a to b: b to a: loss 2: want a probability":      func() (*Link, error) { return Open(a, other, Params{}, Params{Loss: 2}, Options{}) },
		"open link a to b: ring of 1 frames: want 32 to 65536":      func() (*Link, error) { return Open(a, other, Params{}, Params{}, Options{RingFrames: 1}) },
		"open link a to b: memory of -1 bytes: want more, or 0 for": func() (*Link, error) { return Open(a, other, Params{}, Params{}, Options{Memory: -1}) },
	} {
		l, err := open()
		if err == nil {
			l.Close()
			t.Errorf("no error, want %q", want)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q, want %q", err, want)
		}
		if strings.Contains(want, "loss") != errors.As(err, &bad) || strings.Contains(want, "nope") != errors.Is(err, unix.ENODEV) {
			t.Errorf("%v: of another type", err)
		}
	}
}

// TestManyCallers is for the race detector.
func TestManyCallers(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for range 200 {
				_ = l.Set(Direction(n%2), Params{Delay: time.Duration(n) * time.Microsecond})
				l.Stats(Direction(n % 2))
				_ = l.Err()
				client.Write([]byte("x"))
				server.Write([]byte("y"))
			}
		})
	}
	all.Wait()
	for range 4 {
		all.Go(func() { l.Close() })
	}
	all.Wait()
}
