package capture

import (
	"fmt"
	"io"
	"testing"
	"time"
)

// TestMergeIdleRing has packets on one ring of three.
func TestMergeIdleRing(t *testing.T) {
	a, b := pairs(t, 1)
	m := merge(t, listen(t, b, []string{"lo"}, Options{}), listen(t, a, []string{"a0"}, Options{}),
		listen(t, a, []string{"lo"}, Options{}))
	udp(t, b, fmt.Sprintf("10.0.0.2:%d", port), "")
	client := udp(t, a, "10.0.0.1:0", fmt.Sprintf("10.0.0.2:%d", port))
	var slowest time.Duration
	for n := uint64(0); n < 20; {
		send(t, client, n, 1, 100)
		for {
			var p Packet
			if err := m.Read(&p); err != nil {
				t.Fatal(err)
			}
			if s, ours := see(&p); ours {
				if s != (sighting{1, true, n}) {
					t.Fatalf("%+v, want number %d on interface 1", s, n)
				}
				slowest = max(slowest, time.Since(time.Unix(0, p.Time)))
				n++
				break
			}
		}
	}
	t.Logf("read %v after capture at the latest", slowest)
	if slowest > prompt {
		t.Errorf("read %v after capture", slowest)
	}
}

// TestMergeStampedEarly has arrivals stamped before they are queued: what arrives
// on another processor may be older, and is waited for.
func TestMergeStampedEarly(t *testing.T) {
	ns := loopback(t)
	stampArrivals(t, ns)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	m := merge(t, listen(t, ns, []string{"lo"}, Options{}), listen(t, loopback(t), []string{"lo"}, Options{}))
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	for n := range uint64(5) {
		send(t, client, n, 1, 100)
		var p Packet
		if err := m.Read(&p); err != nil {
			t.Fatal(err)
		}
		if age := time.Since(time.Unix(0, p.Time)); !m.early || age < earlyLimit {
			t.Errorf("packet %d read after %v, stamped early %v", n, age, m.early)
		}
	}
}

// TestMergePatience has a ring that seems to keep a packet back for ever.
func TestMergePatience(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	r, other := listen(t, ns, []string{"lo"}, Options{}), listen(t, loopback(t), []string{"lo"}, Options{})
	m := merge(t, r, other)
	other.stats.Packets++ // which never comes
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 3, 100)
	start := time.Now()
	for range 3 {
		var p Packet
		if err := m.Read(&p); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < patience {
		t.Errorf("read after %v, when an older packet was missing", took)
	}
}

// TestMergeClockSetBack has read a packet of an hour ahead.
func TestMergeClockSetBack(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	for rings := 1; rings <= 2; rings++ {
		var list []*Ring
		for range rings {
			list = append(list, listen(t, ns, []string{"lo"}, Options{}))
		}
		m := merge(t, list...)
		m.account(time.Now().Add(time.Hour).UnixNano())
		send(t, client, 0, 3, 100)
		for range 3 * rings {
			var p Packet
			if err := m.Read(&p); err != nil {
				t.Fatal(err)
			}
		}
		if got := m.OutOfOrder(); got != uint64(3*rings) {
			t.Errorf("%d rings: %d packets out of order, want %d", rings, got, 3*rings)
		}
	}
}

// TestMergeMakesRoom has one ring fill up while another seems to keep a packet
// back: all blocks but half of the ring's are due at once.
func TestMergeMakesRoom(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	o := Options{SnapLen: 2000, RingBytes: 8 * minBlock}
	r, other := listen(t, ns, []string{"lo"}, o), listen(t, loopback(t), []string{"lo"}, o)
	m := merge(t, r, other)
	other.stats.Packets++ // which never comes
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 340, 1000)
	sixth := block{memory: r.socket.block(5)}
	for start := time.Now(); !sixth.ready(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatalf("the packets do not fill six blocks: stats %+v", stats(t, r))
		}
	}
	m.look()
	s := m.sources[0]
	if want := s.blocks[s.held-5].newest + 1; s.held < 6 || m.watermark != want {
		t.Errorf("%d blocks held, watermark %d, want %d", s.held, m.watermark, want)
	}
}

// TestMergeSmallRings overflows rings of the least size. What the kernel took is
// read, whatever its order.
func TestMergeSmallRings(t *testing.T) {
	const sent = 2000
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	o := Options{SnapLen: 2000, RingBytes: 1}
	m := merge(t, listen(t, ns, []string{"lo"}, o), listen(t, ns, []string{"lo"}, o))
	wait := collect(m)
	for first := uint64(0); first < sent; first += 100 {
		send(t, client, first, 100, 1000)
		time.Sleep(5 * time.Millisecond)
	}
	for _, s := range m.sources {
		await(t, s.ring, sent)
	}
	m.Stop()
	got, err := wait()
	if err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	var want uint64
	for _, s := range mergeStats(t, m) {
		want += s.Packets - s.Drops
	}
	backwards := uint64(0)
	var newest int64
	for _, p := range got {
		if p.time < newest {
			backwards++
		} else {
			newest = p.time
		}
	}
	if uint64(len(got)) != want || backwards != m.OutOfOrder() {
		t.Errorf("%d packets read, %d backwards; captured %d, out of order %d", len(got), backwards, want, m.OutOfOrder())
	}
	t.Logf("%d packets of %d dropped, %d out of order", 2*sent-want, 2*sent, backwards)
}

func TestMergeReadAllocatesNothing(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	o := Options{SnapLen: 2000, RingBytes: 1 << 20}
	m := merge(t, listen(t, ns, []string{"lo"}, o), listen(t, ns, []string{"lo"}, o))
	const count = 200
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, count, 100)
	for _, s := range m.sources {
		await(t, s.ring, count)
	}
	time.Sleep(3*retire + earlyLimit) // Both have handed over all of it.
	var p Packet
	allocated := testing.AllocsPerRun(2*count-1, func() {
		if err := m.Read(&p); err != nil {
			t.Fatal(err)
		}
	})
	if allocated > 0 {
		t.Errorf("%v allocations a packet", allocated)
	}
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		o     Options
		rings int
		want  int
	}{
		{Options{}, 1, 16 << 20},
		{Options{}, 16, 16 << 20},
		{Options{}, 32, 8 << 20},
		{Options{}, 1000, 4 << 20},
		{Options{SnapLen: 65280}, 1000, 512 << 10},
		{Options{SnapLen: 65281}, 1000, 1 << 20},
		{Options{RingBytes: 64 << 20}, 4, 16 << 20},
		{Options{RingBytes: 64 << 20}, 1, 64 << 20},
		{Options{RingBytes: -1}, 4, -1},
		{Options{RingBytes: 1 << 20}, 0, 1 << 20},
	} {
		if got := tt.o.Share(tt.rings).RingBytes; got != tt.want {
			t.Errorf("%+v for %d rings: %d bytes each, want %d", tt.o, tt.rings, got, tt.want)
		}
	}
}
