package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
)

// star makes a host with a cable to each of n others, and a ring in each
// namespace: the first captures on all cables' near ends, the others on their far
// ends. Packet.Interface is therefore the cable for what leaves the first host,
// and n + the cable for what arrives.
func star(t testing.TB, n int, o Options) (hub *netns.NS, leaves []*netns.NS, m *Merge) {
	t.Helper()
	hub, leaves = wheel(t, n)
	var near []string
	rings := make([]*Ring, 1, n+1)
	for i, leaf := range leaves {
		near = append(near, fmt.Sprintf("a%d", i))
		rings = append(rings, listen(t, leaf, []string{fmt.Sprintf("b%d", i)}, o))
	}
	rings[0] = listen(t, hub, near, o)
	return hub, leaves, merge(t, rings...)
}

func merge(t testing.TB, rings ...*Ring) *Merge {
	t.Helper()
	m, err := NewMerge(rings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// A passage is a captured datagram; Packet.Data does not last.
type passage struct {
	sighting
	time int64 // ns since 1970
}

// collect reads to the end on another goroutine.
func collect(m *Merge) (wait func() ([]passage, error)) {
	var all []passage
	done := make(chan error, 1)
	go func() {
		for {
			var p Packet
			if err := m.Read(&p); err != nil {
				done <- err
				return
			}
			if s, ours := see(&p); ours {
				all = append(all, passage{s, p.Time})
			}
		}
	}()
	return func() ([]passage, error) {
		err := <-done
		return all, err
	}
}

// shower sends count datagrams from the hub to each leaf at some 1000 a second,
// from as many goroutines, numbered cable<<32 and up.
func shower(t testing.TB, hub *netns.NS, leaves []*netns.NS, count int) {
	t.Helper()
	var senders sync.WaitGroup
	for i, leaf := range leaves {
		udp(t, leaf, fmt.Sprintf("10.0.%d.2:%d", i, port), "")
		client := udp(t, hub, fmt.Sprintf("10.0.%d.1:0", i), fmt.Sprintf("10.0.%d.2:%d", i, port))
		senders.Go(func() {
			for n := range count {
				if _, err := client.Write(numbered(uint64(i)<<32+uint64(n), 64)); err != nil {
					t.Error(err)
					return
				}
				if n%8 == 7 {
					time.Sleep(8 * time.Millisecond)
				}
			}
		})
	}
	senders.Wait()
}

// awaitArrivals returns when every ring has seen as many packets as it will: the
// first all, the others those of a cable.
func awaitArrivals(t testing.TB, m *Merge, count int) {
	t.Helper()
	cables := len(m.sources) - 1
	await(t, m.sources[0].ring, uint64(cables*count))
	for _, s := range m.sources[1:] {
		await(t, s.ring, uint64(count))
	}
}

// checkOrder expects each datagram to leave, and then to arrive, and times that
// never go back.
func checkOrder(t *testing.T, m *Merge, got []passage, cables, count int) {
	t.Helper()
	left := map[uint64]bool{}
	arrived := map[uint64]bool{}
	for i, p := range got {
		if i > 0 && p.time < got[i-1].time {
			t.Errorf("packet %d at %d, after one at %d", i, p.time, got[i-1].time)
		}
		cable := int(p.Number >> 32)
		switch {
		case p.Interface == cable && !left[p.Number]:
			left[p.Number] = true
		case p.Interface == cables+cable && left[p.Number] && !arrived[p.Number]:
			arrived[p.Number] = true
		default:
			t.Errorf("packet %d is %+v, left %v, arrived %v", i, p.sighting, left[p.Number], arrived[p.Number])
		}
	}
	if len(left) != cables*count || len(arrived) != cables*count {
		t.Errorf("%d left, %d arrived, of %d", len(left), len(arrived), cables*count)
	}
	if n := m.OutOfOrder(); n > 0 {
		t.Errorf("%d packets out of order", n)
	}
}

func TestMergeOrder(t *testing.T) {
	for _, tt := range []struct {
		cables, count int
		stamped       bool // by the kernel before it queues what arrives
	}{
		{1, 500, false},
		{3, 300, false},
		{3, 300, true},
		{19, 100, false},
	} {
		t.Run(fmt.Sprintf("%d rings, stamped early %v", tt.cables+1, tt.stamped), func(t *testing.T) {
			t.Parallel()
			hub, leaves, m := star(t, tt.cables, Options{}.Share(tt.cables+1))
			if tt.stamped {
				stampArrivals(t, hub)
			}
			wait := collect(m)
			shower(t, hub, leaves, tt.count)
			awaitArrivals(t, m, tt.count)
			m.Stop()
			got, err := wait()
			if err != io.EOF {
				t.Errorf("Read: %v", err)
			}
			checkOrder(t, m, got, tt.cables, tt.count)
			if m.early != tt.stamped {
				t.Logf("stamped early: %v", m.early) // Others on this machine may ask for it.
			}
			if tt.stamped && !m.early {
				t.Error("not stamped early, though asked for")
			}
			for i, s := range mergeStats(t, m) {
				if s.Drops > 0 {
					t.Errorf("ring %d: %+v", i, s)
				}
			}
		})
	}
}

// stampArrivals asks the kernel for times of arrival, which it then takes of all
// packets.
func stampArrivals(t *testing.T, ns *netns.NS) {
	t.Helper()
	asking(t, udp(t, ns, "0.0.0.0:0", ""))
	// It takes a moment: the kernel defers the change (net_enable_timestamp).
	time.Sleep(50 * time.Millisecond)
}

func asking(t *testing.T, c *net.UDPConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	controlErr := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err := errors.Join(controlErr, err); err != nil {
		t.Fatal(err)
	}
}

func mergeStats(t testing.TB, m *Merge) []Stats {
	t.Helper()
	stats, err := m.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return stats
}
