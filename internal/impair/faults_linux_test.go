package impair

import (
	"encoding/binary"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// The bounds of time are wide here, for machines with much to do: the benchmarks
// report the accuracy.

// warm has ARP done.
func warm(t testing.TB, client, server *net.UDPConn) {
	t.Helper()
	exchange(t, client, server)
	exchange(t, server, client)
}

// exchange sends one datagram and returns how long it took.
func exchange(t testing.TB, from, to *net.UDPConn) time.Duration {
	t.Helper()
	start := time.Now()
	if _, err := from.Write([]byte("a datagram")); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

func TestDelayOfEachDirection(t *testing.T) {
	b := newBed(t)
	b.open(t, Params{Delay: 40 * time.Millisecond}, Params{Delay: 10 * time.Millisecond}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	for _, one := range []struct {
		from, to *net.UDPConn
		delay    time.Duration
	}{{client, server, 40 * time.Millisecond}, {server, client, 10 * time.Millisecond}} {
		shortest := time.Hour
		for range 10 {
			shortest = min(shortest, exchange(t, one.from, one.to))
		}
		if shortest < one.delay || shortest > one.delay+20*time.Millisecond {
			t.Errorf("took %v at best, want %v", shortest, one.delay)
		}
	}
}

func TestRateEndToEnd(t *testing.T) {
	const rate, frames, length = 20_000_000, 500, 1000
	b := newBed(t)
	l := b.open(t, Params{Rate: rate, Queue: frames}, Params{}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	start := time.Now()
	for range frames {
		if _, err := client.Write(make([]byte, length)); err != nil {
			t.Fatal(err)
		}
	}
	for range frames {
		if _, err := server.Read(make([]byte, 2*length)); err != nil {
			t.Fatal(err, l.Stats(AToB))
		}
	}
	took := time.Since(start)
	want := time.Duration(frames*(length+42)*8) * time.Second / rate
	t.Logf("took %v, want %v", took, want)
	if took < want*99/100 || took > want*3 {
		t.Errorf("took %v, want %v", took, want)
	}
}

// TestLossIsTheModels sends numbered datagrams and compares those lost with what a
// Model of the same seed says.
func TestLossIsTheModels(t *testing.T) {
	const frames = 20_000
	b := newBed(t)
	p := Params{Loss: 0.1, Burst: GilbertElliott{P: 0.01, R: 0.3, LossBad: 1}}
	l := b.open(t, Params{}, Params{}, Options{Seed: 42})
	client, server := b.datagrams(t)
	warm(t, client, server)
	eventually(t, "it is quiet", func() bool { return l.Stats(AToB).In == l.Stats(AToB).Sent })
	model := newModel(t, Params{}, 42)
	for range l.Stats(AToB).In.Frames {
		model.Arrive(0, 60)
	}
	for _, set := range []func(Params) error{model.Set, func(p Params) error { return l.Set(AToB, p) }} {
		if err := set(p); err != nil {
			t.Fatal(err)
		}
	}
	before := l.Stats(AToB)
	arrived := make([]bool, frames)
	var count atomic.Uint64
	end := make(chan error, 1)
	go func() {
		var number [4]byte
		for {
			if _, err := server.Read(number[:]); err != nil {
				end <- err
				return
			}
			n := binary.BigEndian.Uint32(number[:])
			if n == math.MaxUint32 {
				end <- nil
				return
			}
			arrived[n] = true
			count.Add(1)
		}
	}()
	for n := range uint32(frames) {
		client.Write(binary.BigEndian.AppendUint32(nil, n))
		if n%100 == 99 { // No more than the sockets have room for.
			eventually(t, "all frames have arrived or are lost", func() bool {
				s := l.Stats(AToB)
				return s.In.Frames == before.In.Frames+uint64(n)+1 &&
					s.Sent.Frames == before.Sent.Frames+count.Load()
			})
		}
	}
	if err := l.Set(AToB, Params{}); err != nil {
		t.Fatal(err)
	}
	client.Write(binary.BigEndian.AppendUint32(nil, math.MaxUint32))
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(AToB); s.Overrun > 0 || s.Lost.Frames == 0 {
		t.Fatalf("%+v", s)
	}
	for n := range arrived {
		if want := model.Arrive(0, 60).Drop == Passed; arrived[n] != want {
			t.Fatalf("datagram %d arrived: %v, the model says %v", n, arrived[n], want)
		}
	}
}

func TestSetOnTheRun(t *testing.T) {
	b := newBed(t)
	l := b.open(t, Params{}, Params{}, Options{})
	client, server := b.datagrams(t)
	warm(t, client, server)
	if err := l.Set(AToB, Params{Delay: 50 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if took := exchange(t, client, server); took < 50*time.Millisecond {
		t.Errorf("took %v, want 50ms", took)
	}
	if err := l.Set(AToB, Params{Loss: 1}); err != nil {
		t.Fatal(err)
	}
	lost := l.Stats(AToB).Lost.Frames
	client.Write([]byte("lost"))
	eventually(t, "the frame is lost", func() bool { return l.Stats(AToB).Lost.Frames == lost+1 })
	if err := l.Set(AToB, Params{}); err != nil {
		t.Fatal(err)
	}
	shortest := time.Hour
	for range 10 {
		shortest = min(shortest, exchange(t, client, server))
	}
	if shortest > 40*time.Millisecond {
		t.Errorf("took %v at best without a delay", shortest)
	}
	if err := l.Set(AToB, Params{Loss: 2}); err == nil {
		t.Error("no error")
	} else {
		t.Log(err)
	}
}

func TestDirectionsDiffer(t *testing.T) {
	end := &socket{mtu: 1500}
	var fates [2][100]Drop
	for _, d := range []Direction{AToB, BToA} {
		f, err := newFlow(d, end, end, Params{Loss: 0.5}, Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for n := range fates[d] {
			fates[d][n] = f.model.Arrive(0, 100).Drop
		}
	}
	if fates[AToB] == fates[BToA] {
		t.Error("both directions lose the same frames")
	}
}
