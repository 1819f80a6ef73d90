package live

import (
	"errors"
	"slices"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// several are connections out of order, two of which differ in their ports.
func shuffled() []*sockdiag.Connection {
	listener := made(1)
	listener.State, listener.Local = mptcp.StateListen, at("[::]:80")
	listener.Remote = at("0.0.0.0:0")
	second, fourth, third := made(2), made(4), made(3)
	second.Local, third.Remote = at("10.0.0.1:10"), at("192.0.2.2:90")
	fourth.Local = at("[2001:db8::1]:1")
	return []*sockdiag.Connection{fourth, third, made(5), second, listener}
}

func cookies(t *testing.T, w *Watcher, atMost int) (found []uint64) {
	t.Helper()
	for c, err := range w.Ordered(t.Context(), atMost) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, c.Cookie)
	}
	return found
}

func TestOrder(t *testing.T) {
	first, other := &scripted{connections: shuffled()}, &scripted{connections: []*sockdiag.Connection{made(9)}}
	w := watcherOf(t, Options{}, first, other)
	sorted := []uint64{1, 2, 5, 3, 4, 9}
	s, err := w.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var looked []uint64
	for _, c := range s.Connections {
		looked = append(looked, c.Cookie)
	}
	if !slices.Equal(looked, sorted) || s.Connections[5].Space != "red" {
		t.Errorf("a snapshot has %v, want %v", looked, sorted)
	}
	for atMost, want := range map[int][]uint64{6: sorted, 100: sorted, 5: {4, 3, 5, 2, 1, 9}, 0: {4, 3, 5, 2, 1, 9}} {
		if got := cookies(t, w, atMost); !slices.Equal(got, want) {
			t.Errorf("at most %d: %v, want %v", atMost, got, want)
		}
	}
}

// TestOrderedStops where its caller does, in each of its parts.
func TestOrderedStops(t *testing.T) {
	w := watcherOf(t, Options{}, &scripted{connections: shuffled()}, &scripted{connections: []*sockdiag.Connection{made(9)}})
	for _, atMost := range []int{0, 2, 100} {
		for stop := 1; stop <= 6; stop++ {
			n := 0
			for range w.Ordered(t.Context(), atMost) {
				if n++; n == stop {
					break
				}
			}
			if n != stop {
				t.Errorf("at most %d: %d came, want %d", atMost, n, stop)
			}
		}
	}
}

// TestErrors reach the caller, and say which namespace they are of.
func TestErrors(t *testing.T) {
	broken := &scripted{connections: shuffled(), err: errScripted}
	w := watcherOf(t, Options{}, &scripted{}, broken)
	const want = "network namespace red: as the script says"
	if _, err := w.Look(t.Context()); !errors.Is(err, errScripted) || err.Error() != want {
		t.Errorf("Look: %v", err)
	}
	var last error
	for _, err := range w.Ordered(t.Context(), 2) {
		if last != nil {
			t.Error("something after an error")
		}
		last = err
	}
	if !errors.Is(last, errScripted) || last.Error() != want {
		t.Errorf("Ordered: %v", last)
	}
}

// TestFilter: what there is one of goes to the source, the rest is held here.
func TestFilter(t *testing.T) {
	o := Options{}
	if err := o.Choose([]string{"1", "2", "192.0.2.2", "estab"}); err != nil {
		t.Fatal(err)
	}
	source := &scripted{connections: []*sockdiag.Connection{made(1), made(2), made(3)}}
	w := watcherOf(t, o, source)
	if got := cookies(t, w, 9); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("%v are chosen", got)
	}
	if f := source.filter; f.Addr.String() != "192.0.2.2" || len(f.States) != 1 || f.Token != nil {
		t.Errorf("the source was asked for %+v", f)
	}
}

// TestLost: a namespace that disappears is told of once, the last one is an error.
func TestLost(t *testing.T) {
	first, second := &scripted{connections: shuffled()}, &scripted{}
	w := watcherOf(t, Options{}, first, second)
	ns := netnstest.New(t)
	for i, s := range w.spaces {
		s.NS, s.inode = ns, 1 // which no file is
		if i == 0 {
			s.File = "/proc/self/ns/net"
		}
	}
	s, err := w.Look(t.Context())
	if err != nil || len(s.Lost) != 1 || s.Lost[0].File != "/proc/self/ns/net" || len(s.Connections) != 0 || !first.closed || second.closed {
		t.Fatalf("%+v, %v", s, err)
	}
	if s, err = w.Look(t.Context()); err != nil || len(s.Lost) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	w.spaces[0].File = "/none"
	if _, err = w.Look(t.Context()); !errors.Is(err, ErrLost) || err.Error() != "watch network namespace red: no such network namespace any more" {
		t.Errorf("%v", err)
	}
}
