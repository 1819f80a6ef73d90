package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMergeStopDrains stops right behind the last packets, before the kernel has
// handed them over.
func TestMergeStopDrains(t *testing.T) {
	hub, leaves, m := star(t, 2, Options{SnapLen: 2000, RingBytes: 1 << 20})
	wait := collect(m)
	shower(t, hub, leaves, 20)
	awaitArrivals(t, m, 20)
	start := time.Now()
	var stops sync.WaitGroup
	for range 4 {
		stops.Go(m.Stop)
	}
	got, err := wait()
	took := time.Since(start)
	stops.Wait()
	if err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	checkOrder(t, m, got, 2, 20)
	if err := m.Read(new(Packet)); err != io.EOF {
		t.Errorf("Read again: %v", err)
	}
	t.Logf("EOF after %v", took)
	if took > prompt {
		t.Errorf("EOF after %v", took)
	}
}

// TestMergeStopUnderLoad stops while packets keep coming. What was sent before is
// there, and nothing arrives that has not left.
func TestMergeStopUnderLoad(t *testing.T) {
	t.Run("read along", func(t *testing.T) {
		stopUnderLoad(t, func(m *Merge) func() ([]passage, error) {
			return collect(m)
		})
	})
	// The first ring stops some time before the others.
	t.Run("slow stop", func(t *testing.T) {
		stopUnderLoad(t, func(m *Merge) func() ([]passage, error) {
			mu := &m.sources[1].ring.mu
			mu.Lock()
			time.AfterFunc(loadTime+20*time.Millisecond, mu.Unlock)
			return func() ([]passage, error) { return collect(m)() }
		})
	})
}

const loadTime = 150 * time.Millisecond

func stopUnderLoad(t *testing.T, start func(*Merge) (wait func() ([]passage, error))) {
	const cables = 8
	hub, leaves, m := star(t, cables, Options{SnapLen: 2000, RingBytes: 4 << 20})
	wait := start(m)
	quit := make(chan struct{})
	sent := make([]uint64, cables)
	var mu sync.Mutex
	var senders sync.WaitGroup
	for i, leaf := range leaves {
		udp(t, leaf, fmt.Sprintf("10.0.%d.2:%d", i, port), "")
		client := udp(t, hub, fmt.Sprintf("10.0.%d.1:0", i), fmt.Sprintf("10.0.%d.2:%d", i, port))
		senders.Go(func() {
			for n := uint64(0); ; n++ {
				select {
				case <-quit:
					return
				default:
				}
				client.Write(numbered(uint64(i)<<32+n, 64))
				mu.Lock()
				sent[i] = n + 1
				mu.Unlock()
				time.Sleep(50 * time.Microsecond)
			}
		})
	}
	time.Sleep(loadTime)
	mu.Lock()
	before := append([]uint64(nil), sent...)
	mu.Unlock()
	m.Stop()
	got, err := wait()
	close(quit)
	senders.Wait()
	if err != io.EOF {
		t.Errorf("Read: %v", err)
	}
	checkCut(t, got, before)
	if n := m.OutOfOrder(); n > 0 {
		t.Errorf("%d packets out of order", n)
	}
}

// checkCut expects at least the packets of before to have left on each cable, and
// none to arrive that has not left.
func checkCut(t *testing.T, got []passage, before []uint64) {
	t.Helper()
	left := make([]uint64, len(before))
	for i, p := range got {
		cable, n := int(p.Number>>32), p.Number&(1<<32-1)
		switch {
		case p.Interface == cable && n == left[cable]:
			left[cable]++
		case p.Interface == len(before)+cable && n < left[cable]:
		default:
			t.Fatalf("%+v, %d of %d, when %d have left: %v", p.sighting, i, len(got), left[cable], p.time)
		}
	}
	for i := range before {
		if left[i] < before[i] || before[i] == 0 {
			t.Errorf("cable %d: %d packets left, of %d sent before Stop", i, left[i], before[i])
		}
	}
}

// TestMergeStopIdle also has Stop called before Read.
func TestMergeStopIdle(t *testing.T) {
	ns := loopback(t)
	for _, wait := range []time.Duration{0, 30 * time.Millisecond} {
		open := func() *Ring { return listen(t, ns, []string{"lo"}, Options{RingBytes: 1}) }
		for _, m := range []*Merge{merge(t, open()), merge(t, open(), open())} {
			time.AfterFunc(wait, m.Stop)
			time.Sleep(10 * time.Millisecond)
			if err := m.Read(new(Packet)); err != io.EOF {
				t.Errorf("%d rings: Read: %v", len(m.sources), err)
			}
		}
	}
}

// TestMergeLeaks closes merges that are not read to the end, among others.
func TestMergeLeaks(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	client := udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port))
	once := func() {
		var rings []*Ring
		for range 2 {
			rings = append(rings, listen(t, ns, []string{"lo"}, Options{SnapLen: 2000, RingBytes: 1}))
		}
		m := merge(t, rings...)
		send(t, client, 0, 10, 100)
		var p Packet
		if err := m.Read(&p); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := m.Read(&p); !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read after Close: %v", err)
		}
		if _, err := m.Stats(); err != nil {
			t.Errorf("Stats after Close: %v", err)
		}
	}
	once()
	files, goroutines := entries(t, "fd"), runtime.NumGoroutine()
	for range 5 {
		once()
	}
	if now := entries(t, "fd"); now > files {
		t.Errorf("%d file descriptors, were %d", now, files)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines, were %d", now, goroutines)
	}
}

// TestMergeRingFails takes one ring's socket away. What was handed over comes
// first, then the error.
func TestMergeRingFails(t *testing.T) {
	ns := loopback(t)
	udp(t, ns, fmt.Sprintf("127.0.0.1:%d", port), "")
	m := merge(t, listen(t, ns, []string{"lo"}, Options{}), listen(t, ns, []string{"lo"}, Options{}))
	send(t, udp(t, ns, "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", port)), 0, 5, 100)
	for _, s := range m.sources {
		await(t, s.ring, 5)
	}
	for start := time.Now(); !m.sources[0].ring.block.ready() || !m.sources[1].ring.block.ready(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			t.Fatal("no block handed over")
		}
	}
	null, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if err := unix.Dup3(int(null.Fd()), m.sources[1].ring.socket.fd, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	var p Packet
	for i := range 10 {
		if err := m.Read(&p); err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
	}
	for range 2 {
		if err := m.Read(&p); !errors.Is(err, unix.ENOTSOCK) {
			t.Errorf("Read: %v, want ENOTSOCK", err)
		}
	}
	if _, err := m.Stats(); !errors.Is(err, unix.ENOTSOCK) {
		t.Errorf("Stats: %v, want ENOTSOCK", err)
	}
}

func TestNewMergeRefuses(t *testing.T) {
	if _, err := NewMerge(); err == nil {
		t.Error("no ring: no error")
	}
	r := listen(t, loopback(t), []string{"lo"}, Options{})
	files := entries(t, "fd")
	if _, err := NewMerge(r, r); !errors.Is(err, unix.EEXIST) {
		t.Errorf("the same ring twice: %v", err)
	}
	if now := entries(t, "fd"); now > files {
		t.Errorf("%d file descriptors, were %d", now, files)
	}
}
