package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"allroads/internal/netns"
)

// echoes sends count datagrams over each of two cables in turn and awaits the
// answer to each, so that their order is known: out, in, on one after the other.
func echoes(t *testing.T, a, b *netns.NS, count int) {
	for cable := range 2 {
		server := udp(t, b, fmt.Sprintf("10.0.%d.2:%d", cable, port), "")
		go func() {
			buffer := make([]byte, 64)
			for {
				n, from, err := server.ReadFromUDPAddrPort(buffer)
				if err != nil {
					return
				}
				server.WriteToUDPAddrPort(buffer[:n], from)
			}
		}()
		client := udp(t, a, fmt.Sprintf("10.0.%d.1:0", cable), fmt.Sprintf("10.0.%d.2:%d", cable, port))
		deadline(client)
		for n := range count {
			send(t, client, uint64(n), 1, 8)
			if _, err := client.Read(make([]byte, 64)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestEachFrameOnceInOrder(t *testing.T) {
	a, b := pairs(t, 2)
	const count = 50
	for _, tt := range []struct {
		interfaces []string
		positions  []int // of cables 0 and 1, -1 for none
	}{
		{[]string{"a0", "a1"}, []int{0, 1}},
		{[]string{"a1", "lo", "a0"}, []int{2, 0}},
		{[]string{"a1"}, []int{-1, 0}},
	} {
		t.Run(fmt.Sprint(tt.interfaces), func(t *testing.T) {
			r := listen(t, a, tt.interfaces, Options{})
			echoes(t, a, b, count)
			var want, got []sighting
			for _, position := range tt.positions {
				for n := uint64(0); n < count && position >= 0; n++ {
					want = append(want, sighting{position, true, n}, sighting{position, false, n})
				}
			}
			var last int64
			for _, p := range drain(t, r) {
				if s, ours := see(&p); ours {
					got = append(got, s)
					if p.Time < last {
						t.Errorf("%+v at %d, after a packet at %d", s, p.Time, last)
					}
					last = p.Time
				}
				if p.Length != len(p.Data) {
					t.Errorf("%d bytes of %d", len(p.Data), p.Length)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-sent +captured\n%s", diff)
			}
			if since := time.Since(time.Unix(0, last)); since < 0 || since > time.Minute {
				t.Errorf("last packet at %d, %v ago", last, since)
			}
		})
	}
}

func TestLoopbackFrameOnce(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{})
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 100, 500)
	await(t, r, 100)
	if got := numbers(t, drain(t, r)); !slices.Equal(got, countTo(100)) {
		t.Errorf("packets %v", got)
	}
	if got, want := stats(t, r), (Stats{Packets: 100}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func TestSnapLen(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 60})
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	send(t, client, 1, 1, 8)
	await(t, r, 1)
	send(t, client, 2, 1, 60000)
	await(t, r, 2)
	var got [][2]int
	for _, p := range drain(t, r) {
		got = append(got, [2]int{len(p.Data), p.Length})
	}
	if want := [][2]int{{50, 50}, {60, 60042}}; !slices.Equal(got, want) {
		t.Errorf("kept and true lengths %v, want %v", got, want)
	}
}

// countTo lists the numbers from 0 to n-1.
func countTo(n uint64) (numbers []uint64) {
	for i := range n {
		numbers = append(numbers, i)
	}
	return numbers
}

// numbers are those of datagrams captured on their way in, sorted.
func numbers(t *testing.T, packets []Packet) (sorted []uint64) {
	t.Helper()
	for _, p := range packets {
		s, ours := see(&p)
		if !ours || !s.Out || s.Interface != 0 {
			t.Errorf("packet %x", p.Data)
		}
		sorted = append(sorted, s.Number)
	}
	slices.Sort(sorted)
	return sorted
}

// TestManyRounds reads the ring round and round, with Data checked in place.
func TestManyRounds(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 4096, RingBytes: 1 << 20})
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	var got []uint64
	for round := range uint64(100) {
		send(t, client, round*100, 100, 1000) // 100 kB, less than the ring
		for range 100 {
			var p Packet
			if err := r.Read(&p); err != nil {
				t.Fatal(err)
			}
			s, _ := see(&p)
			if !bytes.HasSuffix(p.Data, numbered(s.Number, 1000)) {
				t.Fatalf("packet %d is %x", s.Number, p.Data)
			}
			got = append(got, s.Number)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, countTo(10000)) {
		t.Errorf("packets %v", got)
	}
	if got := stats(t, r); got != (Stats{Packets: 10000}) {
		t.Errorf("stats %+v", got)
	}
}

// TestDrops lets a small ring overflow, from the beginning and then again.
func TestDrops(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r := listen(t, ns, []string{"lo"}, Options{SnapLen: 2000, RingBytes: 1})
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	const sent = 1000
	send(t, client, 0, sent, 1000)
	await(t, r, sent)
	if s := stats(t, r); s.Packets != sent || s.Drops == 0 || s.Drops >= sent {
		t.Fatalf("stats %+v of %d packets sent", s, sent)
	}
	send(t, client, sent, sent, 1000)
	await(t, r, 2*sent)
	got := numbers(t, drain(t, r))
	s := stats(t, r)
	if s.Packets != 2*sent || uint64(len(got))+s.Drops != 2*sent {
		t.Errorf("%d packets read, stats %+v, of %d sent", len(got), s, 2*sent)
	}
	if once := slices.Compact(slices.Clone(got)); len(got) == 0 || len(once) < len(got) || got[len(got)-1] >= sent {
		t.Errorf("packets %v: want the first ones, which fit, once", got)
	}
}

func TestReadAfterClose(t *testing.T) {
	ns := loopback(t)
	r := listen(t, ns, []string{"lo"}, Options{})
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r.Stop()
	if err := r.Read(new(Packet)); !errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF) {
		t.Errorf("Read after Close: %v", err)
	}
	if _, err := r.Stats(); err != nil {
		t.Errorf("Stats after Close: %v", err)
	}
}
