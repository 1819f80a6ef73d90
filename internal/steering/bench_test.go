package steering

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// life tells of connections from their beginning to their end, answering commands at
// once as the daemon does.
type life struct {
	s   *State
	now time.Time
}

func newLife() *life {
	l := &life{s: New(config.Default()), now: time.Unix(1_000_000, 0)}
	l.s.Step(l.now, Network{[]Local{use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)}})
	return l
}

func (l *life) step(in Input) {
	l.now = l.now.Add(time.Microsecond)
	for _, c := range l.s.Step(l.now, in) {
		l.step(Done{c, nil})
	}
}

func (l *life) event(n int, t pathmanager.EventType, from string) {
	if t == pathmanager.Closed {
		l.step(Event{pathmanager.Event{Type: t, Token: pathmanager.Token(n)}})
		return
	}
	peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)}), 443)
	e := between(t, netip.AddrPortFrom(netip.MustParseAddr(from), uint16(n)), peer)
	e.Token = pathmanager.Token(n)
	l.step(Event{e})
}

func (l *life) begin(n int) {
	l.event(n, pathmanager.Created, "10.0.0.2")
	l.event(n, pathmanager.Established, "10.0.0.2")
	l.event(n, pathmanager.SubflowEstablished, "10.0.1.2")
}

// BenchmarkConnections is 10,000 connections that live at the same time: their four
// events and the answers to their commands.
func BenchmarkConnections(b *testing.B) {
	const n = 10_000
	b.ReportAllocs()
	for b.Loop() {
		l := newLife()
		for i := range n {
			l.begin(i)
		}
		for i := range n {
			l.event(i, pathmanager.Closed, "")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(4*n), "ns/event")
}

// BenchmarkWake is a timer among 10,000 connections that wait for one.
func BenchmarkWake(b *testing.B) {
	l := newLife()
	for i := range 10_000 {
		l.event(i, pathmanager.Created, "10.0.0.2")
		l.event(i, pathmanager.Established, "10.0.0.2")
	}
	for b.Loop() {
		due, ok := l.s.Wake()
		if !ok {
			b.Fatal("nobody waits")
		}
		l.now = due
		l.step(Tick{})
	}
}

func inUseHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory: a live connection takes little more than a kilobyte, and gives it back.
func TestMemory(t *testing.T) {
	l := newLife()
	for i := range 1000 { // The stories of the last closed ones are kept.
		l.begin(i)
		l.event(i, pathmanager.Closed, "")
	}
	const n = 10_000
	before := inUseHeap()
	for i := range n {
		l.begin(i)
	}
	live := (inUseHeap() - before) / n
	for i := range n {
		l.event(i, pathmanager.Closed, "")
	}
	after := inUseHeap()
	t.Logf("%d bytes for each of %d live connections; %d bytes more when they are gone", live, n, int64(after)-int64(before))
	if live > 1400 {
		t.Errorf("%d bytes for a live connection", live)
	}
	for i := range 10 * n {
		l.begin(i)
		l.event(i, pathmanager.Closed, "")
	}
	if more := int64(inUseHeap()) - int64(after); more > 100_000 {
		t.Errorf("%d bytes more after 100,000 connections", more)
	}
	runtime.KeepAlive(l)
}
