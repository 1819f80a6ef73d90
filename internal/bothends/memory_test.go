package bothends_test

import (
	"io"
	"runtime"
	"testing"

	"allroads/internal/bothends"
	"allroads/trace"
)

// endless repeats the packets of a connection as many connections, one after the
// other, each with ports and times of its own, and notes how much memory is in use.
type endless struct {
	packets []trace.Packet
	rounds  int
	length  int64
	at      int
	peak    *uint64
}

func (e *endless) Next(p *trace.Packet) error {
	round := e.at / len(e.packets)
	if round == e.rounds {
		return io.EOF
	}
	*p = e.packets[e.at%len(e.packets)]
	p.Time += int64(round) * e.length
	port := 20 // of the client, at the source or the destination
	if p.Data[15] == 2 {
		port = 22
	}
	p.Data[port], p.Data[port+1] = byte(round>>8), byte(round)
	if e.at++; e.at%5_000 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		*e.peak = max(*e.peak, m.HeapAlloc)
	}
	return nil
}

// TestMemory: it does not grow with the length of the captures.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	peak := func(rounds int) (most uint64) {
		s := newSimulation(7)
		s.loss, s.span = 0.02, second
		a, b := s.run(80)
		length := a[len(a)-1].Time - a[0].Time + 100*second
		r, err := bothends.Compare(t.Context(), &endless{a, rounds, length, 0, &most}, &endless{b, rounds, length, 0, &most}, bothends.Options{})
		must(t, err)
		if n := len(r.Subflows) + int(r.Hidden.Subflows); n != rounds || len(r.Unmatched) > 0 {
			t.Errorf("%d flows of %d, %d in one capture only", n, rounds, len(r.Unmatched))
		}
		return most
	}
	// What is listed is limited to 500: beyond, nothing is to be kept.
	short, long := peak(520), peak(1300)
	if long > short+short/10+1<<20 {
		t.Errorf("%d bytes in use for 1,300 connections, %d for 520", long, short)
	}
}
